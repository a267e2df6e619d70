// The β at which a model, or a sweep of models, was measured, and its figures in between.

const ACTIVE_VARIANCE = 0.01; // of the mean over the data: Burda et al. 2016

/** Where β lies among rising ones: after which, and by what share of log β towards the next. */
export function bracket(betas, beta) {
  const last = betas.length - 1;
  if (last < 1 || beta <= betas[0]) return { k: 0, share: 0 };
  if (beta >= betas[last]) return { k: last - 1, share: 1 };
  let k = 0;
  while (betas[k + 1] <= beta) k++;
  return { k, share: Math.log(beta / betas[k]) / Math.log(betas[k + 1] / betas[k]) };
}

/** The index of the β nearest on the logarithmic scale. */
export function nearest(betas, beta) {
  const { k, share } = bracket(betas, beta);
  return share < 0.5 ? k : k + 1;
}

/** The next of the knots after β (which may be a rounded one), the first one after the last. */
export function following(betas, beta) {
  return betas.find((each) => each > beta * 1.01) ?? betas[0];
}

/**
 * What is known of a model at β, in nats: between knots of one model by straight lines in log β; of
 * models trained apart (`names`) those of the nearest one. `closed` says for each dimension whether
 * its mean hardly depends on the data; the slope is that of the curve D(R).
 */
export function figuresAt(knots, beta) {
  const { k, share } = knots.names ? { k: nearest(knots.beta, beta), share: 0 } : bracket(knots.beta, beta);
  const mix = (values) => (share ? values[k] + share * (values[k + 1] - values[k]) : values[k]);
  const logs = (d) => knots.variance.map((row) => Math.log(Math.max(row[d], 1e-30)));
  const closed = knots.variance[0].map((_, d) => Math.exp(mix(logs(d))) <= ACTIVE_VARIANCE);
  const [distortion, rate] = [mix(knots.distortion), mix(knots.rate)];
  const at = knots.names ? knots.beta[k] : beta;
  return {
    distortion,
    rate,
    elbo: -(distortion + rate),
    active: knots.active ? knots.active[k] : closed.filter((each) => !each).length,
    of: closed.length,
    closed,
    beta: at,
    slope: -at * knots.per_beta,
    name: knots.names?.[k] ?? null,
  };
}
