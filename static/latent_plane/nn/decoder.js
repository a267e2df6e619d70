// The decoder of a VAE: z in, the parameters of p(x|z) out, and their mean as pixels; and the
// decoders of models trained apart at several β, as one.

/** @import { Decoder, Numbers } from "../context.js" */
/** @import { LikelihoodSpec } from "./likelihood.js" */
/** @import { NetworkSpec } from "./network.js" */
/**
 * @typedef {object} DecoderSpecParts
 * @property {number} latent_dim
 * @property {number} channels
 * @property {number} height
 * @property {number} width
 * @property {LikelihoodSpec} likelihood
 * @property {LikelihoodSpec[]} [likelihoods] of models trained apart
 * @typedef {NetworkSpec & DecoderSpecParts} DecoderSpec
 */

import { nearest } from "../cloud/knots.js";
import { createLikelihood } from "./likelihood.js";
import { createNetwork } from "./network.js";

/**
 * Builds a decoder from its description and the flat array of all weights; see `createNetwork`.
 * `outputs(z)` are the parameters of p(x|z), which `likelihood` understands, `decode(z)` its mean:
 * one Float32Array of channels·height·width. Both are reused by the next call.
 * @type {(spec: DecoderSpec, weights: Float32Array) => Decoder}
 */
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
