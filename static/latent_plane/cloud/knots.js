// The β at which a model, or a sweep of models, was measured, and its figures in between.

/**
 * What was measured at rising β, nats; of models trained apart there are `names`.
 * @typedef {object} Knots
 * @property {number[]} beta
 * @property {number[]} distortion
 * @property {number[]} rate
 * @property {number[][]} variance of the means over the data, by knot and dimension
 * @property {number[][] | null} [rate_per_dim]
 * @property {number[] | null} [active] units of each knot, where they were counted
 * @property {number} per_beta the scale of β: the slope of D(R) is −β times this
 * @property {string[] | null} [names]
 * @property {number[][][] | null} [turns] to common coordinates, one orthogonal matrix a model
 */
/**
 * What is known of a model at β, nats; of models trained apart, of the nearest one (`name`).
 * @typedef {object} Figures
 * @property {number} distortion
 * @property {number} rate
 * @property {number} elbo
 * @property {number[] | undefined} rates what each dimension takes of the rate
 * @property {number} active how many dimensions, `of` all, have a mean that depends on the data
 * @property {number} of
 * @property {boolean[]} closed whether each dimension is inactive
 * @property {number} beta
 * @property {number} slope of the curve D(R)
 * @property {string | null} name
 */

const ACTIVE_VARIANCE = 0.01; // of the mean over the data: Burda et al. 2016

/** Where β lies among rising ones: after which, and by what share of log β towards the next.
 * @type {(betas: number[], beta: number) => {k: number, share: number}} */
export function bracket(betas, beta) {
  const last = betas.length - 1;
  if (last < 1 || beta <= betas[0]) return { k: 0, share: 0 };
  if (beta >= betas[last]) return { k: last - 1, share: 1 };
  let k = 0;
  while (betas[k + 1] <= beta) k++;
  return { k, share: Math.log(beta / betas[k]) / Math.log(betas[k + 1] / betas[k]) };
}

/** The index of the β nearest in log β. @type {(betas: number[], beta: number) => number} */
export function nearest(betas, beta) {
  const { k, share } = bracket(betas, beta);
  return share < 0.5 ? k : k + 1;
}

/** The next of the knots after β (which may be a rounded one), the first one after the last.
 * @type {(betas: number[], beta: number) => number} */
export function following(betas, beta) {
  return betas.find((each) => each > beta * 1.01) ?? betas[0];
}

/** The slope at knot k of the parabola through it and its neighbours, over log β.
 * @type {(knots: Knots, values: number[], k: number) => number} */
function slopeAt({ beta }, values, k) {
  if (values.length < 3) return (values[1] - values[0]) / Math.log(beta[1] / beta[0]);
  const first = Math.min(Math.max(k - 1, 0), values.length - 3);
  const [a, b, c] = [0, 1, 2].map((each) => Math.log(beta[first + each]));
  const x = Math.log(beta[k]);
  return values[first] * (2 * x - b - c) / ((a - b) * (a - c))
    + values[first + 1] * (2 * x - a - c) / ((b - a) * (b - c))
    + values[first + 2] * (2 * x - a - b) / ((c - a) * (c - b));
}

/** Values of a smooth curve between its knots: cubic in log β; see BetaCurve.at in Python.
 * @type {(knots: Knots, values: number[], at: {k: number, share: number}) => number} */
function cubic(knots, values, { k, share }) {
  if (!share) return values[k];
  const step = Math.log(knots.beta[k + 1] / knots.beta[k]);
  const rise = values[k + 1] - values[k];
  const bend = (1 - share) * (slopeAt(knots, values, k) * step - rise)
    + share * (rise - slopeAt(knots, values, k + 1) * step);
  return values[k] + share * rise + share * (1 - share) * bend;
}

/** @type {(knots: Knots, beta: number) => Figures} */
export function figuresAt(knots, beta) {
  const at = knots.names ? { k: nearest(knots.beta, beta), share: 0 } : bracket(knots.beta, beta);
  const { k, share } = at;
  /** @param {number[]} values */
  const mix = (values) => (share ? values[k] + share * (values[k + 1] - values[k]) : values[k]);
  /** @param {number} d */
  const logs = (d) => knots.variance.map((row) => Math.log(Math.max(row[d], 1e-30)));
  const closed = knots.variance[0].map((_, d) => Math.exp(mix(logs(d))) <= ACTIVE_VARIANCE);
  const distortion = cubic(knots, knots.distortion, at);
  const rate = cubic(knots, knots.rate, at);
  const perDim = knots.rate_per_dim;
  const measured = knots.names ? knots.beta[k] : beta;
  return {
    distortion,
    rate,
    elbo: -(distortion + rate),
    rates: perDim?.[0].map((_, d) => cubic(knots, perDim.map((row) => row[d]), at)),
    active: knots.active ? knots.active[k] : closed.filter((each) => !each).length,
    of: closed.length,
    closed,
    beta: measured,
    slope: -measured * knots.per_beta,
    name: knots.names?.[k] ?? null,
  };
}
