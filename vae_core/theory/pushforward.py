"""Maps that push a Gaussian forward: a ring by hand, and a trained decoder's p(x).

Only the latter (from `Mixture` on) needs torch, so its functions import it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch

    from vae_core.model.vae import VAE

REACH = 5.0  # of the quadrature over z, to each side: 1e-6 of the prior lies outside
NODES = 400  # of the quadrature, in each dimension of z
BLOCK = 20_000  # nodes summed at once: limits the memory


def ring_map(z: np.ndarray, share: float) -> np.ndarray:
    """From the identity (share = 0) to the map that turns a Gaussian into a ring (share = 1).

    f(z) = (1 − share)·z + share·(z/10 + z/‖z‖), (n, 2) → (n, 2)  (Doersch 2016, fig. 2)
    """
    length = np.linalg.norm(z, axis=1, keepdims=True)
    return (1 - share) * z + share * (z / 10 + z / np.maximum(length, 1e-300))


class Radius(NamedTuple):
    """The distribution of ‖f(z)‖ under `ring_map`, z ~ N(0, I) in the plane, in closed form.

    ‖f(z)‖ = share + scale·‖z‖ with scale = 1 − 0.9·share, and ‖z‖ has a Rayleigh distribution:
    mean = share + scale·√(π/2), spread (the standard deviation) = scale·√(2 − π/2).
    """

    mean: float
    spread: float
    share: float
    scale: float

    def density(self, radius: np.ndarray) -> np.ndarray:
        """p(‖f(z)‖) = u·exp(−u²/2) / scale, u = (‖f(z)‖ − share) / scale ≥ 0."""
        u = np.maximum((radius - self.share) / self.scale, 0)
        return u * np.exp(-0.5 * u**2) / self.scale


def ring_radius(share: float) -> Radius:
    """The distribution of the distance from the origin after `ring_map`; see `Radius`."""
    scale = 1 - 0.9 * share
    return Radius(share + scale * math.sqrt(math.pi / 2), scale * math.sqrt(2 - math.pi / 2),
                  share, scale)


def normal_density(x: np.ndarray, mean: np.ndarray | float, sigma: float) -> np.ndarray:
    """N(x; mean, sigma²); x and mean are broadcast."""
    return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))


class Mixture(NamedTuple):
    """p(x) = ∫ p(z) N(x; μ(z), σ²I) dz as a finite sum over nodes z_k."""

    weight: np.ndarray  # (K,), p(z_k) Δz, sums to 1
    mean: np.ndarray  # (K, size), μ(z_k)
    sigma: float


def mixture(model: VAE, nodes: int = NODES) -> Mixture:
    """The model's p(x) by the midpoint rule over the plane of z.
    Raises ValueError: z isn't two-dimensional, or p(x|z) isn't a Gaussian with one σ for every
    x."""
    import torch

    from vae_core.model.likelihoods import FixedGaussian, SharedGaussian

    likelihood = model.likelihood
    if model.config.latent_dim != 2:
        raise ValueError(f"This quadrature needs two latent dimensions, and the model has "
                         f"{model.config.latent_dim}: choose one with latent_dim = 2.")
    if not isinstance(likelihood, FixedGaussian | SharedGaussian):
        raise ValueError("This quadrature needs a Gaussian with one σ for every x: choose a model "
                         "with likelihood = 'gaussian-fixed' or 'gaussian-shared'.")
    axis = ((np.arange(nodes) + 0.5) / nodes * 2 - 1) * REACH
    density = normal_density(axis, 0.0, 1.0)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    with torch.no_grad():
        mean, log_var = likelihood.mean_and_log_var(
            model.decode(torch.from_numpy(z.astype(np.float32))))
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
    """E[(x_d − E x_d)⁴] / Var[x_d]² − 3 of p(x) in closed form over its nodes.

    With δ = μ_d(z_k) − E x_d: E[…⁴] = Σ_k w_k (δ⁴ + 6δ²σ² + 3σ⁴).
    """
    delta = mix.mean[:, dim] - mix.weight @ mix.mean[:, dim]
    variance = mix.weight @ delta**2 + mix.sigma**2
    fourth = mix.weight @ (delta**4 + 6 * delta**2 * mix.sigma**2) + 3 * mix.sigma**4
    return float(fourth / variance**2 - 3)


def moments_on_grid(x: np.ndarray, p: np.ndarray) -> tuple[float, float, float, float]:
    """Mass, mean, variance and excess kurtosis of a density (n,) on a regular grid x (n,)."""
    step = x[1] - x[0]
    mass = p.sum() * step
    mean = (p @ x) * step / mass
    variance = (p @ (x - mean) ** 2) * step / mass
    fourth = (p @ (x - mean) ** 4) * step / mass
    return float(mass), float(mean), float(variance), float(fourth / variance**2 - 3)


class Draws(NamedTuple):
    """Samples from a model: codes, their decoded means, and x."""

    z: np.ndarray  # (n, latent_dim), from the prior
    mean: np.ndarray  # (n, size), E[x|z]
    x: np.ndarray  # (n, size), x ~ p(x|z)


def draw(model: VAE, num: int, seed: int = 0) -> Draws:
    """num codes from the prior and an x for each; the same for the same seed."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(num, model.config.latent_dim, generator=generator)
    with torch.no_grad():
        out = model.decode(z)
        return Draws(z.numpy(), model.likelihood.mean(out).numpy(),
                     model.likelihood.sample(out, generator).numpy())


def draw_aggregate(model: VAE, x: torch.Tensor, seed: int = 0) -> np.ndarray:
    """One sample of q(z|x) for each x: n samples of the aggregate posterior, (n, latent_dim)."""
    import torch

    with torch.no_grad():
        posterior = model.encode(x)
        eps = torch.randn(posterior.mu.shape, generator=torch.Generator().manual_seed(seed))
        return model.reparameterize(posterior, eps).numpy()


def moments_of_draws(x: np.ndarray) -> tuple[float, float, float, float]:
    """Finite share, mean, variance and excess kurtosis of samples x (n,), as `moments_on_grid`."""
    centred = x - x.mean()
    variance = (centred**2).mean()
    return (float(np.isfinite(x).mean()), float(x.mean()), float(variance),
            float((centred**4).mean() / variance**2 - 3))
