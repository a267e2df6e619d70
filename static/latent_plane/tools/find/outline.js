// A box or a lasso drawn on the plane by dragging.

import { toPixel } from "../../canvas/camera.js";
import { boxTerm, lassoTerm } from "./terms.js";

const SMALLEST = 6; // pixels across; less was a click
const STEP = 3; // pixels from corner to corner of a lasso

export class Outline {
  #corners = null;
  #start = null;
  #at = null;

  constructor(plane) {
    this.plane = plane;
  }

  get drawing() { return Boolean(this.#corners); }

  /** `shape`: "box" or "lasso". */
  begin(shape, pixel, z) {
    this.shape = shape;
    this.#corners = [z];
    this.#start = pixel;
    this.#at = { pixel, reach: 0 };
  }

  move(pixel, z) {
    const { plane, shape } = this;
    this.#at.reach = Math.max(this.#at.reach, Math.hypot(pixel[0] - this.#start[0], pixel[1] - this.#start[1]));
    if (shape === "box") this.#corners = [this.#corners[0], z];
    else if (Math.hypot(pixel[0] - this.#at.pixel[0], pixel[1] - this.#at.pixel[1]) >= STEP) {
      this.#corners.push(z);
      this.#at.pixel = pixel;
    }
    plane.redraw("marks");
  }

  /** The term of what is drawn so far, or null if it is too small to be meant. */
  term() {
    if (!this.#corners || this.#at.reach < SMALLEST || this.#corners.length < (this.shape === "box" ? 2 : 3)) {
      return null;
    }
    const { camera: { scale }, selection } = this.plane;
    return selection.settled(this.shape === "box" ? boxTerm(...this.#corners, scale, selection.tags)
      : lassoTerm(this.#corners, scale, selection.tags));
  }

  /** The term, and the outline is gone. */
  end() {
    const term = this.term();
    this.#corners = null;
    this.plane.redraw("marks");
    return term;
  }

  paint(context) {
    if (!this.#corners || this.#corners.length < 2) return;
    const { camera, theme } = this.plane;
    const [[ax, ay], [bx, by]] = [this.#corners[0], this.#corners.at(-1)];
    const corners = this.shape === "box" ? [[ax, ay], [bx, ay], [bx, by], [ax, by]] : this.#corners;
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(...toPixel(camera, x, y));
    context.closePath();
    context.save();
    context.fillStyle = theme.primary;
    context.globalAlpha = 0.08;
    context.fill();
    context.globalAlpha = 1;
    context.lineJoin = "round";
    for (const [colour, width] of [[theme.background, 4], [theme.primary, 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
    context.restore();
  }
}
