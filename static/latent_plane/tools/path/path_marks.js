// A path as it is drawn on the plane: its lines, each in its own style, the places of the film's
// images, and the two ends.

import { toPixel } from "../../canvas/camera.js";

/** Dashes of a line of width 2; round caps make dots of the shortest ones. */
export const DASHES = { straight: [7, 6], slerp: [0.1, 5], geodesic: [], freehand: [10, 5, 0.1, 5] };
const END = 9; // radius
const FRAME = 2.6;

/** `chosen`: the kind the film runs along, at `places`; `next`: which end the next click sets. */
export function paintPath(context, { camera, theme }, { lines, chosen, places, ends, next }) {
  const others = Object.keys(lines).filter((kind) => kind !== chosen);
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const kind of [...others, chosen]) {
    if (!lines[kind]) continue;
    const path = new Path2D();
    lines[kind].forEach((point, i) => path[i ? "lineTo" : "moveTo"](...toPixel(camera, ...point)));
    const width = kind === chosen ? 3 : 2;
    trace(context, path, theme.background, width + 3, DASHES[kind], 0.75);
    trace(context, path, kind === chosen ? theme.primary : theme.text, width, DASHES[kind], 1);
  }
  for (const place of places) disc(context, toPixel(camera, ...place), FRAME, theme.primary, theme.background);
  ends.forEach((end, k) => {
    const at = toPixel(camera, ...end);
    disc(context, at, END, k === next ? theme.primary : theme.text, theme.background, 2);
    context.fillStyle = theme.background;
    context.font = `600 12px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(k + 1), at[0], at[1] + 0.5);
  });
  context.restore();
}

/** A line that is being drawn. */
export function paintSketch(context, { camera, theme }, points) {
  const path = new Path2D();
  points.forEach((point, i) => path[i ? "lineTo" : "moveTo"](...toPixel(camera, ...point)));
  context.save();
  context.lineCap = context.lineJoin = "round";
  trace(context, path, theme.background, 6, [], 0.75);
  trace(context, path, theme.primary, 3, [], 1);
  context.restore();
}

function trace(context, path, colour, width, dashes, alpha) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.setLineDash(dashes);
  context.stroke(path);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function disc(context, [x, y], radius, colour, around, ring = 1) {
  for (const [size, fill] of [[radius + ring, around], [radius, colour]]) {
    context.fillStyle = fill;
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fill();
  }
}
