// One frame of the plane, put together from the painters.

import { toPixel } from "./camera.js";
import { nearestCell } from "./lattice.js";
import { paintCell, paintCrosshair, paintPin } from "./marks.js";
import * as painter from "./painter.js";

const { GUTTER } = painter;
const MOST_OPAQUE = 0.75;

/** What stays while the pointer moves: points or lattice, and the axes. */
export function drawStill(plane) {
  const { camera, theme, view } = plane;
  const context = open(plane, plane.canvases.still);
  const marks = plane.isGrid
    ? painter.latticeTicks(camera, view.lattice, plane.tile)
    : painter.planeTicks(camera);
  painter.inPlot(context, camera, () => {
    if (plane.isGrid) painter.paintMosaic(context, camera, plane.mosaic.canvas);
    else drawPoints(context, plane, marks);
  });
  painter.paintAxes(context, camera, marks, theme, view.dims);
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
  painter.paintPoints(context, camera, cloud, paint, dotsFor(plane), devicePixelRatio);
  if (!paint.range) painter.paintNames(context, camera, cloud.names, plane.nameOf, theme);
}

/** Dots grow and get more opaque as one zooms in and they stand apart; made anew only then. */
function dotsFor(plane) {
  const { camera, cloud, paint } = plane;
  const crowd = Math.sqrt((camera.width * camera.height) / Math.max(cloud.x.length, 1));
  const closeness = Math.max(1, camera.scale / plane.homeScale);
  const radius = Math.min(1.1 + crowd * 0.16, 4) * Math.min(closeness ** 0.25, 2);
  const rounded = Math.round(radius * 8) / 8;
  const alpha = Math.min(0.5 + 0.05 * crowd * closeness ** 0.5 * 0.2, MOST_OPAQUE);
  const key = `${rounded} ${alpha.toFixed(2)} ${devicePixelRatio} ${paint.colours.join()}`;
  if (plane.dotsKey !== key) {
    plane.dots = painter.createDots(paint.colours, rounded, alpha, devicePixelRatio);
    plane.dotsKey = key;
  }
  return plane.dots;
}

function cellBox({ view, cursor, tile, camera }) {
  const { i, j } = nearestCell(view.lattice, cursor);
  const [left, top] = toPixel(camera, i * tile.width, (j + 1) * tile.height);
  const { scale } = camera;
  return { left, top, width: tile.width * scale, height: tile.height * scale };
}
