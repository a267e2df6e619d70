"""KL and Jensen–Shannon divergence of two densities q and p by their shift d, with the slopes.

Once with bounded support, uniform q = U[d − h_q, d + h_q] and p = U[−h_p, h_p] with h_q ≤ h_p; once
without, q = N(d, σ_q²) and p = N(0, σ_p²). All divergences are in nats.
"""

import math
from typing import NamedTuple

import numpy as np

LOG_2 = math.log(2)
TINY = 1e-9


class Divergence(NamedTuple):
    """Values and their derivatives with respect to the shift, in its shape; NaN where undefined."""

    value: np.ndarray
    slope: np.ndarray


def box_kl(shift: np.ndarray | float, half_q: float, half_p: float) -> Divergence:
    """KL(q ‖ p) = log h_p/h_q while q lies within p, ∞ as soon as any of its mass lies outside.

    The slope is 0 inside and undefined where the value is infinite.

    Raises ValueError: q is wider than p.
    """
    _check(half_q, half_p)
    beyond = np.abs(shift) > half_p - half_q + TINY
    return Divergence(np.where(beyond, np.inf, math.log(half_p / half_q)),
                      np.where(beyond, np.nan, 0.0))


def mass_outside(shift: np.ndarray | float, half_q: float, half_p: float) -> np.ndarray:
    """The mass of the uniform q where p is 0."""
    return np.clip((np.abs(shift) + half_q - half_p) / (2 * half_q), 0, 1)


def box_js(shift: np.ndarray | float, half_q: float, half_p: float) -> Divergence:
    """½ KL(q ‖ m) + ½ KL(p ‖ m), m = ½(q + p): constant at log 2 once the supports
    are disjoint.

    With the overlap's length o and the heights a = 1/(2h_q) and b = 1/(2h_p) it is
    log 2 − (o/2) [a log((a + b)/a) + b log((a + b)/b)].
    Source: Lin 1991; its flatness: Arjovsky & Bottou 2017, theorem 2.3.
    """
    _check(half_q, half_p)
    a, b = 0.5 / half_q, 0.5 / half_p
    pull = 0.5 * (a * math.log((a + b) / a) + b * math.log((a + b) / b))
    distance = np.abs(shift)
    overlap = np.clip(half_q + half_p - distance, 0, 2 * half_q)
    partly = (distance > half_p - half_q) & (distance < half_p + half_q)
    return Divergence(LOG_2 - overlap * pull, np.where(partly, np.sign(shift) * pull, 0.0))


def gaussian_kl(shift: np.ndarray | float, sigma_q: float, sigma_p: float) -> Divergence:
    """KL(q ‖ p) = ½ [(d² + σ_q²)/σ_p² − log(σ_q²/σ_p²) − 1], slope d/σ_p²: 0 only at d = 0."""
    shift = np.asarray(shift, dtype=float)
    ratio = (sigma_q / sigma_p) ** 2
    return Divergence(0.5 * ((shift / sigma_p) ** 2 + ratio - math.log(ratio) - 1),
                      shift / sigma_p**2)


def gaussian_js(shift: np.ndarray | float, sigma_q: float, sigma_p: float) -> Divergence:
    """Jensen–Shannon of the two Gaussians by quadrature: log 2 in the limit, its slope 0.

    Only q depends on the shift: ∂JS/∂d = ½ ∫ ∂q/∂d log(q/m) dz = ½ E_q[((z − d)/σ_q²) log(q/m)].
    """
    shift = np.asarray(shift, dtype=float)
    eps = np.linspace(-9, 9, 1201)  # each half is integrated in units of its own σ
    weight = np.exp(-0.5 * eps**2) / math.sqrt(2 * math.pi) * (eps[1] - eps[0])
    at = shift[..., None]
    own = _log_shares(at + sigma_q * eps, at, sigma_q, sigma_p)
    other = _log_shares(sigma_p * eps, at, sigma_q, sigma_p)
    value = LOG_2 + 0.5 * ((weight * own[0]).sum(-1) + (weight * other[1]).sum(-1))
    return Divergence(value, 0.5 * (weight * eps / sigma_q * own[0]).sum(-1))


def gaussian_kl_by_quadrature(shift: float, sigma_q: float, sigma_p: float) -> float:
    """∫ q log(q/p) dz on a grid of ±6 σ_q around q."""
    eps = np.linspace(-6, 6, 1201)
    z = shift + sigma_q * eps
    q = np.exp(-0.5 * eps**2) / (sigma_q * math.sqrt(2 * math.pi))
    log_p = -0.5 * (z / sigma_p) ** 2 - math.log(sigma_p * math.sqrt(2 * math.pi))
    return float((q * (np.log(q) - log_p)).sum() * sigma_q * (eps[1] - eps[0]))


def single_precision_ends(sigma: float) -> float:
    """The |z| beyond which the density of N(0, σ²) underflows to 0 in single precision.

    The smallest positive number is 2⁻¹⁴⁹, and half of it rounds to 0: ½ (z/σ)² = log(2¹⁵⁰/(σ√2π)).
    """
    return sigma * math.sqrt(2 * (150 * LOG_2 - math.log(sigma * math.sqrt(2 * math.pi))))


def gaussian_densities(z: np.ndarray, shift: float, sigma_q: float, sigma_p: float
                       ) -> tuple[np.ndarray, np.ndarray]:
    """q and p at z."""
    return tuple(np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
                 for mu, sigma in ((shift, sigma_q), (0.0, sigma_p)))


def box_densities(z: np.ndarray, shift: float, half_q: float, half_p: float
                  ) -> tuple[np.ndarray, np.ndarray]:
    """q and p at z."""
    return tuple(np.where(np.abs(z - mu) <= half, 0.5 / half, 0.0)
                 for mu, half in ((shift, half_q), (0.0, half_p)))


def _log_shares(z: np.ndarray, shift: np.ndarray, sigma_q: float, sigma_p: float
                ) -> tuple[np.ndarray, np.ndarray]:
    """log q/(q + p) and log p/(q + p) at z."""
    log_q = -0.5 * ((z - shift) / sigma_q) ** 2 - math.log(sigma_q)
    log_p = -0.5 * (z / sigma_p) ** 2 - math.log(sigma_p)
    both = np.logaddexp(log_q, log_p)
    return log_q - both, log_p - both


def _check(half_q: float, half_p: float) -> None:
    if not 0 < half_q <= half_p:
        raise ValueError(f"q reaches {half_q} and p {half_p} to each side: q must be the narrower, "
                         "and both positive.")
