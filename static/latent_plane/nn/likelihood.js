// What a decoder's numbers mean: p(x|z), its mean, standard deviation, samples and log-density.

/** @import { Likelihood, Numbers } from "../context.js" */
/** What Python says of it; `log_var` is that of all pixels, else each has its own.
 * @typedef {{name: string, log_var?: number, offset?: number,
 *   bounds?: [number, number]}} LikelihoodSpec */

import { lookUp } from "./network.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** log(1 + eᵃ), without overflow. @type {(a: number) => number} */
export function softplus(a) {
  return Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
}

/** Close to the identity inside [low, high]: see `soft_clamp` in vae_core/numerics.py.
 * @type {(raw: number, low: number, high: number) => number} */
export function softClamp(raw, low, high) {
  return low + softplus(high - softplus(high - raw) - low);
}

/** Bernoulli on logits: p(x|z) = Π b^x (1 − b)^(1 − x), b = sigmoid(out).
 * @type {(spec: LikelihoodSpec, pixels: number) => Likelihood} */
function bernoulli(_, pixels) {
  const chance = (/** @type {number} */ logit) => 1 / (1 + Math.exp(-logit));
  return {
    outputs: pixels,
    mean: (out, into) => fill(into, (i) => chance(out[i])),
    deviation: (out, into) => fill(into, (i) => Math.sqrt(chance(out[i]) * (1 - chance(out[i])))),
    sample: (out, into, random) => fill(into, (i) => (random.uniform() < chance(out[i]) ? 1 : 0)),
    logProb(x, out) {
      let sum = 0;
      for (let i = 0; i < pixels; i++) sum += x[i] * out[i] - softplus(out[i]);
      return sum;
    },
  };
}

/** N(x; out, σ²): one σ (`log_var`), or each pixel's own, in the second half of out.
 * @type {(spec: LikelihoodSpec, pixels: number) => Likelihood} */
function gaussian({ log_var: shared, offset = 0, bounds }, pixels) {
  const own = shared === undefined;
  const [low, high] = bounds ?? [-Infinity, Infinity];
  /** @type {(out: Numbers, i: number) => number} */
  const logVar = own ? (out, i) => softClamp(out[pixels + i] + offset, low, high) : () => shared;
  return {
    outputs: own ? 2 * pixels : pixels,
    mean: (out, into) => fill(into, (i) => out[i]),
    deviation: (out, into) => fill(into, (i) => Math.exp(0.5 * logVar(out, i))),
    sample: (out, into, random) =>
      fill(into, (i) => out[i] + Math.exp(0.5 * logVar(out, i)) * random.normal()),
    logProb(x, out) {
      let sum = 0;
      for (let i = 0; i < pixels; i++) {
        const s = logVar(out, i);
        sum -= 0.5 * ((x[i] - out[i]) ** 2 * Math.exp(-s) + s + LOG_2PI);
      }
      return sum;
    },
  };
}

/** One function a likelihood, given its description and the number of pixels.
 * @type {Record<string, (spec: LikelihoodSpec, pixels: number) => Likelihood>} */
export const LIKELIHOODS = { bernoulli, gaussian };

/** @type {(spec: LikelihoodSpec, pixels: number) => Likelihood} */
export function createLikelihood(spec, pixels) {
  return lookUp(LIKELIHOODS, spec.name, "likelihood", "The decoder")(spec, pixels);
}

/** @type {(into: Float32Array, value: (i: number) => number) => Float32Array} */
function fill(into, value) {
  for (let i = 0; i < into.length; i++) into[i] = value(i);
  return into;
}
