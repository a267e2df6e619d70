"""Where to decode when the whole plane is shown at once."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np


def prior_lattice(num: int) -> np.ndarray:
    """Φ⁻¹((i + ½)/num), i = 0 … num − 1: places of equal mass under the prior N(0, 1), (num,).

    Source: Kingma & Welling 2014, fig. 4.
    """
    return np.array([NormalDist().inv_cdf((i + 0.5) / num) for i in range(num)])


def data_lattice(mu: np.ndarray, num: int) -> np.ndarray:
    """num even steps over the middle 98 % of the codes mu (n,): for a model without a prior."""
    low, high = np.quantile(mu, [0.01, 0.99])
    return np.linspace(low, high, num)


def most_used_dims(mu: np.ndarray, log_var: np.ndarray) -> list[int]:
    """Latent dimensions by mean rate, highest first; (n, latent_dim) each."""
    return [int(d) for d in np.argsort(-mean_rates(mu, log_var), kind="stable")]


def mean_rates(mu: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """Mean over x of KL(q(z_d|x) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1), (latent_dim,), nats."""
    return 0.5 * (mu**2 + np.exp(log_var) - log_var - 1).mean(axis=0)
