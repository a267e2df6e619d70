// The lines between two ends of the plane, and how long each is: straight, slerp, geodesic, freehand.

import { geodesic } from "./geodesic.js";
import { measure } from "./pixel_length.js";
import { motionIsUnwelcome } from "../../dial/playback.js";
import { arcLengths, distance, pointAt, withEnds } from "./polyline.js";
import { slerp } from "./slerp.js";

const PARTS = 64; // of an arc
const COUNT = 32; // steps of `measure`

export class Route {
  /** By kind, as points of the plane. */
  lines = {};
  /** By kind, as `measure` gives them; where β has turned since, the kind isn't in `fresh`. */
  tracks = {};
  fresh = new Set();
  /** Whether the plane has one dimension. */
  flat = false;
  /** Whether slerp has no value between these ends. */
  undefinedSlerp = false;
  /** What is being done: null, or words. */
  doing = null;
  #work = null;

  /** Two ends, or a freehand line with its ends; nothing with fewer points. */
  aim(points, flat) {
    const before = this.lines.geodesic;
    this.expire();
    this.expire();
    [this.lines, this.tracks] = [{}, {}];
    this.flat = flat;
    if (points.length < 2) return;
    const [from, to] = [points[0], points.at(-1)];
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
    this.#work = this.doing = null;
    this.fresh.clear();
  }

  get exists() { return Boolean(this.lines.straight); }
  get done() { return this.exists && Object.keys(this.lines).every((kind) => this.fresh.has(kind)); }
  get busy() { return Boolean(this.#work); }

  /** Begins to measure, and to look for the geodesic; `decode(place)` gives the mean image. */
  start(decode) { this.#work = this.exists ? this.#measureAll(decode) : null; }

  /** Goes on for some milliseconds; returns whether a line has changed. */
  advance(ms) {
    const end = performance.now() + ms;
    const before = this.lines.geodesic;
    while (this.#work && performance.now() < end) if (this.#work.next().done) this.#work = null;
    return this.lines.geodesic !== before;
  }

  /** The lengths of a line: `latent` at once, `pixel` null until it is measured. */
  lengthsOf(kind) {
    return { latent: arcLengths(this.lines[kind]).at(-1), pixel: this.tracks[kind]?.pixel.at(-1) ?? null };
  }

  /** The place after this share of a line's latent or pixel length. */
  placeAt(kind, share, steps) {
    const [line, track] = [this.lines[kind], this.tracks[kind]];
    return steps === "pixel" && track
      ? pointAt(track.points, track.pixel, share) : pointAt(line, arcLengths(line), share);
  }

  *#measureAll(decode) {
    this.doing = "measuring …";
    for (const kind of Object.keys(this.lines)) {
      if (kind !== "geodesic") this.#know(kind, yield* measure(decode, this.lines[kind], COUNT));
    }
    const { straight: [from, to] } = this.lines;
    // On a line there is only one way.
    if (this.flat) this.#know("geodesic", this.tracks.straight);
    else {
      const found = yield* this.#watch(geodesic(decode, from, to, COUNT, this.tracks.straight));
      this.lines.geodesic = found.line;
      this.#know("geodesic", found.track);
    }
    this.doing = null;
  }

  /** Lets the search be seen, where motion is welcome. */
  *#watch(search) {
    for (;;) {
      const { value, done } = search.next();
      if (done) return value;
      if (Array.isArray(value) && !motionIsUnwelcome()) this.lines.geodesic = value;
      if (Array.isArray(value)) this.doing = "relaxing …";
      else if (typeof value === "number") this.doing = `looking around … ${Math.round(100 * value)} %`;
      yield;
    }
  }

  #know(kind, track) {
    this.tracks[kind] = track;
    this.fresh.add(kind);
  }
}
