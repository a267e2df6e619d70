// The decoder of a VAE: z in, the parameters of p(x|z) out, and their mean as pixels; the decoders
// of models trained apart at several β, as one; and the encoder: an image in, q(z|x) out.

/** @import { Decoder, Encoder, ModelEncoder, Numbers, Posterior, Shape } from "../context.js" */
/** @import { LikelihoodSpec } from "./likelihood.js" */
/** @import { NetworkSpec } from "./network.js" */
/** @typedef {NetworkSpec & Shape & {latent_dim: number}} CoderSpec */
/** Models that were trained apart have a likelihood each.
 * @typedef {CoderSpec & {likelihood: LikelihoodSpec,
 *   likelihoods?: LikelihoodSpec[]}} DecoderSpec */
/** `log_var` has its bounds.
 * @typedef {CoderSpec & {log_var: [number, number], binarized: boolean,
 *   deterministic: boolean}} EncoderSpec */

import { nearest } from "../cloud/sweep.js";
import { createLikelihood, softClamp } from "./likelihood.js";
import { createNetwork } from "./network.js";

/** Builds a decoder from its description and the flat array of all weights; see `createNetwork`.
 * `outputs(z)` are the parameters of p(x|z), which `likelihood` understands, `decode(z)` its mean:
 * one Float32Array of channels·height·width. Both are reused by the next call.
 * @type {(spec: DecoderSpec, weights: Float32Array) => Decoder} */
export function createDecoder(spec, weights) {
  const { latent_dim: latentDim, channels, height, width } = spec;
  const pixels = channels * height * width;
  const network = createNetwork(spec, weights, latentDim, "Decoder");
  const likelihood = createLikelihood(spec.likelihood, pixels);
  if (network.outputs < likelihood.outputs) {
    throw new Error(`The decoder ends with ${network.outputs} values, but an image needs `
      + `${likelihood.outputs}.`);
  }
  const image = new Float32Array(pixels);

  return {
    outputs: network.run,
    decode: (z) => likelihood.mean(network.run(z), image),
    setBeta: network.setBeta,
    get version() { return network.version; },
    likelihood, latentDim, channels, height, width, pixels,
  };
}

/**
 * The decoder of the model whose β is nearest in log β.
 *
 * `weights` holds those of all models one after another; `spec.likelihoods` what each makes of its
 * outputs; `turns[k]` is the orthogonal Q that takes model k to the common coordinates, so that a
 * common z is Qᵀz to the model.
 * @type {(spec: DecoderSpec, weights: Float32Array, betas: number[], turns: number[][][])
 *   => Decoder}
 */
export function createEnsemble(spec, weights, betas, turns) {
  const size = weights.length / betas.length;
  /** @type {Map<number, Decoder>} */ const made = new Map();
  const own = new Float32Array(spec.latent_dim);
  let chosen = 0;

  function decoder() {
    const likelihood = spec.likelihoods?.[chosen] ?? spec.likelihood;
    const known = made.get(chosen) ?? createDecoder({ ...spec, likelihood },
      weights.subarray(chosen * size, (chosen + 1) * size));
    made.set(chosen, known);
    return known;
  }

  /** @param {Numbers} z */
  function turned(z) {
    own.fill(0);
    turns[chosen].forEach((row, common) => {
      for (let i = 0; i < own.length; i++) own[i] += row[i] * z[common];
    });
    return own;
  }

  const { latentDim, channels, height, width, pixels } = decoder();
  return {
    outputs: (z) => decoder().outputs(turned(z)),
    decode: (z) => decoder().decode(turned(z)),
    get likelihood() { return decoder().likelihood; },
    setBeta(beta) { chosen = nearest(betas, beta); },
    get version() { return chosen; },
    latentDim, channels, height, width, pixels,
  };
}

/** Builds an encoder from its description and the flat array of all weights; see `createNetwork`.
 * `encode(x)` gives {mu, sigma}; x holds channels·height·width numbers, binarised where
 * `binarized` says so.
 * @type {(spec: EncoderSpec, weights: Float32Array) => Encoder} */
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

/** q(z|x) of a picture x (numbers from 0 to 1): {mu, sigma, covariance} in common coordinates,
 * where `turn`, an orthogonal Q, takes the model's z to Q z; without it the covariance is diag σ².
 * @type {(encoder: Pick<ModelEncoder, "turn"> & {network: Pick<Encoder, "encode">}, x: Numbers)
 *   => Posterior} */
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
