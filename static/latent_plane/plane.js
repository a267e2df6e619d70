// The latent plane: what is shown, where the cursor and the pin are, and what is redrawn when.

/** @import { Theme } from "../shared/palette.js" */
/** @import { Cloud, Paint } from "./cloud/cloud.js" */
/** @import { Figures } from "./cloud/sweep.js" */
/** @import { BorrowedSelection } from "./link.js" */
/** @import { Numbers, Pair, Part, PlaneData, State, View } from "./context.js" */
/** @import { Task } from "./frames.js" */
/** @import { Names, Options } from "./owner.js" */
/** @import { Send } from "./payload/messages.js" */

import { Viewport, latticeExtent, toPixel } from "./canvas/camera.js";
import { find, write } from "../shared/dom.js";
import { Mosaic, cellAt, placeOf } from "./canvas/lattice.js";
import { drawMarks, drawStill } from "./canvas/painter.js";
import { readTheme } from "../shared/palette.js";
import { colourCloud, refusalOfImage } from "./cloud/cloud.js";
import { Embedding } from "./cloud/embedding.js";
import { Unfolding } from "./cloud/umap.js";
import { link } from "./link.js";
import { createContext } from "./context.js";
import { Dial } from "./dial.js";
import { Frames, Rest } from "./frames.js";
import { latentAt } from "./geometry.js";
import { Inspector } from "./inspector.js";
import { Layers } from "./layers.js";
import { SideState, owner } from "./owner.js";
import { Messages, Report } from "./payload/messages.js";
import { VALUES } from "./state.js";
import { Toolbox } from "./toolbox.js";
import { Selection } from "./tools/find/selection.js";

const EVERYTHING = /** @type {Part[]} */ (["still", "marks", "decode", "dial", "tools"]);
/** What `update` sets first, before anything else is asked of a plane. @type {any} */
const LATER = null;

export class LatentPlane {
  view = /** @type {View} */ (LATER);
  cursor = /** @type {Pair} */ (LATER);
  pin = /** @type {Pair | null} */ (null);
  theme = /** @type {Theme} */ (LATER);
  paint = /** @type {Paint} */ (LATER);
  figures = /** @type {Figures | null} */ (null); // known at the dial's β
  closed = /** @type {boolean[]} */ ([]); // whether each dimension is inactive
  /** @type {number[] | null} of all dimensions, of which it decodes those that aren't shown */
  heldByPage = null;
  state = new SideState(owner, false, (names) => this.#follow(names));
  context = createContext(this);
  embedding = new Embedding();
  mosaic = new Mosaic();
  /** @type {Selection | BorrowedSelection} */ selection = new Selection(this);
  unfolding = new Unfolding((layout) => this.#arrange(layout));
  viewport = new Viewport((mode) => (mode === "grid"
    ? latticeExtent(this.view.lattice, this.decoder) : { bounds: this.cloud.bounds }));
  #report = new Report();
  #rest = new Rest();
  #frames;

  /**
   * @param {HTMLElement} root @param {(error: unknown) => void} onError @param {AbortSignal} signal
   */
  constructor(root, onError, signal) {
    this.root = root;
    this.onError = onError;
    this.#frames = new Frames(root, () => this.#draw(), () => this.#pending());
    this.element = find(root, "[data-testid=latent-plane]");
    this.refusal = find(root, ".refusal");
    this.canvases = {
      still: /** @type {HTMLCanvasElement} */ (find(root, ".still")),
      marks: /** @type {HTMLCanvasElement} */ (find(root, ".marks")),
    };
    this.dial = new Dial(root, {
      turn: () => this.redraw("turn"),
      keep: (beta) => this.act({ beta }),
    }, signal);
    this.inspector = new Inspector(root, {
      choose: (show) => this.act({ show }),
      spoke: () => this.redraw(),
    }, signal);
    this.letters = new Messages((slot) => this.#receive(slot), onError, signal);
    this.layers = new Layers(this, root, signal);
    this.toolbox = new Toolbox(this, root, signal);
    owner.listen((names, fromUrl) => this.#follow(this.state.namesOf(names), fromUrl),
      () => this.#rested(), signal);
    this.observer = new ResizeObserver(() => this.viewport.resize(this.element) && this.repaint());
    this.observer.observe(this.element);
  }

  destroy() {
    link.leave(this);
    if (this.view) owner.close();
    this.observer.disconnect();
    this.inspector.destroy();
    this.unfolding.stop();
    this.dial.destroy();
    this.#rest.end();
    this.#frames.stop();
  }

  /** Takes what Python sent; the camera and the cursor stay unless the model or axes changed.
   * @param {PlaneData} data @param {Send} [setStateValue] */
  update(data, setStateValue) {
    const { view } = data;
    const opened = !this.view;
    const moved = opened || `${view.model} ${view.dims}` !== `${this.view.model} ${this.view.dims}`;
    this.view = view;
    this.heldByPage = view.held;
    this.#report.connect(setStateValue);
    this.#join(opened, view);
    link.join(this, view.side, moved);
    this.viewport.mode = view.mode;
    this.theme = readTheme(this.element);
    write(find(this.root, ".model"), view.title);
    this.element.ariaLabel = `Latent plane of ${view.title}; arrow keys move, Enter pins`;
    this.dial.read(data.dial, view.beta, this.state.get("beta"));
    this.root.classList.toggle("turnable", Boolean(data.dial));
    this.letters.read(view.box);
    if (moved) this.unfolding.stop();
    this.embedding.read(data, this.dial.beta, moved);
    this.#settle();
    if (moved) this.viewport.forget("points");
    if (opened) this.viewport.restore(this.state.get("window"));
    this.viewport.keepLattice(view.lattice, this.decoder, moved);
    if (moved) this.cursor = this.pin ?? [0, 0];
    this.colour();
    this.#explain();
    this.toolbox.read(this.state.get("tool"));
    if (moved && !opened) this.act({ window: null });
    if (!view.side) this.act({ beta2: null });
    this.redraw(...EVERYTHING);
  }

  /** Joins the owner of the state, which reads the address when the first plane opens.
   * @param {boolean} opened @param {View} view */
  #join(opened, { side, start }) {
    const isRight = side === "right";
    if (opened) owner.open(start);
    owner.putBack();
    if (opened || this.state.isRight !== isRight) {
      this.state = new SideState(owner, isRight, (names) => this.#follow(names));
      this.#report.begin(this.state.settings(owner.queryTexts));
      owner.restLater();
    }
    if (!isRight) this.pin = this.state.get("pin");
  }

  /** The one way to change the state: values by name, as a new entry of the history unless all of
   * them flow; `replace` decides it.
   * @param {Partial<State>} values @param {Options} [options] */
  act(values, options) { this.state.set(values, options); }

  /** Shows what has changed in the state. @param {Names} names */
  #follow(names, fromUrl = false) {
    if (!this.view || !names.size) return;
    if (names.has("pin")) this.pin = this.state.get("pin");
    if (names.has("pin") && fromUrl) this.moveTo(this.pin ?? this.cursor);
    if (names.has("beta")) this.dial.goTo(this.state.get("beta"));
    if (names.has("window")) this.viewport.restore(this.state.get("window"));
    if (names.has("tool")) this.toolbox.show(this.state.get("tool"));
    const flows = !fromUrl && [...names].every((name) => VALUES[name].flows);
    if (!flows || !this.refusal.hidden) this.#explain();
    if (flows) this.redraw("still", "marks");
    else this.redraw("still", "marks", "decode", "tools");
  }

  tellLater() { owner.restLater(); }

  #rested() {
    const [settings, needs] = [this.state.settings(owner.texts), this.toolbox.messages];
    if (this.view) this.#report.tell(settings, this.selection.report, needs);
    this.redraw();
  }

  /** @param {string} slot in which Python has sent something */
  #receive(slot) {
    if (slot === "heard") owner.putBack();
    else if (this.decoder) this.#refine("tools", "marks");
    this.redraw();
  }

  get cloud() { return /** @type {Cloud} */ (this.embedding.cloud); }
  get decoder() { return this.embedding.decoder; }
  get aggregate() { return this.embedding.aggregate; }
  get camera() { return this.viewport.camera; }
  get isGrid() { return this.view.mode === "grid"; }
  get images() { return this.letters.images; }
  get codes() { return this.letters.codes(this.view.model); }
  get encoder() { return this.letters.encoder(this.run, this.dial.beta); }

  /** The model at the dial's β: of a sweep, the nearest one. */
  get run() { return this.figures?.name ?? this.view.title; }

  /** @param {number} label */
  nameOf = (label) => this.view.class_names?.[label] ?? String(label);

  /** The full z behind a place on the plane. @param {Numbers} place */
  latentAt(place) {
    return this.unfolding.codeAt(this, place) ?? latentAt(this.view, place, this.decoder.latentDim);
  }

  /** Whether a place lies where q(z) has next to nothing; known once the dial rests. */
  isExtrapolation(place = this.cursor) {
    const known = this.#rest.reached ? this.aggregate : null;
    return known !== null && known.density(...place) < known.threshold;
  }

  repaint() { if (this.view) this.redraw("still", "marks", "dial"); }

  /** A place in pixels from the plot's corner; null beyond the lattice. @param {Pair} z */
  pixelOf(z) {
    const at = this.isGrid ? placeOf(this.view.lattice, this.decoder, z) : z;
    return at && this.camera && toPixel(this.camera, at[0], at[1]);
  }

  /** The z under a pixel from the element's corner. @param {Pair} pixel @returns {Pair} */
  zAt(pixel) {
    const at = this.viewport.placeAt(pixel);
    if (!this.isGrid) return at;
    const { x, y } = this.view.lattice;
    const cell = cellAt(this.view.lattice, this.decoder, ...at);
    return cell ? [x[cell.i], y[cell.j]] : this.cursor;
  }

  /** @param {Numbers} z @param {boolean} follow whether the window moves along */
  moveTo(z, follow = false) {
    this.cursor = [z[0], z[1]];
    link.lead(this);
    const at = follow && this.pixelOf(this.cursor);
    if (at && this.viewport.reveal(at)) this.redraw("still");
    this.redraw("marks", "decode");
  }

  /** Decodes with the dimensions that aren't shown at z's values; null: at the page's.
   * @param {Numbers | null} z */
  hold(z) {
    const held = z ? Array.from(z) : this.heldByPage;
    if (String(held) === String(this.view.held)) return;
    this.view = { ...this.view, held };
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    this.redraw("still", "decode");
  }

  /** Zooms to a place, with `reach` of the plane to the nearest edge.
   * @param {Pair} place @param {number} reach */
  showAround(place, reach) {
    this.viewport.showAround(place, reach);
    this.act({ window: this.viewport.window }, { replace: false });
  }

  /** What is known at the dial's β, and what is computed there once it rests. */
  #settle() {
    this.figures = this.dial.figures;
    this.closed = this.figures?.closed ?? this.view.closed ?? [];
    this.layers.expire();
    if (this.isGrid) this.mosaic.aim(this.decoder, this.view);
    this.#rest.await(() => this.#refine());
  }

  /** @param {Part[]} parts */
  #refine(...parts) {
    this.unfolding.follow(this);
    this.redraw("decode", "still", ...parts);
  }

  /** @param {{x: Float32Array, y: Float32Array} | null} layout */
  #arrange(layout) {
    this.embedding.arrange(layout);
    this.viewport.forget("points");
    this.redraw("still", "marks", "decode");
  }

  colour() {
    const { cloud, theme, view, selection } = this;
    this.paint = colourCloud(cloud, view.color_by, theme.dark, selection.mask);
  }

  /** The colours and the layers in words, and what the URL asks for in vain. */
  #explain() {
    this.layers.mark();
    const image = refusalOfImage(this.cloud, this.state.get("image"));
    write(this.refusal, this.state.problemsWith({ beta: this.dial.problem, image }).join(" "));
    this.refusal.hidden = !this.refusal.textContent;
  }

  #turn() {
    this.embedding.turn(this.dial.beta, this.view.dims);
    this.#settle();
    if (this.paint.range) this.colour();
    this.#frames.add(...EVERYTHING);
  }

  /** Draws these parts in the next frame. @param {Task[]} parts */
  redraw(...parts) { this.#frames.request(...parts); }

  #draw() {
    if (this.embedding.advance()) this.redraw("still", "marks");
    try {
      if (this.#frames.take("turn")) this.#turn();
      link.settle(this);
      const stale = this.#frames.takeAll();
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
      this.#frames.takeAll();
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

  #pending() {
    return {
      rest: !this.#rest.reached, dial: this.dial.busy, points: this.embedding.moves,
      umap: this.unfolding.isPending(this), layers: this.layers.busy, tool: this.toolbox.busy,
      speech: this.inspector.waits, messages: this.letters.opening, state: !owner.isResting,
      python: !this.#report.isAnswered(this.letters.heard),
    };
  }
}
