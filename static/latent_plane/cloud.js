// The encoded points: their colours, their classes' names, and their index.

import { boundsOf } from "./camera.js";
import { createIndex } from "./neighbours.js";
import { classColour, rampColour, rangeOf } from "./palette.js";

// One standard deviation of the prior: always in the view, however small the cloud.
const PRIOR = { left: -1, right: 1, bottom: -1, top: 1 };
const RAMP_STEPS = 64;
const MOST_NAMED_CLASSES = 12;
const LAYERS = 16;

/** Points with an index and, for each class, the place of its name: the median of its points. */
export function createCloud({ x, y, label, rate, distortion }) {
  const classes = [...new Set(label)].sort((a, b) => a - b);
  const named = classes.filter((c) => c >= 0);
  return {
    x,
    y,
    label,
    values: { rate, distortion },
    classes,
    names: named.length > MOST_NAMED_CLASSES ? [] : named.map((c) => medianOf(c, x, y, label)),
    index: createIndex(x, y),
    bounds: boundsOf(x, y, PRIOR),
  };
}

/**
 * How the points are coloured: one small number a point (`buckets`), the colour of each number,
 * the range of values that the ramp spans (null for classes), and the order they are drawn in.
 */
export function colourCloud(cloud, colorBy, dark) {
  const paint = bucketsOf(cloud, colorBy, dark);
  return { ...paint, ...runsOf(paint.buckets) };
}

/**
 * An order of the points in which those of one colour follow each other, and where each such run
 * starts. Within each of a few layers only, so that no class lies on top of all others.
 */
function runsOf(buckets) {
  const layer = (i) => Math.floor((i * LAYERS) / buckets.length);
  const order = Uint32Array.from(buckets.keys())
    .sort((a, b) => layer(a) - layer(b) || buckets[a] - buckets[b]);
  const starts = [...order.keys()].filter((k) =>
    k === 0 || buckets[order[k]] !== buckets[order[k - 1]] || layer(order[k]) !== layer(order[k - 1]));
  return { order, starts };
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
  const [low, high] = rangeOf(values);
  const step = (RAMP_STEPS - 1) / Math.max(high - low, 1e-12);
  const bucket = (v) => Math.min(Math.max(Math.round((v - low) * step), 0), RAMP_STEPS - 1);
  return {
    buckets: Uint16Array.from(values, bucket),
    colours: Array.from({ length: RAMP_STEPS }, (_, k) => rampColour(k / (RAMP_STEPS - 1), dark)),
    range: [low, high],
  };
}

function medianOf(wanted, x, y, label) {
  const members = [...label.keys()].filter((i) => label[i] === wanted);
  const middle = (values) => {
    const sorted = Float32Array.from(members, (i) => values[i]).sort();
    return sorted[sorted.length >> 1];
  };
  return { label: wanted, x: middle(x), y: middle(y) };
}
