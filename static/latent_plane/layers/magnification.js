// How far the decoder stretches the plane: log √det JᵀJ, with J the Jacobian of the mean image.

import { Field } from "../canvas/pyramid.js";
import { rampColour, rangeOf } from "../canvas/palette.js";
import { number } from "../canvas/ticks.js";

const PIXELS = 9;
const STEP = 2e-3;
const ALPHA = 200;
const SHADES = 128;

/**
 * log₁₀ of √det JᵀJ (Chen et al. 2018; Bishop, Svensén & Williams 1997): the area, in pixel space,
 * of a unit of the plane. `decode(place)` gives the image there; central differences.
 */
export function magnification(decode, place) {
  const columns = place.map((_, axis) => {
    const moved = (by) => place.map((value, k) => (k === axis ? value + by : value));
    const ahead = Float32Array.from(decode(moved(STEP)));
    const behind = decode(moved(-STEP));
    return ahead.map((value, i) => (value - behind[i]) / (2 * STEP));
  });
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const [a, b] = columns;
  const determinant = b ? dot(a, a) * dot(b, b) - dot(a, b) ** 2 : dot(a, a);
  return 0.5 * Math.log10(Math.max(determinant, 1e-30));
}

export function createMagnification(plane) {
  const field = new Field(PIXELS, (x, y) => (
    magnification((place) => plane.decoder.decode(plane.latentAt(place)),
      [x, y].slice(0, plane.view.dims.length))));
  let aimed = "";
  let shades = null;
  let range = null;

  function aim() {
    const wanted = `${plane.view.model} ${plane.place}`;
    if (aimed !== wanted) field.pyramid.clear();
    aimed = wanted;
    field.pyramid.aim(plane.camera);
  }

  function paint(context) {
    range = rangeOf(field.values(plane.camera), 0.02);
    shades = Array.from({ length: SHADES }, (_, k) => {
      const colour = rampColour(k / (SHADES - 1), plane.theme.dark);
      return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)).concat(ALPHA);
    });
    const step = (SHADES - 1) / Math.max(range[1] - range[0], 1e-9);
    field.paint(context, plane.camera, (value) => (
      shades[Math.min(Math.max(Math.round((value - range[0]) * step), 0), SHADES - 1)]));
  }

  const note = () => "Ground: the decoder's magnification √det JᵀJ, dark "
    + `${power(range?.[0])} to bright ${power(range?.[1])}.`;

  return {
    name: "magnification", title: "Magnification", hint: "How far the decoder stretches the plane: √det JᵀJ",
    possible: () => plane.view.axis !== "UMAP",
    aim, paint, note, work: () => field.pyramid.work(), expire: () => field.pyramid.expire(),
  };
}

function power(exponent) {
  return exponent === undefined ? "…" : number(10 ** exponent, exponent < 1 ? 1 : 0);
}
