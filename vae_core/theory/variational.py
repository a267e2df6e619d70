"""Variational inference with a known decoder, and expectation–maximisation, which learns it too.

First, two latent dimensions and one observation x: z ~ N(0, I) and x | z ~ N(g(z), noise²) with
g(z) = a·z + zᵀBz, so that the posterior is tilted, bent or bimodal. log p(x, z) is a polynomial of
degree 4, so Gauss–Hermite quadrature gives E_q log p(x, z) and its gradient exactly.

Then (from `LinearPosterior` on) one latent dimension and one pixel: z ~ N(0, 1) and
x | z ~ N(w·z, noise²), so p(x) = N(0, w² + noise²) and every step of expectation–maximisation has a
closed form. Those values are nats per example, averaged over the data.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vae_core.numerics import LOG_2PI

REACH, CELLS = 9.0, 600  # the grid over the plane: [−9, 9]² in 600 × 600 cells


@dataclass(frozen=True)
class KnownModel:
    """p(x, z) = N(z; 0, I) N(x; a·z + zᵀBz, noise²) at one observed x."""

    x: float
    noise: float
    linear: tuple[float, float]
    quadratic: tuple[tuple[float, float], tuple[float, float]] = ((0, 0), (0, 0))

    def log_joint(self, z: np.ndarray) -> np.ndarray:
        """log p(x, z) in nats: (…, 2) → (…,)."""
        residual = (self.x - self._g(z)) / self.noise
        return -0.5 * ((z * z).sum(-1) + residual**2 + 3 * LOG_2PI) - math.log(self.noise)

    def score(self, z: np.ndarray) -> np.ndarray:
        """∇_z log p(x, z): (…, 2) → (…, 2)."""
        slope = np.asarray(self.linear) + z @ (self._b + self._b.T)
        return -z + ((self.x - self._g(z)) / self.noise**2)[..., None] * slope

    @property
    def _b(self) -> np.ndarray:
        return np.asarray(self.quadratic, dtype=float)

    def _g(self, z: np.ndarray) -> np.ndarray:
        return z @ np.asarray(self.linear, dtype=float) + ((z @ self._b) * z).sum(-1)


MODELS = {
    "tilted": KnownModel(x=1.0, noise=0.5, linear=(1, 1)),
    "banana": KnownModel(x=1.0, noise=0.4, linear=(0.6, 1), quadratic=((0.8, 0), (0, 0))),
    "two modes": KnownModel(x=2.5, noise=0.6, linear=(0, 0), quadratic=((0.5, 0.5), (0.5, 0.5))),
}


class Gaussian(NamedTuple):
    """q(z) = N(mu, scale scaleᵀ): mu (2,), scale (2, 2), lower triangular."""

    mu: np.ndarray
    scale: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        return self.scale @ self.scale.T

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log q(z) in nats: (…, 2) → (…,)."""
        eps = (z - self.mu) @ np.linalg.inv(self.scale).T
        return -0.5 * (eps * eps).sum(-1) - LOG_2PI - np.log(np.diag(self.scale)).sum()

    def entropy(self) -> float:
        """H(q) = log 2πe + log det scale, in nats."""
        return 1 + LOG_2PI + float(np.log(np.diag(self.scale)).sum())


class Plane(NamedTuple):
    """Quadrature over the plane: log p(x) in nats and the posterior's moments.

    z is (n, n, 2), log_posterior (n, n) in nats, cell the area of a grid cell.
    """

    z: np.ndarray
    log_posterior: np.ndarray
    cell: float
    log_px: float
    mean: np.ndarray
    covariance: np.ndarray


def on_plane(model: KnownModel, reach: float = REACH, cells: int = CELLS) -> Plane:
    """log p(x) = log ∫ p(x, z) dz by the trapezoidal rule on [−reach, reach]².

    For a smooth density that vanishes at the border, the error falls faster than any power of the
    cell size (Trefethen & Weideman 2014).
    """
    axis = np.linspace(-reach, reach, cells + 1)
    z = np.stack(np.meshgrid(axis, axis), axis=-1)
    log_joint = model.log_joint(z)
    cell = (axis[1] - axis[0]) ** 2
    top = log_joint.max()
    log_px = float(top + math.log(np.exp(log_joint - top).sum() * cell))
    weight = np.exp(log_joint - log_px) * cell
    mean = np.einsum("ij,ijk->k", weight, z)
    covariance = np.einsum("ij,ijk,ijl->kl", weight, z - mean, z - mean)
    return Plane(z, log_joint - log_px, cell, log_px, mean, covariance)


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_EPS = np.stack(np.meshgrid(_NODES, _NODES), axis=-1).reshape(-1, 2)
_EPS_WEIGHT = np.outer(_WEIGHTS, _WEIGHTS).ravel() / (2 * math.pi)


def elbo(model: KnownModel, q: Gaussian) -> float:
    """E_q log p(x, z) + H(q) ≤ log p(x), in nats; exact, as 5 nodes a dimension reach degree 9."""
    z = q.mu + _EPS @ q.scale.T
    return float(_EPS_WEIGHT @ model.log_joint(z)) + q.entropy()


def elbo_gradient(model: KnownModel, q: Gaussian) -> tuple[np.ndarray, np.ndarray]:
    """∂ELBO/∂mu (2,) and ∂ELBO/∂scale (2, 2), lower triangular, by z = μ + scale·ε."""
    score = model.score(q.mu + _EPS @ q.scale.T) * _EPS_WEIGHT[:, None]
    return score.sum(0), np.tril(score.T @ _EPS) + np.diag(1 / np.diag(q.scale))


class Ascent(NamedTuple):
    """q after each step: mu (steps + 1, 2), scale (steps + 1, 2, 2), elbo in nats."""

    mu: np.ndarray
    scale: np.ndarray
    elbo: np.ndarray

    @property
    def last(self) -> Gaussian:
        return Gaussian(self.mu[-1], self.scale[-1])


START = Gaussian(np.array([1.2, -1.6]), 0.5 * np.eye(2))


def ascend(model: KnownModel, start: Gaussian = START, mean_field: bool = True, steps: int = 300
           ) -> Ascent:
    """Gradient ascent on the ELBO with a step size halved until the ELBO doesn't fall.

    mean_field: q has a diagonal covariance, q(z) = q(z₁) q(z₂).
    """
    q, value, step = start, elbo(model, start), 0.05
    path = [(*q, value)]
    for _ in range(steps):
        to_mu, to_scale = elbo_gradient(model, q)
        to_scale = np.diag(np.diag(to_scale)) if mean_field else to_scale
        step *= 1.5
        while step > 1e-12:
            trial = Gaussian(q.mu + step * to_mu, q.scale + step * to_scale)
            if np.diag(trial.scale).min() > 0 and (new := elbo(model, trial)) >= value:
                q, value = trial, new
                break
            step /= 2
        path.append((*q, value))
    mu, scale, values = (np.array(column) for column in zip(*path, strict=True))
    return Ascent(mu, scale, values)


def reverse_kl(plane: Plane, q: Gaussian) -> float:
    """KL(q ‖ p(z|x)) in nats by quadrature: what variational inference minimises."""
    log_q = q.log_density(plane.z)
    return float((np.exp(log_q) * (log_q - plane.log_posterior)).sum() * plane.cell)


def forward_kl(plane: Plane, q: Gaussian) -> float:
    """KL(p(z|x) ‖ q) in nats by quadrature: what `match_moments` minimises."""
    log_p = plane.log_posterior
    return float((np.exp(log_p) * (log_p - q.log_density(plane.z))).sum() * plane.cell)


def match_moments(plane: Plane, mean_field: bool = True) -> Gaussian:
    """argmin_q KL(p(z|x) ‖ q): the Gaussian with the posterior's mean and (co)variances.

    Source: Bishop 2006, §10.1.2 and §10.7.
    """
    covariance = np.diag(np.diag(plane.covariance)) if mean_field else plane.covariance
    return Gaussian(plane.mean, np.linalg.cholesky(covariance))


class LinearSolution(NamedTuple):
    """The closed form for a linear decoder; variances (2,), the rest in nats."""

    log_px: float
    mean_field_var: np.ndarray
    marginal_var: np.ndarray
    mean_field_gap: float


def solve_linear(model: KnownModel) -> LinearSolution:
    """The closed form for g(z) = a·z, whose posterior has the precision Λ = I + aaᵀ/noise².

    p(x) = N(x; 0, ‖a‖² + noise²). The best mean-field q has σ_i² = 1/Λ_ii, not the posterior's
    marginal variance (Λ⁻¹)_ii, and falls short of log p(x) by ½ log(Λ₁₁ Λ₂₂ / det Λ).
    Source: Bishop 2006, eq. 10.12–10.15.

    Raises ValueError: the decoder isn't linear.
    """
    if np.any(model.quadratic):
        raise ValueError("Only a linear decoder has this closed form: quadratic must be 0.")
    a = np.asarray(model.linear, dtype=float)
    precision = np.eye(2) + np.outer(a, a) / model.noise**2
    diagonal, var_x = np.diag(precision), float(a @ a) + model.noise**2
    return LinearSolution(
        -0.5 * (model.x**2 / var_x + math.log(var_x) + LOG_2PI), 1 / diagonal,
        np.diag(np.linalg.inv(precision)).copy(),
        0.5 * math.log(diagonal.prod() / np.linalg.det(precision)))


class LinearPosterior(NamedTuple):
    """q(z|x) = N(gain·x, var), the same gain and var for every x."""

    gain: float
    var: float


class Climb(NamedTuple):
    """Steps of expectation–maximisation: w (steps + 1,) and two values of the ELBO at each.

    loose is the ELBO with the q of the previous w, tight the one with the q of w itself, where it
    touches log p(x).
    """

    w: np.ndarray
    loose: np.ndarray
    tight: np.ndarray

    @property
    def path(self) -> np.ndarray:
        """w and ELBO after each half step, (2·steps + 1, 2): tight, loose, tight, …"""
        both = np.stack([np.repeat(self.w, 2), np.stack([self.loose, self.tight], 1).ravel()], 1)
        return both[1:]


def mean_log_px(w: float | np.ndarray, noise: float, mean_square: float) -> np.ndarray:
    """log N(x; 0, w² + noise²), averaged over data with this mean x²."""
    var = np.asarray(w) ** 2 + noise**2
    return -0.5 * (mean_square / var + np.log(var) + LOG_2PI)


def exact_posterior(w: float, noise: float) -> LinearPosterior:
    """E step: p(z|x) = N(w·x/(w² + noise²), noise²/(w² + noise²))."""
    var = w**2 + noise**2
    return LinearPosterior(w / var, noise**2 / var)


def mean_elbo(q: LinearPosterior, w: float | np.ndarray, noise: float, mean_square: float
              ) -> np.ndarray:
    """−(distortion + rate) of N(w·z, noise²) under q, averaged over the data."""
    second = q.gain**2 * mean_square + q.var  # E_q z²
    w = np.asarray(w)
    squared = mean_square - 2 * w * q.gain * mean_square + w**2 * second
    distortion = 0.5 * (squared / noise**2 + LOG_2PI) + math.log(noise)
    rate = 0.5 * (second - math.log(q.var) - 1)
    return -(distortion + rate)


def best_w(q: LinearPosterior, mean_square: float) -> float:
    """M step: argmax_w ELBO = mean(x·E_q z) / mean(E_q z²)."""
    return q.gain * mean_square / (q.gain**2 * mean_square + q.var)


def maximum_likelihood(noise: float, mean_square: float) -> float:
    """argmax_w log p(x): w² = mean(x²) − noise², or 0 (Tipping & Bishop 1999, eq. 7)."""
    return math.sqrt(max(mean_square - noise**2, 0.0))


def climb(w: float, noise: float, mean_square: float, steps: int = 20) -> Climb:
    """Maximise over q, then over w, and repeat (Neal & Hinton 1998, §2).
    Raises ValueError: w = 0, a saddle point."""
    if w == 0:
        raise ValueError("w = 0 is a saddle point that no step leaves: start at another w.")
    ws, loose, tight = [w], [], []
    for _ in range(steps + 1):
        q = exact_posterior(w, noise)
        tight.append(float(mean_elbo(q, w, noise, mean_square)))
        w = best_w(q, mean_square)
        ws.append(w)
        loose.append(float(mean_elbo(q, w, noise, mean_square)))
    return Climb(np.array(ws[:-1]), np.array([tight[0], *loose[:-1]]), np.array(tight))
