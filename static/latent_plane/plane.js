// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

import { Viewport, latticeExtent, toPixel } from "./canvas/camera.js";
import { colourCloud } from "./cloud/cloud.js";
import { createContext } from "./context.js";
import { Dial } from "./dial/dial.js";
import { write } from "./canvas/dom.js";
import { Embedding } from "./cloud/embedding.js";
import { Inspector } from "./inspector/inspector.js";
import { latentAt } from "./geometry.js";
import { Mosaic, cellAt, placeOf } from "./canvas/lattice.js";
import { Layers } from "./layers.js";
import { Messages } from "./payload/messages.js";
import { link } from "./compare/link.js";
import { Rest } from "./input/rest.js";
import { drawMarks, drawStill } from "./canvas/painter.js";
import { Selection } from "./tools/find/selection.js";
import { owner, SideState } from "./owner.js";
import { VALUES } from "./state.js";
import { readTheme } from "./canvas/palette.js";
import { Toolbox, messagesFor } from "./toolbox.js";
import { Unfolding } from "./cloud/umap.js";

let told = 0; // how often Python has been told; before that it knows the address's query alone

export class LatentPlane {
  cursor = null;
  pin = null;
  view = null;
  state = null;
  embedding = new Embedding();
  heldByPage = null; // the values of all dimensions, of which it decodes those that aren't shown
  context = createContext(this);
  #stale = new Set();
  #frame = 0;
  #rest = new Rest();
  #send = null; // none on a saved page, where nobody listens
  #told = null; // what Python knows, as a text
  #serial = 0; // of the report that it was told by, and answers with once its script has run

  constructor(root, onError, signal) {
    this.root = root;
    this.element = root.querySelector("[data-testid=latent-plane]");
    this.canvases = { still: root.querySelector(".still"), marks: root.querySelector(".marks") };
    this.refusal = root.querySelector(".refusal");
    this.mosaic = new Mosaic();
    this.viewport = new Viewport((mode) => mode === "grid"
      ? latticeExtent(this.view.lattice, this.decoder) : { bounds: this.cloud.bounds });
    this.dial = new Dial(root, {
      turn: () => this.redraw("turn"),
      keep: (beta) => this.act({ beta }),
    }, signal);
    this.inspector = new Inspector(root, (show) => this.act({ show }), () => this.redraw(), signal);
    this.layers = new Layers(this, root, signal);
    this.letters = new Messages((slot) => {
      if (slot === "heard") owner.putBack();
      if (slot === "heard" || !this.decoder) this.redraw();
      else this.#rested("tools", "marks");
    }, onError, signal);
    this.selection = new Selection(this);
    this.unfolding = new Unfolding((layout) => this.#arrange(layout));
    this.toolbox = new Toolbox(this, root, signal);
    this.onError = onError;
    owner.listen((names, fromUrl) => this.#follow(this.state?.namesOf(names) ?? new Set(), fromUrl), () => this.#tell(), signal);
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
    const opened = !this.view;
    const moved = `${view.model} ${view.dims}` !== `${this.view?.model} ${this.view?.dims}`;
    this.#send = setStateValue;
    this.view = view;
    this.heldByPage = view.held;
    this.#join(opened, view);
    link.join(this, view.side, moved);
    this.viewport.mode = view.mode;
    this.theme = readTheme(this.element);
    this.nameOf = (label) => view.class_names?.[label] ?? String(label);
    this.element.ariaLabel = `Latent plane of ${view.title}; arrow keys move, Enter pins`;
    this.dial.read(data.dial, view.beta, this.state.get("beta"));
    this.root.classList.toggle("turnable", Boolean(data.dial));
    this.letters.read(view.box);
    if (moved) this.unfolding.stop();
    this.embedding.read(data, this.dial.beta, moved);
    this.#settle();
    if (moved) this.viewport.forget("points");
    if (opened) this.viewport.restore(this.state.get("window"));
    else if (moved) this.act({ window: null });
    this.viewport.keepLattice(view.lattice, this.decoder, moved);
    if (moved || !this.cursor) this.cursor = this.pin ?? [0, 0];
    this.colour();
    this.#explain();
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    this.toolbox.read(this.state.get("tool"));
    if (!view.side) this.act({ beta2: null });
    this.redraw("still", "marks", "decode", "dial", "tools");
  }

  /** Joins the owner of the state; alone on its page, a plane lets it read the address. */
  #join(opened, { side, start }) {
    const isRight = side === "right";
    if (opened && !isRight) owner.open(start);
    else owner.putBack();
    if (this.state?.isRight !== isRight) {
      this.state = new SideState(owner, isRight, (names) => this.#follow(names));
      const known = { settings: this.state.settings(owner.queryTexts), selected: null, needs: [] };
      this.#told = told ? null : JSON.stringify(known);
      owner.restLater();
    }
    if (!isRight) this.pin = this.state.get("pin");
  }

  /**
   * The one way to change the state: {name: value} of names in the table, committed as an entry of
   * the history where any of them is a step of the user's; `{ replace: true }` makes none.
   */
  act(values, options) { this.state.set(values, options); }

  tellLater() { owner.restLater(); }

  /** Shows what has changed in the state. */
  #follow(names, fromUrl = false) {
    if (!this.view || !names.size) return;
    if (names.has("pin")) this.pin = this.state.get("pin");
    if (names.has("pin") && fromUrl && this.pin) this.moveTo(this.pin);
    if (names.has("beta")) this.dial.goTo(this.state.get("beta"));
    if (names.has("window")) this.viewport.restore(this.state.get("window"));
    if (names.has("tool")) this.toolbox.show(this.state.get("tool"));
    const flows = !fromUrl && [...names].every((name) => VALUES[name].flows);
    if (!flows || !this.refusal.hidden) this.#explain();
    this.redraw("still", "marks", ...(flows ? [] : ["decode", "tools"]));
  }

  /** Tells Python what the plane is like at rest, if that is another than it knows. */
  #tell() {
    const report = this.view && {
      settings: this.state.settings(owner.texts), selected: this.selection.report ?? null,
      needs: messagesFor(this.toolbox.activeName),
    };
    const text = JSON.stringify(report);
    if (report && this.#send && text !== this.#told) {
      this.#told = text;
      this.#serial = told += 1;
      this.#send("state", { ...report, serial: this.#serial });
    }
    this.redraw();
  }

  /** Says on the page whether anything moves or is still to come, and what: a test waits for it. */
  #announce() {
    const pending = {
      frame: this.#frame, state: !owner.isResting, python: this.#send && this.letters.heard !== this.#serial,
      letters: this.letters.opening, rest: !this.#rest.reached, dial: this.dial.busy, points: this.embedding.moves,
      umap: this.unfolding.isPending(this), layers: this.layers.busy, tool: this.toolbox.busy,
      speech: this.inspector.waits,
    };
    const names = Object.keys(pending).filter((name) => pending[name]);
    this.root.dataset.pending = names.join(" ");
    this.root.dataset.settled = String(!names.length);
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

  /** The full z behind a place on the plane. */
  latentAt = (place) => this.unfolding.codeAt(this, place) ?? latentAt(this.view, place, this.decoder.latentDim);

  /** Whether a place lies where q(z) has next to nothing; known once the dial rests. */
  isExtrapolation(place = this.cursor) {
    const { aggregate } = this;
    return Boolean(aggregate) && this.#rest.reached && aggregate.density(...place) < aggregate.threshold;
  }

  repaint() { if (this.view) this.redraw("still", "marks", "dial"); }

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

  /** Decodes with the dimensions that aren't shown at z's values; null: at the page's. */
  hold(z) {
    const held = z ? Array.from(z) : this.heldByPage;
    if (String(held) === String(this.view.held)) return;
    this.view = { ...this.view, held };
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    this.redraw("still", "decode");
  }

  /** Zooms to a place, with `reach` of the plane to the nearest edge. */
  showAround(place, reach) {
    this.viewport.showAround(place, reach);
    this.act({ window: this.viewport.window }, { replace: false });
    this.redraw("still", "marks");
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

  /** The colours and the layers in words, and what the URL asks for in vain. */
  #explain() {
    this.layers.mark();
    const problems = [...this.state.problems, this.state.isAsked("beta") && this.dial.problem].filter(Boolean);
    this.refusal.hidden = !problems.length;
    write(this.refusal, problems.join(" "));
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
    this.root.dataset.settled = "false";
  }

  #draw() {
    this.#frame = 0;
    this.#drawStale();
    this.#announce();
  }

  #drawStale() {
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
    this.layers.showNotes();
  }
}
