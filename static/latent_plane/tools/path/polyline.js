// A line through points of the plane: how long it is, what lies where along it, and with how few
// points it can be told.

import { simplify } from "../draw/drawing.js";

/** The arc length from the first point to each one. */
export function arcLengths(points) {
  const lengths = [0];
  for (let i = 1; i < points.length; i++) lengths.push(lengths[i - 1] + distance(points[i - 1], points[i]));
  return lengths;
}

export function distance(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

export function between(a, b, share) {
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

/**
 * The point where `lengths`, one number a point and never falling, reaches `share` of its end:
 * with arc lengths, equal shares are equal steps.
 */
export function pointAt(points, lengths, share) {
  const wanted = Math.min(Math.max(share, 0), 1) * lengths.at(-1);
  let [low, high] = [0, lengths.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lengths[middle] <= wanted) low = middle;
    else high = middle;
  }
  const step = lengths[high] - lengths[low];
  return between(points[low], points[high], step > 0 ? (wanted - lengths[low]) / step : 0);
}

/** The same line as `count` points in equal steps of arc length. */
export function resampled(points, count) {
  const lengths = arcLengths(points);
  return Array.from({ length: count }, (_, k) => pointAt(points, lengths, k / (count - 1)));
}

/** The line with points between its own, so that no step is longer than 1/`count` of it. */
export function refined(points, count) {
  const longest = arcLengths(points).at(-1) / count;
  return points.flatMap((point, i) => {
    if (!i) return [point];
    const parts = Math.max(1, Math.ceil(distance(points[i - 1], point) / longest - 1e-9) || 1);
    return Array.from({ length: parts }, (_, k) => between(points[i - 1], point, (k + 1) / parts));
  });
}

/**
 * The line with fewer points, nowhere farther than `tolerance` from it; where that takes more than
 * `most`, `most` of them in equal steps.
 */
export function simplified(points, tolerance, most) {
  const fewer = simplify(points, tolerance);
  return fewer.length > most ? resampled(points, most) : fewer;
}

/** The line with its ends moved to `from` and `to`; what lies between goes along by its share. */
export function withEnds(points, from, to) {
  const lengths = arcLengths(points);
  const [[ax, ay], [bx, by]] = [points[0], points.at(-1)];
  return points.map(([x, y], i) => {
    const share = lengths[i] / (lengths.at(-1) || 1);
    return [
      x + (1 - share) * (from[0] - ax) + share * (to[0] - bx),
      y + (1 - share) * (from[1] - ay) + share * (to[1] - by),
    ];
  });
}
