// Where things lie in the rate–distortion plane, in pixels; no DOM in here.

import { ticks } from "../shared/ticks.js";

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box In pixels. */
/** @typedef {{x1: number, y1: number, x2: number, y2: number}} Ends Of a line, in pixels. */
/** @typedef {{rate: number[], distortion: number[]}} Places As many of each, nats. */
/** @typedef {Places} Window The lowest and the highest of each, nats. */
/** @typedef {ReturnType<typeof scaleOf>} Scale */

/** The pixels of a window in a frame. Rate runs to the right, distortion upwards.
 * @param {Window} window @param {Box} frame */
export function scaleOf({ rate, distortion }, frame) {
  const perRate = (frame.right - frame.left) / (rate[1] - rate[0]);
  const perDistortion = (frame.bottom - frame.top) / (distortion[1] - distortion[0]);
  return {
    frame,
    window: { rate, distortion },
    perRate,
    perDistortion,
    x: (/** @type {number} */ value) => frame.left + (value - rate[0]) * perRate,
    y: (/** @type {number} */ value) => frame.bottom - (value - distortion[0]) * perDistortion,
    /** @type {(px: number, py: number) => [number, number]} */
    inverse: (px, py) => [
      rate[0] + (px - frame.left) / perRate, distortion[0] + (frame.bottom - py) / perDistortion,
    ],
  };
}

/** @param {Box} box @param {number} x @param {number} y */
export function contains({ left, right, top, bottom }, x, y) {
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** The window with its width and height divided by `factor`, around a point that stays in place.
 * @param {Window} window @param {number} factor @param {[number, number]} point rate and distortion
 * @returns {Window} */
export function zoomed({ rate, distortion }, factor, [atRate, atDistortion]) {
  /** @type {(range: number[], at: number) => number[]} */
  const scaled = ([low, high], at) => [at - (at - low) / factor, at + (high - at) / factor];
  return { rate: scaled(rate, atRate), distortion: scaled(distortion, atDistortion) };
}

/** The window that holds these places, with a margin in pixels within the frame.
 * @param {Places} places @param {Box} frame @param {number} margin @returns {Window} */
export function fitted({ rate, distortion }, { left, right, top, bottom }, margin) {
  /** @type {(values: number[], pixels: number) => number[]} */
  const wide = (values, pixels) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const pad = Math.max(high - low, 1e-9) * margin / Math.max(pixels - 2 * margin, 1);
    return [low - pad, high + pad];
  };
  return { rate: wide(rate, right - left), distortion: wide(distortion, bottom - top) };
}

/** The piece within the frame of the line through (x, y) that falls `slope` ≥ 0 pixels a pixel to
 * the right; null if none of it is within. An infinite slope is upright.
 * @param {number} x @param {number} y @param {number} slope @param {Box} frame
 * @returns {Ends | null} */
export function clipped(x, y, slope, { left, right, top, bottom }) {
  if (!Number.isFinite(slope)) {
    return x < left || x > right ? null : { x1: x, y1: top, x2: x, y2: bottom };
  }
  let [from, to] = [left, right];
  if (slope > 0) {
    from = Math.max(left, x + (top - y) / slope);
    to = Math.min(right, x + (bottom - y) / slope);
  } else if (y < top || y > bottom) return null;
  if (from >= to) return null;
  return { x1: from, y1: y + slope * (from - x), x2: to, y2: y + slope * (to - x) };
}

/** The fall in pixels, a pixel to the right, of a line of slope −weight: D + weight · R constant.
 * @param {Scale} scale @param {number} weight */
export function fall({ perRate, perDistortion }, weight) {
  return weight * perDistortion / perRate;
}

/** A piece of the line of slope −weight, `length` pixels long, with its middle at (x, y).
 * @param {Scale} scale @param {number} x @param {number} y @param {number} weight
 * @param {number} length @returns {Ends} */
export function segment(scale, x, y, weight, length) {
  const slope = fall(scale, weight);
  const upright = !Number.isFinite(slope);
  const half = length / 2 / Math.hypot(1, upright ? 0 : slope);
  const [dx, dy] = upright ? [0, length / 2] : [half, half * slope];
  return { x1: x - dx, y1: y - dy, x2: x + dx, y2: y + dy };
}

/** Lines of equal ELBO, R + D = −ELBO, at round values within the frame.
 * @param {Scale} scale @returns {{text: string, ends: Ends}[]} */
export function elboLines(scale) {
  const { rate, distortion } = scale.window;
  const totals = ticks(rate[0] + distortion[0], rate[1] + distortion[1], 7);
  return totals.flatMap(({ value, text }) => {
    const y = scale.y(value - rate[0]);
    const ends = clipped(scale.frame.left, y, fall(scale, 1), scale.frame);
    const minus = text.startsWith("−") ? text.slice(1) : value === 0 ? text : `−${text}`;
    return ends ? [{ text: `ELBO ${minus}`, ends }] : [];
  });
}

/** The point nearest to (px, py) on the line through (x[k], y[k]), in pixels: its position, 1.5
 * halfway between places 1 and 2, and its distance.
 * @param {number[]} x @param {number[]} y @param {number} px @param {number} py */
export function nearestOn(x, y, px, py) {
  let best = { position: 0, distance: Math.hypot(x[0] - px, y[0] - py) };
  for (let k = 0; k + 1 < x.length; k++) {
    const [dx, dy] = [x[k + 1] - x[k], y[k + 1] - y[k]];
    const along = ((px - x[k]) * dx + (py - y[k]) * dy) / Math.max(dx * dx + dy * dy, 1e-12);
    const share = Math.min(Math.max(along, 0), 1);
    const distance = Math.hypot(x[k] + share * dx - px, y[k] + share * dy - py);
    if (distance < best.distance) best = { position: k + share, distance };
  }
  return best;
}

/** The index of the place nearest to (px, py) and its distance.
 * @param {number[]} x @param {number[]} y @param {number} px @param {number} py */
export function nearestPlace(x, y, px, py) {
  let best = { index: -1, distance: Infinity };
  for (let index = 0; index < x.length; index++) {
    const distance = Math.hypot(x[index] - px, y[index] - py);
    if (distance < best.distance) best = { index, distance };
  }
  return best;
}

/** β at a position on a line; between two places log β grows evenly.
 * @param {number[]} beta @param {number} position */
export function betaOn(beta, position) {
  const k = Math.min(Math.floor(position), beta.length - 2);
  if (position === k || k < 0) return beta[Math.max(k, 0)];
  return beta[k] * (beta[k + 1] / beta[k]) ** (position - k);
}

/**
 * The box of a text of this size whose anchor ("start" or "end") and middle are at (x, y).
 * @param {number} x @param {number} y @param {number} width @param {number} height @returns {Box}
 */
export function boxOf(x, y, width, height, anchor = "start") {
  const left = anchor === "end" ? x - width : x;
  return { left, right: left + width, top: y - height / 2, bottom: y + height / 2 };
}

/** @param {Box} a @param {Box} b */
export function overlap(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** @type {(box: Box, frame: Box) => boolean} */
const within = (box, frame) => box.left >= frame.left && box.right <= frame.right
  && box.top >= frame.top && box.bottom <= frame.bottom;

/** The index of the box in the frame that touches the fewest obstacles; of several, the first.
 * @param {Box[]} boxes @param {Box[]} obstacles @param {Box} frame */
export function firstFree(boxes, obstacles, frame) {
  let best = { index: 0, touched: Infinity };
  boxes.forEach((box, index) => {
    if (!best.touched || !within(box, frame)) return;
    const touched = obstacles.filter((each) => overlap(box, each)).length;
    if (touched < best.touched) best = { index, touched };
  });
  return best.index;
}

/** Rows of boxes of these widths, `gap` apart, none longer than `most`.
 * @param {number[]} widths @param {number} gap @param {number} most */
export function flowed(widths, gap, most) {
  /** @type {{index: number, x: number}[][]} */ const rows = [];
  let x = Infinity;
  widths.forEach((width, index) => {
    if (x + width > most) {
      rows.push([]);
      x = 0;
    }
    rows[rows.length - 1].push({ index, x });
    x += width + gap;
  });
  return rows;
}
