// The aggregate posterior q(z) = 1/N Σ q(z|x_n) in the dimensions shown, and the prior there.

/** @import { Points } from "./cloud.js" */
/**
 * @typedef {object} Aggregate
 * @property {(px: number, py: number) => number} density of q(z) at a place of the plane
 * @property {number} threshold the density at the border of the smallest region that holds 99 % of
 *   q(z) (Hyndman 1996: the quantile of the density at samples)
 * @property {number} highest density of these samples
 */

import { lazily } from "./cloud.js";
import { createRandom } from "../nn/random.js";

const REACH = 7; // standard deviations beyond which a posterior counts for nothing
const SAMPLES = 600;
const HELD = 0.99; // of q(z) lies in the smallest region that is called covered
const LOG_2PI = Math.log(2 * Math.PI);

/** The mixture of the posteriors of `points`, whose `spread` holds the symmetric roots S of the
 * covariances C = S S; `flat`: on a plane of one dimension. Null where codes have no spread.
 * @type {(points: Pick<Points, "x" | "y" | "spread">, flat?: boolean) => Aggregate | null} */
export function createAggregate({ x, y, spread }, flat = false) {
  if (!spread) return null;
  const { xx, xy, yy } = spread;
  const size = x.length;
  const [ixx, ixy, iyy] = [0, 1, 2].map(() => new Float64Array(size));
  const height = new Float64Array(size);
  const reach = new Float64Array(size);
  for (let n = 0; n < size; n++) {
    const [a, b, d] = [xx[n], xy?.[n] ?? 0, flat ? 1 : yy[n]];
    const determinant = a * d - b * b;
    // S⁻¹, so that a distance is |S⁻¹ (z − μ)|.
    ixx[n] = d / determinant;
    ixy[n] = -b / determinant;
    iyy[n] = a / determinant;
    height[n] = Math.exp(-(flat ? 0.5 : 1) * LOG_2PI) / Math.abs(determinant) / size;
    reach[n] = REACH * Math.max(Math.hypot(a, b), Math.hypot(b, d));
  }

  /** @param {number} px @param {number} py */
  function density(px, py) {
    let sum = 0;
    for (let n = 0; n < size; n++) {
      const dx = px - x[n];
      const dy = flat ? 0 : py - y[n];
      if (Math.abs(dx) > reach[n] || Math.abs(dy) > reach[n]) continue;
      const u = ixx[n] * dx + ixy[n] * dy;
      const v = ixy[n] * dx + iyy[n] * dy;
      sum += height[n] * Math.exp(-0.5 * (u * u + v * v));
    }
    return sum;
  }

  const levels = lazily(() => {
    const random = createRandom(1);
    const count = Math.min(SAMPLES, 4 * size);
    const found = Float64Array.from({ length: count }, (_, k) => {
      const n = Math.floor((k * size) / count);
      const [u, v] = [random.normal(), random.normal()];
      const b = xy?.[n] ?? 0;
      return density(x[n] + xx[n] * u + b * v, y[n] + b * u + yy[n] * v);
    }).sort();
    return { threshold: found[Math.floor((1 - HELD) * count)], highest: found[count - 1] };
  });

  return {
    density,
    get threshold() { return levels().threshold; },
    get highest() { return levels().highest; },
  };
}

/** N(0, I) in as many dimensions as `place` has. @type {(place: number[]) => number} */
export function priorDensity(place) {
  const squared = place.reduce((sum, value) => sum + value * value, 0);
  return Math.exp(-0.5 * (squared + place.length * LOG_2PI));
}
