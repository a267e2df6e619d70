// The straight way from one group of codes to another, in all dimensions.

/** Mean of group B minus mean of group A: {from, to, delta, length}. */
export function directionBetween(from, to) {
  const delta = Float64Array.from(to, (value, d) => value - from[d]);
  return { from, to, delta, length: Math.hypot(...delta) };
}

/** z + t·delta. */
export function along(z, delta, t) {
  return Float32Array.from(z, (value, d) => value + t * delta[d]);
}

/** Which share of the squared length lies in these dimensions. */
export function shareIn({ delta, length }, dims) {
  return length ? dims.reduce((sum, d) => sum + delta[d] ** 2, 0) / length ** 2 : 0;
}

/** The t at which base + t·step comes nearest to a place of the plane; null where it doesn't move. */
export function nearestStep([x, y], base, step) {
  const squared = step[0] ** 2 + step[1] ** 2;
  return squared < 1e-12 ? null : ((x - base[0]) * step[0] + (y - base[1]) * step[1]) / squared;
}
