// A path as the state has it, "0.5,-1.2;1,0.3;slerp;pixels;24" in the URL, and as it is drawn by
// hand.

/** @import { Numbers, Pair, PlaneContext } from "../../context.js" */
/** @import { Camera } from "../../canvas/camera.js" */
/** @typedef {"straight" | "slerp" | "geodesic" | "freehand"} Kind a line from end to end */
/** @typedef {"latent" | "pixel"} Steps the length in which the film's steps are equal */
/** `points`: none, the first end, both, or a whole freehand line; the film of `frames` images runs
 * along the line `kind`.
 * @typedef {{readonly points: Pair[], kind: Kind, steps: Steps, frames: number}} Path */

import { arcLengths, between, distance, simplified } from "../../geometry.js";
import { toPixel } from "../../canvas/camera.js";
import { lineThrough, paintDot } from "../../canvas/marks.js";

/** @type {Kind[]} */
export const KINDS = ["straight", "slerp", "geodesic", "freehand"];
export const FRAMES = { fewest: 2, usual: 12, most: 48 };
/** @type {Readonly<Path>} */
export const EMPTY = Object.freeze({
  points: [], kind: "geodesic", steps: "latent", frames: FRAMES.usual,
});

export const MOST_POINTS = 60; // of a freehand line; the text then stays below 1,300 characters
const FARTHEST = 1e4;
const DECIMALS = 4;
const SHORTEST = 8; // pixels of a stroke; less was a click
const APART = 30; // pixels from one move to the next: another finger
const ROUGH = 0.7; // pixels that the line may be off

/** A place as the URL has it; null if it is none, or too far out.
 * @type {(z: Numbers) => Pair | null} */
export function tidyPlace([x, y]) {
  const inside = [x, y].every((value) => Number.isFinite(value) && Math.abs(value) < FARTHEST);
  return inside ? [tidy(x), tidy(y)] : null;
}

/** Without a negative zero. @type {(value: number) => number} */
function tidy(value) { return Number(value.toFixed(DECIMALS)) + 0; }

/** All of them tidied; null where one can't be. @type {(points: Pair[]) => Pair[] | null} */
export function tidyLine(points) {
  const tidied = points.flatMap((point) => {
    const place = tidyPlace(point);
    return place ? [place] : [];
  });
  return tidied.length === points.length ? tidied : null;
}

/** The first end, or both; none of an empty path. @type {(path: Path) => Pair[]} */
export function endsOf({ points }) {
  return points.length > 1 ? [points[0], points[points.length - 1]] : points;
}

/** Null for a path without points. @type {(path: Path) => string | null} */
export function writePath({ points, kind, steps, frames }) {
  if (!points.length) return null;
  const parts = [
    ...(kind === EMPTY.kind ? [] : [kind]),
    ...(steps === "pixel" ? ["pixels"] : []),
    ...(frames === FRAMES.usual ? [] : [String(frames)]),
  ];
  return [...points.map((point) => point.join()), ...parts].join(";");
}

/** What `writePath` wrote; null for anything else. @type {(text: string) => Path | null} */
export function readPath(text) {
  const path = { ...EMPTY, points: /** @type {Pair[]} */ ([]) };
  for (const part of text.split(";")) {
    const numbers = part.split(",").map((value) => (value.trim() ? Number(value) : NaN));
    const kind = KINDS.find((each) => each === part);
    const place = numbers.length === 2 ? tidyPlace(numbers) : null;
    if (kind) path.kind = kind;
    else if (part === "pixels") path.steps = "pixel";
    else if (place) path.points.push(place);
    else if (numbers.length === 1 && isCount(numbers[0])) path.frames = numbers[0];
    else return null;
  }
  return path.points.length && path.points.length <= MOST_POINTS ? path : null;
}

/** Whether a film may have as many images. @type {(frames: number) => boolean} */
export function isCount(frames) {
  return Number.isInteger(frames) && frames >= FRAMES.fewest && frames <= FRAMES.most;
}

/** A line drawn on the plane by dragging. */
export class Stroke {
  /** @param {Pair} pixel @param {Pair} z */
  constructor(pixel, z) {
    this.points = [z];
    this.pixel = pixel;
  }

  /** @param {Pair} pixel @param {Pair} z */
  move(pixel, z) {
    this.points.push(z);
    this.pixel = pixel;
  }

  /** Whether it ends elsewhere than it was: a second finger came, to pan and zoom.
   * @param {Pair} pixel */
  isBroken(pixel) { return distance(this.pixel, pixel) > APART; }

  /** At least three points, so that they aren't taken for two ends; null for a click, or too far
   * out.
   * @param {Pick<Camera, "scale">} camera */
  finish({ scale }) {
    if (arcLengths(this.points)[this.points.length - 1] * scale < SHORTEST) return null;
    const points = simplified(this.points, ROUGH / scale, MOST_POINTS);
    if (points.length < 3) points.splice(1, 0, between(points[0], points[1], 0.5));
    return tidyLine(points);
  }
}

/** @typedef {CanvasRenderingContext2D} Context */

/** Dashes of a line of width 2; round caps make dots of the shortest ones.
 * @type {Record<Kind, number[]>} */
export const DASHES = {
  straight: [7, 6], slerp: [0.1, 5], geodesic: [], freehand: [10, 5, 0.1, 5],
};
const END = 9; // radius
const FRAME = 2.6;

/** The film runs along the `chosen` line, its images at `places`; the next click sets end `next`.
 * @param {Context} context @param {PlaneContext} plane
 * @param {{lines: Partial<Record<Kind, Pair[]>>, chosen: Kind, places: Pair[], ends: Pair[],
 *   next: number}} path */
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
