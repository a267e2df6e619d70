// UMAP of codes (McInnes, Healy & Melville 2018), in a thread of its own: told {mu, size, latentDim},
// it tells {x, y, epoch, of} again and again. A classic script, since the library is one.

importScripts("../../vendor/umap-js/umap-js.min.js");

const FITTED = 4000; // codes; the others go to the middle of their nearest fitted ones
const NEIGHBOURS = 15;
const NEAREST = 5;
const EVERY_MS = 250;

/** The same layout for the same codes: mulberry32. */
function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

self.onmessage = ({ data: { mu, size, latentDim } }) => {
  const fitted = Math.min(size, FITTED);
  const rows = Array.from({ length: fitted }, (_, i) => Array.from(mu.subarray(i * latentDim, (i + 1) * latentDim)));
  const umap = new UMAP.UMAP({ nComponents: 2, nNeighbors: Math.min(NEIGHBOURS, fitted - 1), random: seeded(1) });
  const of = umap.initializeFit(rows);
  const others = nearestOfOthers(mu, size, latentDim, fitted);
  let told = 0;
  for (let epoch = 1; epoch <= of; epoch++) {
    umap.step();
    if (epoch < of && performance.now() - told < EVERY_MS) continue;
    told = performance.now();
    self.postMessage({ ...placed(umap.getEmbedding(), size, fitted, others), epoch, of });
  }
};

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

/** Of each code that isn't fitted, the nearest fitted ones. */
function nearestOfOthers(mu, size, latentDim, fitted) {
  const found = new Uint32Array((size - fitted) * NEAREST);
  for (let i = fitted; i < size; i++) {
    const best = [];
    for (let j = 0; j < fitted; j++) {
      let distance = 0;
      for (let d = 0; d < latentDim; d++) distance += (mu[i * latentDim + d] - mu[j * latentDim + d]) ** 2;
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
