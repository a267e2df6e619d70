"""Everything exact about one example: evidence, true posterior, and Gaussians that climb."""

from __future__ import annotations

from typing import NamedTuple

import torch

from vae_core import exact, gaps
from vae_core.config import LOG_VAR_MIN
from vae_core.vae import VAE, Posterior

SIGMAS = 2.5  # of the encoder's q that the window holds, besides the posterior's mass


class Inference(NamedTuple):
    """Of one x; nats, and on the CPU."""

    log_px: float  # by a lattice over z
    error: float  # estimate of its error
    elbo: float  # of the encoder's q, by Gauss–Hermite
    kl: float  # KL(q(z|x) ‖ p(z|x)), by a lattice around q
    best_elbo: float  # the better of two ascents: from the encoder's q, from the posterior's mode
    path: gaps.Ascent  # the first of them, n = 1
    mode: torch.Tensor  # (1, latent_dim), of p(z|x)
    axes: torch.Tensor  # (latent_dim, num), centres of the window's cells
    density: torch.Tensor  # (num, …), p(z|x) there


@torch.no_grad()
def infer(model: VAE, x: torch.Tensor, steps: int, num: int, margin: float) -> Inference:
    """Exact inference for one x (1, pixels): `exact.log_px`, `gaps.kl_to_posterior`,
    `gaps.optimal_gaussian` and p(z|x) = p(x, z)/p(x) on num cells along each dimension.

    margin: room around mass and q, as a share of the window.

    Raises:
        ValueError: see `exact.check_exact`.
    """
    evidence, q = exact.log_px(model, x), model.encode(x)
    mode = evidence.mode.to(q.mu)
    # Narrow at first, so that it widens within this mode and doesn't leap to another.
    starts = Posterior(torch.cat((q.mu, mode)),
                       torch.cat((q.log_var, torch.full_like(mode, LOG_VAR_MIN))))
    ascents = gaps.optimal_gaussian(model, x.expand(2, -1), steps, starts)
    reach = SIGMAS * torch.exp(0.5 * q.log_var)
    low = torch.minimum(evidence.low, (q.mu - reach).double().cpu())
    high = torch.maximum(evidence.high, (q.mu + reach).double().cpu())
    room = margin * (high - low)
    log_joint, axes = exact.joint_on_grid(model, x, low - room, high + room, num)
    return Inference(
        evidence.log_px.item(), evidence.error.item(), gaps.quadrature_elbo(model, x).item(),
        gaps.kl_to_posterior(model, x).item(), ascents.elbo[-1].max().item(),
        gaps.Ascent(*(part[:, :1] for part in ascents)), mode.cpu(), axes[0],
        (log_joint[0] - evidence.log_px).exp().view(*[num] * axes.shape[1]))
