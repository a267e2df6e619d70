// The posterior means of the test images in every dimension, not only in those the plane shows.

/** @import { Numbers } from "../context.js" */
/**
 * The means of all test images; `beta` is taken between the knots on straight lines in log β.
 * @typedef {object} Codes
 * @property {number} size how many images
 * @property {(dims: number[], beta: number) => Float32Array[]} across these coordinates of all
 * @property {(z: Numbers, count: number, beta: number) => number[]} nearest the images with their
 *   means nearest to z, nearest first
 * @property {(beta: number) => Float32Array} all all means, one image after another
 * @property {(indices: ArrayLike<number>, beta: number) => Float64Array} meanOf the mean of the
 *   means of these images
 */

import { bracket } from "./knots.js";

/**
 * `mu` holds the means of all images at the first β, then at the second, …, each `latentDim`
 * numbers.
 * @type {(mu: Float32Array, betas: number[], latentDim: number) => Codes}
 */
export function createCodes(mu, betas, latentDim) {
  const size = mu.length / (betas.length * latentDim);

  /** Dimension d of image i at a bracketed β.
   * @type {(at: {k: number, share: number}, i: number, d: number) => number} */
  function value({ k, share }, i, d) {
    const at = (k * size + i) * latentDim + d;
    return share ? mu[at] + share * (mu[at + size * latentDim] - mu[at]) : mu[at];
  }

  return {
    size,
    across(dims, beta) {
      const at = bracket(betas, beta);
      return dims.map((d) => Float32Array.from({ length: size }, (_, i) => value(at, i, d)));
    },
    nearest(z, count, beta) {
      const at = bracket(betas, beta);
      /** @type {[number, number][]} squared distance and image, nearest first */ const found = [];
      for (let i = 0; i < size; i++) {
        let away = 0;
        for (let d = 0; d < latentDim; d++) away += (z[d] - value(at, i, d)) ** 2;
        if (found.length === count && !(away < found[count - 1][0])) continue;
        let rank = found.length;
        while (rank > 0 && found[rank - 1][0] > away) rank--;
        found.splice(rank, 0, [away, i]);
        if (found.length > count) found.pop();
      }
      return found.map(([, i]) => i);
    },
    all(beta) {
      const at = bracket(betas, beta);
      return Float32Array.from({ length: size * latentDim }, (_, k) => (
        value(at, Math.floor(k / latentDim), k % latentDim)));
    },
    meanOf(indices, beta) {
      const at = bracket(betas, beta);
      return Float64Array.from({ length: latentDim }, (_, d) => {
        let sum = 0;
        for (let k = 0; k < indices.length; k++) sum += value(at, indices[k], d);
        return sum / indices.length;
      });
    },
  };
}

/** The codes that the plane itself shows, where it shows every dimension.
 * @type {(points: {x: Float32Array, y: Float32Array}, latentDim: number) => Codes} */
export function shownCodes({ x, y }, latentDim) {
  const both = { length: 2 * x.length };
  const mu = latentDim < 2 ? x : Float32Array.from(both, (_, k) => (k % 2 ? y : x)[k >> 1]);
  return createCodes(mu, [1], latentDim);
}
