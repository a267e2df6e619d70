// The encoder of a VAE: an image in, the posterior q(z|x) = N(μ, diag σ²) out.

import { softClamp } from "./numerics.js";
import { createNetwork } from "./network.js";

/**
 * Builds an encoder from its description and the flat array of all weights; see `createNetwork`.
 * `encode(x)` gives {mu, sigma}; x holds channels·height·width numbers, binarised where
 * `binarized` says so. `turn`, an orthogonal matrix, takes them to common coordinates.
 */
export function createEncoder(spec, weights) {
  const { latent_dim: latentDim, channels, height, width } = spec;
  const network = createNetwork(spec, weights, channels * height * width, "Encoder");
  const [low, high] = spec.log_var;

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
