// The β at which a model, or a sweep of models, was measured, and what lies between them: its
// figures, the points on the plane, and the means in every dimension.

/** @import { Bounds } from "../canvas/camera.js" */
/** @import { Cloud, FigureName, Spread } from "./cloud.js" */
/** @import { Numbers } from "../context.js" */
/**
 * What was measured at rising β, nats; of models trained apart there are `names`.
 * @typedef {object} Knots
 * @property {number[]} beta
 * @property {number[]} distortion
 * @property {number[]} rate
 * @property {number[][]} variance of the means over the data, by knot and dimension
 * @property {number[][] | null} [rate_per_dim]
 * @property {number[] | null} [active] units of each knot, where they were counted
 * @property {number} per_beta the scale of β: the slope of D(R) is −β times this
 * @property {string[] | null} [names]
 * @property {number[][][] | null} [turns] to common coordinates, one orthogonal matrix a model
 */
/**
 * What is known of a model at β, nats; of models trained apart, of the nearest one (`name`).
 * @typedef {object} Figures
 * @property {number} distortion
 * @property {number} rate
 * @property {number} elbo
 * @property {number[] | undefined} rates what each dimension takes of the rate
 * @property {number} active how many dimensions, `of` all, have a mean that depends on the data
 * @property {number} of
 * @property {boolean[]} closed whether each dimension is inactive
 * @property {number} beta
 * @property {number} slope of the curve D(R)
 * @property {string | null} name
 */

import { PRIOR, createCloud, groupPoints, lazily, namesOf } from "./cloud.js";
import { rangeOf } from "../../shared/palette.js";

const ACTIVE_VARIANCE = 0.01; // of the mean over the data: Burda et al. 2016

/** Where β lies among rising ones: after which, and by what share of log β towards the next.
 * @type {(betas: number[], beta: number) => {k: number, share: number}} */
export function bracket(betas, beta) {
  const last = betas.length - 1;
  if (last < 1 || beta <= betas[0]) return { k: 0, share: 0 };
  if (beta >= betas[last]) return { k: last - 1, share: 1 };
  let k = 0;
  while (betas[k + 1] <= beta) k++;
  return { k, share: Math.log(beta / betas[k]) / Math.log(betas[k + 1] / betas[k]) };
}

/** The index of the β nearest in log β. @type {(betas: number[], beta: number) => number} */
export function nearest(betas, beta) {
  const { k, share } = bracket(betas, beta);
  return share < 0.5 ? k : k + 1;
}

/** The next of the knots after β (which may be a rounded one), the first one after the last.
 * @type {(betas: number[], beta: number) => number} */
export function following(betas, beta) {
  return betas.find((each) => each > beta * 1.01) ?? betas[0];
}

/** The slope at knot k of the parabola through it and its neighbours, over log β.
 * @type {(knots: Knots, values: number[], k: number) => number} */
function slopeAt({ beta }, values, k) {
  if (values.length < 3) return (values[1] - values[0]) / Math.log(beta[1] / beta[0]);
  const first = Math.min(Math.max(k - 1, 0), values.length - 3);
  const [a, b, c] = [0, 1, 2].map((each) => Math.log(beta[first + each]));
  const x = Math.log(beta[k]);
  return values[first] * (2 * x - b - c) / ((a - b) * (a - c))
    + values[first + 1] * (2 * x - a - c) / ((b - a) * (b - c))
    + values[first + 2] * (2 * x - a - b) / ((c - a) * (c - b));
}

/** Values of a smooth curve between its knots: cubic in log β; see BetaCurve.at in Python.
 * @type {(knots: Knots, values: number[], at: {k: number, share: number}) => number} */
function cubic(knots, values, { k, share }) {
  if (!share) return values[k];
  const step = Math.log(knots.beta[k + 1] / knots.beta[k]);
  const rise = values[k + 1] - values[k];
  const bend = (1 - share) * (slopeAt(knots, values, k) * step - rise)
    + share * (rise - slopeAt(knots, values, k + 1) * step);
  return values[k] + share * rise + share * (1 - share) * bend;
}

/** @type {(knots: Knots, beta: number) => Figures} */
export function figuresAt(knots, beta) {
  const at = knots.names ? { k: nearest(knots.beta, beta), share: 0 } : bracket(knots.beta, beta);
  const { k, share } = at;
  /** @param {number[]} values */
  const mix = (values) => (share ? values[k] + share * (values[k + 1] - values[k]) : values[k]);
  /** @param {number} d */
  const logs = (d) => knots.variance.map((row) => Math.log(Math.max(row[d], 1e-30)));
  const closed = knots.variance[0].map((_, d) => Math.exp(mix(logs(d))) <= ACTIVE_VARIANCE);
  const distortion = cubic(knots, knots.distortion, at);
  const rate = cubic(knots, knots.rate, at);
  const perDim = knots.rate_per_dim;
  const measured = knots.names ? knots.beta[k] : beta;
  return {
    distortion,
    rate,
    elbo: -(distortion + rate),
    rates: perDim?.[0].map((_, d) => cubic(knots, perDim.map((row) => row[d]), at)),
    active: knots.active ? knots.active[k] : closed.filter((each) => !each).length,
    of: closed.length,
    closed,
    beta: measured,
    slope: -measured * knots.per_beta,
    name: knots.names?.[k] ?? null,
  };
}

/** @typedef {"x" | "y" | FigureName} Column */
/** @typedef {"sxx" | "sxy" | "syy"} SpreadColumn */
/** The values of all points at the first knot, then at the second, …
 * @typedef {Record<Column, Float32Array> & Record<SpreadColumn, Float32Array | null>} Columns */
/** `at(beta)` reuses its arrays, unless they are to be `apart`.
 * @typedef {{at: (beta: number, apart?: boolean) => Cloud}} Sweep */

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

/**
 * The means of all test images; `beta` is taken between the knots on straight lines in log β.
 * @typedef {object} Codes
 * @property {number} size how many images
 * @property {(dims: number[], beta: number) => Float32Array[]} across these coordinates of all
 * @property {(z: Numbers, count: number, beta: number) => number[]} nearest the images with their
 *   means nearest to z, nearest first
 * @property {(beta: number) => Float32Array} all all means, one image after another
 * @property {(indices: ArrayLike<number>, beta: number) => Float64Array} meanOf the mean of the
 *   means of these images
 */

/** `mu` holds the means of all images at the first β, then at the second, …, each `latentDim`
 * numbers.
 * @type {(mu: Float32Array, betas: number[], latentDim: number) => Codes} */
export function createCodes(mu, betas, latentDim) {
  const size = mu.length / (betas.length * latentDim);

  /** Dimension d of image i at a bracketed β.
   * @type {(at: {k: number, share: number}, i: number, d: number) => number} */
  function value({ k, share }, i, d) {
    const at = (k * size + i) * latentDim + d;
    return share ? mu[at] + share * (mu[at + size * latentDim] - mu[at]) : mu[at];
  }

  return {
    size,
    across(dims, beta) {
      const at = bracket(betas, beta);
      return dims.map((d) => Float32Array.from({ length: size }, (_, i) => value(at, i, d)));
    },
    nearest(z, count, beta) {
      const at = bracket(betas, beta);
      /** @type {[number, number][]} squared distance and image, nearest first */ const found = [];
      for (let i = 0; i < size; i++) {
        let away = 0;
        for (let d = 0; d < latentDim; d++) away += (z[d] - value(at, i, d)) ** 2;
        if (found.length === count && !(away < found[count - 1][0])) continue;
        let rank = found.length;
        while (rank > 0 && found[rank - 1][0] > away) rank--;
        found.splice(rank, 0, [away, i]);
        if (found.length > count) found.pop();
      }
      return found.map(([, i]) => i);
    },
    all(beta) {
      const at = bracket(betas, beta);
      return Float32Array.from({ length: size * latentDim }, (_, k) => (
        value(at, Math.floor(k / latentDim), k % latentDim)));
    },
    meanOf(indices, beta) {
      const at = bracket(betas, beta);
      return Float64Array.from({ length: latentDim }, (_, d) => {
        let sum = 0;
        for (let k = 0; k < indices.length; k++) sum += value(at, indices[k], d);
        return sum / indices.length;
      });
    },
  };
}

/** The codes that the plane itself shows, where it shows every dimension.
 * @type {(points: {x: Float32Array, y: Float32Array}, latentDim: number) => Codes} */
export function shownCodes({ x, y }, latentDim) {
  const both = { length: 2 * x.length };
  const mu = latentDim < 2 ? x : Float32Array.from(both, (_, k) => (k % 2 ? y : x)[k >> 1]);
  return createCodes(mu, [1], latentDim);
}
