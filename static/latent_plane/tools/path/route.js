// The lines between two ends of the plane, and how long each is: straight, slerp, geodesic,
// freehand.

/** @import { Pair } from "../../context.js" */
/** @import { Decode, Search, Track } from "./geodesic.js" */
/** @import { Kind, Steps } from "./path.js" */

import { prefersReducedMotion } from "../../../shared/dom.js";
import { arcLengths, distance, pointAt, withEnds } from "../../geometry.js";
import { geodesic, lengthOf, measure } from "./geodesic.js";

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
