// The window through which a plane is seen: pure functions on frozen cameras, and the viewport
// that holds one camera for each of the plane's two modes.

/** @import { Lattice, Pair } from "../context.js" */
/** The plane's point in the middle of the window, pixels per unit (equal on both axes), and the
 * window's size in CSS pixels. y grows upwards.
 * @typedef {{x: number, y: number, scale: number, width: number, height: number}} Camera */
/** A box on the plane.
 * @typedef {{left: number, right: number, bottom: number, top: number}} Bounds */
/** @typedef {{width: number, height: number}} Size */

export const GUTTER = { left: 58, right: 10, top: 10, bottom: 44 }; // around the plot, pixels

const PADDING = 0.06;
const NEAREST = 400;
const FARTHEST = 0.2;
const LATTICE_PADDING = 0.01;

/** The camera that shows all of `bounds` with a margin.
 * @type {(bounds: Bounds, width: number, height: number, padding?: number) => Camera} */
export function fit(bounds, width, height, padding = PADDING) {
  const spanX = Math.max(bounds.right - bounds.left, 1e-9);
  const spanY = Math.max(bounds.top - bounds.bottom, 1e-9);
  const scale = Math.min(width / spanX, height / spanY) * (1 - 2 * padding);
  return Object.freeze({
    x: (bounds.left + bounds.right) / 2,
    y: (bounds.bottom + bounds.top) / 2,
    scale: Math.max(scale, 1e-9),
    width,
    height,
  });
}

/** @type {(camera: Camera, x: number, y: number) => Pair} */
export function toPixel(camera, x, y) {
  return [
    camera.width / 2 + (x - camera.x) * camera.scale,
    camera.height / 2 - (y - camera.y) * camera.scale,
  ];
}

/** @type {(camera: Camera, px: number, py: number) => Pair} */
export function toPlane(camera, px, py) {
  return [
    camera.x + (px - camera.width / 2) / camera.scale,
    camera.y - (py - camera.height / 2) / camera.scale,
  ];
}

/** What was under a pixel moves along by (dx, dy) pixels.
 * @type {(camera: Camera, dx: number, dy: number) => Camera} */
export function pan(camera, dx, dy) {
  return Object.freeze({
    ...camera,
    x: camera.x - dx / camera.scale,
    y: camera.y + dy / camera.scale,
  });
}

/**
 * Scales by `factor`; the point under pixel (px, py) stays there. `home` limits how far.
 * @type {(camera: Camera, factor: number, px: number, py: number, home?: Camera | null) => Camera}
 */
export function zoom(camera, factor, px, py, home = null) {
  let scale = camera.scale * factor;
  if (home) scale = clamp(scale, home.scale * FARTHEST, home.scale * NEAREST);
  const [x, y] = toPlane(camera, px, py);
  return Object.freeze({
    ...camera,
    scale,
    x: x - (px - camera.width / 2) / scale,
    y: y + (py - camera.height / 2) / scale,
  });
}

/** The same view in a window of another size: the middle stays, the shorter side shows as much.
 * @type {(camera: Camera, width: number, height: number) => Camera} */
export function resize(camera, width, height) {
  const grown = Math.min(width, height) / Math.min(camera.width, camera.height);
  return Object.freeze({ ...camera, width, height, scale: camera.scale * grown });
}

/** Pans no further than needed to bring (x, y) at least `margin` pixels inside the window.
 * @type {(camera: Camera, x: number, y: number, margin?: number) => Camera} */
export function reveal(camera, x, y, margin = 12) {
  const [px, py] = toPixel(camera, x, y);
  const dx = clamp(px, margin, camera.width - margin) - px;
  const dy = clamp(py, margin, camera.height - margin) - py;
  return dx || dy ? pan(camera, dx, dy) : camera;
}

/** What the window shows, in the plane's units. @type {(camera: Camera) => Bounds} */
export function visible(camera) {
  const [left, top] = toPlane(camera, 0, 0);
  const [right, bottom] = toPlane(camera, camera.width, camera.height);
  return { left, right, bottom, top };
}

/** The smallest box around all finite points and `inside`, a box that must be in it.
 * @type {(xs: ArrayLike<number>, ys: ArrayLike<number>, inside: Bounds) => Bounds} */
export function boundsOf(xs, ys, inside) {
  let { left, right, bottom, top } = inside;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) continue;
    if (xs[i] < left) left = xs[i];
    if (xs[i] > right) right = xs[i];
    if (ys[i] < bottom) bottom = ys[i];
    if (ys[i] > top) top = ys[i];
  }
  return { left, right, bottom, top };
}

/** @type {(value: number, low: number, high: number) => number} */
export function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

/** @typedef {"points" | "grid"} Mode the plane shows points, or the lattice of decoded images */

/** Which part of the plane is seen, for each of its two modes: moved by the user, or all of it. */
export class Viewport {
  /** @type {Mode} */ mode = "points";
  /** @type {Size | null} */ size = null;
  /** @type {Partial<Record<Mode, Camera>>} */ #moved = {};
  #shape = "";
  /** @type {number[] | null} */ #restored = null;
  #extent;

  /** @param {(mode: Mode) => {bounds: Bounds, padding?: number}} extent the box that shows
   *   everything, and the share of it left free around */
  constructor(extent) {
    this.#extent = extent;
  }

  /** The camera the user has moved, else the one that shows everything; null before a size. */
  get camera() { return this.size && this.#now; }

  get #now() { return this.#moved[this.mode] ?? this.#home(); }

  /** How many times closer than the view of everything. */
  get closeness() { return this.#now.scale / this.#home().scale; }

  /** Takes note of what the grid shows; a view of another lattice, or a `moved` one, is dropped.
   * @param {Lattice} lattice @param {Size} tile @param {boolean} moved */
  keepLattice({ x, y }, tile, moved) {
    const shape = [x.length, y.length, tile.width, tile.height].join();
    if (moved || shape !== this.#shape) this.forget("grid");
    this.#shape = shape;
  }

  /** @param {Mode} mode */
  forget(mode) { delete this.#moved[mode]; }

  reset() { this.forget(this.mode); }

  /** Whether the element is large enough to be drawn on. @param {HTMLElement} element */
  resize(element) {
    const width = element.clientWidth - GUTTER.left - GUTTER.right;
    const height = element.clientHeight - GUTTER.top - GUTTER.bottom;
    if (width < 20 || height < 20) return false;
    this.size = { width, height };
    for (const mode of /** @type {Mode[]} */ (["points", "grid"])) {
      const camera = this.#moved[mode];
      if (camera) this.#moved[mode] = resize(camera, width, height);
    }
    this.#open();
    return true;
  }

  /** The window on the points, [x, y, reach]; null where it shows everything. */
  get window() {
    const camera = this.#moved.points;
    if (!camera) return null;
    const reach = Math.min(camera.width, camera.height) / 2 / camera.scale;
    return [camera.x, camera.y, reach].map((value) => Number(value.toPrecision(5)));
  }

  /** Opens this window, [x, y, reach], once there is a size; null: everything.
   * @param {number[] | null} window */
  restore(window) {
    if (!this.#restored && String(window) === String(this.window)) return;
    this.forget("points");
    this.#restored = window;
    if (this.size) this.#open();
  }

  #open() {
    if (!this.#restored) return;
    const [x, y, reach] = this.#restored;
    this.#restored = null;
    const mode = this.mode;
    this.mode = "points";
    this.showAround([x, y], reach);
    this.mode = mode;
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) { this.#look(pan(this.#now, dx, dy)); }

  /** @param {number} factor @param {Pair} pixel from the element's corner */
  zoomAt(factor, [px, py]) {
    this.#look(zoom(this.#now, factor, px - GUTTER.left, py - GUTTER.top, this.#home()));
  }

  /** The plane's point under a pixel from the element's corner, or the nearest one that is seen.
   * @param {Pair} pixel */
  placeAt([px, py]) {
    const camera = this.#now;
    return toPlane(camera, clamp(px - GUTTER.left, 0, camera.width),
      clamp(py - GUTTER.top, 0, camera.height));
  }

  /** Zooms about a pixel of the plot, about its middle where that isn't seen.
   * @param {number} factor @param {Pair | null} at */
  zoomAbout(factor, at) {
    const { width, height } = this.#now;
    const seen = at && at[0] >= 0 && at[1] >= 0 && at[0] <= width && at[1] <= height;
    const [px, py] = seen ? at : [width / 2, height / 2];
    this.zoomAt(factor, [px + GUTTER.left, py + GUTTER.top]);
  }

  /** Pans until a pixel of the plot is well inside; whether it had to. @param {Pair} at */
  reveal(at) {
    const camera = this.#now;
    const seen = reveal(camera, ...toPlane(camera, ...at), 24);
    if (seen === camera) return false;
    this.#look(seen);
    return true;
  }

  /** Puts a place of the plane in the middle, with `reach` of the plane to the nearest edge.
   * @param {Pair} place @param {number} reach */
  showAround([x, y], reach) {
    const { width, height } = this.#now;
    const box = { left: x - reach, right: x + reach, bottom: y - reach, top: y + reach };
    const wanted = fit(box, width, height, 0);
    this.#look(zoom(wanted, 1, width / 2, height / 2, this.#home()));
  }

  /** @param {Camera} camera */
  #look(camera) { this.#moved[this.mode] = camera; }

  #home() {
    if (!this.size) throw new Error("The viewport was asked for a camera before it had a size.");
    const { bounds, padding } = this.#extent(this.mode);
    return fit(bounds, this.size.width, this.size.height, padding);
  }
}

/** All of a lattice of decoded tiles, in their pixels.
 * @type {(lattice: Lattice, tile: Size) => {bounds: Bounds, padding: number}} */
export function latticeExtent(lattice, tile) {
  const bounds = {
    left: 0, bottom: 0, right: lattice.x.length * tile.width, top: lattice.y.length * tile.height,
  };
  return { bounds, padding: LATTICE_PADDING };
}
