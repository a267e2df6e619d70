// One frame of the plane, put together from the painters.

import { paintBubbles, paintPrior } from "./bubbles.js";
import { toPixel } from "./camera.js";
import { nearestCell } from "./lattice.js";
import { paintCell, paintCrosshair, paintPin } from "./marks.js";
import * as painter from "./painter.js";

const { GUTTER } = painter;
const MOST_OPAQUE = 0.75;
const BEHIND_BUBBLES = 0.5; // how much of that is left

/** What stays while the pointer moves: points or lattice, and the axes. */
export function drawStill(plane) {
  const { camera, theme, view } = plane;
  const context = open(plane, plane.canvases.still);
  const marks = plane.isGrid
    ? painter.latticeTicks(camera, view.lattice, plane.decoder)
    : painter.planeTicks(camera);
  painter.inPlot(context, camera, () => {
    if (plane.isGrid) painter.paintMosaic(context, camera, plane.mosaic.canvas);
    else drawPoints(context, plane, marks);
  });
  painter.paintAxes(context, camera, marks, theme, view.dims, plane.closed);
}

/** What follows the pointer. */
export function drawMarks(plane) {
  const { camera, theme } = plane;
  const context = open(plane, plane.canvases.marks);
  painter.inPlot(context, camera, () => {
    if (plane.isGrid) paintCell(context, cellBox(plane), theme);
    else paintCrosshair(context, camera, plane.pixelOf(plane.cursor), theme);
    const pinned = plane.pin && plane.pixelOf(plane.pin);
    if (pinned) paintPin(context, pinned, theme);
  });
}

function open({ camera }, canvas) {
  return painter.prepareCanvas(
    canvas,
    camera.width + GUTTER.left + GUTTER.right,
    camera.height + GUTTER.top + GUTTER.bottom,
    devicePixelRatio,
  );
}

function drawPoints(context, plane, marks) {
  const { camera, theme, cloud, paint } = plane;
  painter.paintGridLines(context, camera, marks, theme);
  const dots = dotsFor(plane);
  const bubbles = plane.bubbles.of(cloud);
  if (bubbles) dots.alpha *= BEHIND_BUBBLES;
  painter.paintPoints(context, camera, cloud, paint, dots);
  if (bubbles) {
    paintBubbles(context, camera, bubbles, paint);
    paintPrior(context, camera, theme);
  }
  Object.assign(context.canvas, { cloud, bubbles });
  if (!paint.range) painter.paintNames(context, camera, cloud.names, plane.nameOf, theme);
}

/** Dots grow as one zooms in and they stand apart. */
function dotsFor({ camera, cloud, viewport: { closeness } }) {
  const gap = Math.sqrt((camera.width * camera.height) / Math.max(cloud.x.length, 1));
  const closer = Math.min(Math.max(closeness, 1) ** 0.3, 2.5);
  return {
    radius: Math.min(1.2 + gap * 0.12, 3.5) * closer,
    alpha: Math.min(0.4 + 0.02 * gap * closer, MOST_OPAQUE),
  };
}

function cellBox({ view, cursor, decoder, camera }) {
  const { i, j } = nearestCell(view.lattice, cursor);
  const [left, top] = toPixel(camera, i * decoder.width, (j + 1) * decoder.height);
  const { scale } = camera;
  return { left, top, width: decoder.width * scale, height: decoder.height * scale };
}
