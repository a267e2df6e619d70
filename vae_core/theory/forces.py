"""The forces of the loss on posteriors N(μ, diag σ²), with a linear decoder.

With x̂ = Wz and noise variance s² of p(x|z), the loss of one example is D + β R, where up to a
constant D = (‖x − Wμ‖² + Σ_d σ_d² ‖w_d‖²)/(2s²), R = ½ Σ_d (μ_d² + σ_d² − log σ_d² − 1) and w_d are
the columns of W. A force is minus the gradient with respect to (μ, σ), in nats per unit length.
"""

from typing import NamedTuple

import numpy as np

RECONSTRUCTION, PULL, SIZE = "reconstruction", "pull", "size"
ALL = (RECONSTRUCTION, PULL, SIZE)
NOISE_VAR = 0.25  # s²
POINT = 1e-4  # a posterior of this σ counts as a point: it would shrink for ever
STRIDE = 0.05  # the most that a posterior moves in a step


class Force(NamedTuple):
    """−∂loss/∂μ and −∂loss/∂σ, both in the shape of μ and σ."""

    mu: np.ndarray
    sigma: np.ndarray


def loss(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
         switched_on: tuple[str, ...] = ALL, noise_var: float = NOISE_VAR) -> np.ndarray:
    """The terms of D + β R that are switched on, per example in nats, (…,).

    mu, sigma: (…, latent_dim); x: (…, pixels); decoder: W, (pixels, latent_dim).
    """
    value = np.zeros(np.broadcast_shapes(mu.shape, sigma.shape)[:-1])
    if RECONSTRUCTION in switched_on:
        errors = ((x - mu @ decoder.T) ** 2).sum(-1)
        value = value + (errors + (sigma**2 * (decoder**2).sum(0)).sum(-1)) / (2 * noise_var)
    if PULL in switched_on:
        value = value + 0.5 * beta * (mu**2).sum(-1)
    if SIZE in switched_on:
        value = value + 0.5 * beta * (sigma**2 - 2 * np.log(sigma) - 1).sum(-1)
    return value


def force(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, noise_var: float = NOISE_VAR) -> Force:
    """The force on a posterior; shapes as in `loss`.

    reconstruction: Wᵀ(x − Wμ)/s² on μ and −σ_d ‖w_d‖²/s² on σ; pull: −βμ; size: β(1/σ − σ).
    """
    to_mu, to_sigma = np.zeros_like(mu + sigma), np.zeros_like(mu + sigma)
    if RECONSTRUCTION in switched_on:
        to_mu = to_mu + (x - mu @ decoder.T) @ decoder / noise_var
        to_sigma = to_sigma - sigma * (decoder**2).sum(0) / noise_var
    if PULL in switched_on:
        to_mu = to_mu - beta * mu
    if SIZE in switched_on:
        to_sigma = to_sigma + beta * (1 / sigma - sigma)
    return Force(to_mu, to_sigma)


def difference_quotient(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray,
                        beta: float, switched_on: tuple[str, ...] = ALL,
                        noise_var: float = NOISE_VAR, step: float = 1e-5) -> Force:
    """The same forces by finite differences of the loss: −(loss(+step) − loss(−step))/(2 step)."""
    def value(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        return loss(mu, sigma, x, decoder, beta, switched_on, noise_var)

    moves = step * np.eye(mu.shape[-1])
    return Force(
        np.stack([value(mu - e, sigma) - value(mu + e, sigma) for e in moves], -1) / (2 * step),
        np.stack([value(mu, sigma - e) - value(mu, sigma + e) for e in moves], -1) / (2 * step))


def rest(x: float, w: float, beta: float, noise_var: float = NOISE_VAR) -> tuple[float, float]:
    """(μ, σ) where all three forces on a one-dimensional posterior balance, decoder fixed:

    μ = w x/(w² + βs²), σ² = βs²/(w² + βs²); with β = 1 the exact posterior of the linear model.
    """
    precision = w**2 + beta * noise_var
    return w * x / precision, float(np.sqrt(beta * noise_var / precision))


def best_decoder(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray) -> np.ndarray:
    """argmin_W of the mean distortion: W = (Σ x μᵀ)(Σ μμᵀ + diag σ²)⁻¹, (pixels, latent_dim)."""
    second = mu.T @ mu + np.diag((sigma**2).sum(0))
    return np.linalg.solve(second, mu.T @ x).T


class Relaxation(NamedTuple):
    """Posteriors over time: mu and sigma (steps, n, latent_dim), mean rate in nats (steps,).

    decoder is the last W; converged: whether the last force was practically zero. Without the size
    term there is no equilibrium: the motion ends when a posterior is a POINT.
    """

    mu: np.ndarray
    sigma: np.ndarray
    rate: np.ndarray
    decoder: np.ndarray
    converged: bool


def rate(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """KL(N(μ, diag σ²) ‖ N(0, I)) of each posterior, (…, latent_dim) → (…,), in nats."""
    return 0.5 * (mu**2 + sigma**2 - 2 * np.log(sigma) - 1).sum(-1)


def relax(x: np.ndarray, mu: np.ndarray, sigma: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, steps: int = 3000, noise_var: float = NOISE_VAR
          ) -> Relaxation:
    """Follow the forces, with the decoder optimal for the posteriors at every step.

    Gradient descent; the step size is half the inverse of the largest curvature, and no posterior
    moves by more than STRIDE in a step. As W is optimal, its dependence on the posteriors adds
    nothing to the gradient (envelope theorem).
    """
    path, converged = [(mu, sigma)], False
    for _ in range(steps):
        decoder = best_decoder(mu, sigma, x)
        now = force(mu, sigma, x, decoder, beta, switched_on, noise_var)
        curvature = 1e-9
        if RECONSTRUCTION in switched_on:
            curvature += np.linalg.norm(decoder, 2) ** 2 / noise_var
        if SIZE in switched_on:
            curvature += beta * (1 + 1 / sigma.min() ** 2)
        elif PULL in switched_on:
            curvature += beta
        strongest = max(np.abs(now.mu).max(), np.abs(now.sigma).max())
        converged = bool(strongest < 1e-6)
        if converged or sigma.min() < POINT:
            break
        step = min(0.5 / curvature, STRIDE / strongest)
        mu, sigma = mu + step * now.mu, sigma + step * now.sigma
        path.append((mu, sigma))
    mus, sigmas = (np.array(column) for column in zip(*path, strict=True))
    return Relaxation(mus, sigmas, rate(mus, sigmas).mean(-1), best_decoder(mu, sigma, x),
                      converged)


def drift(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, steps: int = 400, noise_var: float = NOISE_VAR
          ) -> Force:
    """Paths of independent posteriors under a fixed decoder: (steps + 1, …) each.

    Each moves along its own force, by at most STRIDE a step.
    """
    path = [(mu, sigma)]
    for _ in range(steps):
        now = force(mu, sigma, x, decoder, beta, switched_on, noise_var)
        curvature = (decoder**2).sum() / noise_var + beta * (1 + 1 / sigma**2)
        strength = np.maximum(np.hypot(now.mu, now.sigma), 1e-9)
        step = np.minimum(0.5 / curvature, STRIDE / strength)
        mu, sigma = mu + step * now.mu, sigma + step * now.sigma
        path.append((mu, sigma))
    return Force(*(np.array(column) for column in zip(*path, strict=True)))


def relaxed_sigma(variance: float, beta: float, noise_var: float = NOISE_VAR) -> float:
    """σ of every relaxed posterior in a dimension with this data variance λ: √(βs²/λ) ≤ 1."""
    return float(min(1.0, np.sqrt(beta * noise_var / variance)))


def relaxed_rate(variances: np.ndarray, beta: float, noise_var: float = NOISE_VAR) -> float:
    """Mean rate of the relaxed posteriors, Σ_d ½ log⁺(λ_d/(βs²)), λ_d the variances of the data.

    At the minimum w_d² = λ_d − βs² and σ_d² = βs²/λ_d; a dimension with λ_d ≤ βs² collapses to
    N(0, 1). It is the rate–distortion function of a Gaussian (reverse water-filling: Cover &
    Thomas 2006, theorem 10.3.3; for the linear VAE: Lucas et al. 2019).
    """
    return float(0.5 * np.log(np.maximum(np.asarray(variances) / (beta * noise_var), 1)).sum())


def frames(motion: Relaxation, num: int) -> np.ndarray:
    """Steps at which the posteriors move at an even pace, first and last included: (≤ num,)."""
    moved = np.sqrt(((np.diff(motion.mu, axis=0) ** 2) + np.diff(motion.sigma, axis=0) ** 2)
                    .mean((1, 2)))
    length = np.concatenate([[0.0], np.cumsum(moved)])
    steps = np.searchsorted(length, np.linspace(0, length[-1], num))
    return np.unique(steps.clip(max=len(length) - 1))


def start(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping posteriors: μ a scaled-down, rotated copy of x (n, 2), every σ = 0.6."""
    rotated = x @ np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]])
    return 0.2 * rotated, np.full_like(x, 0.6)


def clusters(num: int = 48, variances: tuple[float, float] = (4.0, 1.0), seed: int = 2
             ) -> tuple[np.ndarray, np.ndarray]:
    """Data in four clusters: x (num, 2) with mean 0 and exactly these variances; labels (num,)."""
    rng = np.random.default_rng(seed)
    label = np.arange(num) % 4
    centre = np.array([(-1.5, -0.4), (-0.4, 0.9), (0.5, -0.9), (1.4, 0.5)])[label]
    x = centre + 0.25 * rng.standard_normal((num, 2))
    x -= x.mean(0)
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return u @ v * np.sqrt(num) * np.sqrt(np.asarray(variances)), label
