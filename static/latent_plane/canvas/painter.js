// Drawing on the plane's two canvases: what stays still below, what follows the pointer above.

/** @import { Lattice, View } from "../context.js" */
/** @import { LatentPlane } from "../plane.js" */
/** @import { Camera, Size } from "./camera.js" */
/** @import { Theme } from "../../shared/palette.js" */
/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {{at: number, text: string, value: number | null}} Mark a tick, `at` in pixels */
/** @typedef {{x: Mark[], y: Mark[]}} Marks */

import { GUTTER, toPixel, visible } from "./camera.js";
import { paintLinked, showCost } from "../link.js";
import { contextOf } from "../../shared/dom.js";
import { nearestCell } from "./lattice.js";
import { paintCell, paintCrosshair, paintPin, paintText, stroke } from "./marks.js";
import { axisName, everyNth, number, ticks } from "../../shared/ticks.js";

const TICK_GAP = 64;
const TEXT = 12;
const LONGEST_UPRIGHT = 3; // letters of an axis name beside the plot

/** Sizes a canvas for sharp pixels and returns its context, in CSS pixels, cleared.
 * @type {(canvas: HTMLCanvasElement, width: number, height: number, ratio: number) => Context} */
export function prepareCanvas(canvas, width, height, ratio) {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Runs `draw` clipped to the plot, with its top left corner as the origin.
 * @type {(context: Context, camera: Camera, draw: () => void) => void} */
export function inPlot(context, camera, draw) {
  context.save();
  context.translate(GUTTER.left, GUTTER.top);
  context.beginPath();
  context.roundRect(0, 0, camera.width, camera.height, 6);
  context.clip();
  draw();
  context.restore();
}

/** Ticks at round numbers of the plane's coordinates. @type {(camera: Camera) => Marks} */
export function planeTicks(camera) {
  const { left, right, bottom, top } = visible(camera);
  return {
    x: ticks(left, right, Math.max(4, camera.width / TICK_GAP))
      .map(({ value, text }) => ({ at: toPixel(camera, value, 0)[0], text, value })),
    y: ticks(bottom, top, Math.max(4, camera.height / TICK_GAP))
      .map(({ value, text }) => ({ at: toPixel(camera, 0, value)[1], text, value })),
  };
}

/** Ticks of the lattice: the z of every n-th column and row that the window shows.
 * @type {(camera: Camera, lattice: Lattice, tile: Size) => Marks} */
export function latticeTicks(camera, lattice, tile) {
  /**
   * @type {(values: number[], size: number, pixel: (v: number) => number, limit: number) => Mark[]}
   */
  const of = (values, size, pixel, limit) =>
    everyNth(values.length, size * camera.scale, TICK_GAP)
      .map((k) => ({ at: pixel((k + 0.5) * size), text: number(values[k]), value: null }))
      .filter(({ at }) => at >= 0 && at <= limit);
  return {
    x: of(lattice.x, tile.width, (v) => toPixel(camera, v, 0)[0], camera.width),
    y: of(lattice.y, tile.height, (v) => toPixel(camera, 0, v)[1], camera.height),
  };
}

/** Hair lines at the ticks, stronger ones through the origin.
 * @type {(context: Context, camera: Camera, marks: Marks, theme: Theme) => void} */
export function paintGridLines(context, camera, marks, theme) {
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  for (const { at, value } of marks.x) {
    context.globalAlpha = value === 0 ? 0.4 : 0.07;
    stroke(context, Math.round(at) + 0.5, 0, Math.round(at) + 0.5, camera.height);
  }
  for (const { at, value } of marks.y) {
    context.globalAlpha = value === 0 ? 0.4 : 0.07;
    stroke(context, 0, Math.round(at) + 0.5, camera.width, Math.round(at) + 0.5);
  }
  context.globalAlpha = 1;
}

/** The frame around the plot, tick labels outside it, and the names of the axes; an axis whose
 * dimension is inactive says so.
 * @type {(context: Context, camera: Camera, marks: Marks, theme: Theme, view: View,
 *   inactive: boolean[]) => void} */
export function paintAxes(context, camera, marks, theme, view, inactive) {
  const { left, top } = GUTTER;
  const right = left + camera.width;
  const bottom = top + camera.height;
  context.strokeStyle = theme.border;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(left - 0.5, top - 0.5, camera.width + 1, camera.height + 1, 6);
  context.stroke();
  context.fillStyle = theme.text;
  context.font = `${TEXT}px ${theme.font}`;
  context.globalAlpha = 0.7;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const { at, text } of marks.x) {
    if (at > 8 && at < camera.width - 8) context.fillText(text, left + at, bottom + 6);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, text } of marks.y) {
    if (at > 6 && at < camera.height - 6) context.fillText(text, left - 7, top + at);
  }
  context.globalAlpha = 1;
  context.font = `italic 600 ${TEXT + 3}px ${theme.font}`;
  context.textAlign = "center";
  const { dims } = view;
  const names = dims.map((dimension) => (
    axisName(dimension, view) + (inactive[dimension] ? " (inactive)" : "")));
  context.fillText(names[0], (left + right) / 2, bottom + 33);
  if (dims.length < 2) return;
  context.save();
  context.translate(10, (top + bottom) / 2);
  if (names[1].length > LONGEST_UPRIGHT) context.rotate(-Math.PI / 2);
  context.fillText(names[1], 0, 0);
  context.restore();
}

/** The name of each class over the median of its points.
 * @param {Context} context @param {Camera} camera
 * @param {{label: number, x: number, y: number}[]} names
 * @param {(label: number) => string} nameOf @param {Theme} theme */
export function paintNames(context, camera, names, nameOf, theme) {
  context.font = `700 17px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { label, x, y } of names) {
    paintText(context, nameOf(label), ...toPixel(camera, x, y), theme);
  }
}

/** The mosaic of decoded images; enlarged pixels stay square, reduced ones are averaged.
 * @type {(context: Context, camera: Camera, image: HTMLCanvasElement) => void} */
export function paintMosaic(context, camera, image) {
  const [left, top] = toPixel(camera, 0, image.height);
  context.imageSmoothingEnabled = camera.scale * devicePixelRatio < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, left, top, image.width * camera.scale, image.height * camera.scale);
}

/** What stays while the pointer moves: points or lattice, and the axes.
 * @param {LatentPlane} plane */
export function drawStill(plane) {
  const { camera, decoder, isGrid, layers, mosaic, theme, view } = plane;
  if (!camera) return;
  const context = open(plane.canvases.still, camera);
  const marks = isGrid ? latticeTicks(camera, view.lattice, decoder) : planeTicks(camera);
  inPlot(context, camera, () => {
    if (isGrid) return paintMosaic(context, camera, mosaic.canvas);
    paintGridLines(context, camera, marks, theme);
    layers.paint(context);
  });
  paintAxes(context, camera, marks, theme, view, plane.closed);
}

/** What follows the pointer. @param {LatentPlane} plane */
export function drawMarks(plane) {
  const { camera, cursor, isGrid, pin, theme } = plane;
  showCost(plane);
  if (!camera) return;
  const context = open(plane.canvases.marks, camera);
  inPlot(context, camera, () => {
    if (isGrid) paintCell(context, cellBox(plane, camera), theme);
    else paintCrosshair(context, camera, toPixel(camera, ...cursor), theme);
    const pinned = pin && plane.pixelOf(pin);
    if (pinned) paintPin(context, pinned, theme);
    if (isGrid) return;
    paintLinked(context, plane);
    plane.toolbox.paint(context);
  });
}

/** @type {(canvas: HTMLCanvasElement, camera: Camera) => Context} */
function open(canvas, { width, height }) {
  return prepareCanvas(canvas, width + GUTTER.left + GUTTER.right,
    height + GUTTER.top + GUTTER.bottom, devicePixelRatio);
}

/** The frame of the cell under the cursor. @param {LatentPlane} plane @param {Camera} camera */
function cellBox({ view, cursor, decoder }, camera) {
  const { i, j } = nearestCell(view.lattice, cursor);
  const [left, top] = toPixel(camera, i * decoder.width, (j + 1) * decoder.height);
  const { scale } = camera;
  return { left, top, width: decoder.width * scale, height: decoder.height * scale };
}
