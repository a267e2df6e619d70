// Quantities at every place of the plane: the density of the aggregate posterior q(z), hatched
// where it has none, and how far the decoder stretches the plane.

/** @import { Camera } from "../canvas/camera.js" */
/** @import { Aggregate } from "../cloud/aggregate.js" */
/** @import { Layer, LayerRow, Numbers, PlaneContext } from "../context.js" */

import { contextOf } from "../../shared/dom.js";
import { Field } from "../canvas/pyramid.js";
import { clamp } from "../canvas/camera.js";
import { channels, rampColour, rangeOf } from "../../shared/palette.js";
import { number } from "../../shared/ticks.js";

const PIXELS = 7;
const STRONGEST = 150;
const HATCH = 7; // pixels from line to line
const COARSE_PIXELS = 9; // of the magnification, which takes four decodes a place
const STEP = 2e-3;
const ALPHA = 200;
const SHADES = 128;

/** Both layers of a plane show the same field. @type {WeakMap<PlaneContext, Field>} */
const fields = new WeakMap();

/** @type {(plane: PlaneContext) => Field} */
function fieldOf(plane) {
  const field = fields.get(plane)
    ?? new Field(PIXELS, (x, y) => plane.aggregate?.density(x, y) ?? NaN);
  fields.set(plane, field);
  return field;
}

/** A layer that needs q(z).
 * @param {PlaneContext} plane
 * @param {(context: CanvasRenderingContext2D, field: Field, aggregate: Aggregate) => void} draw
 * @param {string} note @returns {Layer} */
function createLayer(plane, draw, note) {
  const field = fieldOf(plane);
  /** @type {Aggregate | null} */ let aimed = null;
  return {
    isPossible: () => Boolean(plane.aggregate),
    paint: (context) => { if (plane.aggregate) draw(context, field, plane.aggregate); },
    note: () => note,
    aim() {
      if (plane.aggregate !== aimed) field.pyramid.expire();
      aimed = plane.aggregate;
      field.pyramid.aim(plane.camera);
    },
    work: () => field.pyramid.work(),
  };
}

/** @type {LayerRow} */
export const AGGREGATE = {
  name: "aggregate", title: "Aggregate posterior q(z)", hint: "The mean of all q(z|x)", depth: 2,
  create: (plane) => createLayer(plane, (context, field, { highest }) => {
    const [r, g, b] = plane.theme.dark ? [120, 190, 255] : [0, 90, 170];
    field.paint(context, plane.camera, (value) => (
      [r, g, b, STRONGEST * Math.min(Math.sqrt(value / highest), 1)]));
  }, "Blue ground: the density of q(z), the mean of all q(z|x)."),
};

/** @type {LayerRow} */
export const UNCOVERED = {
  name: "empty", title: "Where q(z) is empty",
  hint: "Hatched: images decoded there are extrapolation", depth: 3,
  create: (plane) => createLayer(plane, (context, field, { threshold }) => {
    const veil = hatched(plane.camera, plane.theme.text, (over) => (
      field.paint(over, plane.camera, (value) => [0, 0, 0, value < threshold ? 255 : 0])));
    context.globalAlpha = 0.28;
    context.drawImage(veil, 0, 0);
    context.globalAlpha = 1;
  }, "Hatched: outside the smallest region that holds 99 % of q(z), where decoding extrapolates."),
};

/** Diagonal lines where `fill` paints.
 * @type {(camera: Camera, colour: string, fill: (over: CanvasRenderingContext2D) => void)
 *   => HTMLCanvasElement} */
function hatched({ width, height }, colour, fill) {
  const veil = document.createElement("canvas");
  [veil.width, veil.height] = [width, height];
  const over = contextOf(veil);
  fill(over);
  over.globalCompositeOperation = "source-in";
  over.strokeStyle = colour;
  over.lineWidth = 1;
  over.beginPath();
  for (let x = -height; x < width; x += HATCH) {
    over.moveTo(x, height);
    over.lineTo(x + height, 0);
  }
  over.stroke();
  return veil;
}

/** log₁₀ of √det JᵀJ (Chen et al. 2018; Bishop, Svensén & Williams 1997): the area, in pixel space,
 * of a unit of the plane. `decode(place)` gives the image there; central differences.
 * @type {(decode: (place: number[]) => Numbers, place: number[]) => number} */
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
  const field = new Field(COARSE_PIXELS, (x, y) => (
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

/** @type {LayerRow} */
export const MAGNIFICATION = {
  name: "magnification", title: "Magnification",
  hint: "How far the decoder stretches the plane: √det JᵀJ", depth: 1, create,
};
