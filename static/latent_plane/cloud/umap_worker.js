// UMAP of codes (McInnes, Healy & Melville 2018) in a worker: given {mu, size, latentDim}, it posts
// {x, y, epoch, of} repeatedly. A classic script, since the library is one.

/**
 * @typedef {object} Umap
 * @property {(rows: number[][]) => number} initializeFit returns the number of epochs
 * @property {() => void} step
 * @property {() => number[][]} getEmbedding
 */
/** @typedef {{mu: Float32Array, size: number, latentDim: number}} Codes */
/** @typedef {{importScripts: (url: string) => void, postMessage: (message: unknown) => void,
 *   onmessage: (event: MessageEvent<Codes>) => void,
 *   UMAP: {UMAP: new (options: object) => Umap}}} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
scope.importScripts("../../vendor/umap-js/umap-js.min.js");

const FITTED = 4000; // codes; the others go to the middle of their nearest fitted ones
const NEIGHBOURS = 15;
const NEAREST = 5;
const EVERY_MS = 250;

/** The same layout for the same codes: mulberry32. @type {(state: number) => () => number} */
function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

scope.onmessage = ({ data: { mu, size, latentDim } }) => {
  const fitted = Math.min(size, FITTED);
  const rows = Array.from({ length: fitted }, (_, i) => (
    Array.from(mu.subarray(i * latentDim, (i + 1) * latentDim))));
  const nNeighbors = Math.min(NEIGHBOURS, fitted - 1);
  const umap = new scope.UMAP.UMAP({ nComponents: 2, nNeighbors, random: seeded(1) });
  const of = umap.initializeFit(rows);
  const others = nearestOfOthers(mu, size, latentDim, fitted);
  let told = 0;
  for (let epoch = 1; epoch <= of; epoch++) {
    umap.step();
    if (epoch < of && performance.now() - told < EVERY_MS) continue;
    told = performance.now();
    scope.postMessage({ ...placed(umap.getEmbedding(), size, fitted, others), epoch, of });
  }
};

/** @type {(found: number[][], size: number, fitted: number, others: Uint32Array)
 *   => {x: Float32Array, y: Float32Array}} */
function placed(found, size, fitted, others) {
  const [x, y] = [new Float32Array(size), new Float32Array(size)];
  for (let i = 0; i < fitted; i++) [x[i], y[i]] = found[i];
  for (let i = fitted; i < size; i++) {
    for (let k = 0; k < NEAREST; k++) {
      const j = others[(i - fitted) * NEAREST + k];
      x[i] += found[j][0] / NEAREST;
      y[i] += found[j][1] / NEAREST;
    }
  }
  return { x, y };
}

/** Of each code that isn't fitted, the nearest fitted ones.
 * @type {(mu: Float32Array, size: number, latentDim: number, fitted: number) => Uint32Array} */
function nearestOfOthers(mu, size, latentDim, fitted) {
  const found = new Uint32Array((size - fitted) * NEAREST);
  for (let i = fitted; i < size; i++) {
    /** @type {{j: number, distance: number}[]} */ const best = [];
    for (let j = 0; j < fitted; j++) {
      let distance = 0;
      for (let d = 0; d < latentDim; d++) {
        distance += (mu[i * latentDim + d] - mu[j * latentDim + d]) ** 2;
      }
      if (best.length === NEAREST && distance >= best[NEAREST - 1].distance) continue;
      let at = best.length;
      while (at && best[at - 1].distance > distance) at--;
      best.splice(at, 0, { j, distance });
      best.length = Math.min(best.length, NEAREST);
    }
    best.forEach(({ j }, k) => { found[(i - fitted) * NEAREST + k] = j; });
  }
  return found;
}
