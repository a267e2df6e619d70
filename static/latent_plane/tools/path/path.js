// A path as the state has it, "0.5,-1.2;1,0.3;slerp;pixels;24" in the URL, as it is drawn by hand,
// and as a route: the lines between its ends, and how long each is.

/** @import { Numbers, Pair, PlaneContext } from "../../context.js" */
/** @import { Camera } from "../../canvas/camera.js" */
/** @import { Decode, Search, Track } from "./geodesic.js" */
/** @typedef {"straight" | "slerp" | "geodesic" | "freehand"} Kind a line from end to end */
/** @typedef {"latent" | "pixel"} Steps the length in which the film's steps are equal */
/** `points`: none, the first end, both, or a whole freehand line; the film of `frames` images runs
 * along the line `kind`.
 * @typedef {{readonly points: Pair[], kind: Kind, steps: Steps, frames: number}} Path */

import { arcLengths, between, distance, pointAt, simplified, withEnds } from "../../geometry.js";
import { toPixel } from "../../canvas/camera.js";
import { lineThrough, paintDot } from "../../canvas/marks.js";
import { prefersReducedMotion } from "../../../shared/dom.js";
import { geodesic, lengthOf, measure } from "./geodesic.js";

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

const PARTS = 64; // of an arc
const COUNT = 32; // steps of `measure`
const ALMOST = 1e-6; // radians

export class Route {
  /** @type {Partial<Record<Kind, Pair[]>>} as points of the plane */ lines = {};
  /** @type {Partial<Record<Kind, Track>>} where β has turned since, the kind isn't in `fresh` */
  tracks = {};
  /** @type {Set<Kind>} */ fresh = new Set();
  /** Whether the plane has one dimension. */
  flat = false;
  /** Whether slerp has no value between these ends. */
  undefinedSlerp = false;
  /** What is being computed, for the user; "" at rest. */
  progress = "";
  /** @type {Search<void> | null} */ #work = null;

  /** Two ends, or a freehand line with its ends; nothing with fewer points.
   * @param {Pair[]} points @param {boolean} flat */
  aim(points, flat) {
    const before = this.lines.geodesic;
    this.expire();
    [this.lines, this.tracks] = [{}, {}];
    this.flat = flat;
    if (points.length < 2) return;
    const [from, to] = [points[0], points[points.length - 1]];
    const arc = slerp(from, to, PARTS + 1);
    this.undefinedSlerp = !arc && distance(from, to) > 0;
    this.lines = {
      straight: [from, to],
      slerp: arc ?? [from, to],
      geodesic: before && !flat ? withEnds(before, from, to) : [from, to],
      ...(points.length > 2 ? { freehand: points } : {}),
    };
  }

  /** The decoder is another one: what is known is shown until it is known anew. */
  expire() {
    this.#work = null;
    this.progress = "";
    this.fresh.clear();
  }

  get exists() { return Boolean(this.lines.straight); }
  get kinds() { return /** @type {Kind[]} */ (Object.keys(this.lines)); }
  get done() { return this.exists && this.kinds.every((kind) => this.fresh.has(kind)); }
  get busy() { return Boolean(this.#work); }

  /** Begins to measure, and to search for the geodesic. @param {Decode} decode */
  start(decode) { this.#work = this.exists ? this.#measureAll(decode) : null; }

  /** Goes on for some milliseconds; returns whether a line has changed. @param {number} ms */
  advance(ms) {
    const end = performance.now() + ms;
    const before = this.lines.geodesic;
    while (this.#work && performance.now() < end) {
      if (this.#work.next().done) this.#work = null;
    }
    return this.lines.geodesic !== before;
  }

  /** The lengths of a line: `latent` at once, `pixel` null until it is measured.
   * @param {Kind} kind */
  lengthsOf(kind) {
    const track = this.tracks[kind];
    const latent = arcLengths(this.lines[kind] ?? []).pop() ?? 0;
    return { latent, pixel: track ? lengthOf(track) : null };
  }

  /** The place after this share of a line's latent or pixel length.
   * @param {Kind} kind @param {number} share @param {Steps} steps */
  placeAt(kind, share, steps) {
    const [line = [], track] = [this.lines[kind], this.tracks[kind]];
    return steps === "pixel" && track
      ? pointAt(track.points, track.pixel, share) : pointAt(line, arcLengths(line), share);
  }

  /** @param {Decode} decode @returns {Search<void>} */
  *#measureAll(decode) {
    this.progress = "measuring…";
    const { straight: [from, to] = [] } = this.lines;
    const straight = yield* measure(decode, [from, to], COUNT);
    this.#know("straight", straight);
    for (const kind of /** @type {const} */ (["slerp", "freehand"])) {
      const line = this.lines[kind];
      if (line) this.#know(kind, yield* measure(decode, line, COUNT));
    }
    // In one dimension there is only one way.
    if (this.flat) this.#know("geodesic", straight);
    else {
      const found = yield* this.#watch(geodesic(decode, from, to, COUNT, straight));
      this.lines.geodesic = found.line;
      this.#know("geodesic", found.track);
    }
    this.progress = "";
  }

  /** Lets the search be seen, where motion is welcome.
   * @template Result @param {Search<Result>} search @returns {Search<Result>} */
  *#watch(search) {
    for (;;) {
      const { value, done } = search.next();
      if (done) return value;
      if (Array.isArray(value) && !prefersReducedMotion()) this.lines.geodesic = value;
      if (Array.isArray(value)) this.progress = "optimising…";
      if (typeof value === "number") this.progress = `searching… ${Math.round(100 * value)} %`;
      yield;
    }
  }

  /** @param {Kind} kind @param {Track} track */
  #know(kind, track) {
    this.tracks[kind] = track;
    this.fresh.add(kind);
  }
}

/** Spherical linear interpolation about the origin (Shoemake 1985; of latent codes, White 2016),
 * from a to b in `count` − 1 equal steps of t from 0 to 1: the direction turns evenly,
 * sin((1 − t)Ω)/sin Ω · a/|a| + sin(tΩ)/sin Ω · b/|b| with Ω the angle between them, and the
 * distance from the origin is (1 − t)|a| + t|b|. Where |a| = |b| that is the formula on a and b
 * themselves; else the latter would leave for infinity as Ω nears 180°. Null where it has no value:
 * an end at the origin, or ends on opposite sides of it, between which two ways are equally short.
 * @type {(a: Pair, b: Pair, count: number) => Pair[] | null} */
export function slerp(a, b, count) {
  const [ra, rb] = [a, b].map(([x, y]) => Math.hypot(x, y));
  if (ra < ALMOST || rb < ALMOST) return null;
  const turn = Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
  if (Math.abs(turn) > Math.PI - ALMOST) return null;
  const start = Math.atan2(a[1], a[0]);
  return Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    const radius = (1 - t) * ra + t * rb;
    return [radius * Math.cos(start + t * turn), radius * Math.sin(start + t * turn)];
  });
}
