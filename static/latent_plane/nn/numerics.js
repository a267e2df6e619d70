// Smooth bounds: see `soft_clamp` in vae_core/likelihoods.py.

/** log(1 + eᵃ), without overflow. */
export function softplus(a) {
  return Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
}

/** Close to the identity inside [low, high], never below, above by log(1 + e^(low − high)) at most. */
export function softClamp(raw, low, high) {
  return low + softplus(high - softplus(high - raw) - low);
}
