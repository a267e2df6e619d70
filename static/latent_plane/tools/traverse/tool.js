// One latent dimension at a time: the images along each, and a slider that moves it.

/** @import { Pair, PlaneContext, Tool, ToolRow } from "../../context.js" */
/** @import { Axis, BaseName, StripActions, Traversal } from "./traversal.js" */

import { createButton, element, write } from "../../../shared/dom.js";
import { unitImage } from "../../canvas/picture.js";
import { axisName, number } from "../../../shared/ticks.js";
import { binarized, knowsDigits, pictureOf } from "../draw/drawing.js";
import { BASES, Strips, axesOf, movedFrom } from "./traversal.js";

const FIRST = 16; // rows, unless all are asked for
/** @type {Record<BaseName, [string, string]>} */ const NAMES = {
  cursor: ["Cursor", "From the place under the cursor"],
  image: ["Image", "From μ of the test image that is picked with the tool Image"],
  drawn: ["Drawing", "From μ of what was drawn or dropped with the tool Draw"],
  origin: ["Origin", "From z = 0"],
};

/** @implements {Tool} */
class TraverseTool {
  #plane;
  #view;
  #base = BASES[0];
  /** @type {Map<number, number>} value by dimension */ #moved = new Map();
  /** @type {Traversal | null} the state's, as it was read last */ #known = null;
  /** @type {Float32Array | null} what the rows pass through */ #z = null;
  #showsAll = false;

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
    this.#view = createPanel({
      begin: (base) => this.#begin(base),
      reset: () => this.#begin(this.#base),
      toggleAll: () => {
        this.#showsAll = !this.#showsAll;
        this.refresh();
      },
      move: (dimension, value) => this.#move(dimension, value),
      rest: () => this.#commit(),
      done: () => plane.redraw(),
    });
    this.panel = this.#view.root;
  }

  busy() { return this.#view.strips.busy; }

  /** Where it starts; null where that isn't known (yet). */
  get #start() {
    const { decoder, cursor, latentOnPage, picked, encoderImages: images } = this.#plane;
    switch (this.#base) {
      case "cursor": return latentOnPage(cursor);
      case "origin": return new Float32Array(decoder.latentDim);
      case "image": return picked === null || !images || picked >= images.count
        ? null : this.#meanOf(unitImage(images, picked));
      default: return this.#drawnMean;
    }
  }

  /** @param {Float32Array} x */
  #meanOf(x) { return this.#plane.posteriorOf(x)?.mu ?? null; }

  get #drawnMean() {
    const { get, decoder, view, encoder } = this.#plane;
    const x = pictureOf(get("drawn"), decoder, knowsDigits(view, decoder));
    return x && this.#meanOf(encoder?.network.binarized ? binarized(x) : x);
  }

  /** @param {BaseName} base */
  #begin(base) {
    this.#base = base;
    this.#moved = new Map();
    this.#commit({ replace: false });
    this.#settle(true);
    this.refresh();
  }

  /** @param {number} dimension @param {number} value */
  #move(dimension, value) {
    const { view: { dims }, cursor: [x, y], moveTo } = this.#plane;
    if (!this.#z) return;
    if (this.#base === "cursor" && dims.includes(dimension)) {
      moveTo(dims.indexOf(dimension) ? [x, value] : [value, y], true);
      return;
    }
    this.#moved.set(dimension, Number(value.toFixed(3)));
    this.#settle(true);
  }

  /** @param {{replace: boolean}} options */
  #commit(options = { replace: true }) {
    this.#known = { base: this.#base, moved: new Map(this.#moved) };
    this.#plane.act({ traverse: this.#known }, options);
    this.#view.setMoved(this.#moved.size > 0);
  }

  /** z as it is now, on the plane and in the rows; `lead`: the cursor goes to it. */
  #settle(lead = false) {
    const { decoder, run, view, hold, moveTo, placeOf } = this.#plane;
    const start = this.#start;
    this.#z = start && movedFrom(start, this.#moved);
    if (!this.#z) return;
    hold(this.#moved.size || this.#base !== "cursor" ? this.#z : null);
    if (lead && this.#base !== "cursor") moveTo(placeOf(this.#z), true);
    this.#view.strips.show(this.#z, decoder, `${run} ${view.model} ${decoder.version}`);
  }

  refresh() {
    const plane = this.#plane;
    const wanted = plane.get("traverse");
    if (wanted !== this.#known) {
      this.#known = wanted;
      [this.#base, this.#moved] = [wanted.base, new Map(wanted.moved)];
    }
    const axes = axesOf({ ...this.#axisFacts, closed: plane.inactive }, plane.decoder.latentDim);
    this.#view.build(plane, axes, this.#showsAll);
    const before = this.#z && String(plane.placeOf(this.#z));
    this.#settle();
    // What it starts from may have another place now: β was turned, or the encoder has arrived.
    if (this.#z && this.#base !== "cursor" && String(plane.placeOf(this.#z)) !== before) {
      plane.moveTo(plane.placeOf(this.#z), true);
    }
    this.#view.show(plane, this.#base, this.#moved.size > 0, this.#z ? adviceOf(axes)
      : plane.encoder ? "There is no such image: choose another start." : "Loading the encoder…");
    this.#view.strips.root.hidden = !this.#z;
  }

  /** What orders the dimensions. */
  get #axisFacts() {
    const { figures, view } = this.#plane;
    return figures ? { rates: figures.rates }
      : { rates: view.rate_per_dim, ranges: view.code_ranges };
  }

  follow() { if (this.#base === "cursor") this.#settle(); }

  close() {
    this.#view.strips.stop();
    this.#plane.hold(null);
    this.#z = null;
  }

  home() { return this.#base !== "cursor" && this.#z ? this.#plane.placeOf(this.#z) : null; }

  /** Where dimensions have been moved a click moves z, as a pin would be about the page's values.
   * @param {Pair | null} _ @param {Pair} place */
  click(_, place) {
    if (this.#base === "cursor" && !this.#moved.size) return false;
    if (this.#base === "cursor") this.#plane.moveTo(place);
    else {
      this.#plane.view.dims.forEach((dimension, axis) => {
        this.#moved.set(dimension, Number(place[axis].toFixed(3)));
      });
      this.#settle(true);
      this.#commit({ replace: false });
    }
    return true;
  }

  /** @param {KeyboardEvent} event */
  key({ key }) { return key === "Enter" && this.click(null, this.#plane.cursor); }

  inspect() {
    return this.#z && { base: this.#base, z: [...this.#z], images: this.#view.strips.images };
  }
}

/** How the rows are ordered, and how many are inactive. @type {(axes: Axis[]) => string} */
function adviceOf(axes) {
  const inactive = axes.filter((axis) => axis.closed).length;
  const total = axes.reduce((sum, { rate }) => sum + (rate ?? 0), 0);
  const order = axes[0].rate === null
    ? "Sorted by the range of their codes, as β = 0 has no rate."
    : `Sorted by rate, ${number(total)} nats in all.`;
  return `${order} ${inactive ? `${inactive} of ${axes.length} inactive. ` : ""}Each row moves one `
    + "dimension and keeps the others.";
}

/** @type {ToolRow} */
export const TRAVERSE = {
  name: "traverse", title: "Traverse",
  hint: "One row per latent dimension: the images along it, and a slider that moves it",
  needsZ: true, messages: ["encoder"], create: (plane) => new TraverseTool(plane),
};

/** @param {{begin: (base: BaseName) => void, reset: () => void, toggleAll: () => void}
 *   & StripActions} actions */
function createPanel({ begin, reset, toggleAll, ...stripActions }) {
  const hint = element("p", { class: "tool-hint" });
  const strips = new Strips(stripActions);
  const buttons = BASES.map((name) => {
    const button = createButton(...NAMES[name], () => begin(name));
    button.dataset.base = name;
    return button;
  });
  const back = createButton("Reset", "All sliders back to where they start from", reset);
  const more = createButton("", "", toggleAll);
  const root = element("div", { class: "traverse-tool" }, hint,
    element("div", { class: "tool-row" }, element("span", {}, "Start from"),
      element("span", { class: "switch", role: "group", "aria-label": "Start from" }, ...buttons),
      back),
    strips.root, element("div", { class: "tool-row" }, more));

  /** The rows. @param {PlaneContext} plane @param {Axis[]} axes @param {boolean} all */
  function build({ view }, axes, all) {
    const named = axes.map((axis) => ({ ...axis, name: axisName(axis.dimension, view) }));
    strips.build(all ? named : named.slice(0, FIRST));
    more.hidden = axes.length <= FIRST;
    write(more, all ? `Show the first ${FIRST}` : `Show all ${axes.length}`);
  }

  /**
   * @param {PlaneContext} plane @param {BaseName} base @param {boolean} moved @param {string} text
   */
  function show({ get }, base, moved, text) {
    buttons.forEach((button, k) => {
      const name = BASES[k];
      button.ariaPressed = String(name === base);
      button.disabled = (name === "image" || name === "drawn") && get(name) === null;
    });
    setMoved(moved);
    write(hint, text);
  }

  /** @param {boolean} moved */
  function setMoved(moved) { back.disabled = !moved; }

  return { root, strips, build, show, setMoved };
}
