// The density of the aggregate posterior q(z), and, hatched, where it has none.

/** @import { Camera } from "../canvas/camera.js" */
/** @import { Aggregate } from "../cloud/aggregate.js" */
/** @import { Layer, LayerRow, PlaneContext } from "../context.js" */

import { contextOf } from "../canvas/dom.js";
import { Field } from "../canvas/pyramid.js";

const PIXELS = 7;
const STRONGEST = 150;
const HATCH = 7; // pixels from line to line

/** Both layers of a plane show the same field. @type {WeakMap<PlaneContext, Field>} */
const fields = new WeakMap();

/** @type {(plane: PlaneContext) => Field} */
function fieldOf(plane) {
  const field = fields.get(plane)
    ?? new Field(PIXELS, (x, y) => plane.aggregate?.density(x, y) ?? NaN);
  fields.set(plane, field);
  return field;
}

/**
 * A layer that needs q(z).
 * @param {PlaneContext} plane
 * @param {(context: CanvasRenderingContext2D, field: Field, aggregate: Aggregate) => void} draw
 * @param {string} note @returns {Layer}
 */
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

/** @type {LayerRow} */ export const AGGREGATE = {
  name: "aggregate", title: "Aggregate posterior q(z)", hint: "The mean of all q(z|x)", depth: 2,
  create: (plane) => createLayer(plane, (context, field, { highest }) => {
    const [r, g, b] = plane.theme.dark ? [120, 190, 255] : [0, 90, 170];
    field.paint(context, plane.camera, (value) => (
      [r, g, b, STRONGEST * Math.min(Math.sqrt(value / highest), 1)]));
  }, "Blue ground: the density of q(z), the mean of all q(z|x)."),
};

/** @type {LayerRow} */ export const UNCOVERED = {
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

/**
 * Diagonal lines where `fill` paints.
 * @type {(camera: Camera, colour: string, fill: (over: CanvasRenderingContext2D) => void)
 *   => HTMLCanvasElement}
 */
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
