// The test images as points at their posterior means, with the names of their classes. Dots are
// written straight into pixels: a path for every dot takes longer than a frame where there are
// thousands of them and no graphics card.

/** @import { Camera } from "../canvas/camera.js" */
/** @import { Paint } from "../cloud/cloud.js" */
/** @import { Layer, LayerRow, PlaneContext } from "../context.js" */
/** @typedef {readonly [number, number, number][]} DotMask pixels of a dot: dx, dy, share covered */
/** @typedef {{x: Float32Array, y: Float32Array}} Places */

import { contextOf } from "../../shared/dom.js";
import { paintNames } from "../canvas/painter.js";
import { channels } from "../../shared/palette.js";

const MOST_OPAQUE = 0.75;
const MOST_MOVING = 200_000; // points that are drawn while the window moves
const REST_MS = 150;
const BEHIND = 0.5; // how much of their opacity is left under ellipses
const SHIFTS = 4; // places of a dot's middle within a pixel, along each side
const SAMPLES = 4; // along each side of a pixel, for how much of it a dot covers
const FAINT = 0.4; // how much of their opacity is left to points that aren't selected,
const CLEAR = 0.4; // and of their transparency to those that are
const COARSE = 150_000; // points, from which on a dot is four whole pixels

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  const splatter = new Splatter();
  let seen = "";
  let rest = 0;

  /** Dots grow as one zooms in and they move apart. */
  function dots() {
    const { camera, cloud, closeness } = plane;
    const gap = Math.sqrt((camera.width * camera.height) / Math.max(cloud.x.length, 1));
    const closer = Math.min(Math.max(closeness, 1) ** 0.3, 2.5);
    const behind = plane.isShown("posteriors") ? BEHIND : 1;
    return {
      radius: Math.min(1.2 + gap * 0.12, 3.5) * closer,
      alpha: Math.min(0.4 + 0.02 * gap * closer, MOST_OPAQUE) * behind,
    };
  }

  /** All of them at rest; while the window moves, a part of very many. */
  function countNow() {
    const { camera: { x, y, scale }, cloud } = plane;
    const before = seen;
    seen = [x, y, scale].join();
    if (seen === before || cloud.x.length <= MOST_MOVING) return cloud.x.length;
    clearTimeout(rest);
    rest = setTimeout(() => {
      rest = 0;
      plane.redraw("still");
    }, REST_MS);
    return MOST_MOVING;
  }

  return {
    paint(context) {
      const { camera, cloud, paint } = plane;
      splatter.paint(context, camera, cloud, paint, dots(), devicePixelRatio, countNow());
    },
    busy: () => rest > 0,
    paintOver(context) {
      if (plane.paint.range) return;
      paintNames(context, plane.camera, plane.cloud.names, plane.nameOf, plane.theme);
    },
  };
}

/** @type {LayerRow} */
export const POINTS = {
  name: "points", title: "Test images", hint: "At their posterior means", depth: 5, create,
};

/** The pixels that a dot covers, by where its middle lies within a pixel (rows of SHIFTS² entries).
 * @type {(radius: number) => DotMask[]} */
export function dotMasks(radius) {
  const reach = Math.ceil(radius) + 1;
  return Array.from({ length: SHIFTS ** 2 }, (_, shift) => {
    const middle = [shift % SHIFTS, Math.floor(shift / SHIFTS)].map((k) => (k + 0.5) / SHIFTS);
    /** @type {[number, number, number][]} */ const found = [];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const share = covered(dx - middle[0], dy - middle[1], radius);
        if (share) found.push([dx, dy, share]);
      }
    }
    return found;
  });
}

/** @type {(left: number, top: number, radius: number) => number} */
function covered(left, top, radius) {
  let inside = 0;
  for (let v = 0.5; v < SAMPLES; v++) {
    for (let u = 0.5; u < SAMPLES; u++) {
      if (Math.hypot(left + u / SAMPLES, top + v / SAMPLES) <= radius) inside += 1;
    }
  }
  return inside / SAMPLES ** 2;
}

/** Four pixels, wherever the middle lies. @type {() => DotMask[]} */
export function coarseMasks() {
  return Array(SHIFTS ** 2).fill([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]);
}

/** For each opacity (0 to 255) of a pixel: what it becomes when `alpha` is laid over it, and by how
 * many 256ths its colour moves to the new one ("over", Porter & Duff 1984).
 * @type {(alpha: number) => {opacity: Uint8Array, share: Uint16Array}} */
export function overTables(alpha) {
  const opacity = new Uint8Array(256);
  const share = new Uint16Array(256);
  for (let before = 0; before < 256; before++) {
    const after = alpha + (before / 255) * (1 - alpha);
    opacity[before] = Math.round(255 * after);
    share[before] = Math.round((256 * alpha) / after);
  }
  return { opacity, share };
}

/** Writes dots into pixels, in the given order.
 * @param {object} target @param {Uint32Array} target.pixels RGBA in the four bytes of each number
 * @param {number} target.width @param {number} target.height @param {Places} places
 * @param {{scale: number, ox: number, oy: number}} window takes x and y to pixels
 * @param {{order: Uint32Array, buckets: Uint16Array}} points
 * @param {ArrayLike<number>} colours by bucket, such numbers without opacity
 * @param {DotMask[]} masks @param {number} alpha */
export function splat(target, { x, y }, { scale, ox, oy }, { order, buckets }, colours, masks,
  alpha) {
  const { pixels, width, height } = target;
  const dots = masks.map((mask) => ({
    steps: Int32Array.from(mask, ([dx, dy]) => dy * width + dx),
    tables: mask.map(([, , share]) => overTables(alpha * share)),
  }));
  const reach = masks.flat().map(([dx, dy]) => Math.max(Math.abs(dx), Math.abs(dy)));
  const margin = Math.max(...reach);
  const [right, bottom] = [width - margin, height - margin];
  for (let n = 0; n < order.length; n++) {
    const i = order[n];
    const fx = ox + x[i] * scale;
    const fy = oy - y[i] * scale;
    if (!(fx >= margin && fy >= margin && fx < right && fy < bottom)) continue;
    const px = fx | 0;
    const py = fy | 0;
    const [down, across] = [(SHIFTS * (fy - py)) | 0, (SHIFTS * (fx - px)) | 0];
    const { steps, tables } = dots[down * SHIFTS + across];
    const colour = colours[buckets[i]];
    const middle = py * width + px;
    for (let k = 0; k < steps.length; k++) {
      const { opacity, share } = tables[k];
      const at = middle + steps[k];
      const before = pixels[at];
      const part = share[before >>> 24];
      // Red and blue together: there is room for a product beside each.
      const rest = 256 - part;
      const rb = (Math.imul(before & 0xff00ff, rest) + Math.imul(colour & 0xff00ff, part)) >>> 8;
      const g = (Math.imul(before & 0xff00, rest) + Math.imul(colour & 0xff00, part)) >>> 8;
      pixels[at] = (rb & 0xff00ff) | (g & 0xff00) | (opacity[before >>> 24] << 24);
    }
  }
}

/** The painter, which keeps its canvas. */
export class Splatter {
  #canvas = document.createElement("canvas");
  #context = contextOf(this.#canvas);
  /** @type {ImageData | null} */ #image = null;

  /** @param {CanvasRenderingContext2D} target @param {Camera} camera @param {Places} places
   * @param {Paint} paint @param {{radius: number, alpha: number}} dot
   * @param {number} ratio device pixels of a CSS pixel
   * @param {number} most of all points the first ones in their order are drawn */
  paint(target, camera, places, paint, { radius, alpha }, ratio, most) {
    const { order, buckets, faint, colours } = paint;
    const [width, height] = [camera.width, camera.height].map((size) => Math.round(size * ratio));
    const image = this.#blank(width, height);
    const pixels = { pixels: new Uint32Array(image.data.buffer), width, height };
    const scale = camera.scale * ratio;
    const window = { scale, ox: width / 2 - camera.x * scale, oy: height / 2 + camera.y * scale };
    const numbers = Uint32Array.from(colours, packedColour);
    const masks = Math.min(most, order.length) < COARSE ? dotMasks(radius * ratio) : coarseMasks();
    const part = Math.min(most / order.length, 1);
    /** @type {(points: Uint32Array, opacity: number) => void} */
    const draw = (points, opacity) => splat(pixels, places, window,
      { order: points.subarray(0, part * points.length), buckets }, numbers, masks, opacity);
    draw(order.subarray(0, faint), FAINT * alpha);
    draw(order.subarray(faint), faint ? 1 - CLEAR * (1 - alpha) : alpha);
    this.#context.putImageData(image, 0, 0);
    target.drawImage(this.#canvas, 0, 0, camera.width, camera.height);
  }

  /** @param {number} width @param {number} height */
  #blank(width, height) {
    if (this.#image?.width === width && this.#image.height === height) {
      this.#image.data.fill(0);
      return this.#image;
    }
    [this.#canvas.width, this.#canvas.height] = [width, height];
    this.#image = this.#context.createImageData(width, height);
    return this.#image;
  }
}

/** A colour, "#rrggbb" or "rgb(a)", as the number of such a pixel: red in the lowest byte.
 * @type {(colour: string) => number} */
export function packedColour(colour) {
  const [r, g, b] = colour.startsWith("#")
    ? channels(colour) : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return r | (g << 8) | (b << 16);
}
