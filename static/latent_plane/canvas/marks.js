// What is drawn over the plane: crosshair, pin, rings, arrows, and a posterior's ellipses.

/** @import { Pair, Posterior } from "../context.js" */
/** @import { Camera } from "./camera.js" */
/** @import { Theme } from "../../shared/palette.js" */
/** Half axes of an ellipse, and the angle of the first one against the clock.
 * @typedef {{a: number, b: number, angle: number}} Ellipse */
/** @typedef {CanvasRenderingContext2D} Context */

import { toPixel } from "./camera.js";

const ARROW_HEAD = 11; // pixels

/**
 * Draws twice, first in the ground's colour, so that it stands out on any.
 * @type {(context: Context, theme: Theme, colour: string, width: number, draw: () => void) => void}
 */
export function withHalo(context, theme, colour, width, draw) {
  for (const [each, line] of /** @type {const} */ ([[theme.background, 5], [colour, width]])) {
    context.strokeStyle = each;
    context.lineWidth = line;
    draw();
  }
}

/** @type {(context: Context, x0: number, y0: number, x1: number, y1: number) => void} */
export function stroke(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** Through pixels, as a path that isn't drawn yet. @type {(pixels: Pair[]) => Path2D} */
export function lineThrough(pixels) {
  const path = new Path2D();
  for (const pixel of pixels) path.lineTo(...pixel);
  return path;
}

/** @type {(context: Context, at: Pair, radius: number) => void} */
function ring(context, [px, py], radius) {
  context.beginPath();
  context.arc(px, py, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** @type {(context: Context, at: Pair, radius: number, colour: string) => void} */
export function paintDot(context, at, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(...at, radius, 0, 2 * Math.PI);
  context.fill();
}

/** What can be dragged, or the place of what is shown.
 * @type {(context: Context, theme: Theme, at: Pair) => void} */
export function paintHandle(context, theme, at) {
  paintDot(context, at, 7, theme.background);
  paintDot(context, at, 5, theme.primary);
}

/** Two hair lines through the cursor and a ring that stands out on any colour.
 * @type {(context: Context, camera: Camera, at: Pair, theme: Theme) => void} */
export function paintCrosshair(context, camera, [px, py], theme) {
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.globalAlpha = 0.3;
  stroke(context, px, 0, px, camera.height);
  stroke(context, 0, py, camera.width, py);
  context.globalAlpha = 1;
  withHalo(context, theme, theme.text, 2, () => ring(context, [px, py], 7));
}

/** A map pin with its tip at a pixel. @type {(context: Context, at: Pair, theme: Theme) => void} */
export function paintPin(context, [px, py], theme) {
  const radius = 9;
  const height = 26;
  const centre = py - height + radius;
  const [side, low] = [radius * 0.45, centre + radius];
  context.beginPath();
  context.arc(px, centre, radius, 0.85 * Math.PI, 0.15 * Math.PI);
  context.quadraticCurveTo(px + side, low, px, py);
  context.quadraticCurveTo(px - side, low, px - radius * 0.89, centre + side);
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = theme.background;
  context.lineWidth = 4;
  context.stroke();
  context.fillStyle = theme.primary;
  context.fill();
  paintDot(context, [px, centre], 3.5, theme.background);
}

/** A ring around the point of an image, and its name beside it if it has one.
 * @type {(context: Context, camera: Camera, at: Pair, text: string, theme: Theme) => void} */
export function paintImage(context, { width }, [px, py], text, theme) {
  withHalo(context, theme, theme.primary, 2.5, () => ring(context, [px, py], 11));
  if (!text) return;
  context.font = `600 12px ${theme.font}`;
  const before = px > width - context.measureText(text).width - 30;
  context.textAlign = before ? "right" : "left";
  context.textBaseline = "middle";
  paintText(context, text, px + (before ? -18 : 18), Math.max(py - 16, 10), theme);
}

/** Text with a halo. @type {(c: Context, text: string, x: number, y: number, t: Theme) => void} */
export function paintText(context, text, x, y, theme) {
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = theme.background;
  context.fillStyle = theme.text;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** A frame around a cell given by its top left corner and its size.
 * @param {Context} context @param {{left: number, top: number, width: number, height: number}} cell
 * @param {Theme} theme */
export function paintCell(context, { left, top, width, height }, theme) {
  withHalo(context, theme, theme.primary, 2.5, () => context.strokeRect(left, top, width, height));
}

/** An arrow from one pixel to another, with a border that stands out on any colour.
 * @type {(context: Context, from: Pair, to: Pair, theme: Theme) => void} */
export function paintArrow(context, from, to, theme) {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length < 1) return;
  const head = Math.min(ARROW_HEAD, length);
  /** @type {(turn: number) => Pair} */
  const wing = (turn) => [
    to[0] - head * Math.cos(angle + turn), to[1] - head * Math.sin(angle + turn)];
  const path = lineThrough([from, to]);
  path.addPath(lineThrough([wing(0.45), to, wing(-0.45)]));
  context.save();
  context.lineJoin = "round";
  context.lineCap = "round";
  withHalo(context, theme, theme.text, 2.5, () => context.stroke(path));
  context.restore();
}

/** A name next to a pixel, on the side away from another.
 * @type {(context: Context, text: string, at: Pair, away: Pair, theme: Theme) => void} */
export function paintName(context, text, at, away, theme) {
  const [left, above] = [at[0] < away[0], at[1] < away[1]];
  context.font = `700 14px ${theme.font}`;
  context.textAlign = left ? "right" : "left";
  context.textBaseline = above ? "bottom" : "top";
  paintText(context, text, at[0] + (left ? -6 : 6), at[1] + (above ? -4 : 4), theme);
}

/** The ellipse S·(unit circle) of a symmetric S = [[xx, xy], [xy, yy]].
 * @type {(xx: number, xy: number, yy: number) => Ellipse} */
export function ellipseOf(xx, xy, yy) {
  const middle = (xx + yy) / 2;
  const half = (xx - yy) / 2;
  const reach = Math.hypot(half, xy);
  return { a: middle + reach, b: Math.abs(middle - reach), angle: 0.5 * Math.atan2(xy, half) };
}

/** Adds an ellipse to a path; its middle and half axes in pixels.
 * @type {(path: Path2D, at: Pair, ellipse: Ellipse) => void} */
export function addEllipse(path, [px, py], { a, b, angle }) {
  path.moveTo(px + a * Math.cos(angle), py - a * Math.sin(angle));
  path.ellipse(px, py, a, b, -angle, 0, 2 * Math.PI);
}

/** xx, xy and yy of the symmetric root S in the dimensions shown: z = μ + S ε there.
 * @type {(posterior: Posterior, dims: number[]) => [number, number, number]} */
export function rootOf({ root }, [first, second]) {
  if (second === undefined) return [root(first, first), 0, 0];
  return [root(first, first), root(first, second), root(second, second)];
}

/**
 * The ellipse of q(z|x) at 1σ in the dimensions shown, in the plane's units; flat in one dimension.
 * @type {(posterior: Posterior, dims: number[]) => Ellipse}
 */
export function shadowOf(posterior, dims) {
  return ellipseOf(...rootOf(posterior, dims));
}

/** The ellipses of one posterior at 1σ and 2σ around its mean in the dimensions shown.
 * @type {(context: Context, camera: Camera, theme: Theme, mean: Pair, shadow: Ellipse) => void} */
export function paintEllipses(context, camera, theme, mean, { a, b, angle }) {
  const at = toPixel(camera, ...mean);
  context.strokeStyle = theme.text;
  for (const sigmas of [1, 2]) {
    const [path, scale] = [new Path2D(), sigmas * camera.scale];
    addEllipse(path, at, { a: scale * a, b: scale * b, angle });
    context.lineWidth = 3 - sigmas;
    context.stroke(path);
  }
}
