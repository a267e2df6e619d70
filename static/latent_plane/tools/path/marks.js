// A path as it is drawn on the plane: its lines, each in its own style, the places of the film's
// images, and the two ends.

/** @import { Pair, PlaneContext } from "../../context.js" */
/** @import { Kind } from "./path.js" */
/** @typedef {CanvasRenderingContext2D} Context */

import { toPixel } from "../../canvas/camera.js";
import { lineThrough, paintDot } from "../../canvas/marks.js";

/** Dashes of a line of width 2; round caps make dots of the shortest ones.
 * @type {Record<Kind, number[]>} */
export const DASHES = {
  straight: [7, 6], slerp: [0.1, 5], geodesic: [], freehand: [10, 5, 0.1, 5],
};
const END = 9; // radius
const FRAME = 2.6;

/**
 * @param {Context} context @param {PlaneContext} plane @param {object} path
 * @param {Partial<Record<Kind, Pair[]>>} path.lines
 * @param {Kind} path.chosen the line that the film runs along
 * @param {Pair[]} path.places of the film's images
 * @param {Pair[]} path.ends @param {number} path.next which end the next click sets
 */
export function paintPath(context, { camera, theme }, { lines, chosen, places, ends, next }) {
  const pixelOf = (/** @type {Pair} */ place) => toPixel(camera, ...place);
  const kinds = /** @type {Kind[]} */ (Object.keys(lines));
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const kind of [...kinds.filter((each) => each !== chosen), chosen]) {
    const line = lines[kind];
    if (!line) continue;
    const path = lineThrough(line.map(pixelOf));
    const width = kind === chosen ? 3 : 2;
    trace(context, path, theme.background, width + 3, DASHES[kind], 0.75);
    trace(context, path, kind === chosen ? theme.primary : theme.text, width, DASHES[kind], 1);
  }
  for (const place of places) {
    disc(context, pixelOf(place), FRAME, theme.primary, theme.background);
  }
  ends.forEach((end, k) => {
    const at = pixelOf(end);
    disc(context, at, END, k === next ? theme.primary : theme.text, theme.background, 2);
    context.fillStyle = theme.background;
    context.font = `600 12px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(k + 1), at[0], at[1] + 0.5);
  });
  context.restore();
}

/** A line that is being drawn.
 * @type {(context: Context, plane: PlaneContext, points: Pair[]) => void} */
export function paintSketch(context, { camera, theme }, points) {
  const path = lineThrough(points.map((point) => toPixel(camera, ...point)));
  context.save();
  context.lineCap = context.lineJoin = "round";
  trace(context, path, theme.background, 6, [], 0.75);
  trace(context, path, theme.primary, 3, [], 1);
  context.restore();
}

/** @type {(context: Context, path: Path2D, colour: string, width: number, dashes: number[],
 *   alpha: number) => void} */
function trace(context, path, colour, width, dashes, alpha) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.setLineDash(dashes);
  context.stroke(path);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @type {(context: Context, at: Pair, radius: number, colour: string, around: string,
 *   ring?: number) => void} */
function disc(context, at, radius, colour, around, ring = 1) {
  paintDot(context, at, radius + ring, around);
  paintDot(context, at, radius, colour);
}
