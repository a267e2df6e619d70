"""What a decoder makes of the prior: a map of the plane that turns a normal into something else."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

from vae_core.model.likelihoods import FixedGaussian, SharedGaussian
from vae_core.model.vae import VAE
from vae_core.theory.pushforward_ring import normal_density

REACH = 5.0  # quadrature over z goes from −REACH to REACH: 1e-6 of the prior lies outside
NODES = 400  # of the quadrature, in each dimension of z
BLOCK = 20_000  # nodes summed at once: bounds the memory


class Mixture(NamedTuple):
    """p(x) = ∫ p(z) N(x; μ(z), σ²I) dz as a finite sum over nodes z_k."""

    weight: np.ndarray  # (K,), p(z_k) Δz, sums to 1
    mean: np.ndarray  # (K, size), μ(z_k)
    sigma: float


@torch.no_grad()
def mixture(model: VAE, nodes: int = NODES) -> Mixture:
    """The model's p(x) by the midpoint rule over the plane of z.

    Raises:
        ValueError: z isn't two-dimensional, or p(x|z) isn't a Gaussian with one σ for every x.
    """
    likelihood = model.likelihood
    if model.config.latent_dim != 2:
        raise ValueError(f"Quadrature here is over two latent dimensions, and the model has "
                         f"{model.config.latent_dim}: choose one with latent_dim = 2.")
    if not isinstance(likelihood, (FixedGaussian, SharedGaussian)):
        raise ValueError("p(x) is summed up here for a Gaussian with one σ: choose a model with "
                         "likelihood = 'gaussian-fixed' or 'gaussian-shared'.")
    axis = ((np.arange(nodes) + 0.5) / nodes * 2 - 1) * REACH
    density = normal_density(axis, 0.0, 1.0)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    out = model.decode(torch.from_numpy(z.astype(np.float32)))
    mean, log_var = likelihood.mean_and_log_var(out)
    weight = np.outer(density, density).ravel()
    return Mixture(weight / weight.sum(), mean.double().numpy(),
                   math.exp(0.5 * float(log_var)))


def density(mix: Mixture, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    """p(x) on a grid, (len(x1), len(x2)), of a mixture in the plane.

    Each N(x; μ_k, σ²I) is a product over the two coordinates, so the sum is a matrix product.
    """
    total = np.zeros((len(x1), len(x2)))
    for start in range(0, len(mix.weight), BLOCK):
        weight, mean = mix.weight[start:start + BLOCK, None], mix.mean[start:start + BLOCK]
        across, up = (normal_density(axis, mean[:, [d]], mix.sigma)
                      for d, axis in enumerate((x1, x2)))
        total += (weight * across).T @ up
    return total


def excess_kurtosis(mix: Mixture, dim: int) -> float:
    """E[(x_d − E x_d)⁴] / Var[x_d]² − 3 of p(x) in closed form over its nodes; 0 of a normal.

    With δ = μ_d(z_k) − E x_d: E[…⁴] = Σ_k w_k (δ⁴ + 6δ²σ² + 3σ⁴).
    """
    delta = mix.mean[:, dim] - mix.weight @ mix.mean[:, dim]
    variance = mix.weight @ delta**2 + mix.sigma**2
    fourth = mix.weight @ (delta**4 + 6 * delta**2 * mix.sigma**2) + 3 * mix.sigma**4
    return float(fourth / variance**2 - 3)


def moments_on_grid(x: np.ndarray, p: np.ndarray) -> tuple[float, float, float, float]:
    """Mass, mean, variance and excess kurtosis of a density (n,) on an even grid x (n,)."""
    step = x[1] - x[0]
    mass = p.sum() * step
    mean = (p @ x) * step / mass
    variance = (p @ (x - mean) ** 2) * step / mass
    fourth = (p @ (x - mean) ** 4) * step / mass
    return float(mass), float(mean), float(variance), float(fourth / variance**2 - 3)


class Draws(NamedTuple):
    """Draws of a model: codes, where they decode to, and what is seen there."""

    z: np.ndarray  # (n, latent_dim), from the prior
    mean: np.ndarray  # (n, size), E[x|z]
    x: np.ndarray  # (n, size), x ~ p(x|z)


@torch.no_grad()
def draw(model: VAE, num: int, seed: int = 0) -> Draws:
    """num codes from the prior and an x for each; the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(num, model.config.latent_dim, generator=generator)
    out = model.decode(z)
    return Draws(z.numpy(), model.likelihood.mean(out).numpy(),
                 model.likelihood.sample(out, generator).numpy())


@torch.no_grad()
def draw_aggregate(model: VAE, x: torch.Tensor, seed: int = 0) -> np.ndarray:
    """One draw of q(z|x) for each x: n draws of the aggregate posterior q(z), (n, latent_dim)."""
    generator = torch.Generator().manual_seed(seed)
    posterior = model.encode(x)
    eps = torch.randn(posterior.mu.shape, generator=generator)
    return model.reparameterize(posterior, eps).numpy()


def moments_of_draws(x: np.ndarray) -> tuple[float, float, float, float]:
    """Share of finite draws, mean, variance and excess kurtosis of x (n,), as `moments_on_grid`."""
    centred = x - x.mean()
    variance = (centred**2).mean()
    return (float(np.isfinite(x).mean()), float(x.mean()), float(variance),
            float((centred**4).mean() / variance**2 - 3))
