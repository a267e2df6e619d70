// Two planes side by side, of two models and the same test images: one cursor, which is a test
// image, and one selection. All components import this module from one address, so there is one
// link a page.

/** The index of the point next to a place, of the first `size` ones; null where there is none. */
export function nearestOf({ x, y }, [px, py], size) {
  let found = null;
  let least = Infinity;
  for (let i = 0; i < size; i++) {
    const d = (x[i] - px) ** 2 + (y[i] - py) ** 2;
    if (d < least) [found, least] = [i, d];
  }
  return found;
}

export class Link {
  /** The test image under the cursor. */
  index = null;
  #planes = {};
  #leading = "left";

  /** A plane stands on this side ("left" or "right") or on none; `anew`: with another model. */
  join(plane, side, anew) {
    const before = this.sideOf(plane);
    if (before && before !== side) this.leave(plane);
    if (!side) return;
    this.#planes[side] = plane;
    plane.root.dataset.side = side;
    plane.root.querySelector(".model").textContent = plane.view.title;
    const { left, right } = this;
    if (!left || !right) return;
    if (anew) this.#leading = side === "left" && before ? "right" : "left";
    if (right.selection.lender !== left) right.selection = new BorrowedSelection(left, right);
  }

  leave(plane) {
    const side = this.sideOf(plane);
    if (!side) return;
    delete this.#planes[side];
    delete plane.root.dataset.side;
    this.#leading = "left";
    this.index = null;
  }

  /** Whether two planes have something to show. */
  get isWhole() { return Boolean(this.left?.cloud && this.right?.cloud); }
  get left() { return this.#planes.left ?? null; }
  get right() { return this.#planes.right ?? null; }

  sideOf(plane) { return Object.keys(this.#planes).find((side) => this.#planes[side] === plane) ?? null; }

  /** Whether the plane is one of two. */
  holds(plane) { return this.isWhole && this.sideOf(plane) !== null; }

  /** The plane of two that keeps what is committed, or the one alone. */
  keeperOf(plane) { return this.isWhole && plane === this.right ? this.left : plane; }

  /** Whether the plane's cursor is where the other one's image lies. */
  isFollowing(plane) { return this.holds(plane) && this.sideOf(plane) !== this.#leading; }

  /** The whole code of the image where the plane follows and shows only a part of it; else null. */
  codeOf(plane) {
    const { decoder, view, dial } = plane;
    if (!this.isFollowing(plane) || this.index === null || decoder.latentDim <= view.dims.length) return null;
    return plane.codes?.meanOf([this.index], dial.beta ?? 1) ?? null;
  }

  /** How many test images both have. */
  get size() { return Math.min(this.left.cloud.label.length, this.right.cloud.label.length); }

  /** The user has moved this plane's cursor. */
  lead(plane) {
    if (!this.isWhole) return;
    this.#leading = this.sideOf(plane) ?? this.#leading;
    this.settle(plane);
  }

  /** Puts the cursors where they belong, as points may have moved with β; from either plane. */
  settle(plane) {
    if (!this.holds(plane)) return;
    const lead = this.#planes[this.#leading];
    const other = lead === this.left ? this.right : this.left;
    const before = this.index;
    this.index = lead.cursor && nearestOf(lead.cloud, lead.cursor, this.size);
    if (this.index !== before) lead.redraw("marks");
    const place = placeOf(other.cloud, this.index);
    if (place && String(place) !== String(other.cursor)) {
      other.cursor = place;
      other.redraw("marks", "decode");
    }
    this.#pin();
    this.right.selection.refresh();
  }

  /** The left one's pin is kept; on the right it stands at the image next to it. */
  #pin() {
    const { left, right, size } = this;
    const place = left.pin && placeOf(right.cloud, nearestOf(left.cloud, left.pin, size));
    if (String(place) === String(right.pin)) return;
    right.pin = place;
    right.redraw("marks");
  }
}

/** The left plane's selection on the right one: the same images, by their indices. */
export class BorrowedSelection {
  mask = null;
  #seen = null;

  constructor(lender, plane) {
    this.lender = lender;
    this.plane = plane;
  }

  /** What only the left one has isn't shown here, and what only this one has isn't selected. */
  refresh() {
    const { mask } = this.lender.selection;
    const size = this.plane.cloud.label.length;
    if (mask === this.#seen && (!mask || this.mask.length === size)) return;
    this.#seen = mask;
    this.mask = mask && Uint8Array.from({ length: size }, (_, i) => mask[i] ?? 0);
    this.plane.colour();
    this.plane.redraw("still", "marks");
  }
}

/** Where a model has test image `index`. */
export function placeOf({ x, y }, index) {
  return index === null || index >= x.length ? null : [x[index], y[index]];
}

export const link = new Link();
