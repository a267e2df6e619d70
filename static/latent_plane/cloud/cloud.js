// The encoded points as they are drawn: their places, colours, classes' names, and their index.

import { boundsOf } from "../canvas/camera.js";
import { createIndex } from "./neighbours.js";
import { classColour, rampColour, rangeOf } from "../canvas/palette.js";

// One standard deviation of the prior: always in the view, however small the cloud.
export const PRIOR = { left: -1, right: 1, bottom: -1, top: 1 };
const RAMP_STEPS = 64;
const MOST_NAMED_CLASSES = 12;
const UNSELECTED = { light: "#8C8C8C", dark: "#8A8A8A" };

/** The classes that occur, and of each one to be named on the plane its points. */
export function groupPoints(label) {
  const members = new Map();
  label.forEach((each, i) => members.has(each) ? members.get(each).push(i) : members.set(each, [i]));
  const classes = [...members.keys()].sort((a, b) => a - b);
  const named = classes.filter((c) => c >= 0);
  return { classes, members, named: named.length > MOST_NAMED_CLASSES ? [] : named };
}

/** Where each class's name stands: the medians of its points. */
export function namesOf({ named, members }, x, y) {
  const middle = (values, indices) =>
    Float32Array.from(indices, (i) => values[i]).sort()[indices.length >> 1];
  return named.map((label) => (
    { label, x: middle(x, members.get(label)), y: middle(y, members.get(label)) }));
}

/** Calls `make` at most once, when first asked. */
export function lazily(make) {
  let made;
  return () => (made ??= make());
}

/**
 * Points x, y with `label`, nats (`rate`, `distortion`) and `spread`: the symmetric root of each
 * posterior's covariance in the plane, {xx, xy, yy}, or null. What is known already comes in `more`.
 */
export function createCloud({ x, y, label, rate, distortion, spread = null }, more = {}) {
  const groups = more.groups ?? groupPoints(label);
  const values = { rate, distortion };
  return {
    x,
    y,
    label,
    spread,
    values,
    groups,
    classes: groups.classes,
    names: more.names ?? namesOf(groups, x, y),
    index: lazily(() => createIndex(x, y)),
    bounds: more.bounds ?? boundsOf(x, y, PRIOR),
    rangeOf: more.rangeOf ?? ((name) => rangeOf(values[name])),
  };
}

/**
 * How the points of a plane are coloured: one small number a point (`buckets`), the colour of each number,
 * the range of values that the ramp spans (null for classes), and the order they are drawn in.
 * Where a `mask` says which ones are selected, the others are grey; these `faint` ones come first.
 */
export function colourCloud({ cloud, view, theme: { dark } }, mask = null) {
  const paint = bucketsOf(cloud, view.color_by, dark);
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

function bucketsOf(cloud, colorBy, dark) {
  if (colorBy === "label") {
    const slot = new Map(cloud.classes.map((c, k) => [c, k]));
    return {
      buckets: Uint16Array.from(cloud.label, (c) => slot.get(c)),
      colours: cloud.classes.map((c) => classColour(c, dark)),
      range: null,
    };
  }
  const values = cloud.values[colorBy];
  if (!values) {
    throw new Error(`Points are coloured by label, rate or distortion, not by "${colorBy}".`);
  }
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
