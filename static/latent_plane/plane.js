// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

import { clamp, fit, pan, resize, reveal, toPixel, toPlane, zoom } from "./camera.js";
import { colourCloud } from "./cloud.js";
import { Intake } from "./intake.js";
import { latentAt } from "./latent.js";
import { cellAt, placeOf, stepCell } from "./lattice.js";
import { showLegend } from "./legend.js";
import { createMosaic } from "./mosaic.js";
import { createPanel } from "./panel.js";
import { createPicture } from "./picture.js";
import { GUTTER } from "./painter.js";
import { drawMarks, drawStill } from "./scene.js";
import { readTheme } from "./theme.js";
import { Motion } from "./tween.js";

const KEY_STEP = 8;

export class LatentPlane {
  cameras = {};
  cursor = null;
  pin = null;
  view = null;
  #stale = new Set();
  #frame = 0;
  #send = () => {};
  #pinRevision;
  #intake = new Intake();
  #motion = new Motion();

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
    const [known, drawn] = [this.#intake.cloud, this.cloud];
    this.#intake.read(data);
    if (known !== this.#intake.cloud) this.#motion.setOut(moved ? null : drawn, this.#intake.cloud);
    this.#send = (pin) => setStateValue("pin", pin);
    this.view = view;
    this.theme = readTheme(this.element);
    this.paint = colourCloud(this.cloud, view.color_by, this.theme.dark);
    this.nameOf = (label) => view.class_names?.[label] ?? String(label);
    this.element.ariaLabel = `Latent plane of ${view.title}; arrow keys move, Enter pins`;
    const revision = view.pin_revision ?? JSON.stringify(view.pin);
    const repinned = revision !== this.#pinRevision;
    this.#pinRevision = revision;
    if (repinned) this.pin = view.pin;
    if (moved) this.cameras.points = null;
    if (moved || !this.#latticeFits()) this.cameras.grid = null;
    if (moved || repinned || !this.cursor) this.cursor = this.pin ?? [0, 0];
    this.panel.showAxes(view.dims, this.decoder.latentDim);
    showLegend(this.root.querySelector(".legend"), {
      colorBy: view.color_by, classes: this.cloud.classes, range: this.paint.range,
      nameOf: this.nameOf, dark: this.theme.dark,
    });
    if (this.isGrid) this.#aimMosaic();
    this.#redraw("still", "marks", "decode");
  }

  /** The points as they are drawn now: while they move, between two embeddings. */
  get cloud() { return this.#motion.cloud ?? this.#intake.cloud; }
  get decoder() { return this.#intake.decoder; }

  repaint() { if (this.view) this.#redraw("still", "marks"); }

  get isGrid() { return this.view.mode === "grid"; }

  /** The one the user has moved, else the one that shows everything; null before the first size. */
  get camera() {
    if (!this.size) return null;
    return this.cameras[this.isGrid ? "grid" : "points"] ?? this.#home();
  }

  // Actions of the pointer and the keyboard; places in pixels from the element's corner.

  hover(at) {
    if (this.camera) this.#moveTo(this.#zAt(at));
  }

  leave() { if (this.pin) this.#moveTo(this.pin); }

  pinAt(at) {
    if (!this.camera) return;
    this.#moveTo(this.#zAt(at));
    this.pinCursor();
  }

  /** A pin is a rounded place, so that it reads well in the URL; far finer than a pixel. */
  pinCursor() {
    this.#moveTo(this.cursor.map((value) => Math.round(value * 1e4) / 1e4));
    this.pin = [...this.cursor];
    this.#send(this.pin);
  }

  unpin() {
    if (!this.pin) return;
    this.pin = null;
    this.#redraw("marks");
    this.#send(null);
  }

  goHome() { this.#moveTo([0, 0], true); }

  step(dx, dy) {
    if (!this.camera) return;
    const unit = KEY_STEP / this.camera.scale;
    const [x, y] = this.cursor;
    const next = this.isGrid
      ? stepCell(this.view.lattice, this.cursor, dx, dy)
      : [x + dx * unit, y + dy * unit];
    this.#moveTo(next, true);
  }

  panBy(dx, dy) {
    if (this.camera) this.#look(pan(this.camera, dx, dy));
  }

  zoomAt(factor, [px, py]) {
    if (!this.camera) return;
    this.#look(zoom(this.camera, factor, px - GUTTER.left, py - GUTTER.top, this.#home()));
  }

  zoomBy(factor) {
    if (!this.camera) return;
    const { width, height } = this.camera;
    const at = this.pixelOf(this.cursor);
    const seen = at && at[0] >= 0 && at[1] >= 0 && at[0] <= width && at[1] <= height;
    const [px, py] = seen ? at : [width / 2, height / 2];
    this.zoomAt(factor, [px + GUTTER.left, py + GUTTER.top]);
  }

  reset() { this.#look(null); }

  /** How many times closer than the view of everything. */
  get closeness() {
    return this.camera.scale / this.#home().scale;
  }

  /** Where z lies in the plot, in pixels from its corner; null if the lattice doesn't reach it. */
  pixelOf(z) {
    const at = this.isGrid ? placeOf(this.view.lattice, this.decoder, z) : z;
    return at && toPixel(this.camera, at[0], at[1]);
  }

  #zAt([px, py]) {
    const { width, height } = this.camera;
    const inside = [clamp(px - GUTTER.left, 0, width), clamp(py - GUTTER.top, 0, height)];
    const at = toPlane(this.camera, ...inside);
    if (!this.isGrid) return at;
    const { x, y } = this.view.lattice;
    const cell = cellAt(this.view.lattice, this.decoder, ...at);
    return cell ? [x[cell.i], y[cell.j]] : this.cursor;
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
    if (!this.isGrid) return fit(this.cloud.bounds, width, height);
    const { lattice } = this.view;
    const right = lattice.x.length * this.decoder.width;
    const top = lattice.y.length * this.decoder.height;
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
    this.repaint();
  }

  #latticeFits() {
    const { lattice: { x, y } } = this.view;
    const shape = [x.length, y.length, this.decoder.width, this.decoder.height].join();
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
    if (this.#motion.advance(this.#intake.cloud)) this.#redraw("still", "marks");
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
