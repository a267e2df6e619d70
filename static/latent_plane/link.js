// Two planes side by side, of two models and the same test images: one cursor, which is a test
// image, and one selection. All components import this module from one address, so there is one
// link a page.

/** @import { Pair } from "./context.js" */
/** @import { LatentPlane } from "./plane.js" */
/** @import { Cloud } from "./cloud/cloud.js" */
/** @typedef {"left" | "right"} Side */
/** @typedef {{x: ArrayLike<number>, y: ArrayLike<number>}} Points */

import { toPixel } from "./canvas/camera.js";
import { element, find } from "../shared/dom.js";
import { paintImage } from "./canvas/marks.js";
import { number } from "../shared/ticks.js";

/** The index of the point next to a place, of the first `size` ones; null where there is none.
 * @type {(points: Points, place: Pair, size: number) => number | null} */
export function nearestOf({ x, y }, [px, py], size) {
  let found = null;
  let least = Infinity;
  for (let i = 0; i < size; i++) {
    const d = (x[i] - px) ** 2 + (y[i] - py) ** 2;
    if (d < least) [found, least] = [i, d];
  }
  return found;
}

/** Where a model has test image `index`.
 * @type {(points: Points, index: number | null) => Pair | null} */
export function placeOf({ x, y }, index) {
  return index === null || index >= x.length ? null : [x[index], y[index]];
}

export class Link {
  /** @type {number | null} the test image under the cursor */ index = null;
  /** @type {Partial<Record<Side, LatentPlane>>} */ #planes = {};
  /** @type {Side} */ #leading = "left";

  /** A plane stands on this side or on none; `anew`: with another model.
   * @param {LatentPlane} plane @param {Side | null} side @param {boolean} anew */
  join(plane, side, anew) {
    const before = this.sideOf(plane);
    if (before && before !== side) this.leave(plane);
    if (!side) return;
    this.#planes[side] = plane;
    plane.root.dataset.side = side;
    const { left, right } = this.#planes;
    if (!left || !right) return;
    if (anew) this.#leading = side === "left" && before ? "right" : "left";
    const borrows = right.selection instanceof BorrowedSelection && right.selection.lender === left;
    if (!borrows) right.selection = new BorrowedSelection(left, right);
  }

  /** @param {LatentPlane} plane */
  leave(plane) {
    const side = this.sideOf(plane);
    if (!side) return;
    delete this.#planes[side];
    delete plane.root.dataset.side;
    this.#leading = "left";
    this.index = null;
  }

  /** Two planes that have something to show; else null. */
  get pair() {
    const { left, right } = this.#planes;
    return left?.cloud && right?.cloud ? { left, right } : null;
  }

  /** @param {LatentPlane} plane @returns {Side | null} */
  sideOf(plane) {
    if (this.#planes.left === plane) return "left";
    return this.#planes.right === plane ? "right" : null;
  }

  /** Whether the plane is one of two. @param {LatentPlane} plane */
  holds(plane) { return this.pair !== null && this.sideOf(plane) !== null; }

  /** The plane of two that keeps what is committed, or the one alone. @param {LatentPlane} plane */
  keeperOf(plane) { return this.pair && plane === this.pair.right ? this.pair.left : plane; }

  /** The other plane, where this is the left one of two. @param {LatentPlane} plane */
  borrowerOf(plane) { return this.pair && plane === this.pair.left ? this.pair.right : null; }

  /** Whether the plane's cursor is where the other one's image lies. @param {LatentPlane} plane */
  isFollowing(plane) { return this.holds(plane) && this.sideOf(plane) !== this.#leading; }

  /** The whole code of the image where the plane follows and shows only a part of it; else null.
   * @param {LatentPlane} plane */
  codeOf(plane) {
    const { decoder, view, dial } = plane;
    const isWhole = decoder.latentDim <= view.dims.length;
    if (!this.isFollowing(plane) || this.index === null || isWhole) return null;
    return plane.codes?.meanOf([this.index], dial.beta ?? 1) ?? null;
  }

  /** How many test images both have. */
  get size() {
    if (!this.pair) return 0;
    return Math.min(this.pair.left.cloud.label.length, this.pair.right.cloud.label.length);
  }

  /** The user has moved this plane's cursor. @param {LatentPlane} plane */
  lead(plane) {
    if (!this.pair) return;
    this.#leading = this.sideOf(plane) ?? this.#leading;
    this.settle(plane);
  }

  /** Puts the cursors where they belong, as points may have moved with β; from either plane.
   * @param {LatentPlane} plane */
  settle(plane) {
    if (!this.pair || !this.holds(plane)) return;
    const { left, right } = this.pair;
    const [lead, other] = this.#leading === "left" ? [left, right] : [right, left];
    const before = this.index;
    this.index = lead.cursor && nearestOf(lead.cloud, lead.cursor, this.size);
    if (this.index !== before) lead.redraw("marks");
    const place = placeOf(other.cloud, this.index);
    if (place && String(place) !== String(other.cursor)) {
      other.cursor = place;
      other.redraw("marks", "decode");
    }
    this.#pin(left, right);
    right.selection.refresh();
  }

  /** The pin is the left one's; on the right it stands at the image next to it.
   * @param {LatentPlane} left @param {LatentPlane} right */
  #pin(left, right) {
    const index = left.pin && nearestOf(left.cloud, left.pin, this.size);
    const place = placeOf(right.cloud, index);
    if (String(place) === String(right.pin)) return;
    right.pin = place;
    right.redraw("marks");
  }
}

/** The left plane's selection on the right one: the same images, by their indices. */
export class BorrowedSelection {
  /** @type {Uint8Array | null} */ mask = null;
  indices = null;
  report = null;
  /** @type {Uint8Array | null} */ #seen = null;

  /** @param {LatentPlane} lender @param {LatentPlane} plane */
  constructor(lender, plane) {
    this.lender = lender;
    this.plane = plane;
  }

  /** What only the left one has isn't shown here, and what only this one has isn't selected. */
  refresh() {
    const { mask } = this.lender.selection;
    const size = this.plane.cloud.label.length;
    if (mask === this.#seen && (!mask || this.mask?.length === size)) return;
    this.#seen = mask;
    this.mask = mask && Uint8Array.from({ length: size }, (_, i) => mask[i] ?? 0);
    this.plane.colour();
    this.plane.redraw("still", "marks");
  }
}

export const link = new Link();

/** The linked image and the picked one, with their places; null on a plane alone.
 * @param {LatentPlane} plane */
export function linkedOn(plane) {
  if (!link.holds(plane)) return null;
  const { index } = link;
  const picked = pickedIndex(plane);
  return {
    index, place: placeOf(plane.cloud, index), leads: !link.isFollowing(plane),
    picked, pickedPlace: placeOf(plane.cloud, picked),
  };
}

/** Rings around both; the plane that the pointer is on names the image.
 * @param {CanvasRenderingContext2D} context @param {LatentPlane} plane */
export function paintLinked(context, plane) {
  const linked = linkedOn(plane);
  if (!linked) return;
  const { index, place, leads, picked, pickedPlace } = linked;
  const { camera, theme } = plane;
  if (!camera) return;
  // The tool draws the picked image by itself.
  if (pickedPlace && picked !== index && plane.toolbox.activeName !== "image") {
    const pixel = toPixel(camera, ...pickedPlace);
    paintImage(context, camera, pixel, nameOf(picked), { ...theme, primary: theme.text });
  }
  if (!place) return;
  paintImage(context, camera, toPixel(camera, ...place), leads ? nameOf(index) : "", theme);
}

/** Under each plane, what the image under the cursor costs with its model.
 * @param {LatentPlane} plane */
export function showCost(plane) {
  const { cloud, nameOf: classOf } = plane;
  const line = find(plane.root, ".cost");
  const index = link.holds(plane) ? link.index : null;
  line.hidden = index === null || index >= cloud.label.length;
  if (index === null || line.hidden) return;
  const label = cloud.label[index];
  const [distortion, rate, sum] = costOf(cloud, index).map((value) => element("b", {}, value));
  line.replaceChildren(`${titleOf(index, label, classOf)}: distortion`, distortion,
    "+ rate", rate, "=", sum, "nats");
}

/** Distortion and rate of a test image, and their sum, as texts; the rate of a point is infinite.
 * @type {(cloud: Pick<Cloud, "values" | "spread">, index: number) => string[]} */
export function costOf({ values, spread }, index) {
  const [distortion, rate] = [values.distortion[index], spread ? values.rate[index] : Infinity];
  return [distortion, rate, distortion + rate].map((value) => (
    Number.isFinite(value) ? number(value, 1) : "∞"));
}

/** @type {(index: number | null) => string} */
function nameOf(index) { return `test image ${index}`; }

/** @type {(index: number, label: number, classOf: (label: number) => string) => string} */
function titleOf(index, label, classOf) {
  return `Test image ${index}${label < 0 ? "" : ` (${classOf(label)})`}`;
}

/** The test image that the tool has picked, if both have it. @param {LatentPlane} plane */
function pickedIndex({ state }) {
  const index = state.get("image");
  return index !== null && index < link.size ? index : null;
}
