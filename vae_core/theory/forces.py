"""The forces of the loss on posterior bubbles N(μ, diag σ²), with a linear decoder.

With x̂ = Wz and the noise s² of p(x|z), the loss of one example is D + β R, up to a constant
D = (‖x − Wμ‖² + Σ_d σ_d² ‖w_d‖²)/(2s²) and R = ½ Σ_d (μ_d² + σ_d² − log σ_d² − 1), w_d being the
columns of W. A force is minus the gradient by (μ, σ); in nats per unit of length.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RECONSTRUCTION, PULL, SIZE = "reconstruction", "pull", "size"
ALL = (RECONSTRUCTION, PULL, SIZE)
NOISE_VAR = 0.25  # s²
POINT = 1e-4  # a bubble of this σ counts as a point: nothing would stop it from shrinking on

STRIDE = 0.05


class Force(NamedTuple):
    """−∂loss/∂μ and −∂loss/∂σ, both in the shape of μ and σ."""

    mu: np.ndarray
    sigma: np.ndarray


def loss(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
         switched_on: tuple[str, ...] = ALL, noise_var: float = NOISE_VAR) -> np.ndarray:
    """Per example in nats, (…,): the parts of D + β R that are switched on.

    mu, sigma: (…, latent_dim); x: (…, pixels); decoder: W, (pixels, latent_dim).
    """
    value = np.zeros(np.broadcast_shapes(mu.shape, sigma.shape)[:-1])
    if RECONSTRUCTION in switched_on:
        misses = ((x - mu @ decoder.T) ** 2).sum(-1)
        value = value + (misses + (sigma**2 * (decoder**2).sum(0)).sum(-1)) / (2 * noise_var)
    if PULL in switched_on:
        value = value + 0.5 * beta * (mu**2).sum(-1)
    if SIZE in switched_on:
        value = value + 0.5 * beta * (sigma**2 - 2 * np.log(sigma) - 1).sum(-1)
    return value


def force(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, noise_var: float = NOISE_VAR) -> Force:
    """What moves a bubble; shapes as in `loss`.

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
    """The same forces from values of the loss alone: −(loss(+step) − loss(−step))/(2 step)."""
    def value(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        return loss(mu, sigma, x, decoder, beta, switched_on, noise_var)

    moves = step * np.eye(mu.shape[-1])
    return Force(
        np.stack([value(mu - e, sigma) - value(mu + e, sigma) for e in moves], -1) / (2 * step),
        np.stack([value(mu, sigma - e) - value(mu, sigma + e) for e in moves], -1) / (2 * step))


def rest(x: float, w: float, beta: float, noise_var: float = NOISE_VAR) -> tuple[float, float]:
    """(μ, σ) where all three forces on one bubble of one dimension balance, decoder held:

    μ = w x/(w² + βs²), σ² = βs²/(w² + βs²); with β = 1 the exact posterior of the linear model.
    """
    stiff = w**2 + beta * noise_var
    return w * x / stiff, float(np.sqrt(beta * noise_var / stiff))


def best_decoder(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray) -> np.ndarray:
    """argmin_W of the mean distortion: W = (Σ x μᵀ)(Σ μμᵀ + diag σ²)⁻¹, (pixels, latent_dim)."""
    second = mu.T @ mu + np.diag((sigma**2).sum(0))
    return np.linalg.solve(second, mu.T @ x).T


class Relaxation(NamedTuple):
    """Bubbles over time: mu and sigma (steps, n, latent_dim), mean rate in nats (steps,).

    decoder is the last W; still tells whether the last force was practically zero. Without a force
    that sizes them, bubbles have no rest: the motion ends where one is a POINT.
    """

    mu: np.ndarray
    sigma: np.ndarray
    rate: np.ndarray
    decoder: np.ndarray
    still: bool


def rate(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """KL(N(μ, diag σ²) ‖ N(0, I)) of each bubble, (…, latent_dim) → (…,), in nats."""
    return 0.5 * (mu**2 + sigma**2 - 2 * np.log(sigma) - 1).sum(-1)


def relax(x: np.ndarray, mu: np.ndarray, sigma: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, steps: int = 3000, noise_var: float = NOISE_VAR
          ) -> Relaxation:
    """Follow the forces, while the decoder is at every moment the best one for the bubbles.

    Plain gradient descent; the step is half the inverse of the largest curvature, and no bubble
    moves by more than STRIDE in it. As W is the minimum, its own change adds nothing to the
    gradient (envelope theorem).
    """
    ways, still = [(mu, sigma)], False
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
        still = bool(strongest < 1e-6)
        if still or sigma.min() < POINT:
            break
        step = min(0.5 / curvature, STRIDE / strongest)
        mu, sigma = mu + step * now.mu, sigma + step * now.sigma
        ways.append((mu, sigma))
    mus, sigmas = (np.array(column) for column in zip(*ways, strict=True))
    return Relaxation(mus, sigmas, rate(mus, sigmas).mean(-1), best_decoder(mu, sigma, x), still)


def drift(mu: np.ndarray, sigma: np.ndarray, x: np.ndarray, decoder: np.ndarray, beta: float,
          switched_on: tuple[str, ...] = ALL, steps: int = 400, noise_var: float = NOISE_VAR
          ) -> Force:
    """Where bubbles that know nothing of each other go, the decoder held: (steps + 1, …) each.

    Each moves along its own force, at most by STRIDE a step.
    """
    way = [(mu, sigma)]
    for _ in range(steps):
        now = force(mu, sigma, x, decoder, beta, switched_on, noise_var)
        curvature = (decoder**2).sum() / noise_var + beta * (1 + 1 / sigma**2)
        strength = np.maximum(np.hypot(now.mu, now.sigma), 1e-9)
        step = np.minimum(0.5 / curvature, STRIDE / strength)
        mu, sigma = mu + step * now.mu, sigma + step * now.sigma
        way.append((mu, sigma))
    return Force(*(np.array(column) for column in zip(*way, strict=True)))


def relaxed_sigma(variance: float, beta: float, noise_var: float = NOISE_VAR) -> float:
    """σ of every relaxed bubble in a dimension where the data have this variance: √(βs²/λ) ≤ 1."""
    return float(min(1.0, np.sqrt(beta * noise_var / variance)))


def relaxed_rate(variances: np.ndarray, beta: float, noise_var: float = NOISE_VAR) -> float:
    """Mean rate of the relaxed bubbles, Σ_d ½ log⁺(λ_d/(βs²)), λ_d the variances of the data.

    In the minimum w_d² = λ_d − βs² and σ_d² = βs²/λ_d; a dimension with λ_d ≤ βs² collapses to
    N(0, 1). It is the rate–distortion function of a Gaussian (reverse water-filling: Cover &
    Thomas 2006, theorem 10.3.3; for the linear VAE: Lucas et al. 2019).
    """
    return float(0.5 * np.log(np.maximum(np.asarray(variances) / (beta * noise_var), 1)).sum())


def frames(motion: Relaxation, num: int) -> np.ndarray:
    """Which steps to show so that the bubbles move at an even pace: (≤ num,), first and last in it.
    """
    moved = np.sqrt(((np.diff(motion.mu, axis=0) ** 2) + np.diff(motion.sigma, axis=0) ** 2)
                    .mean((1, 2)))
    way = np.concatenate([[0.0], np.cumsum(moved)])
    return np.unique(np.searchsorted(way, np.linspace(0, way[-1], num)).clip(max=len(way) - 1))


def start(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bubbles that overlap: μ a small, turned picture of x (n, 2), every σ = 0.6."""
    turned = x @ np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]])
    return 0.2 * turned, np.full_like(x, 0.6)


def clusters(num: int = 48, variances: tuple[float, float] = (4.0, 1.0), seed: int = 2
             ) -> tuple[np.ndarray, np.ndarray]:
    """Data in four clusters: x (num, 2) with mean 0 and exactly these variances, and labels."""
    rng = np.random.default_rng(seed)
    label = np.arange(num) % 4
    centre = np.array([(-1.5, -0.4), (-0.4, 0.9), (0.5, -0.9), (1.4, 0.5)])[label]
    x = centre + 0.25 * rng.standard_normal((num, 2))
    x -= x.mean(0)
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return u @ v * np.sqrt(num) * np.sqrt(np.asarray(variances)), label
