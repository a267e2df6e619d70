// The decoders of models trained apart at several β, one at a time: that of the nearest in log β.

import { createDecoder } from "./decoder.js";
import { nearest } from "../cloud/knots.js";

/**
 * `weights` holds those of all models one after another; `spec.likelihoods` what each makes
 * of its outputs; `turns[k]` is the orthogonal Q that turns model k onto the common coordinates, so that a common z is Qᵀz to the model.
 */
export function createEnsemble(spec, weights, betas, turns) {
  const size = weights.length / betas.length;
  const made = new Map();
  const own = new Float32Array(spec.latent_dim);
  let chosen = 0;

  function decoder() {
    if (!made.has(chosen)) {
      made.set(chosen, createDecoder({ ...spec, likelihood: spec.likelihoods[chosen] },
        weights.subarray(chosen * size, (chosen + 1) * size)));
    }
    return made.get(chosen);
  }

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
