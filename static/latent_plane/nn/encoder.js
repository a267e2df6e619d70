// The encoder of a VAE: an image in, the posterior q(z|x) = N(μ, diag σ²) out.

/** @import { Encoder, ModelEncoder, Numbers, Posterior } from "../context.js" */
/** @import { NetworkSpec } from "./network.js" */
/**
 * @typedef {object} EncoderParts
 * @property {number} latent_dim
 * @property {number} channels
 * @property {number} height
 * @property {number} width
 * @property {[number, number]} log_var its bounds
 * @property {boolean} binarized
 * @property {boolean} deterministic
 * @typedef {NetworkSpec & EncoderParts} EncoderSpec
 */

import { softClamp } from "./likelihood.js";
import { createNetwork } from "./network.js";

/**
 * Builds an encoder from its description and the flat array of all weights; see `createNetwork`.
 * `encode(x)` gives {mu, sigma}; x holds channels·height·width numbers, binarised where
 * `binarized` says so.
 * @type {(spec: EncoderSpec, weights: Float32Array) => Encoder}
 */
export function createEncoder(spec, weights) {
  const { latent_dim: latentDim, channels, height, width } = spec;
  const network = createNetwork(spec, weights, channels * height * width, "Encoder");
  const [low, high] = spec.log_var;

  /** @param {Numbers} x */
  function encode(x) {
    const out = network.run(x);
    const mu = Float32Array.from({ length: latentDim }, (_, d) => out[d]);
    const sigma = mu.map((_, d) => (
      spec.deterministic ? 0 : Math.exp(0.5 * softClamp(out[latentDim + d], low, high))));
    return { mu, sigma };
  }

  return {
    encode,
    setBeta: network.setBeta,
    get version() { return network.version; },
    binarized: spec.binarized,
    deterministic: spec.deterministic,
    latentDim,
  };
}

/**
 * q(z|x) of a picture x (numbers from 0 to 1): {mu, sigma, covariance} in common coordinates,
 * where `turn`, an orthogonal Q, takes the model's z to Q z; without it the covariance is diag σ².
 * @type {(encoder: Pick<ModelEncoder, "turn"> & {network: Pick<Encoder, "encode">}, x: Numbers)
 *   => Posterior}
 */
export function posteriorOf({ network, turn }, x) {
  const { mu, sigma } = network.encode(x);
  const size = mu.length;
  /** @type {(d: number) => number[]} */
  const turned = (d) => (turn ? turn[d] : Array.from({ length: size }, (_, k) => Number(k === d)));
  return {
    mu: Float32Array.from({ length: size }, (_, d) => dot(turned(d), mu)),
    /** μ + S ε with S = Q diag σ Qᵀ, the symmetric root of the covariance. */
    at(eps) {
      const scaled = sigma.map((s, k) => s * turnedBack(turn, eps, k));
      return Float32Array.from(
        { length: size }, (_, d) => dot(turned(d), mu) + dot(turned(d), scaled));
    },
    root: (i, j) => turned(i).reduce((sum, value, k) => sum + value * sigma[k] * turned(j)[k], 0),
    sigma,
    /** KL(q(z|x) ‖ N(0, I)) = ½ Σ μ² + σ² − log σ² − 1, nats. */
    rate: mu.reduce(
      (sum, m, k) => sum + 0.5 * (m * m + sigma[k] ** 2 - 2 * Math.log(sigma[k]) - 1), 0),
  };
}

/** @type {(a: Numbers, b: Numbers) => number} */
function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < b.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Component k of Qᵀ ε. @type {(turn: number[][] | null, eps: Numbers, k: number) => number} */
function turnedBack(turn, eps, k) {
  return turn ? dot(turn.map((row) => row[k]), eps) : eps[k];
}
