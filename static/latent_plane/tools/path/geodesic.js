// The shortest way between two places of the plane in pixel space: a geodesic of the metric that
// the decoder's mean pulls back (Shao et al. 2018; Chen et al. 2018; Arvanitidis et al. 2018).
// Everything is a generator with one decode between two yields, so that it fits into frames.

/** @import { Numbers, Pair } from "../../context.js" */
/** @typedef {(place: Pair) => Float32Array} Decode the mean image; its array is used again */
/** The `points` that a line was measured at, and up to each one its length in the plane (`latent`)
 * and in pixel space (`pixel`).
 * @typedef {{points: Pair[], latent: number[], pixel: number[]}} Track */
/** @typedef {{line: Pair[], track: Track}} Way */
/** A yield is the share of the lattice that is done, or the path as it is by now.
 * @template Result
 * @typedef {Generator<number | Pair[] | void, Result, void>} Search */
/** @typedef {[number, number, number, number]} Matrix 2 × 2, row by row */
/** One block row of the normal equations: on the diagonal, above it, and the right-hand side.
 * @typedef {{diagonal: Matrix, above: Matrix, right: Pair}} Block */

import { arcLengths, between, distance, refined, resampled } from "../../geometry.js";

const POINTS = [32, 64]; // steps of the discrete path; more where few cut corners
const ROUNDS = 40;
const STEP = 2e-3; // of the differences that give the Jacobian
const STILL = 3e-3; // the relative gain below which the path rests
const FIRST_DAMPING = 1e-3;
const ALONG = 10; // steps from one place to the other
const BEYOND = 3; // on either side of them
const ASIDE = 6;
const NEIGHBOURS = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]];
const OFF = 1.01; // a step whose two halves are longer than it by this factor is halved
const DEEPEST = 5; // times

/**
 * The path whose energy Σ‖g(zᵢ₊₁) − g(zᵢ)‖² no small change lowers, begun at the shorter one of the
 * straight line and the shortest way over a lattice. Returns the shortest way that it met, `track`
 * as `measure` gives it in `count` steps; `straight` is that of the straight line, so that the end
 * is never longer than the beginning.
 * @param {Decode} decode @param {Pair} from @param {Pair} to @param {number} count
 * @param {Track} straight @returns {Search<Way>}
 */
export function* geodesic(decode, from, to, count, straight) {
  /** @param {Pair[]} line @returns {Search<Way>} */
  const measured = function* (line) {
    return { line, track: yield* measure(decode, line, count) };
  };
  /** @type {Way} */ const first = { line: [from, to], track: straight };
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

/** @type {(a: Way, b: Way) => Way} */
function shorter(a, b) { return lengthOf(b.track) < lengthOf(a.track) ? b : a; }

/** In pixel space. @type {(track: Track) => number} */
export function lengthOf({ pixel }) { return pixel[pixel.length - 1]; }

/** Gauss–Newton with Levenberg's damping on the inner points.
 * @param {Decode} decode @param {Pair[]} path @returns {Search<Pair[]>} */
export function* relaxed(decode, path) {
  const image = (/** @type {Pair} */ place) => decode(place).slice();
  let damping = FIRST_DAMPING;
  /** @type {Float32Array[]} */ let images = [];
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
      const next = path.map((z, i) => (steps[i - 1] ? sum(z, steps[i - 1]) : z));
      /** @type {Float32Array[]} */ const seen = [images[0]];
      for (const place of next.slice(1, -1)) { seen.push(image(place)); yield; }
      seen.push(images[images.length - 1]);
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

/** @type {(a: Pair, b: Pair) => Pair} */
function sum(a, b) { return [a[0] + b[0], a[1] + b[1]]; }

/** @type {(images: Float32Array[]) => number} */
function energyOf(images) {
  return images.slice(1).reduce((all, image, i) => all + imageDistance(images[i], image) ** 2, 0);
}

/** ∂g/∂z at a place, one column a dimension.
 * @type {(image: Decode, place: Pair, here: Float32Array) => Float32Array[]} */
function columns(image, place, here) {
  return place.map((_, axis) => {
    const ahead = image(sum(place, axis ? [0, STEP] : [STEP, 0]));
    return ahead.map((value, i) => (value - here[i]) / STEP);
  });
}

/** Of the linearised images. @type {(i: Float32Array[], jacobians: Float32Array[][]) => Block[]} */
function normalEquations(images, jacobians) {
  return jacobians.map((own, k) => {
    const [before, here, after] = [images[k], images[k + 1], images[k + 2]];
    const bend = here.map((value, i) => after[i] + before[i] - 2 * value);
    const next = jacobians[k + 1];
    return {
      diagonal: product(own, own, 2),
      above: next ? product(own, next, -1) : [0, 0, 0, 0],
      right: [dot(own[0], bend), dot(own[1], bend)],
    };
  });
}

/** AᵀB of two columns each, times a factor.
 * @type {(a: Numbers[], b: Numbers[], factor: number) => Matrix} */
function product([a, b], [c, d], factor) {
  return [factor * dot(a, c), factor * dot(a, d), factor * dot(b, c), factor * dot(b, d)];
}

/** @type {(a: Numbers, b: Numbers) => number} */
function dot(a, b) {
  let all = 0;
  for (let i = 0; i < a.length; i++) all += a[i] * b[i];
  return all;
}

/** The steps of a block tridiagonal system, damped by a share of its mean diagonal.
 * @type {(system: Block[], damping: number) => Pair[]} */
export function solve(system, damping) {
  const trace = system.reduce((all, { diagonal: [a, , , d] }) => all + a + d, 0);
  const more = (damping * trace) / (2 * system.length) + 1e-12;
  /** @type {{from: Matrix, gain: Matrix, right: Pair}[]} */ const done = [];
  for (const { diagonal, above, right } of system) {
    let [[a, b, c, d], [x, y]] = [diagonal, right];
    a += more;
    d += more;
    const last = done.at(-1);
    if (last) {
      const [p, q, r, s] = last.from; // above the diagonal in the row before, transposed below it
      const [e, f, g, h] = last.gain;
      const [u, v] = last.right;
      [a, b] = [a - (p * e + r * g), b - (p * f + r * h)];
      [c, d] = [c - (q * e + s * g), d - (q * f + s * h)];
      [x, y] = [x - (p * u + r * v), y - (q * u + s * v)];
    }
    const determinant = a * d - b * c;
    /** @type {Matrix} */
    const inverse = [d / determinant, -b / determinant, -c / determinant, a / determinant];
    done.push({ from: above, gain: times(inverse, above), right: apply(inverse, [x, y]) });
  }
  /** @type {Pair[]} */ const steps = [];
  for (let k = done.length - 1; k >= 0; k--) {
    const after = steps[0] ?? [0, 0];
    const [u, v] = apply(done[k].gain, after);
    steps.unshift([done[k].right[0] - u, done[k].right[1] - v]);
  }
  return steps;
}

/** @type {(a: Matrix, b: Matrix) => Matrix} */
function times([a, b, c, d], [e, f, g, h]) {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}

/** @type {(a: Matrix, z: Pair) => Pair} */
function apply([a, b, c, d], [x, y]) { return [a * x + b * y, c * x + d * y]; }

/**
 * Dijkstra's shortest way (1959) over a lattice whose rows run along the line from one place to the
 * other, both of which are nodes; an edge is as long as its two images are apart.
 * @param {Decode} decode @param {Pair} from @param {Pair} to @returns {Search<Pair[]>}
 */
export function* shortestWay(decode, from, to) {
  const columns = ALONG + 2 * BEYOND + 1;
  const rows = 2 * ASIDE + 1;
  const [ux, uy] = [(to[0] - from[0]) / ALONG, (to[1] - from[1]) / ALONG];
  /** @type {(node: number) => Pair} */
  const place = (node) => {
    const [i, j] = [(node % columns) - BEYOND, Math.floor(node / columns) - ASIDE];
    return [from[0] + i * ux - j * uy, from[1] + i * uy + j * ux];
  };
  /** @type {Float32Array[]} */ const images = [];
  for (let node = 0; node < columns * rows; node++) {
    images.push(decode(place(node)).slice());
    yield node / (columns * rows);
  }
  const first = ASIDE * columns + BEYOND;
  const last = first + ALONG;
  const nodes = dijkstra(first, last, images.length, (node) => NEIGHBOURS.flatMap(([di, dj]) => {
    const [i, j] = [(node % columns) + di, Math.floor(node / columns) + dj];
    return i < 0 || j < 0 || i >= columns || j >= rows ? [] : [j * columns + i];
  }), (a, b) => imageDistance(images[a], images[b]));
  return nodes.map((node) => (node === first ? from : node === last ? to : place(node)));
}

/** The nodes of the shortest way; `count` of them, few enough to look through all each time.
 * @type {(first: number, last: number, count: number, neighboursOf: (node: number) => number[],
 *   distanceOf: (a: number, b: number) => number) => number[]} */
export function dijkstra(first, last, count, neighboursOf, distanceOf) {
  const lengths = new Float64Array(count).fill(Infinity);
  const before = new Int32Array(count).fill(-1);
  const open = new Set([first]);
  const settled = new Uint8Array(count);
  lengths[first] = 0;
  while (open.size) {
    let node = -1;
    for (const each of open) if (node < 0 || lengths[each] < lengths[node]) node = each;
    if (node === last) break;
    open.delete(node);
    settled[node] = 1;
    for (const next of neighboursOf(node)) {
      if (settled[next]) continue;
      const length = lengths[node] + distanceOf(node, next);
      if (length >= lengths[next]) continue;
      lengths[next] = length;
      before[next] = node;
      open.add(next);
    }
  }
  const way = [];
  for (let node = last; node >= 0; node = before[node]) way.unshift(node);
  return way;
}

/** Euclidean distance between two images. @type {(a: Numbers, b: Numbers) => number} */
export function imageDistance(a, b) {
  let all = 0;
  for (let i = 0; i < a.length; i++) all += (a[i] - b[i]) ** 2;
  return Math.sqrt(all);
}

/** Measures a line in at least 2·`count` steps, and in finer ones where the images turn.
 * @param {Decode} decode @param {Pair[]} line @param {number} count @returns {Search<Track>} */
export function* measure(decode, line, count) {
  const coarse = refined(line, count);
  const points = [coarse[0]];
  const pixel = [0];
  let before = decode(coarse[0]).slice();
  yield;
  for (let i = 1; i < coarse.length; i++) {
    const image = decode(coarse[i]).slice();
    yield;
    yield* halve(coarse[i - 1], before, coarse[i], image, 1);
    before = image;
  }

  /** @param {Pair} a @param {Numbers} imageA @param {Pair} b @param {Numbers} imageB
   * @param {number} depth @returns {Search<void>} */
  function* halve(a, imageA, b, imageB, depth) {
    const middle = between(a, b, 0.5);
    const image = decode(middle).slice();
    yield;
    const [first, second] = [imageDistance(imageA, image), imageDistance(image, imageB)];
    const whole = imageDistance(imageA, imageB);
    if (depth < DEEPEST && first + second > OFF * whole) {
      yield* halve(a, imageA, middle, image, depth + 1);
      yield* halve(middle, image, b, imageB, depth + 1);
      return;
    }
    // Chords fall short by the square of the step: a third of what halving gains is still missing
    // (Richardson 1911).
    const missing = (first + second - whole) / 6;
    points.push(middle, b);
    const so = pixel[pixel.length - 1];
    pixel.push(so + first + missing, so + first + second + 2 * missing);
  }

  return { points, latent: arcLengths(points), pixel };
}
