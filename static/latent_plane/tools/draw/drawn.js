// The picture that was drawn or dropped, as a model takes it.

import { fitInk } from "./fit.js";
import { createRandom } from "../../nn/random.js";
import { rasterize } from "./sketchpad.js";

const SEED = 1;
let chances = null;

/** Whether a model's data are digits, so that drawings are fitted as MNIST's are. */
export function knowsDigits({ class_names: names }, { channels }) {
  return channels === 1 && names?.join("") === "0123456789";
}

/** A drawing's picture (numbers from 0 to 1), fitted to `shape`; null for nothing or another shape. */
export function pictureOf(drawing, shape, digits) {
  const { strokes, pixels } = drawing ?? {};
  if (strokes) {
    const fitted = fitInk(rasterize(strokes), shape, digits);
    return fitted && Float32Array.from({ length: shape.pixels }, (_, i) => fitted[i % fitted.length]);
  }
  const same = pixels && ["height", "width", "channels"].every((side) => pixels[side] === shape[side]);
  return same ? pixels.values : null;
}

/**
 * x as a model of binary pixels sees it: each pixel 1 with its grey value as probability, as in
 * training; with the same random numbers each time, so that nothing flickers while one draws.
 */
export function binarized(x) {
  if (chances?.length !== x.length) {
    const random = createRandom(SEED);
    chances = Float32Array.from(x, () => random.uniform());
  }
  return x.map((value, i) => Number(chances[i] < value));
}
