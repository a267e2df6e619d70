// Which part of the plane is seen, for each of its two modes: moved by the user, or all there is.

import { clamp, fit, pan, resize, reveal, toPlane, zoom } from "./camera.js";
import { GUTTER } from "./painter.js";

const LATTICE_PADDING = 0.01;

export class Viewport {
  mode = "points";
  size = null;
  #moved = {};
  #shape = "";
  #restored = null;
  #extent;

  /** `extent(mode)`: the box that shows everything, and the share of it left free around. */
  constructor(extent) {
    this.#extent = extent;
  }

  /** The camera the user has moved, else the one that shows everything; null before the first size. */
  get camera() {
    return this.size && (this.#moved[this.mode] ?? this.#home());
  }

  /** How many times closer than the view of everything. */
  get closeness() {
    return this.camera.scale / this.#home().scale;
  }

  /** Takes note of what the grid shows; a view of another lattice, or a `moved` one, is dropped. */
  keepLattice({ x, y }, tile, moved) {
    const shape = [x.length, y.length, tile.width, tile.height].join();
    if (moved || shape !== this.#shape) this.forget("grid");
    this.#shape = shape;
  }

  forget(mode) { delete this.#moved[mode]; }

  reset() { this.forget(this.mode); }

  /** Returns whether the element is large enough to be drawn on. */
  resize(element) {
    const width = element.clientWidth - GUTTER.left - GUTTER.right;
    const height = element.clientHeight - GUTTER.top - GUTTER.bottom;
    if (width < 20 || height < 20) return false;
    this.size = { width, height };
    for (const [mode, camera] of Object.entries(this.#moved)) {
      this.#moved[mode] = resize(camera, width, height);
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

  /** Opens this window, [x, y, reach], once there is a size; null: everything. */
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

  panBy(dx, dy) { this.#look(pan(this.camera, dx, dy)); }

  /** Places are pixels from the element's corner. */
  zoomAt(factor, [px, py]) {
    this.#look(zoom(this.camera, factor, px - GUTTER.left, py - GUTTER.top, this.#home()));
  }

  /** The plane's point under a pixel from the element's corner, or the nearest one that is seen. */
  placeAt([px, py]) {
    const { width, height } = this.size;
    return toPlane(this.camera, clamp(px - GUTTER.left, 0, width), clamp(py - GUTTER.top, 0, height));
  }

  /** Zooms about a place of the plot, about its middle where that isn't seen. */
  zoomAbout(factor, at) {
    const { width, height } = this.size;
    const seen = at && at[0] >= 0 && at[1] >= 0 && at[0] <= width && at[1] <= height;
    const [px, py] = seen ? at : [width / 2, height / 2];
    this.zoomAt(factor, [px + GUTTER.left, py + GUTTER.top]);
  }

  /** Pans until a place of the plot is well inside; returns whether it had to. */
  reveal(at) {
    const { camera } = this;
    const seen = reveal(camera, ...toPlane(camera, ...at), 24);
    if (seen === camera) return false;
    this.#look(seen);
    return true;
  }

  /** Puts a place of the plane in the middle, with `reach` of the plane to the nearest edge. */
  showAround([x, y], reach) {
    const { width, height } = this.size;
    const wanted = fit({ left: x - reach, right: x + reach, bottom: y - reach, top: y + reach }, width, height, 0);
    this.#look(zoom(wanted, 1, width / 2, height / 2, this.#home()));
  }

  #look(camera) { this.#moved[this.mode] = camera; }

  #home() {
    const { bounds, padding } = this.#extent(this.mode);
    return fit(bounds, this.size.width, this.size.height, padding);
  }
}

/** All of a lattice of decoded tiles, in their pixels. */
export function latticeExtent(lattice, tile) {
  const bounds = {
    left: 0, bottom: 0, right: lattice.x.length * tile.width, top: lattice.y.length * tile.height,
  };
  return { bounds, padding: LATTICE_PADDING };
}
