// The same points at every β of a dial: given at knots, on straight lines in log β between them.

import { PRIOR, createCloud, groupPoints, lazily, namesOf } from "./cloud.js";
import { bracket } from "./knots.js";
import { rangeOf } from "./palette.js";

const TAIL = 0.002; // of the points at each knot may lie outside the view of everything
const LOOKED_AT = 5; // every 5th knot decides on that view

/**
 * `columns` hold the values of all points at the first knot, then at the second, …; `label` those
 * of the points. One knot is a model without a dial. `at(beta)` reuses its arrays.
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
  const now = Object.fromEntries(names.map((name) => [name, new Float32Array(size)]));
  const part = (name, k) => given[name].subarray(k * size, (k + 1) * size);
  const medians = betas.map((_, k) => lazily(() => namesOf(groups, part("x", k), part("y", k))));
  const ranges = Object.fromEntries(
    ["rate", "distortion"].map((name) => [name, lazily(() => rangeOf(given[name]))]));
  const looked = [...betas.keys()].filter((k) => k % LOOKED_AT === 0 || k === betas.length - 1);
  const bounds = boundsOver(looked.map((k) => [part("x", k), part("y", k)]));
  const more = { groups, bounds, rangeOf: (name) => ranges[name]() };

  function at(beta) {
    const { k, share } = bracket(betas, beta);
    for (const name of names) mix(given[name], k * size, size, share, now[name]);
    const next = medians[k + 1]();
    const moved = medians[k]().map(({ label: of, x, y }, c) => (
      { label: of, x: x + share * (next[c].x - x), y: y + share * (next[c].y - y) }));
    return createCloud({ ...now, label, spread: spreadOf(now) }, { ...more, names: moved });
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

/** A box around nearly all points at every knot: it stays, so that what contracts is seen to. */
function boundsOver(clouds) {
  const box = { ...PRIOR };
  for (const [x, y] of clouds) {
    const [left, right] = rangeOf(x, TAIL);
    const [bottom, top] = rangeOf(y, TAIL);
    box.left = Math.min(box.left, left);
    box.right = Math.max(box.right, right);
    box.bottom = Math.min(box.bottom, bottom);
    box.top = Math.max(box.top, top);
  }
  return box;
}
