"""Sampling from a trained model, step by step: z ~ p(z), then x ~ p(x|z)."""

from typing import NamedTuple

import torch

from vae_core.model.vae import VAE
from vae_core.random import seeded


class Generated(NamedTuple):
    """One code, the decoded mean, and samples from p(x|z)."""

    z: torch.Tensor  # (latent_dim,)
    mean: torch.Tensor  # (pixels,), E[x|z]
    x: torch.Tensor  # (num, pixels), x ~ p(x|z)
    rmse: float  # of the samples' mean from E[x|z], over pixels
    expected_rmse: float  # √(mean_i Var[x_i|z] / num)


@torch.no_grad()
def generate(model: VAE, num: int, seed: int = 0) -> Generated:
    """Sample one z ~ N(0, I), then num images x ~ p(x|z).

    The mean of the samples differs from E[x|z] by √(mean_i Var[x_i|z] / num), root mean square over
    pixels and repetitions.

    Raises ValueError: num below 1.
    Source: Kingma & Welling 2014, §2.1.
    """
    if num < 1:
        raise ValueError(f"num = {num} is not allowed: sample at least 1 image.")
    generator = seeded(torch.Generator(), seed)
    z = torch.randn(model.config.latent_dim, generator=generator)
    out = model.decode(z)
    mean = model.likelihood.mean(out)
    x = model.likelihood.sample(out.expand(num, -1), generator=generator)
    rmse = (x.double().mean(0) - mean).square().mean().sqrt().item()
    expected = (model.likelihood.variance(out).double().mean() / num).sqrt().item()
    return Generated(z, mean, x, rmse, expected)
