// The encoded points as they are drawn: their places, colours and classes' names, and the index
// that finds the nearest ones through a uniform grid of cells.

/** @import { Bounds } from "../canvas/camera.js" */
/** Symmetric roots of the posteriors' covariances in the plane; no `xy` where all are upright.
 * @typedef {{xx: Float32Array, xy: Float32Array | null, yy: Float32Array}} Spread */
/** @typedef {"rate" | "distortion"} FigureName nats of one image */
/**
 * Test images at their posterior means. The rate of a code that is a point is infinite, and then
 * there is no `spread`.
 * @typedef {object} Points
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {Int32Array} label -1: none
 * @property {Float32Array} rate
 * @property {Float32Array} distortion
 * @property {Spread | null} spread
 */
/** @typedef {{label: number, x: number, y: number}} ClassName where a class's name is written */
/** The classes that occur, the points of each, and the classes to be named on the plane.
 * @typedef {{classes: number[], members: Map<number, number[]>, named: number[]}} Groups */
/** `nearest(x, y, k)` gives the indices of the k nearest points, nearest first.
 * @typedef {{nearest: (x: number, y: number, k: number) => number[]}} Index */
/**
 * @typedef {object} CloudParts
 * @property {Record<FigureName, Float32Array>} values
 * @property {Groups} groups
 * @property {ClassName[]} names
 * @property {() => Index} index made when first asked
 * @property {Bounds} bounds
 * @property {(name: FigureName) => [number, number]} rangeOf the figure's range over all points
 * @typedef {Omit<Points, FigureName> & CloudParts} Cloud
 */
/**
 * How points are coloured: `buckets` holds one small number a point, `colours` that of each number.
 * @typedef {object} Paint
 * @property {Uint16Array} buckets
 * @property {string[]} colours
 * @property {[number, number] | null} range what the ramp spans; null for classes
 * @property {Uint32Array} order the points as they are drawn
 * @property {number} faint how many of the first ones aren't selected, and grey
 */

import { boundsOf, clamp } from "../canvas/camera.js";
import { classColour, rampColour, rangeOf } from "../../shared/palette.js";

// One standard deviation of the prior: always in the view, however small the cloud.
export const PRIOR = { left: -1, right: 1, bottom: -1, top: 1 };
const RAMP_STEPS = 64;
const MOST_NAMED_CLASSES = 12;
const POINTS_PER_CELL = 4;
const UNSELECTED = { light: "#8C8C8C", dark: "#8A8A8A" };

/**
 * Why the test image that the URL asks for can't be picked; "" where it can.
 * @type {(cloud: Cloud, index: number | null) => string}
 */
export function refusalOfImage({ label }, index) {
  return index === null || index < label.length ? ""
    : `The URL asks for image = ${index}: choose one from 0 to ${label.length - 1}.`;
}

/** @type {(label: Int32Array) => Groups} */
export function groupPoints(label) {
  /** @type {Map<number, number[]>} */ const members = new Map();
  label.forEach((each, i) => {
    const group = members.get(each);
    if (group) group.push(i);
    else members.set(each, [i]);
  });
  const classes = [...members.keys()].sort((a, b) => a - b);
  const named = classes.filter((c) => c >= 0);
  return { classes, members, named: named.length > MOST_NAMED_CLASSES ? [] : named };
}

/** Where each class is named: at the medians of its points.
 * @type {(groups: Groups, x: Float32Array, y: Float32Array) => ClassName[]} */
export function namesOf({ named, members }, x, y) {
  return named.map((label) => {
    const indices = members.get(label) ?? [];
    const median = (/** @type {Float32Array} */ values) =>
      Float32Array.from(indices, (i) => values[i]).sort()[indices.length >> 1];
    return { label, x: median(x), y: median(y) };
  });
}

/** Calls `make` at most once, when first asked. @template {{}} Made @param {() => Made} make */
export function lazily(make) {
  /** @type {Made | undefined} */ let made;
  return () => (made ??= make());
}

/** The points with what is drawn of them; what is known already comes in `more`.
 * @type {(points: Points, more?: Partial<CloudParts>) => Cloud} */
export function createCloud({ x, y, label, rate, distortion, spread }, more = {}) {
  const groups = more.groups ?? groupPoints(label);
  const values = { rate, distortion };
  return {
    x,
    y,
    label,
    spread,
    values,
    groups,
    names: more.names ?? namesOf(groups, x, y),
    index: lazily(() => createIndex(x, y)),
    bounds: more.bounds ?? boundsOf(x, y, PRIOR),
    rangeOf: more.rangeOf ?? ((name) => rangeOf(values[name])),
  };
}

/** Colours by "label", "rate" or "distortion". Where a `mask` says which points are selected, the
 * others are grey and drawn first.
 * @type {(cloud: Cloud, colorBy: string, dark: boolean, mask?: Uint8Array | null) => Paint} */
export function colourCloud(cloud, colorBy, dark, mask = null) {
  const paint = bucketsOf(cloud, colorBy, dark);
  const all = Uint32Array.from(paint.buckets.keys());
  if (mask?.length !== all.length) return { ...paint, order: all, faint: 0 };
  const grey = paint.colours.push(UNSELECTED[dark ? "dark" : "light"]) - 1;
  const unselected = all.filter((i) => !mask[i]);
  for (const i of unselected) paint.buckets[i] = grey;
  const order = new Uint32Array(all.length);
  order.set(unselected);
  order.set(all.filter((i) => mask[i]), unselected.length);
  return { ...paint, order, faint: unselected.length };
}

/** @type {(cloud: Cloud, colorBy: string, dark: boolean)
 *   => Pick<Paint, "buckets" | "colours" | "range">} */
function bucketsOf(cloud, colorBy, dark) {
  if (colorBy === "label") {
    const { classes } = cloud.groups;
    const slot = new Map(classes.map((c, k) => [c, k]));
    return {
      buckets: Uint16Array.from(cloud.label, (c) => slot.get(c) ?? 0),
      colours: classes.map((c) => classColour(c, dark)),
      range: null,
    };
  }
  if (colorBy !== "rate" && colorBy !== "distortion") {
    throw new Error(`Points are coloured by label, rate or distortion, not by "${colorBy}".`);
  }
  const values = cloud.values[colorBy];
  const [low, high] = cloud.rangeOf(colorBy);
  const step = (RAMP_STEPS - 1) / Math.max(high - low, 1e-12);
  const buckets = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    buckets[i] = Math.min(Math.max(Math.round((values[i] - low) * step), 0), RAMP_STEPS - 1);
  }
  return {
    buckets,
    colours: Array.from({ length: RAMP_STEPS }, (_, k) => rampColour(k / (RAMP_STEPS - 1), dark)),
    range: [low, high],
  };
}

/** @type {(xs: Float32Array, ys: Float32Array) => Index} */
export function createIndex(xs, ys) {
  const finite = [];
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) continue;
    finite.push(i);
    left = Math.min(left, xs[i]);
    right = Math.max(right, xs[i]);
    bottom = Math.min(bottom, ys[i]);
    top = Math.max(top, ys[i]);
  }
  const side = Math.max(1, Math.ceil(Math.sqrt(finite.length / POINTS_PER_CELL)));
  const size = Math.max(right - left, top - bottom, 1e-9) / side;
  /** @type {(value: number, low: number) => number} */
  const cell = (value, low) => clamp(Math.floor((value - low) / size), 0, side - 1);
  const starts = new Uint32Array(side * side + 1);
  const cellOf = (/** @type {number} */ i) => cell(ys[i], bottom) * side + cell(xs[i], left);
  for (const i of finite) starts[cellOf(i) + 1]++;
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const order = new Uint32Array(finite.length);
  for (const i of finite) order[next[cellOf(i)]++] = i;

  /** @type {Index["nearest"]} */
  function nearest(x, y, k) {
    const wanted = Math.min(k, finite.length);
    /** @type {Candidate[]} */ const found = [];
    const column = cell(x, left);
    const row = cell(y, bottom);
    // A query outside the grid starts from its projection p onto it: the grid is convex, so any
    // point q in it is at least √(|query − p|² + |p − q|²) away.
    const px = Math.min(Math.max(x, left), left + side * size);
    const py = Math.min(Math.max(y, bottom), bottom + side * size);
    for (let ring = 0; ring < side; ring++) {
      visitRing(column, row, ring, side, (c) => {
        for (let at = starts[c]; at < starts[c + 1]; at++) {
          const i = order[at];
          insert(found, { i, d: (xs[i] - x) ** 2 + (ys[i] - y) ** 2 }, wanted);
        }
      });
      const reach = Math.min(
        px - (left + (column - ring) * size),
        left + (column + ring + 1) * size - px,
        py - (bottom + (row - ring) * size),
        bottom + (row + ring + 1) * size - py,
      );
      const gap = (px - x) ** 2 + (py - y) ** 2;
      if (found.length === wanted && found[wanted - 1]?.d <= gap + Math.max(reach, 0) ** 2) break;
    }
    return found.map((entry) => entry.i);
  }

  return { nearest };
}

/** @typedef {{i: number, d: number}} Candidate a point and its squared distance */

/** Visits the cells of a square grid that lie `ring` cells away from one.
 * @type {(column: number, row: number, ring: number, side: number,
 *   visit: (cell: number) => void) => void} */
function visitRing(column, row, ring, side, visit) {
  for (let r = row - ring; r <= row + ring; r++) {
    if (r < 0 || r >= side) continue;
    const edge = Math.abs(r - row) === ring;
    for (let c = column - ring; c <= column + ring; c += edge || ring === 0 ? 1 : 2 * ring) {
      if (c >= 0 && c < side) visit(r * side + c);
    }
  }
}

/** @type {(found: Candidate[], entry: Candidate, limit: number) => void} */
function insert(found, entry, limit) {
  if (found.length === limit && !(entry.d < found[limit - 1]?.d)) return;
  let at = found.length;
  while (at > 0 && found[at - 1].d > entry.d) at--;
  found.splice(at, 0, entry);
  if (found.length > limit) found.pop();
}

/** How many of the points `indices` carry each label, most frequent first: [label, count].
 * @type {(indices: ArrayLike<number>, labels: ArrayLike<number>) => [number, number][]} */
export function countLabels(indices, labels) {
  const counts = new Map();
  for (const i of Array.from(indices)) {
    if (labels[i] >= 0) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}
