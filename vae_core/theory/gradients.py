"""Two estimators of one gradient: by reparameterisation, and by the score function.

The objective is E_{z ~ N(μ, σ² I)} f(z) with f(z) = −½‖z − a‖², the log-likelihood of a linear
decoder with unit noise, up to a constant. δ = μ − a is the same in every dimension.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

OFFSET, SIGMA = 1.0, 0.5  # δ and σ


class Draws(NamedTuple):
    """Single-sample estimates of ∂/∂μ₁ E f(z), (num,) each."""

    reparameterised: np.ndarray
    score: np.ndarray
    score_with_baseline: np.ndarray


class Variances(NamedTuple):
    """Variances of one sample's estimate of ∂/∂μ₁."""

    reparameterised: float
    score: float
    score_with_baseline: float


def exact_gradient(offset: float = OFFSET) -> float:
    """∂/∂μ₁ E f(z) = −δ, as E f(z) = −½ Σ (δ_i² + σ²)."""
    return -offset


def mean_f(latent_dim: int, offset: float = OFFSET, sigma: float = SIGMA) -> float:
    """E f(z) = −½ latent_dim (δ² + σ²): the baseline here."""
    return -0.5 * latent_dim * (offset**2 + sigma**2)


def draw(latent_dim: int, num: int, seed: int = 0, offset: float = OFFSET, sigma: float = SIGMA
         ) -> Draws:
    """From the same eps ~ N(0, I), z = μ + σ·eps:

    reparameterised  ∂f(z)/∂z₁                     (Kingma & Welling 2014, §2.3)
    score            f(z) · eps₁/σ                  (Williams 1992; eps₁/σ = ∂ log q(z)/∂μ₁)
    with baseline    (f(z) − E f) · eps₁/σ          (Mohamed et al. 2020, §7)
    """
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(num)
    f = -0.5 * (offset + sigma * first) ** 2
    for _ in range(latent_dim - 1):
        f -= 0.5 * (offset + sigma * rng.standard_normal(num)) ** 2
    towards = first / sigma
    return Draws(-(offset + sigma * first), f * towards,
                 (f - mean_f(latent_dim, offset, sigma)) * towards)


def variances(latent_dim: int, offset: float = OFFSET, sigma: float = SIGMA) -> Variances:
    """The same in closed form, from the moments of ε up to the sixth.

    With S = Σ (δ + σε_i)², split into S₁ and the other dimensions' R:
    E[S² ε₁²] = δ⁴ + 18δ²σ² + 15σ⁴ + 2(δ² + 3σ²) E[R] + E[R²], Var = E[S² ε₁²]/(4σ²) − δ²; the
    reparameterised one has σ² in every dimension.
    """
    d2, s2 = offset**2, sigma**2
    rest = (latent_dim - 1) * (d2 + s2)
    rest_square = rest**2 + (latent_dim - 1) * (2 * s2**2 + 4 * d2 * s2)
    with_one = d2 + 3 * s2  # E[S₁ ε₁²]
    square = d2**2 + 18 * d2 * s2 + 15 * s2**2 + 2 * with_one * rest + rest_square
    base = -2 * mean_f(latent_dim, offset, sigma)  # E[S]
    centred = square - 2 * base * (with_one + rest) + base**2
    return Variances(s2, square / (4 * s2) - d2, centred / (4 * s2) - d2)


def standard_error(draws: np.ndarray) -> float:
    """Of the draws' mean."""
    return float(draws.std(ddof=1) / math.sqrt(len(draws)))
