// One frame of the plane, put together from the painters.

import { GUTTER, toPixel } from "./camera.js";
import { nearestCell } from "./lattice.js";
import { paintLinked, showCost } from "../compare/linked.js";
import { paintCell, paintCrosshair, paintPin } from "./marks.js";
import * as painter from "./painter.js";

/** What stays while the pointer moves: points or lattice, and the axes. */
export function drawStill(plane) {
  const { camera, theme, view } = plane;
  const context = open(plane, plane.canvases.still);
  const marks = plane.isGrid
    ? painter.latticeTicks(camera, view.lattice, plane.decoder)
    : painter.planeTicks(camera);
  painter.inPlot(context, camera, () => {
    if (plane.isGrid) painter.paintMosaic(context, camera, plane.mosaic.canvas);
    else drawPlane(context, plane, marks);
  });
  painter.paintAxes(context, camera, marks, theme, view, plane.closed);
}

/** What follows the pointer. */
export function drawMarks(plane) {
  const { camera, theme } = plane;
  showCost(plane);
  const context = open(plane, plane.canvases.marks);
  painter.inPlot(context, camera, () => {
    if (plane.isGrid) paintCell(context, cellBox(plane), theme);
    else paintCrosshair(context, camera, plane.pixelOf(plane.cursor), theme);
    const pinned = plane.pin && plane.pixelOf(plane.pin);
    if (pinned) paintPin(context, pinned, theme);
    if (!plane.isGrid) {
      paintLinked(context, plane);
      plane.toolbox.paint(context);
    }
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

function drawPlane(context, plane, marks) {
  painter.paintGridLines(context, plane.camera, marks, plane.theme);
  plane.layers.paint(context);
}

function cellBox({ view, cursor, decoder, camera }) {
  const { i, j } = nearestCell(view.lattice, cursor);
  const [left, top] = toPixel(camera, i * decoder.width, (j + 1) * decoder.height);
  const { scale } = camera;
  return { left, top, width: decoder.width * scale, height: decoder.height * scale };
}
