// The same points at every β of a dial: given at knots, on straight lines in log β between them.

/** @import { Bounds } from "../canvas/camera.js" */
/** @import { Cloud, FigureName, Spread } from "./cloud.js" */
/** @typedef {"x" | "y" | FigureName} Column */
/** @typedef {"sxx" | "sxy" | "syy"} SpreadColumn */
/** The values of all points at the first knot, then at the second, …
 * @typedef {Record<Column, Float32Array> & Record<SpreadColumn, Float32Array | null>} Columns */
/** `at(beta)` reuses its arrays, unless they are to be `apart`.
 * @typedef {{at: (beta: number, apart?: boolean) => Cloud}} Sweep */

import { PRIOR, createCloud, groupPoints, lazily, namesOf } from "./cloud.js";
import { bracket } from "./knots.js";
import { rangeOf } from "../canvas/palette.js";

const TAIL = 0.002; // of the points at each knot may lie outside the view of everything
// From here up one view holds all points, so that what contracts is seen to; below, where codes
// spread far, the view steps back as β falls.
const STEADY_FROM = 0.5;

/** `label` holds those of the points. One knot is a model without a dial.
 * @type {(betas: number[], columns: Columns, label: Int32Array) => Sweep} */
export function createSweep(betas, columns, label) {
  const size = label.length;
  const groups = groupPoints(label);
  if (betas.length === 1) {
    const only = createCloud({ ...columns, label, spread: spreadOf(columns) }, { groups });
    return { at: () => only };
  }
  const now = arraysFor(columns, size);
  /** @type {(name: "x" | "y", k: number) => Float32Array} */
  const part = (name, k) => columns[name].subarray(k * size, (k + 1) * size);
  const medians = betas.map((_, k) => lazily(() => namesOf(groups, part("x", k), part("y", k))));
  const ranges = {
    rate: lazily(() => rangeOf(columns.rate)),
    distortion: lazily(() => rangeOf(columns.distortion)),
  };
  const boxes = betas.map((_, k) => lazily(() => boxOf(part("x", k), part("y", k))));
  const views = viewsOf(betas, boxes);

  /** @type {Sweep["at"]} */
  function at(beta, apart = false) {
    const { k, share } = bracket(betas, beta);
    const here = apart ? arraysFor(columns, size) : now;
    for (const name of namesIn(columns)) mix(columns[name], k * size, size, share, here[name]);
    const next = medians[k + 1]();
    const names = medians[k]().map(({ label: of, x, y }, c) => (
      { label: of, x: x + share * (next[c].x - x), y: y + share * (next[c].y - y) }));
    return createCloud({ ...here, label, spread: spreadOf(here) }, {
      groups, names, bounds: between(views[k](), views[k + 1](), share),
      rangeOf: (name) => ranges[name](),
    });
  }

  return { at };
}

/** The columns that there are. @type {(columns: Columns) => (keyof Columns)[]} */
function namesIn(columns) {
  const names = /** @type {(keyof Columns)[]} */ (Object.keys(columns));
  return names.filter((name) => columns[name]);
}

/** @type {(columns: Columns, size: number) => Columns} */
function arraysFor(columns, size) {
  const arrays = namesIn(columns).map((name) => [name, new Float32Array(size)]);
  return { ...columns, ...Object.fromEntries(arrays) };
}

/** @param {Float32Array | null} values @param {number} start @param {number} size
 * @param {number} share @param {Float32Array | null} out */
function mix(values, start, size, share, out) {
  if (!values || !out) return;
  for (let i = 0, a = start, b = start + size; i < size; i++, a++, b++) {
    out[i] = values[a] + share * (values[b] - values[a]);
  }
}

/** @type {(columns: Columns) => Spread | null} */
function spreadOf({ sxx, sxy, syy }) {
  return sxx && syy ? { xx: sxx, xy: sxy, yy: syy } : null;
}

/** A box around nearly all points. @type {(x: Float32Array, y: Float32Array) => Bounds} */
function boxOf(x, y) {
  const [left, right] = rangeOf(x, TAIL);
  const [bottom, top] = rangeOf(y, TAIL);
  return { left, right, bottom, top };
}

/** What is to be seen at each knot.
 * @type {(betas: number[], boxes: (() => Bounds)[]) => (() => Bounds)[]} */
function viewsOf(betas, boxes) {
  const first = betas.findIndex((beta) => beta >= STEADY_FROM);
  const steady = lazily(() => {
    const last = betas.length - 1;
    const looked = first < 0 ? [last] : [first, (first + last) >> 1, last];
    return looked.map((k) => boxes[k]()).reduce(around, PRIOR);
  });
  return boxes.map((box, k) => lazily(() => (
    first >= 0 && k >= first ? steady() : around(steady(), box()))));
}

/** @type {(a: Bounds, b: Bounds) => Bounds} */
function around(a, b) {
  return {
    left: Math.min(a.left, b.left), right: Math.max(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom), top: Math.max(a.top, b.top),
  };
}

/** @type {(a: Bounds, b: Bounds, share: number) => Bounds} */
export function between(a, b, share) {
  /** @type {(side: keyof Bounds) => number} */
  const at = (side) => a[side] + share * (b[side] - a[side]);
  return { left: at("left"), right: at("right"), bottom: at("bottom"), top: at("top") };
}
