// The mean difference of two groups as a direction: added to any image's code by a slider.

/** @import { Numbers, Pair, PlaneContext, Tool, ToolRow } from "../../context.js" */
/** @import { Base } from "./panel.js" */

import { clamp, toPixel } from "../../canvas/camera.js";
import { lineThrough, paintArrow, paintHandle, paintName } from "../../canvas/marks.js";
import { refusalOf, unitImage } from "../../canvas/picture.js";
import { distance } from "../../geometry.js";
import { Outline } from "../find/tool.js";
import { FARTHEST_STEP, Groups, along, nearestStep } from "./groups.js";
import { createArithmeticPanel } from "./panel.js";

const GRIP = 14; // pixels around the handle

/** @implements {Tool} */
class ArithmeticTool {
  #plane;
  #view;
  #groups;
  #outline;
  /** @type {Base | null} null while the encoder is on its way */ #base = null;
  #gripped = false;
  #complaint = "";

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
    this.#groups = new Groups(plane);
    this.#outline = new Outline(plane);
    this.#view = createArithmeticPanel({
      choose: (k, text) => this.#choose(k, text),
      chooseSelection: (k) => this.#choose(k, plane.selection.text ?? ""),
      swap: () => this.#change(() => this.#groups.swap()),
      pick: (index) => this.#pick(index),
      step: (t, rests) => this.#step(t, rests),
    });
    this.panel = this.#view.root;
  }

  busy() { return Boolean(this.#base && this.#groups.direction) && this.#view.series.left > 0; }

  /** @param {() => void} act */
  #change(act) {
    this.#complaint = "";
    act();
    this.#plane.redraw("tools", "still", "marks");
  }

  /** @param {number} k @param {string} text */
  #choose(k, text) {
    this.#change(() => { this.#complaint = this.#groups.choose(k, text); });
    if (text && !this.#complaint) this.#view.aimAtOther(k);
  }

  /** @param {number} t @param {boolean} rests */
  #step(t, rests) {
    this.#groups.t = Math.abs(t) < 0.005 ? 0 : t;
    if (rests) this.#groups.commit({ replace: true });
    this.#showStep();
    this.#plane.redraw("marks");
  }

  /** @param {number | null} index */
  #pick(index) {
    const refusal = index === null ? "" : refusalOf(index, this.#plane.cloud.label.length);
    this.#change(() => {
      this.#complaint = refusal;
      if (!refusal) this.#plane.act({ image: index, eps: null });
    });
  }

  /** The picked image's mean, or the cursor's z. @returns {Base | null} */
  #findBase() {
    const { picked, cursor, encoderImages, latentAt, posteriorOf } = this.#plane;
    if (picked === null) return { z: latentAt(cursor), index: null };
    if (!encoderImages || picked >= encoderImages.count) return null;
    const posterior = posteriorOf(unitImage(encoderImages, picked));
    return posterior && { z: posterior.mu, index: picked };
  }

  /** @param {number} t */
  #zAt(t) {
    const { direction } = this.#groups;
    return along(this.#base?.z ?? [], direction?.delta ?? [], t);
  }

  /** On the plot. @param {Numbers} z */
  #pixelOf(z) { return toPixel(this.#plane.camera, ...this.#plane.placeOf(z)); }

  refresh() {
    if (this.#groups.refresh()) this.#light();
    this.#base = this.#findBase();
    this.#view.show(this.#plane, this.#groups, this.#base, this.#complaint);
    this.#showStep();
  }

  #showStep() {
    const { decoder, view, beta } = this.#plane;
    const { direction } = this.#groups;
    this.#view.showStep(this.#plane, this.#groups, this.#base, (t) => this.#zAt(t));
    if (!this.#base || !direction) return;
    const version = `${view.model} ${beta} ${this.#base.z} ${direction.delta}`;
    const { series } = this.#view;
    if (series.work(version, (t) => this.#zAt(t), decoder)) this.#plane.redraw("tools");
  }

  /** Both groups in colour, the others grey. */
  #light() {
    const { indices } = this.#groups;
    this.#plane.selection.light(indices.length ? indices : null);
  }

  open() { this.#light(); }
  close() { this.#plane.selection.light(null); }

  follow() {
    if (this.#base?.index !== null) return;
    this.#base = this.#findBase();
    this.#showStep();
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    this.#outline.paint(context);
    const { direction, found: [a, b] } = this.#groups;
    if (!direction || !a || !b) return;
    const { theme, paint, cloud, nameOf } = this.#plane;
    const [from, to] = [this.#pixelOf(direction.from), this.#pixelOf(direction.to)];
    paintArrow(context, from, to, theme);
    // The names of classes are on the plane already.
    const named = paint.range ? [] : cloud.names.map(({ label }) => nameOf(label));
    if (!named.includes(a.name)) paintName(context, a.name, from, to, theme);
    if (!named.includes(b.name)) paintName(context, b.name, to, from, theme);
    if (this.#base) this.#paintTrack(context);
  }

  /** The line that the image moves along, and where it is.
   * @param {CanvasRenderingContext2D} context */
  #paintTrack(context) {
    const { theme } = this.#plane;
    const ends = [-FARTHEST_STEP, FARTHEST_STEP].map((t) => this.#pixelOf(this.#zAt(t)));
    context.save();
    context.strokeStyle = theme.primary;
    context.lineWidth = 2;
    context.setLineDash([5, 4]);
    context.stroke(lineThrough(ends));
    context.restore();
    paintHandle(context, theme, this.#pixelOf(this.#zAt(this.#groups.t)));
  }

  inspect() {
    const { direction, found, t } = this.#groups;
    if (!direction) return null;
    return {
      from: [...direction.from], delta: [...direction.delta], t,
      base: this.#base && [...this.#base.z], indices: found.map((group) => group?.indices ?? []),
    };
  }

  /** @param {Pair} pixel @param {Pair} z */
  press(pixel, z) {
    const movable = this.#groups.direction && this.#base && this.#base.index !== null;
    this.#gripped = Boolean(movable)
      && distance(this.#pixelOf(this.#zAt(this.#groups.t)), pixel) < GRIP;
    if (!this.#gripped && this.#view.drag === "pan") return false;
    if (!this.#gripped) this.#outline.begin("lasso", pixel, z);
    return true;
  }

  /** @param {Pair} pixel @param {Pair} z */
  drag(pixel, z) {
    const { direction } = this.#groups;
    if (!this.#gripped) return this.#outline.move(pixel, z);
    if (!this.#base || !direction) return;
    const { placeOf } = this.#plane;
    const t = nearestStep(z, placeOf(this.#base.z), placeOf(direction.delta));
    if (t !== null) this.#step(clamp(t, -FARTHEST_STEP, FARTHEST_STEP), false);
  }

  drop() {
    const term = this.#gripped ? null : this.#outline.end();
    if (this.#gripped) this.#groups.commit({ replace: true });
    else if (term) this.#choose(Number(this.#view.drag), term);
    return this.#gripped || Boolean(term);
  }

  /** @param {Pair} pixel @param {Pair} z */
  click(pixel, z) {
    const index = this.#plane.pointNear(pixel, z);
    if (index !== null) this.#pick(index);
    return index !== null;
  }
}

/** @type {ToolRow} */
export const ARITHMETIC = {
  name: "arithmetic", title: "Arithmetic", hint: "Two groups' mean difference, added to any image",
  needsZ: true, messages: ["encoder", "codes"],
  create: (plane) => new ArithmeticTool(plane),
};
