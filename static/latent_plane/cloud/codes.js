// The posterior means of the test images in every dimension, not only in those the plane shows.

import { bracket } from "./knots.js";

/**
 * `mu` holds the means of all images at the first β, then at the second, …, each `latentDim`
 * numbers; between two β they lie on straight lines in log β, as the points of the plane do.
 */
export function createCodes(mu, betas, latentDim) {
  const size = mu.length / (betas.length * latentDim);

  /** Dimension d of image i at a bracketed β. */
  function value({ k, share }, i, d) {
    const at = (k * size + i) * latentDim + d;
    return share ? mu[at] + share * (mu[at + size * latentDim] - mu[at]) : mu[at];
  }

  return {
    size,
    /** The plane's coordinates of all images in these dimensions. */
    across(dims, beta) {
      const at = bracket(betas, beta);
      return dims.map((d) => Float32Array.from({ length: size }, (_, i) => value(at, i, d)));
    },
    /** The images whose means are nearest to z (all dimensions), nearest first. */
    nearest(z, count, beta) {
      const at = bracket(betas, beta);
      const found = []; // [squared distance, image], nearest first
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
    /** All means, one image after another. */
    all(beta) {
      const at = bracket(betas, beta);
      return Float32Array.from({ length: size * latentDim }, (_, k) => (
        value(at, Math.floor(k / latentDim), k % latentDim)));
    },
    /** The mean of the means of these images, in all dimensions. */
    meanOf(indices, beta) {
      const at = bracket(betas, beta);
      return Float64Array.from({ length: latentDim }, (_, d) => (
        indices.reduce((sum, i) => sum + value(at, i, d), 0) / indices.length));
    },
  };
}

/** The codes that the plane itself shows, where it shows every dimension. */
export function shownCodes({ x, y }, latentDim) {
  const mu = latentDim < 2 ? x : Float32Array.from({ length: 2 * x.length }, (_, k) => (k % 2 ? y : x)[k >> 1]);
  return createCodes(mu, [1], latentDim);
}
