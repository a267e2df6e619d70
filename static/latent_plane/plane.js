// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

import { boundsOf, fit, pan, resize, reveal, toPixel, toPlane, zoom, clamp } from "./camera.js";
import { colourCloud, createCloud } from "./cloud.js";
import { floats, integers, sameBits } from "./columns.js";
import { createDecoder } from "./decoder.js";
import { latentAt } from "./latent.js";
import { cellAt, nearestCell, placeOf } from "./lattice.js";
import { showLegend } from "./legend.js";
import { createMosaic } from "./mosaic.js";
import { createPanel } from "./panel.js";
import { createPicture } from "./picture.js";
import { GUTTER } from "./painter.js";
import { drawMarks, drawStill } from "./scene.js";
import { readTheme } from "./theme.js";

const PRIOR = { left: -1, right: 1, bottom: -1, top: 1 };
const KEY_STEP = 8;
const COLUMNS = { x: floats, y: floats, label: integers, rate: floats, distortion: floats };

export class LatentPlane {
  cameras = {};
  cursor = null;
  pin = null;
  view = null;
  #stale = new Set();
  #frame = 0;
  #send = () => {};
  #pinRevision;
  #sources = {};

  constructor(root, onError) {
    this.root = root;
    this.element = root.querySelector("[data-testid=latent-plane]");
    this.canvases = { still: root.querySelector(".still"), marks: root.querySelector(".marks") };
    this.picture = createPicture(root.querySelector("[data-testid=decoded]"));
    this.panel = createPanel(root);
    this.mosaic = createMosaic();
    this.onError = onError;
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.element);
  }

  destroy() {
    this.observer.disconnect();
    this.panel.destroy();
    cancelAnimationFrame(this.#frame);
  }

  /** Takes what Python sent; the camera and the cursor stay unless the model or axes changed. */
  update(data, setStateValue) {
    const { view } = data;
    const moved = `${view.model} ${view.dims}` !== `${this.view?.model} ${this.view?.dims}`;
    this.#send = (pin) => setStateValue("pin", pin);
    this.view = view;
    this.theme = readTheme(this.element);
    const newPoints = this.#readPoints(data.points);
    this.#readDecoder(data.decoder, data.weights);
    this.paint = colourCloud(this.cloud, view.color_by, this.theme.dark);
    this.nameOf = (label) => view.class_names?.[label] ?? String(label);
    this.element.setAttribute(
      "aria-label", `Latent plane of ${view.title}; arrow keys move, Enter pins`,
    );
    const revision = view.pin_revision ?? JSON.stringify(view.pin);
    const repinned = revision !== this.#pinRevision;
    this.#pinRevision = revision;
    if (repinned) this.pin = view.pin;
    if (moved || newPoints) this.cameras.points = null;
    if (moved || !this.#latticeFits()) this.cameras.grid = null;
    if (moved || repinned || !this.cursor) this.cursor = this.pin ?? [0, 0];
    this.panel.showAxes(view.dims);
    showLegend(this.root.querySelector(".legend"), {
      colorBy: view.color_by, classes: this.cloud.classes, range: this.paint.range,
      nameOf: this.nameOf, dark: this.theme.dark,
    });
    if (this.isGrid) this.#aimMosaic();
    this.#redraw("still", "marks", "decode");
  }

  get isGrid() {
    return this.view.mode === "grid";
  }

  get camera() {
    const mode = this.isGrid ? "grid" : "points";
    if (!this.cameras[mode] && this.size) this.cameras[mode] = this.#home();
    return this.cameras[mode];
  }

  get tile() {
    return { width: this.decoder.width, height: this.decoder.height };
  }

  // Actions of the pointer and the keyboard; places in pixels from the element's corner.

  hover(at) {
    if (this.camera) this.#moveTo(this.#zAt(at));
  }

  leave() {
    if (this.pin) this.#moveTo(this.pin);
  }

  pinAt(at) {
    if (!this.camera) return;
    this.#moveTo(this.#zAt(at));
    this.pinCursor();
  }

  pinCursor() {
    this.pin = [...this.cursor];
    this.#redraw("marks");
    this.#send(this.pin);
  }

  unpin() {
    if (!this.pin) return;
    this.pin = null;
    this.#redraw("marks");
    this.#send(null);
  }

  goHome() {
    this.#moveTo([0, 0], true);
  }

  step(dx, dy) {
    if (!this.camera) return;
    if (!this.isGrid) {
      const step = KEY_STEP / this.camera.scale;
      this.#moveTo([this.cursor[0] + dx * step, this.cursor[1] + dy * step], true);
      return;
    }
    const { lattice } = this.view;
    const { i, j } = nearestCell(lattice, this.cursor);
    const column = clamp(i + dx, 0, lattice.x.length - 1);
    const row = clamp(j + dy, 0, lattice.y.length - 1);
    this.#moveTo([lattice.x[column], lattice.y[row]], true);
  }

  panBy(dx, dy) {
    if (this.camera) this.#look(pan(this.camera, dx, dy));
  }

  zoomAt(factor, [px, py]) {
    if (!this.camera) return;
    this.#look(zoom(this.camera, factor, px - GUTTER.left, py - GUTTER.top, this.#home()));
  }

  zoomBy(factor) {
    const at = this.camera && this.pixelOf(this.cursor);
    const { width, height } = this.camera ?? {};
    const seen = at && at[0] >= 0 && at[1] >= 0 && at[0] <= width && at[1] <= height;
    const [px, py] = seen ? at : [width / 2, height / 2];
    this.zoomAt(factor, [px + GUTTER.left, py + GUTTER.top]);
  }

  reset() {
    if (this.camera) this.#look(this.#home());
  }

  /** Where z lies in the plot, in pixels from its corner; null if the lattice doesn't reach it. */
  pixelOf(z) {
    const at = this.isGrid ? placeOf(this.view.lattice, this.tile, z) : z;
    return at && toPixel(this.camera, at[0], at[1]);
  }

  #zAt([px, py]) {
    const { width, height } = this.camera;
    const at = toPlane(
      this.camera, clamp(px - GUTTER.left, 0, width), clamp(py - GUTTER.top, 0, height),
    );
    if (!this.isGrid) return at;
    const { lattice } = this.view;
    const cell = cellAt(lattice, this.tile, ...at);
    return cell ? [lattice.x[cell.i], lattice.y[cell.j]] : this.cursor;
  }

  #moveTo(z, follow = false) {
    this.cursor = [z[0], z[1]];
    const at = follow && this.camera && this.pixelOf(this.cursor);
    if (at) {
      const seen = reveal(this.camera, ...toPlane(this.camera, ...at), 24);
      if (seen !== this.camera) this.#look(seen);
    }
    this.#redraw("marks", "decode");
  }

  #look(camera) {
    this.cameras[this.isGrid ? "grid" : "points"] = camera;
    this.#redraw("still", "marks");
  }

  #home() {
    const { width, height } = this.size;
    if (!this.isGrid) return fit(boundsOf(this.cloud.x, this.cloud.y, PRIOR), width, height);
    const { lattice } = this.view;
    const [right, top] = [lattice.x.length * this.tile.width, lattice.y.length * this.tile.height];
    return fit({ left: 0, bottom: 0, right, top }, width, height, 0.01);
  }

  #resize() {
    const width = this.element.clientWidth - GUTTER.left - GUTTER.right;
    const height = this.element.clientHeight - GUTTER.top - GUTTER.bottom;
    if (width < 20 || height < 20) return;
    this.size = { width, height };
    for (const [mode, camera] of Object.entries(this.cameras)) {
      if (camera) this.cameras[mode] = resize(camera, width, height);
    }
    if (this.view) this.#redraw("still", "marks");
  }

  #readPoints(table) {
    const columns = {};
    for (const [name, read] of Object.entries(COLUMNS)) columns[name] = read(table, name);
    const old = this.#sources.points;
    if (old && Object.keys(columns).every((name) => sameBits(old[name], columns[name]))) return false;
    this.#sources.points = columns;
    this.cloud = createCloud(columns);
    return true;
  }

  #readDecoder(spec, table) {
    const weights = floats(table, "w");
    const text = JSON.stringify(spec);
    if (this.#sources.spec === text && sameBits(this.#sources.weights, weights)) return;
    this.decoder = createDecoder(spec, weights);
    Object.assign(this.#sources, { spec: text, weights });
  }

  #latticeFits() {
    const { lattice } = this.view;
    const shape = `${lattice?.x.length} ${lattice?.y.length} ${this.tile.width} ${this.tile.height}`;
    const same = this.shape === shape;
    this.shape = shape;
    return same;
  }

  #aimMosaic() {
    const { view, decoder } = this;
    const wanted = JSON.stringify([view.lattice, view.dims, view.held]);
    this.mosaic.aim(decoder, view.lattice, (z) => latentAt(view, z, decoder.latentDim), wanted);
  }

  #redraw(...parts) {
    for (const part of parts) this.#stale.add(part);
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const stale = this.#stale;
    this.#stale = new Set();
    try {
      if (stale.has("decode")) this.#decode();
      if (this.isGrid && this.mosaic.work()) this.#redraw("still");
      if (!this.camera) return;
      if (stale.has("still")) drawStill(this);
      if (stale.has("marks")) drawMarks(this);
    } catch (error) {
      this.onError(error);
    }
  }

  #decode() {
    const values = this.decoder.decode(latentAt(this.view, this.cursor, this.decoder.latentDim));
    this.picture.show(values, this.decoder, this.cursor);
    this.panel.show(this.cursor, this.cloud, this.nameOf, this.theme.dark);
  }
}
