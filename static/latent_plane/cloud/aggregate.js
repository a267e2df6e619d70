// The aggregate posterior q(z) = 1/N Σ q(z|x_n) in the dimensions shown, and the prior there.

import { createRandom } from "../nn/random.js";

const REACH = 7; // standard deviations beyond which a posterior counts for nothing
const SAMPLES = 600;
const HELD = 0.99; // of q(z) lies in the smallest region that is called covered
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * For a cloud with `spread`, the symmetric roots S of the covariances C = S S: `density(x, y)` of
 * q(z); `threshold`, the density at the border of the smallest region that holds 99 % of it
 * (Hyndman 1996: the quantile of the density at samples); `highest` density of these samples.
 */
export function createAggregate({ x, y, spread: { xx, xy, yy } }, flat = false) {
  const size = x.length;
  const inverse = { xx: new Float64Array(size), xy: new Float64Array(size), yy: new Float64Array(size) };
  const height = new Float64Array(size);
  const reach = new Float64Array(size);
  for (let n = 0; n < size; n++) {
    const [a, b, d] = [xx[n], xy?.[n] ?? 0, flat ? 1 : yy[n]];
    const determinant = a * d - b * b;
    // S⁻¹, so that a distance is |S⁻¹ (z − μ)|.
    inverse.xx[n] = d / determinant;
    inverse.xy[n] = -b / determinant;
    inverse.yy[n] = a / determinant;
    height[n] = Math.exp(-(flat ? 0.5 : 1) * LOG_2PI) / Math.abs(determinant) / size;
    reach[n] = REACH * Math.max(Math.hypot(a, b), Math.hypot(b, d));
  }

  function density(px, py) {
    let sum = 0;
    for (let n = 0; n < size; n++) {
      const dx = px - x[n];
      const dy = flat ? 0 : py - y[n];
      if (Math.abs(dx) > reach[n] || Math.abs(dy) > reach[n]) continue;
      const u = inverse.xx[n] * dx + inverse.xy[n] * dy;
      const v = inverse.xy[n] * dx + inverse.yy[n] * dy;
      sum += height[n] * Math.exp(-0.5 * (u * u + v * v));
    }
    return sum;
  }

  let known = null;

  function levels() {
    if (known) return known;
    const random = createRandom(1);
    const count = Math.min(SAMPLES, 4 * size);
    const found = Float64Array.from({ length: count }, (_, k) => {
      const n = Math.floor((k * size) / count);
      const [u, v] = [random.normal(), random.normal()];
      const b = xy?.[n] ?? 0;
      return density(x[n] + xx[n] * u + b * v, y[n] + b * u + yy[n] * v);
    }).sort();
    known = { threshold: found[Math.floor((1 - HELD) * count)], highest: found.at(-1) };
    return known;
  }

  return {
    density,
    get threshold() { return levels().threshold; },
    get highest() { return levels().highest; },
  };
}

/** N(0, I) in as many dimensions as `place` has. */
export function priorDensity(place) {
  const squared = place.reduce((sum, value) => sum + value * value, 0);
  return Math.exp(-0.5 * (squared + place.length * LOG_2PI));
}
