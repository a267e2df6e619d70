// A box or a lasso drawn on the plane by dragging.

/** @import { Pair, PlaneContext } from "../../context.js" */
/** @typedef {"box" | "lasso"} OutlineShape */

import { toPixel } from "../../canvas/camera.js";
import { lineThrough } from "../../canvas/marks.js";
import { distance } from "../../geometry.js";
import { boxTerm, lassoTerm } from "./terms.js";

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
    for (const [colour, width] of /** @type {const} */ ([
      [theme.background, 4], [theme.primary, 2]])) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(path);
    }
    context.restore();
  }
}
