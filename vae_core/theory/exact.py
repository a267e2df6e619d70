"""Exact inference for one example: evidence, true posterior, and the best Gaussian."""

from typing import NamedTuple

import torch

from vae_core.measure import exact, gaps
from vae_core.model.vae import VAE

SIGMAS = 2.5  # of the encoder's q within the window, besides the visible part of the posterior
VISIBLE, COARSE = 7.0, 64  # nats below the peak; cells along each dimension to find them


class TruePosterior(NamedTuple):
    """p(z|x) of one x, and the terms of its evidence; nats, on the CPU."""

    log_px: float  # on a grid over z
    error: float  # estimate of its error
    elbo: float  # of the encoder's q, by Gauss–Hermite
    kl: float  # KL(q(z|x) ‖ p(z|x)), on a grid around q
    mode: torch.Tensor  # (1, latent_dim), of p(z|x)
    low: torch.Tensor  # (latent_dim,), corner of the window around q and the visible part of p(z|x)
    high: torch.Tensor
    axes: torch.Tensor  # (latent_dim, num), centres of the window's cells
    density: torch.Tensor  # (num, …), p(z|x) there


class Inference(NamedTuple):
    """Exact inference for one x; nats, on the CPU."""

    truth: TruePosterior
    best_elbo: float  # the best of q and of two ascents: from it, and from the posterior's mode
    path: gaps.Ascent  # the first of them, n = 1


@torch.no_grad()
def true_posterior(model: VAE, x: torch.Tensor, num: int, margin: float) -> TruePosterior:
    """log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)) of one x (1, pixels), each term by a separate rule
    (`exact.log_px`, `gaps.quadrature_elbo`, `gaps.kl_to_posterior`), and p(z|x) = p(x, z)/p(x) on
    num cells along each dimension.

    margin: room around the posterior and q, as a share of the window.

    Raises ValueError: see `exact.check_exact`.
    """
    evidence, q = exact.log_px(model, x, exact.FINE), model.encode(x)
    reach = SIGMAS * torch.exp(0.5 * q.log_var)
    low, high = _visible(model, x, evidence)
    low = torch.minimum(low, (q.mu - reach).double().cpu())
    high = torch.maximum(high, (q.mu + reach).double().cpu())
    room = margin * (high - low)
    low, high = low - room, high + room
    log_joint, axes = exact.joint_on_grid(model, x, low, high, num)
    return TruePosterior(
        evidence.log_px.item(), evidence.error.item(), gaps.quadrature_elbo(model, x).item(),
        gaps.kl_to_posterior(model, x, evidence=evidence).item(), evidence.mode.to(q.mu).cpu(),
        low[0], high[0], axes[0],
        (log_joint[0] - evidence.log_px).exp().view(*[num] * axes.shape[1]))


def _visible(model: VAE, x: torch.Tensor, evidence: exact.Evidence
             ) -> tuple[torch.Tensor, torch.Tensor]:
    """Corners (1, latent_dim) of the box of cells in which p(z|x) is at most VISIBLE nats below its
    peak: much smaller than the box that holds its mass if it has a long tail."""
    log_joint, axes = exact.joint_on_grid(model, x, evidence.low, evidence.high, COARSE)
    dims = axes.shape[1]
    seen = (log_joint[0] >= log_joint.max() - VISIBLE).view(*[COARSE] * dims).nonzero()
    cell = (evidence.high - evidence.low) / COARSE
    return (evidence.low + seen.amin(0) * cell, evidence.low + (seen.amax(0) + 1) * cell)


@torch.no_grad()
def infer(model: VAE, x: torch.Tensor, steps: int, num: int, margin: float) -> Inference:
    """`true_posterior` of one x (1, pixels), and the Gaussians that `gaps.two_ascents` reaches in
    this many steps.
    Raises ValueError: see `exact.check_exact`."""
    truth = true_posterior(model, x, num, margin)
    path, best_elbo = gaps.two_ascents(model, x, truth.mode, steps)
    return Inference(truth, max(truth.elbo, best_elbo.item()), path)
