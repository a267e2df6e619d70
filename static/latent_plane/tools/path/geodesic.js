// The shortest way between two places of the plane in pixel space: a geodesic of the metric that
// the decoder's mean pulls back (Shao et al. 2018; Chen et al. 2018; Arvanitidis et al. 2018).

import { shortestWay } from "./lattice_way.js";
import { imageDistance, measure } from "./pixel_length.js";
import { distance, resampled } from "./polyline.js";

const POINTS = [32, 64]; // steps of the discrete path; more where few cut corners
const ROUNDS = 40;
const STEP = 2e-3; // of the differences that give the Jacobian
const STILL = 3e-3; // the relative gain below which the path rests
const FIRST_DAMPING = 1e-3;

/**
 * The path whose energy Σ‖g(zᵢ₊₁) − g(zᵢ)‖² no small change lowers, begun at the shorter one of the
 * straight line and the shortest way over a lattice. A generator with one decode between two yields:
 * of a number, the share of the lattice that is done, or of the path as it is by now. It returns the
 * {line, track} that is the shortest of what it met, `track` as `measure` gives it in `count` steps;
 * `straight` is that of the straight line, so that the end is never longer than the beginning.
 */
export function* geodesic(decode, from, to, count, straight) {
  const measured = function* (line) { return { line, track: yield* measure(decode, line, count) }; };
  const shorter = (a, b) => (b.track.pixel.at(-1) < a.track.pixel.at(-1) ? b : a);
  const first = { line: [from, to], track: straight };
  if (!distance(from, to)) return first;
  const start = shorter(first, yield* measured(yield* shortestWay(decode, from, to)));
  let best = start;
  for (const points of POINTS) {
    const path = yield* relaxed(decode, resampled(start.line, points + 1));
    best = shorter(best, yield* measured(path));
    if (best.line === path) break;
  }
  return best;
}

/** Gauss–Newton with Levenberg's damping on the inner points. */
export function* relaxed(decode, path) {
  const image = (place) => decode(place).slice();
  let damping = FIRST_DAMPING;
  let images = [];
  for (const place of path) { images.push(image(place)); yield; }
  let energy = energyOf(images);
  for (let round = 0; round < ROUNDS; round++) {
    const jacobians = [];
    for (let i = 1; i < path.length - 1; i++) {
      jacobians.push(columns(image, path[i], images[i]));
      yield;
    }
    const system = normalEquations(images, jacobians);
    let gained = 0;
    for (let attempt = 0; attempt < 8 && !gained; attempt++) {
      const steps = solve(system, damping);
      const next = path.map((z, i) => (steps[i - 1] ? [z[0] + steps[i - 1][0], z[1] + steps[i - 1][1]] : z));
      const seen = [images[0]];
      for (const place of next.slice(1, -1)) { seen.push(image(place)); yield; }
      seen.push(images.at(-1));
      const reached = energyOf(seen);
      if (reached < energy) {
        gained = (energy - reached) / energy;
        [path, images, energy] = [next, seen, reached];
        damping = Math.max(damping / 4, 1e-6);
        yield path;
      } else damping *= 6;
    }
    if (gained < STILL) break;
  }
  return path;
}

function energyOf(images) {
  return images.slice(1).reduce((sum, image, i) => sum + imageDistance(images[i], image) ** 2, 0);
}

/** ∂g/∂z at a place, one column a dimension. */
function columns(image, place, here) {
  return place.map((_, axis) => {
    const ahead = image(place.map((value, k) => (k === axis ? value + STEP : value)));
    return ahead.map((value, i) => (value - here[i]) / STEP);
  });
}

/** Of the linearised images: blocks on the diagonal and above it, and the downhill side. */
function normalEquations(images, jacobians) {
  return jacobians.map((own, k) => {
    const [before, here, after] = [images[k], images[k + 1], images[k + 2]];
    const bend = here.map((value, i) => after[i] + before[i] - 2 * value);
    const next = jacobians[k + 1];
    return {
      diagonal: product(own, own).map((value) => 2 * value),
      above: next ? product(own, next).map((value) => -value) : [0, 0, 0, 0],
      right: own.map((column) => dot(column, bend)),
    };
  });
}

/** AᵀB of two columns each, row by row. */
function product([a, b], [c, d]) {
  return [dot(a, c), dot(a, d), dot(b, c), dot(b, d)];
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The steps of a block tridiagonal system, damped by a share of its mean diagonal. */
export function solve(system, damping) {
  const trace = system.reduce((sum, { diagonal: [a, , , d] }) => sum + a + d, 0) / (2 * system.length);
  const more = damping * trace + 1e-12;
  const done = [];
  for (const { diagonal, above, right } of system) {
    let [[a, b, c, d], [x, y]] = [diagonal, right];
    a += more;
    d += more;
    const last = done.at(-1);
    if (last) {
      const [p, q, r, s] = last.from; // what is above the diagonal in the row before, transposed below
      const [e, f, g, h] = last.gain;
      [a, b, c, d] = [a - (p * e + r * g), b - (p * f + r * h), c - (q * e + s * g), d - (q * f + s * h)];
      [x, y] = [x - (p * last.right[0] + r * last.right[1]), y - (q * last.right[0] + s * last.right[1])];
    }
    const determinant = a * d - b * c;
    const inverse = [d / determinant, -b / determinant, -c / determinant, a / determinant];
    done.push({ from: above, gain: times(inverse, above), right: apply(inverse, [x, y]) });
  }
  const steps = [];
  for (let k = done.length - 1; k >= 0; k--) {
    const after = steps[0] ?? [0, 0];
    const [u, v] = apply(done[k].gain, after);
    steps.unshift([done[k].right[0] - u, done[k].right[1] - v]);
  }
  return steps;
}

function times([a, b, c, d], [e, f, g, h]) {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}

function apply([a, b, c, d], [x, y]) {
  return [a * x + b * y, c * x + d * y];
}
