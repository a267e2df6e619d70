// Geometry of the plane: the z behind a place, and lines and polygons drawn by hand.

/** @import { Numbers, Pair } from "./context.js" */

/** The full z behind a place: `held` with the shown dimensions replaced by the place's coordinates;
 * a plane of one dimension has no y.
 * @type {(view: {dims: number[], held?: Numbers | null}, place: Numbers, size: number)
 *   => Float32Array} */
export function latentAt(view, place, size) {
  const z = Float32Array.from({ length: size }, (_, k) => view.held?.[k] ?? 0);
  view.dims.forEach((dimension, axis) => {
    if (dimension < size) z[dimension] = place[axis];
  });
  return z;
}

/** @type {(a: Pair, b: Pair) => number} */
export function distance(a, b) { return Math.hypot(b[0] - a[0], b[1] - a[1]); }

/** @type {(a: Pair, b: Pair, share: number) => Pair} */
export function between(a, b, share) {
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

/** From a point to the segment between two others. @type {(p: Pair, a: Pair, b: Pair) => number} */
function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const along = squared ? ((x - ax) * dx + (y - ay) * dy) / squared : 0;
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** A line with fewer points that is nowhere farther than `tolerance` from the given one
 * (Ramer 1972; Douglas & Peucker 1973).
 * @type {(points: Pair[], tolerance: number) => Pair[]} */
export function simplify(points, tolerance) {
  if (points.length < 3) return points;
  const last = points.length - 1;
  let [farthest, split] = [tolerance, 0];
  for (let k = 1; k < last; k++) {
    const away = distanceToSegment(points[k], points[0], points[last]);
    if (away > farthest) [farthest, split] = [away, k];
  }
  if (!split) return [points[0], points[last]];
  const first = simplify(points.slice(0, split + 1), tolerance);
  return [...first.slice(0, -1), ...simplify(points.slice(split), tolerance)];
}

/** A function of x and y: whether they lie inside a polygon by the even–odd rule. It is asked for
 * every point while one draws, hence the plain arrays.
 * @type {(corners: Pair[]) => (x: number, y: number) => boolean} */
export function insideOf(corners) {
  const size = corners.length;
  const xs = Float64Array.from(corners, ([x]) => x);
  const ys = Float64Array.from(corners, ([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
  return (x, y) => {
    if (!(x >= left && x <= right && y >= bottom && y <= top)) return false;
    let inside = false;
    for (let i = 0, j = size - 1; i < size; j = i++) {
      if ((ys[i] > y) === (ys[j] > y)) continue;
      if (x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
    }
    return inside;
  };
}

/** The arc length from the first point to each one. @type {(points: Pair[]) => number[]} */
export function arcLengths(points) {
  const lengths = [0];
  for (let i = 1; i < points.length; i++) {
    lengths.push(lengths[i - 1] + distance(points[i - 1], points[i]));
  }
  return lengths;
}

/** The point where `lengths`, one number a point and never falling, reaches `share` of its end:
 * with arc lengths, equal shares are equal steps.
 * @type {(points: Pair[], lengths: number[], share: number) => Pair} */
export function pointAt(points, lengths, share) {
  const wanted = Math.min(Math.max(share, 0), 1) * lengths[lengths.length - 1];
  let [low, high] = [0, lengths.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lengths[middle] <= wanted) low = middle;
    else high = middle;
  }
  const step = lengths[high] - lengths[low];
  return between(points[low], points[high], step > 0 ? (wanted - lengths[low]) / step : 0);
}

/** The same line as `count` points in equal steps of arc length.
 * @type {(points: Pair[], count: number) => Pair[]} */
export function resampled(points, count) {
  const lengths = arcLengths(points);
  return Array.from({ length: count }, (_, k) => pointAt(points, lengths, k / (count - 1)));
}

/** The line with points between its own, so that no step is longer than 1/`count` of it.
 * @type {(points: Pair[], count: number) => Pair[]} */
export function refined(points, count) {
  const longest = arcLengths(points)[points.length - 1] / count;
  return points.flatMap((point, i) => {
    if (!i) return [point];
    const parts = Math.max(1, Math.ceil(distance(points[i - 1], point) / longest - 1e-9) || 1);
    return Array.from({ length: parts }, (_, k) => between(points[i - 1], point, (k + 1) / parts));
  });
}

/** The line with fewer points, nowhere farther than `tolerance` from it; where that takes more than
 * `most`, `most` of them in equal steps.
 * @type {(points: Pair[], tolerance: number, most: number) => Pair[]} */
export function simplified(points, tolerance, most) {
  const fewer = simplify(points, tolerance);
  return fewer.length > most ? resampled(points, most) : fewer;
}

/** The line with its ends moved to `from` and `to`; what lies between goes along by its share.
 * @type {(points: Pair[], from: Pair, to: Pair) => Pair[]} */
export function withEnds(points, from, to) {
  const lengths = arcLengths(points);
  const last = points.length - 1;
  const [[ax, ay], [bx, by]] = [points[0], points[last]];
  return points.map(([x, y], i) => {
    const share = lengths[i] / (lengths[last] || 1);
    return [
      x + (1 - share) * (from[0] - ax) + share * (to[0] - bx),
      y + (1 - share) * (from[1] - ay) + share * (to[1] - by),
    ];
  });
}
