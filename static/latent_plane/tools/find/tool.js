// Test images by label, index, rank or place: what is selected keeps its colour, the rest is grey.

/** @import { Pair, PlaneContext, Tool, ToolRow } from "../../context.js" */
/** @import { Mode } from "./panel.js" */

import { createFindPanel } from "./panel.js";
import { LONGEST } from "./selection.js";
import { boxTerm, indexTerm, joinTerms, lassoTerm, listOf, rounded, setTerm } from "./terms.js";
import { toPixel } from "../../canvas/camera.js";
import { lineThrough, withHalo } from "../../canvas/marks.js";
import { distance } from "../../geometry.js";

const LIVE = 20_000; // points up to which the colours follow the drag

/** @implements {Tool} */
class FindTool {
  #plane;
  #outline;
  #view;
  /** @type {Mode} how the drag's outline joins the selection */ #joining = "replace";
  #complaint = "";

  /** @param {PlaneContext} plane */
  constructor(plane) {
    const { selection } = plane;
    this.#plane = plane;
    this.#outline = new Outline(plane);
    this.#view = createFindPanel({
      clear: () => this.#attempt(() => selection.choose(null)),
      toggle: (label) => this.#attempt(() => this.#toggle(label)),
      takeHighest: (figure, count) => this.#attempt(() => (
        this.#take(`${figure}${selection.betaTag}:${count}`))),
      takeNearest: (count) => this.#attempt(() => (
        this.#take(selection.settled(`near${selection.tags}:${this.#target}:${count}`)))),
      takeTyped: (typed) => this.#attempt(() => this.#take(indexTerm(typed))),
      look: (i) => plane.moveTo([plane.cloud.x[i], plane.cloud.y[i]]),
      open: (i) => plane.act({ image: i, eps: null, tool: "image" }),
      refuse: (error) => this.#attempt(() => { throw error; }),
    });
    this.panel = this.#view.root;
  }

  /** Does what the user asked for, or says why not; what was selected stays.
   * @param {() => void} act */
  #attempt(act) {
    this.#complaint = "";
    try {
      act();
    } catch (error) {
      this.#complaint = /** @type {Error} */ (error).message;
    }
    this.refresh();
  }

  /** @param {string} term */
  #take(term, operation = this.#view.mode) {
    const { selection } = this.#plane;
    const text = joinTerms(selection.text, operation, term);
    if (text.length <= LONGEST) return selection.choose(text);
    const shorter = setTerm(selection.indicesOf(text) ?? []);
    if (shorter.length <= LONGEST) return selection.choose(shorter);
    throw new Error("The selection is too long for the URL. Clear it and start over.");
  }

  get #target() {
    const { pin, cursor, camera } = this.#plane;
    return (pin ?? cursor).map((value) => rounded(value, 100 * camera.scale));
  }

  /** The labels of a selection by labels alone; else none. */
  get #labels() {
    const [only, more] = this.#plane.selection.terms;
    return !more && only?.kind === "label" && only.operation === "add" ? only.labels : [];
  }

  /** Chips are pressed and released one by one while nothing but labels is selected.
   * @param {number} label */
  #toggle(label) {
    const labels = this.#labels;
    if (this.#view.mode !== "replace" || !labels.length) {
      return this.#take(`label:${listOf([label])}`);
    }
    const next = labels.includes(label)
      ? labels.filter((each) => each !== label) : [...labels, label];
    const text = `label:${listOf(next.sort((a, b) => a - b))}`;
    return this.#plane.selection.choose(next.length ? text : null);
  }

  refresh() { this.#view.show(this.#plane, this.#labels, this.#complaint); }

  /** @param {Pair} pixel @param {Pair} z @param {PointerEvent} event */
  press(pixel, z, { shiftKey, altKey }) {
    const shape = this.#view.drag;
    if (shape === "pan") return false;
    this.#joining = shiftKey && altKey ? "within" : shiftKey ? "add" : altKey ? "remove"
      : this.#view.mode;
    this.#outline.begin(shape, pixel, z);
    return true;
  }

  /** @param {Pair} pixel @param {Pair} z */
  drag(pixel, z) {
    const { cloud, selection } = this.#plane;
    this.#outline.move(pixel, z);
    const term = cloud.label.length <= LIVE ? this.#outline.term() : null;
    if (term) selection.light(selection.look(joinTerms(selection.text, this.#joining, term)));
  }

  drop() {
    const term = this.#outline.end();
    this.#plane.selection.light(null);
    if (!term) return false;
    this.#attempt(() => this.#take(term, this.#joining));
    return true;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { selection } = this.#plane;
    if (event.key !== "Escape" || !selection.text) return false;
    this.#attempt(() => selection.choose(null));
    return true;
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    this.#outline.paint(context);
    this.#view.showTarget(this.#plane);
  }
}

/** @type {ToolRow} */
export const FIND = {
  name: "find", title: "Find", hint: "Select test images by label, figure, place, box or lasso",
  create: (plane) => new FindTool(plane),
};

/** @typedef {"box" | "lasso"} OutlineShape */

const SMALLEST = 6; // pixels across; less was a click
const STEP = 3; // pixels from corner to corner of a lasso

export class Outline {
  #plane;
  /** @type {OutlineShape} */ #shape = "lasso";
  /** @type {Pair[]} on the plane; empty while nothing is drawn */ #corners = [];
  /** @type {Pair} the pixel where it began */ #start = [0, 0];
  /** @type {Pair} the pixel of the last corner */ #last = [0, 0];
  #reach = 0;

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
  }

  /** @param {OutlineShape} shape @param {Pair} pixel @param {Pair} z */
  begin(shape, pixel, z) {
    this.#shape = shape;
    this.#corners = [z];
    this.#start = this.#last = pixel;
    this.#reach = 0;
  }

  /** @param {Pair} pixel @param {Pair} z */
  move(pixel, z) {
    this.#reach = Math.max(this.#reach, distance(pixel, this.#start));
    if (this.#shape === "box") this.#corners = [this.#corners[0], z];
    else if (distance(pixel, this.#last) >= STEP) {
      this.#corners.push(z);
      this.#last = pixel;
    }
    this.#plane.redraw("marks");
  }

  /** The term of what is drawn so far, or null if it is too small to be meant. */
  term() {
    const needed = this.#shape === "box" ? 2 : 3;
    if (this.#reach < SMALLEST || this.#corners.length < needed) return null;
    const { camera: { scale }, selection } = this.#plane;
    const [a, b] = this.#corners;
    return selection.settled(this.#shape === "box" ? boxTerm(a, b, scale, selection.tags)
      : lassoTerm(this.#corners, scale, selection.tags));
  }

  /** The term, and the outline is gone. */
  end() {
    const term = this.term();
    this.#corners = [];
    this.#plane.redraw("marks");
    return term;
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    if (this.#corners.length < 2) return;
    const { camera, theme } = this.#plane;
    const [[ax, ay], [bx, by]] = this.#corners;
    /** @type {Pair[]} */ const box = [[ax, ay], [bx, ay], [bx, by], [ax, by]];
    const corners = this.#shape === "box" ? box : this.#corners;
    const path = lineThrough(corners.map((corner) => toPixel(camera, ...corner)));
    path.closePath();
    context.save();
    context.fillStyle = theme.primary;
    context.globalAlpha = 0.08;
    context.fill(path);
    context.globalAlpha = 1;
    context.lineJoin = "round";
    withHalo(context, theme, theme.primary, 2, () => context.stroke(path));
    context.restore();
  }
}
