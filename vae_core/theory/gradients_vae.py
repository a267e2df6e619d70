"""Where a trained VAE is random, z|x and x|z, and two gradients of its ELBO for one image."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from vae_core.model.vae import VAE
from vae_core.random import seeded


class Resampled(NamedTuple):
    """One image drawn again and again; every row is (num, pixels), in the range of the data."""

    means: torch.Tensor  # E[x|z] of num codes z ~ q(z|x)
    images: torch.Tensor  # num images x ~ p(x|z) of the one code z = μ(x)
    mean: torch.Tensor  # E[x|z = μ], (pixels,)


class Spread(NamedTuple):
    """Variance of x drawn through q(z|x) and p(x|z), summed over pixels, and its two parts.

    total is measured on draws of x; from_z = Var_z E[x|z] and from_x = E_z Var[x|z] are computed
    from the decoder alone, and their sum is the same number.
    """

    total: float
    from_z: float
    from_x: float


class GradientDraws(NamedTuple):
    """Single-sample estimates of ∂/∂μ E_q log p(x|z) for one image, (num, latent_dim) each."""

    reparameterised: torch.Tensor
    score: torch.Tensor

    @property
    def variance_ratio(self) -> float:
        """Of the score function's to the other's, both summed over dimensions."""
        return (self.score.var(0).sum() / self.reparameterised.var(0).sum()).item()

    @property
    def disagreement(self) -> float:
        """How far the means are apart in standard errors of their difference, root mean square."""
        difference = self.score - self.reparameterised
        error = difference.std(0) / math.sqrt(len(difference))
        return (difference.mean(0) / error).square().mean().sqrt().item()


@torch.no_grad()
def resample(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> Resampled:
    """Draw num codes z ~ q(z|x) and decode them; draw num images from p(x|z) at z = μ(x).

    x: (pixels,) in [0, 1].

    Raises:
        ValueError: num below 1.
    """
    _check(num, 1)
    noise = seeded(torch.Generator(), seed)
    posterior = model.encode(x[None])
    eps = torch.randn(num, model.config.latent_dim, generator=noise)
    out = model.decode(posterior.mu)
    images = model.likelihood.sample(out.expand(num, -1), generator=noise)
    means = model.decode_mean(model.reparameterize(posterior, eps))
    return Resampled(means, images, model.likelihood.mean(out)[0])


@torch.no_grad()
def spread(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> Spread:
    """Var[x] = Var_z E[x|z] + E_z Var[x|z], z ~ q(z|x): the law of total variance.

    x: (pixels,) in [0, 1]. All three are sums over pixels, from num draws of z and of x.

    Raises:
        ValueError: num below 2.
    """
    _check(num, 2)
    noise = seeded(torch.Generator(), seed)
    eps = torch.randn(num, model.config.latent_dim, generator=noise)
    out = model.decode(model.reparameterize(model.encode(x[None]), eps))
    drawn = model.likelihood.sample(out, generator=noise)
    return Spread(drawn.var(0).sum().item(), model.likelihood.mean(out).var(0).sum().item(),
                  model.likelihood.variance(out).mean(0).sum().item())


def gradients(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> GradientDraws:
    """Both estimators from the same num draws z = μ + σε, for x (pixels,) in [0, 1].

    reparameterised: ∂ log p(x|z)/∂z. score: log p(x|z) · ε/σ.

    Raises:
        ValueError: num below 2.
    Source: Kingma & Welling 2014, §2.2–2.3.
    """
    _check(num, 2)
    eps = torch.randn(num, model.config.latent_dim, generator=seeded(torch.Generator(), seed))
    with torch.no_grad():
        posterior = model.encode(x[None])
        z = model.reparameterize(posterior, eps)
    z.requires_grad_()
    log_px_given_z = model.likelihood.log_prob(x, model.decode(z))
    by_path, = torch.autograd.grad(log_px_given_z.sum(), z)
    towards = eps * torch.exp(-0.5 * posterior.log_var)
    return GradientDraws(by_path.double(), (log_px_given_z.detach()[:, None] * towards).double())


def _check(num: int, least: int) -> None:
    if num < least:
        raise ValueError(f"num = {num} is not allowed: draw at least {least}.")
