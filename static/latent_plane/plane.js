// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

import { Bubbles } from "./bubbles.js";
import { toPixel } from "./camera.js";
import { colourCloud } from "./cloud.js";
import { Dial } from "./dial.js";
import { Intake } from "./intake.js";
import { latentAt } from "./latent.js";
import { cellAt, placeOf, stepCell } from "./lattice.js";
import { showLegend } from "./legend.js";
import { createMosaic } from "./mosaic.js";
import { createPanel } from "./panel.js";
import { createPicture } from "./picture.js";
import { Revisions } from "./revisions.js";
import { drawMarks, drawStill } from "./scene.js";
import { readTheme } from "./theme.js";
import { Motion } from "./tween.js";
import { Viewport, latticeExtent } from "./viewport.js";

const KEY_STEP = 8;

export class LatentPlane {
  cursor = null;
  pin = null;
  view = null;
  bubbles = new Bubbles();
  #cloud = null;
  #stale = new Set();
  #frame = 0;
  #send = () => {};
  #revisions = new Revisions();
  #intake = new Intake();
  #motion = new Motion();

  constructor(root, onError, signal) {
    this.root = root;
    this.element = root.querySelector("[data-testid=latent-plane]");
    this.canvases = { still: root.querySelector(".still"), marks: root.querySelector(".marks") };
    this.picture = createPicture(root.querySelector("[data-testid=decoded]"));
    this.panel = createPanel(root);
    this.mosaic = createMosaic();
    this.viewport = new Viewport((mode) => mode === "grid"
      ? latticeExtent(this.view.lattice, this.decoder) : { bounds: this.cloud.bounds });
    this.dial = new Dial(root, {
      turn: () => this.#redraw("turn"),
      release: (beta) => this.#send("beta", beta),
    }, signal);
    this.onError = onError;
    this.observer = new ResizeObserver(() => this.viewport.resize(this.element) && this.repaint());
    this.observer.observe(this.element);
  }

  destroy() {
    this.observer.disconnect();
    this.panel.destroy();
    this.dial.destroy();
    cancelAnimationFrame(this.#frame);
  }

  /** Takes what Python sent; the camera and the cursor stay unless the model or axes changed. */
  update(data, setStateValue) {
    const { view } = data;
    const moved = `${view.model} ${view.dims}` !== `${this.view?.model} ${this.view?.dims}`;
    const [known, drawn] = [this.#intake.sweep, this.cloud];
    this.#intake.read(data);
    this.#send = setStateValue;
    this.view = view;
    this.viewport.mode = view.mode;
    this.theme = readTheme(this.element);
    this.nameOf = (label) => view.class_names?.[label] ?? String(label);
    this.element.ariaLabel = `Latent plane of ${view.title}; arrow keys move, Enter pins`;
    this.dial.read(data.dial, this.#revisions.isNew("beta", view) ? view.beta : null);
    this.root.classList.toggle("turnable", Boolean(data.dial));
    if (this.#revisions.isNew("bubbles", view)) this.bubbles.wanted = view.bubbles;
    this.#place();
    if (known !== this.#intake.sweep) this.#motion.setOut(moved ? null : drawn, this.#cloud);
    const repinned = this.#revisions.isNew("pin", view);
    if (repinned) this.pin = view.pin;
    if (moved) this.viewport.forget("points");
    this.viewport.keepLattice(view.lattice, this.decoder, moved);
    if (moved || repinned || !this.cursor) this.cursor = this.pin ?? [0, 0];
    this.panel.showAxes(view.dims, this.decoder.latentDim);
    this.#colour();
    this.#explain();
    this.#aim();
    this.#redraw("still", "marks", "decode", "dial");
  }

  /** The points as they are drawn now: while they move, between two embeddings. */
  get cloud() { return this.#motion.cloud ?? this.#cloud; }
  get decoder() { return this.#intake.decoder; }
  get camera() { return this.viewport.camera; }
  get isGrid() { return this.view.mode === "grid"; }

  repaint() { if (this.view) this.#redraw("still", "marks", "dial"); }

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

  /**
   * A pin is a rounded place, so that it reads well in the URL; far finer than a pixel. What Python
   * says of it holds for one β, so a playing dial rests.
   */
  pinCursor() {
    this.dial.settle();
    this.#moveTo(this.cursor.map((value) => Math.round(value * 1e4) / 1e4));
    this.pin = [...this.cursor];
    this.#send("pin", this.pin);
  }

  unpin() {
    if (!this.pin) return;
    this.pin = null;
    this.#redraw("marks");
    this.#send("pin", null);
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

  panBy(dx, dy) { this.#look(() => this.viewport.panBy(dx, dy)); }
  zoomAt(factor, at) { this.#look(() => this.viewport.zoomAt(factor, at)); }
  zoomBy(factor) { this.#look(() => this.viewport.zoomAbout(factor, this.pixelOf(this.cursor))); }
  reset() { this.#look(() => this.viewport.reset()); }

  turnBy(count) { return this.dial.turnBy(count); }
  togglePlay() { return this.dial.togglePlay(); }

  toggleBubbles() {
    if (!this.cloud?.spread || this.isGrid) return false;
    this.bubbles.wanted = !this.bubbles.wanted;
    this.#explain();
    this.#redraw("still");
    this.#send("bubbles", this.bubbles.wanted);
    return true;
  }

  /** Where z lies in the plot, in pixels from its corner; null if the lattice doesn't reach it. */
  pixelOf(z) {
    const at = this.isGrid ? placeOf(this.view.lattice, this.decoder, z) : z;
    return at && toPixel(this.camera, at[0], at[1]);
  }

  #zAt(pixel) {
    const at = this.viewport.placeAt(pixel);
    if (!this.isGrid) return at;
    const { x, y } = this.view.lattice;
    const cell = cellAt(this.view.lattice, this.decoder, ...at);
    return cell ? [x[cell.i], y[cell.j]] : this.cursor;
  }

  #moveTo(z, follow = false) {
    this.cursor = [z[0], z[1]];
    const at = follow && this.camera && this.pixelOf(this.cursor);
    if (at && this.viewport.reveal(at)) this.#redraw("still");
    this.#redraw("marks", "decode");
  }

  #look(move) {
    if (!this.camera) return;
    move();
    this.#redraw("still", "marks");
  }

  /** Points and decoder as they are at the dial's β. */
  #place() {
    const { beta } = this.dial;
    if (beta) this.decoder.setBeta(beta);
    this.#cloud = this.#intake.sweep.at(beta ?? 1);
    this.figures = beta ? this.dial.figures : null;
    this.closed = this.figures?.closed ?? this.view.closed ?? [];
  }

  #colour() { this.paint = colourCloud(this.cloud, this.view.color_by, this.theme.dark); }

  #aim() { if (this.isGrid) this.mosaic.aim(this.decoder, this.view); }

  /** The colours and the ellipses in words. */
  #explain() {
    const { view, cloud, bubbles } = this;
    const possible = Boolean(cloud.spread) && !this.isGrid;
    bubbles.mark(this.root.querySelector(".bubbles"), possible);
    showLegend(this.root.querySelector(".legend"), {
      colorBy: view.color_by, classes: cloud.classes, range: this.paint.range,
      nameOf: this.nameOf, dark: this.theme.dark,
      bubbles: possible && bubbles.wanted ? bubbles.counts(cloud) : null,
    });
  }

  #turn() {
    this.#place();
    this.#motion.setOut(null, this.#cloud);
    if (this.paint.range) this.#colour();
    this.#aim();
    for (const part of ["still", "marks", "decode", "dial"]) this.#stale.add(part);
  }

  #redraw(...parts) {
    for (const part of parts) this.#stale.add(part);
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    if (this.#motion.advance(this.#cloud)) this.#redraw("still", "marks");
    try {
      if (this.#stale.has("turn")) this.#turn();
      const stale = this.#stale;
      this.#stale = new Set();
      if (stale.has("decode")) this.#decode();
      if (stale.has("dial") && this.figures) this.dial.show(this.figures, this.theme);
      if (this.isGrid && this.mosaic.work()) this.#redraw("still");
      if (!this.camera) return;
      if (stale.has("still")) drawStill(this);
      if (stale.has("marks")) drawMarks(this);
    } catch (error) {
      this.#stale.clear();
      this.onError(error);
    }
  }

  #decode() {
    const values = this.decoder.decode(latentAt(this.view, this.cursor, this.decoder.latentDim));
    this.picture.show(values, this.decoder, this.cursor, this.dial.beta);
    this.panel.show(this.cursor, this.cloud, this.nameOf, this.theme.dark);
  }
}
