// How far the decoder stretches the plane: log √det JᵀJ, with J the Jacobian of the mean image.

/** @import { Layer, LayerRow, Numbers, PlaneContext } from "../context.js" */

import { clamp } from "../canvas/camera.js";
import { channels, rampColour, rangeOf } from "../canvas/palette.js";
import { Field } from "../canvas/pyramid.js";
import { number } from "../canvas/ticks.js";

const PIXELS = 9;
const STEP = 2e-3;
const ALPHA = 200;
const SHADES = 128;

/**
 * log₁₀ of √det JᵀJ (Chen et al. 2018; Bishop, Svensén & Williams 1997): the area, in pixel space,
 * of a unit of the plane. `decode(place)` gives the image there; central differences.
 * @type {(decode: (place: number[]) => Numbers, place: number[]) => number}
 */
export function magnification(decode, place) {
  const [a, b] = place.map((_, axis) => {
    /** @param {number} by */
    const moved = (by) => place.map((value, k) => (k === axis ? value + by : value));
    const ahead = Float32Array.from(decode(moved(STEP)));
    const behind = decode(moved(-STEP));
    return ahead.map((value, i) => (value - behind[i]) / (2 * STEP));
  });
  const determinant = b ? dot(a, a) * dot(b, b) - dot(a, b) ** 2 : dot(a, a);
  return 0.5 * Math.log10(Math.max(determinant, 1e-30));
}

/** @type {(a: Float32Array, b: Float32Array) => number} */
function dot(a, b) { return a.reduce((sum, value, i) => sum + value * b[i], 0); }

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  const field = new Field(PIXELS, (x, y) => (
    magnification((place) => plane.decoder.decode(plane.latentAt(place)),
      [x, y].slice(0, plane.view.dims.length))));
  let aimed = "";
  /** @type {[number, number] | null} */ let range = null;

  return {
    isPossible: () => plane.view.axis !== "UMAP",
    aim() {
      const wanted = `${plane.view.model} ${plane.place}`;
      if (aimed !== wanted) field.pyramid.clear();
      aimed = wanted;
      field.pyramid.aim(plane.camera);
    },
    paint(context) {
      const [low, high] = range = rangeOf(field.values(plane.camera), 0.02);
      const shades = Array.from({ length: SHADES }, (_, k) => (
        [...channels(rampColour(k / (SHADES - 1), plane.theme.dark)), ALPHA]));
      const step = (SHADES - 1) / Math.max(high - low, 1e-9);
      field.paint(context, plane.camera, (value) => (
        shades[clamp(Math.round((value - low) * step), 0, SHADES - 1)]));
    },
    note: () => "Ground: the decoder's magnification √det JᵀJ, dark "
      + `${power(range?.[0])} to bright ${power(range?.[1])}.`,
    work: () => field.pyramid.work(),
    expire: () => field.pyramid.expire(),
  };
}

/** 10 to an exponent. @type {(exponent: number | undefined) => string} */
function power(exponent) {
  return exponent === undefined ? "…" : number(10 ** exponent, exponent < 1 ? 1 : 0);
}

/** @type {LayerRow} */ export const MAGNIFICATION = {
  name: "magnification", title: "Magnification",
  hint: "How far the decoder stretches the plane: √det JᵀJ", depth: 1, create,
};
