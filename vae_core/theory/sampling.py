"""log p(x) by sampling from the prior and from the posterior, where it has a closed form.

Probabilistic PCA along its principal axes: z ~ N(0, I), x_i | z ~ N(w·z_i, noise²) for each of
latent_dim dimensions. Rotating codes or pixels changes none of the numbers, so this is any pPCA
with equal singular values w (Tipping & Bishop 1999).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vae_core.numerics import LOG_2PI


@dataclass(frozen=True)
class LinearModel:
    """p(x) = N(x; 0, (w² + noise²) I) and p(z|x) = N(gain·x, post_var I)."""

    w: float = 1.0
    noise: float = 0.3

    @property
    def var_x(self) -> float:
        return self.w**2 + self.noise**2

    @property
    def gain(self) -> float:
        return self.w / self.var_x

    @property
    def post_var(self) -> float:
        return self.noise**2 / self.var_x

    def typical_x(self) -> float:
        """The data's root mean square in every dimension: √(w² + noise²)."""
        return math.sqrt(self.var_x)

    def log_px(self, x: np.ndarray) -> float:
        """log N(x; 0, (w² + noise²) I) of x (latent_dim,), in nats."""
        x = np.asarray(x, dtype=float)
        return float(-0.5 * (x @ x / self.var_x + x.size * (math.log(self.var_x) + LOG_2PI)))


class Estimates(NamedTuple):
    """Repeated estimates of log p(x) in nats.

    log_px (repeats, m, n), for m dimensions and n numbers of samples; exact (m,); effective
    (repeats, m), the effective sample size (Σw)²/Σw² at the largest number of samples.
    """

    log_px: np.ndarray
    exact: np.ndarray
    effective: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """|estimate − exact| in nats, (repeats, m, n)."""
        return np.abs(self.log_px - self.exact[:, None])


def estimate(model: LinearModel, dims: tuple[int, ...], num_samples: tuple[int, ...],
             repeats: int, inflation: float | None = None, seed: int = 0) -> Estimates:
    """log p(x) ≈ log (1/K) Σ_k p(x|z_k) p(z_k)/r(z_k), z_k ~ r, at a typical x, repeatedly.

    Every x_i is typical_x; r is the prior (inflation None: the weights are p(x|z_k)) or the
    posterior with its standard deviation times `inflation`. Dimensions are independent, so a sample
    of the largest latent_dim contains those of all smaller ones, and K samples those of fewer.

    Raises ValueError: the inflation is √½ or less, so the weights have no finite variance.
    Source: Burda et al. 2016, eq. 8; Owen 2013, ch. 9.
    """
    _check(inflation)
    rng, x, most = np.random.default_rng(seed), model.typical_x(), max(num_samples)
    counts = np.asarray(num_samples)
    total = np.zeros((repeats, most))
    estimates = np.empty((repeats, len(dims), len(counts)))
    effective = np.empty((repeats, len(dims)))
    for dim in range(1, max(dims) + 1):
        total += _log_weights(model, x, inflation,
                              rng.standard_normal((repeats, most), dtype=np.float32))
        if dim in dims:
            at = dims.index(dim)
            top = total.max(1, keepdims=True)
            weights = np.exp(total - top)
            sums = np.cumsum(weights, axis=1)
            with np.errstate(divide="ignore"):
                logs = np.log(sums[:, counts - 1]) + top - np.log(counts)
            estimates[:, at] = logs
            effective[:, at] = sums[:, -1] ** 2 / (weights**2).sum(1)
    exact = np.array([model.log_px(np.full(dim, x)) for dim in dims])
    return Estimates(estimates, exact, effective)


def relative_variance(model: LinearModel, latent_dim: int, inflation: float | None = None) -> float:
    """Var[weight]/p(x)² of one sample at x = typical_x, in closed form; for K samples, 1/K of it.

    It is r^latent_dim − 1 with r = E[weight²]/p(x)²: for the inflated posterior
    r = c²/√(2c² − 1); for the prior, with s = noise² and x² = w² + s,
    r = (w² + s)/√(s (s + 2w²)) · exp(x²/(w² + s) − x²/(s + 2w²)).
    """
    _check(inflation)
    if inflation is not None:
        ratio = inflation**2 / math.sqrt(2 * inflation**2 - 1)
    else:
        s, w2 = model.noise**2, model.w**2
        ratio = (w2 + s) / math.sqrt(s * (s + 2 * w2)) * math.exp(1 - (w2 + s) / (s + 2 * w2))
    return ratio**latent_dim - 1


def _log_weights(model: LinearModel, x: float, inflation: float | None, eps: np.ndarray
                 ) -> np.ndarray:
    """log p(x, z)/r(z) of one dimension, with z computed from eps ~ N(0, 1)."""
    if inflation is None:
        z = eps
        log_ratio = 0.0
    else:
        sigma = inflation * math.sqrt(model.post_var)
        z = model.gain * x + sigma * eps
        log_ratio = -0.5 * (z**2 - eps**2) + math.log(sigma)  # log p(z)/r(z)
    residual = (x - model.w * z) / model.noise
    return -0.5 * (residual**2 + LOG_2PI) - math.log(model.noise) + log_ratio


def _check(inflation: float | None) -> None:
    if inflation is not None and not inflation > math.sqrt(0.5):
        raise ValueError(f"inflation = {inflation} is too small: choose more than √½ ≈ 0.71, where "
                         "the weights have a finite variance.")
