// The decoder of a VAE: z in, the parameters of p(x|z) out, and their mean as pixels.

import { createLikelihood } from "./likelihood.js";
import { createNetwork } from "./network.js";

/**
 * Builds a decoder from its description and the flat array of all weights; see `createNetwork`.
 * `outputs(z)` are the parameters of p(x|z), which `likelihood` understands, `decode(z)` its mean:
 * one Float32Array of channels·height·width. Both are reused by the next call.
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
