// Spherical linear interpolation about the origin (Shoemake 1985; of latent codes, White 2016).

const ALMOST = 1e-6; // radians

/**
 * From a to b in `count` − 1 equal steps of t from 0 to 1: the direction turns evenly,
 * sin((1 − t)Ω)/sin Ω · a/|a| + sin(tΩ)/sin Ω · b/|b| with Ω the angle between them, and the distance
 * from the origin is (1 − t)|a| + t|b|. Where |a| = |b| that is the formula on a and b themselves;
 * else the latter would leave for infinity as Ω nears 180°. Null where it has no value: an end at
 * the origin, or ends on opposite sides of it, between which there are two ways of equal right.
 */
export function slerp(a, b, count) {
  const [ra, rb] = [a, b].map(([x, y]) => Math.hypot(x, y));
  if (ra < ALMOST || rb < ALMOST) return null;
  const turn = Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
  if (Math.abs(turn) > Math.PI - ALMOST) return null;
  const start = Math.atan2(a[1], a[0]);
  return Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    const radius = (1 - t) * ra + t * rb;
    return [radius * Math.cos(start + t * turn), radius * Math.sin(start + t * turn)];
  });
}
