// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

import { Viewport, latticeExtent, toPixel } from "./canvas/camera.js";
import { colourCloud } from "./cloud/cloud.js";
import { Dial } from "./dial/dial.js";
import { Embedding } from "./cloud/embedding.js";
import { Inspector } from "./inspector/inspector.js";
import { Kept } from "./payload/kept.js";
import { latentAt } from "./geometry.js";
import { Mosaic, cellAt, placeOf } from "./canvas/lattice.js";
import { Layers } from "./layers.js";
import { showLegend, showNotes } from "./canvas/legend.js";
import { Messages } from "./payload/messages.js";
import { link } from "./compare/link.js";
import { Rest } from "./input/rest.js";
import { Revisions } from "./payload/revisions.js";
import { drawMarks, drawStill } from "./canvas/scene.js";
import { Selection } from "./tools/find/selection.js";
import { readTheme } from "./canvas/palette.js";
import { Toolbox } from "./toolbox.js";
import { Unfolding } from "./cloud/umap.js";

export class LatentPlane {
  cursor = null;
  pin = null;
  view = null;
  kept = new Kept();
  embedding = new Embedding();
  #stale = new Set();
  #frame = 0;
  #rest = new Rest();
  #send = () => {};
  #revisions = new Revisions();

  constructor(root, onError, signal) {
    this.root = root;
    this.element = root.querySelector("[data-testid=latent-plane]");
    this.canvases = { still: root.querySelector(".still"), marks: root.querySelector(".marks") };
    this.mosaic = new Mosaic();
    this.viewport = new Viewport((mode) => mode === "grid"
      ? latticeExtent(this.view.lattice, this.decoder) : { bounds: this.cloud.bounds });
    this.dial = new Dial(root, {
      turn: () => this.redraw("turn"),
      release: (beta) => this.#send("beta", beta),
    }, signal);
    this.inspector = new Inspector(root, (name) => this.#choose("show", name === "mean" ? null : name), signal);
    this.layers = new Layers(this, root, () => this.#choose("layers", this.layers.text), signal);
    this.letters = new Messages(() => this.decoder && this.#rested("tools", "marks"), onError, signal);
    this.selection = new Selection(this);
    this.unfolding = new Unfolding((layout) => this.#arrange(layout));
    this.toolbox = new Toolbox(this, root, signal);
    this.onError = onError;
    this.observer = new ResizeObserver(() => this.viewport.resize(this.element) && this.repaint());
    this.observer.observe(this.element);
  }

  destroy() {
    link.leave(this);
    this.observer.disconnect();
    this.inspector.destroy();
    this.unfolding.stop();
    this.dial.destroy();
    this.#rest.end();
    cancelAnimationFrame(this.#frame);
  }

  /** Takes what Python sent; the camera and the cursor stay unless the model or axes changed. */
  update(data, setStateValue) {
    const { view } = data;
    const moved = `${view.model} ${view.dims}` !== `${this.view?.model} ${this.view?.dims}`;
    this.#send = setStateValue;
    this.view = view;
    link.join(this, view.side, moved);
    this.viewport.mode = view.mode;
    this.theme = readTheme(this.element);
    this.nameOf = (label) => view.class_names?.[label] ?? String(label);
    this.element.ariaLabel = `Latent plane of ${view.title}; arrow keys move, Enter pins`;
    this.dial.read(data.dial, this.#revisions.isNew("beta", view, this.#send) ? view.beta : null);
    this.root.classList.toggle("turnable", Boolean(data.dial));
    this.kept.tell((values) => setStateValue("kept", values));
    this.selection.tell((selected) => setStateValue("selected", selected));
    const opened = this.#revisions.isNew("kept", view, this.#send);
    if (opened) this.kept.read(view.kept);
    this.letters.read(view.box);
    this.layers.read(this.kept.get("layers"));
    if (moved) this.unfolding.stop();
    this.embedding.read(data, this.dial.beta, moved);
    this.#settle();
    const repinned = this.#revisions.isNew("pin", view, this.#send);
    if (repinned) this.pin = view.pin;
    if (moved) this.viewport.forget("points");
    if (opened) this.viewport.restore(this.kept.get("window"));
    else if (moved) this.kept.set("window", null);
    this.viewport.keepLattice(view.lattice, this.decoder, moved);
    if (moved || repinned || !this.cursor) this.cursor = this.pin ?? [0, 0];
    this.colour();
    this.#explain();
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    this.toolbox.read(this.kept.get("tool"));
    this.redraw("still", "marks", "decode", "dial", "tools");
  }

  /** What the URL keeps has become another through the plane beside this one. */
  reread() {
    this.layers.read(this.kept.get("layers"));
    this.#explain();
    this.redraw("still", "marks", "decode", "tools");
  }

  get cloud() { return this.embedding.cloud; }
  get decoder() { return this.embedding.decoder; }
  get aggregate() { return this.embedding.aggregate; }
  get camera() { return this.viewport.camera; }
  get isGrid() { return this.view.mode === "grid"; }
  get images() { return this.letters.images; }
  get codes() { return this.letters.codes(this.view.model); }
  get encoder() { return this.letters.encoder(this.run, this.dial.beta); }

  /** The model at the dial's β: of a sweep, the nearest one. */
  get run() { return this.figures?.name ?? this.view.title; }

  /** Which z the plane shows, as a text that changes when it does. */
  get place() { return `${this.view.dims} ${this.view.held}`; }

  /** The full z behind a place on the plane. */
  latentAt = (place) => this.unfolding.codeAt(this, place) ?? latentAt(this.view, place, this.decoder.latentDim);

  /** Whether a place lies where q(z) has next to nothing; known once the dial rests. */
  isExtrapolation(place = this.cursor) {
    const { aggregate } = this;
    return Boolean(aggregate) && this.#rest.reached && aggregate.density(...place) < aggregate.threshold;
  }

  repaint() { if (this.view) this.redraw("still", "marks", "dial"); }

  /** Keeps a place, or none. */
  keep(pin) {
    this.pin = pin;
    this.redraw("marks");
    this.#send("pin", pin);
  }

  /** Where z lies in the plot, in pixels from its corner; null if the lattice doesn't reach it. */
  pixelOf(z) {
    const at = this.isGrid ? placeOf(this.view.lattice, this.decoder, z) : z;
    return at && toPixel(this.camera, at[0], at[1]);
  }

  /** The z under a pixel from the element's corner. */
  zAt(pixel) {
    const at = this.viewport.placeAt(pixel);
    if (!this.isGrid) return at;
    const { x, y } = this.view.lattice;
    const cell = cellAt(this.view.lattice, this.decoder, ...at);
    return cell ? [x[cell.i], y[cell.j]] : this.cursor;
  }

  moveTo(z, follow = false) {
    this.cursor = [z[0], z[1]];
    link.lead(this);
    const at = follow && this.camera && this.pixelOf(this.cursor);
    if (at && this.viewport.reveal(at)) this.redraw("still");
    this.redraw("marks", "decode");
  }

  /** What the user has chosen, for the URL and the next frame. */
  #choose(name, value) {
    this.kept.set(name, value);
    this.#explain();
    this.redraw("still", "decode");
  }

  /** What is known at the dial's β, and what has to be computed anew there once it rests. */
  #settle() {
    const { beta } = this.dial;
    this.figures = beta ? this.dial.figures : null;
    this.closed = this.figures?.closed ?? this.view.closed ?? [];
    this.layers.expire();
    this.#rest.await(() => this.#rested());
  }

  #rested(...parts) {
    this.unfolding.follow(this);
    this.redraw("decode", "still", ...parts);
  }

  #arrange(layout) {
    this.embedding.arrange(layout);
    this.viewport.forget("points");
    this.redraw("still", "marks", "decode");
  }

  colour() { this.paint = colourCloud(this.cloud, this.view.color_by, this.theme.dark, this.selection.mask); }

  /** The colours and the layers in words. */
  #explain() {
    this.layers.mark();
    showLegend(this);
  }

  #turn() {
    this.embedding.turn(this.dial.beta, this.view.dims);
    this.#settle();
    if (this.paint.range) this.colour();
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    for (const part of ["still", "marks", "decode", "dial", "tools"]) this.#stale.add(part);
  }

  /** Draws these parts in the next frame: still, marks, decode, dial, tools. */
  redraw(...parts) {
    for (const part of parts) this.#stale.add(part);
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    if (this.embedding.advance()) this.redraw("still", "marks");
    try {
      if (this.#stale.has("turn")) this.#turn();
      link.settle(this);
      const stale = this.#stale;
      this.#stale = new Set();
      // First the tools: they may hold dimensions that aren't shown.
      if (stale.has("tools")) this.toolbox.refresh();
      else if (stale.has("decode")) this.toolbox.follow();
      if (stale.has("decode")) this.inspector.show(this);
      if (stale.has("dial") && this.figures) this.dial.show(this.figures, this.theme);
      if (this.isGrid && this.mosaic.work()) this.redraw("still");
      if (!this.camera) return;
      if (stale.has("still")) this.#drawStill();
      if (stale.has("marks")) drawMarks(this);
    } catch (error) {
      this.#stale.clear();
      this.onError(error);
    }
  }

  #drawStill() {
    if (!this.isGrid) {
      this.layers.aim();
      if (this.layers.work()) this.redraw("still");
    }
    drawStill(this);
    showNotes(this);
  }
}
