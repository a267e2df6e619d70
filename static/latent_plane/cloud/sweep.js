// The same points at every β of a dial: given at knots, on straight lines in log β between them.

import { PRIOR, createCloud, groupPoints, lazily, namesOf } from "./cloud.js";
import { bracket } from "./knots.js";
import { rangeOf } from "../canvas/palette.js";

const TAIL = 0.002; // of the points at each knot may lie outside the view of everything
// From here up one view holds all points, so that what contracts is seen to; below, where codes
// spread far, the view steps back as β falls.
const STEADY_FROM = 0.5;

/**
 * `columns` hold the values of all points at the first knot, then at the second, …; `label` those
 * of the points. One knot is a model without a dial. `at(beta)` reuses its arrays, unless they are
 * to be `apart`.
 */
export function createSweep(betas, columns) {
  const { label, ...given } = columns;
  const size = label.length;
  const groups = groupPoints(label);
  const names = Object.keys(given).filter((name) => given[name]);
  if (betas.length === 1) {
    const only = createCloud({ ...given, label, spread: spreadOf(given) }, { groups });
    return { at: () => only };
  }
  const arrays = () => Object.fromEntries(names.map((name) => [name, new Float32Array(size)]));
  const now = arrays();
  const part = (name, k) => given[name].subarray(k * size, (k + 1) * size);
  const medians = betas.map((_, k) => lazily(() => namesOf(groups, part("x", k), part("y", k))));
  const ranges = Object.fromEntries(
    ["rate", "distortion"].map((name) => [name, lazily(() => rangeOf(given[name]))]));
  const boxes = betas.map((_, k) => lazily(() => boxOf(part("x", k), part("y", k))));
  const views = viewsOf(betas, boxes);
  const more = { groups, rangeOf: (name) => ranges[name]() };

  function at(beta, apart = false) {
    const { k, share } = bracket(betas, beta);
    const here = apart ? arrays() : now;
    for (const name of names) mix(given[name], k * size, size, share, here[name]);
    const next = medians[k + 1]();
    const moved = medians[k]().map(({ label: of, x, y }, c) => (
      { label: of, x: x + share * (next[c].x - x), y: y + share * (next[c].y - y) }));
    const bounds = between(views[k](), views[k + 1](), share);
    return createCloud({ ...here, label, spread: spreadOf(here) }, { ...more, names: moved, bounds });
  }

  return { at };
}

function mix(values, start, size, share, out) {
  for (let i = 0, a = start, b = start + size; i < size; i++, a++, b++) {
    out[i] = values[a] + share * (values[b] - values[a]);
  }
}

function spreadOf({ sxx, sxy, syy }) {
  return sxx ? { xx: sxx, xy: sxy ?? null, yy: syy } : null;
}

/** A box around nearly all points. */
function boxOf(x, y) {
  const [left, right] = rangeOf(x, TAIL);
  const [bottom, top] = rangeOf(y, TAIL);
  return { left, right, bottom, top };
}

/** What is to be seen at each knot. */
function viewsOf(betas, boxes) {
  const first = betas.findIndex((beta) => beta >= STEADY_FROM);
  const steady = lazily(() => {
    const last = betas.length - 1;
    const looked = first < 0 ? [last] : [first, (first + last) >> 1, last];
    return looked.map((k) => boxes[k]()).reduce(around, PRIOR);
  });
  return boxes.map((box, k) => lazily(() => (first >= 0 && k >= first ? steady() : around(steady(), box()))));
}

function around(a, b) {
  return {
    left: Math.min(a.left, b.left), right: Math.max(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom), top: Math.max(a.top, b.top),
  };
}

function between(a, b, share) {
  return Object.fromEntries(Object.keys(a).map((side) => [side, a[side] + share * (b[side] - a[side])]));
}
