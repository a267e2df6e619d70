"""Drawing from a trained model, step by step: z ~ p(z), then x ~ p(x|z)."""

from __future__ import annotations

from typing import NamedTuple

import torch

from vae_core.model.vae import VAE
from vae_core.random import seeded


class Generated(NamedTuple):
    """One code, what the decoder looks up for it, and draws from what it found."""

    z: torch.Tensor  # (latent_dim,)
    mean: torch.Tensor  # (pixels,), E[x|z]
    x: torch.Tensor  # (num, pixels), x ~ p(x|z)
    rmse: float  # of the draws' mean from E[x|z], over pixels
    expected_rmse: float  # √(mean_i Var[x_i|z] / num)


@torch.no_grad()
def generate(model: VAE, num: int, seed: int = 0) -> Generated:
    """Draw one z ~ N(0, I), then num images x ~ p(x|z).

    The mean of the draws misses E[x|z] by √(mean_i Var[x_i|z] / num), root mean square over pixels
    and draws: the noise of the likelihood is all that parts them.

    Raises:
        ValueError: num below 1.
    Source: Kingma & Welling 2014, §2.1.
    """
    if num < 1:
        raise ValueError(f"num = {num} is not allowed: draw at least 1 image.")
    noise = seeded(torch.Generator(), seed)
    z = torch.randn(model.config.latent_dim, generator=noise)
    out = model.decode(z)
    mean = model.likelihood.mean(out)
    x = model.likelihood.sample(out.expand(num, -1), generator=noise)
    rmse = (x.double().mean(0) - mean).square().mean().sqrt().item()
    expected = (model.likelihood.variance(out).double().mean() / num).sqrt().item()
    return Generated(z, mean, x, rmse, expected)
