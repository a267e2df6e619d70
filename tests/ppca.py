"""Probabilistic PCA, the linear VAE: every quantity in closed form, for tests to compare with."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from vae_core.numerics import LOG_2PI


class PPCA(NamedTuple):
    """p(z) = N(0, I), p(x|z) = N(Wz + b, σ²I) (Tipping & Bishop 1999, §3.1)."""

    w: torch.Tensor  # (pixels, latent_dim)
    b: torch.Tensor  # (pixels,)
    var_x: float  # σ²

    @property
    def _m(self) -> torch.Tensor:
        """M = WᵀW + σ²I, (latent_dim, latent_dim)."""
        return self.w.T @ self.w + self.var_x * torch.eye(self.w.shape[1]).to(self.w)

    def log_px(self, x: torch.Tensor) -> torch.Tensor:
        """log N(x; b, WWᵀ + σ²I) of x (n, pixels): (n,), nats (ibid., §3.1).

        Through M, which is small: the inverse by Woodbury's identity, |C| = σ^2(pixels − d) |M|.
        """
        pixels, latent_dim = self.w.shape
        centred = x.to(self.w) - self.b
        projected = centred @ self.w
        explained = (projected * torch.linalg.solve(self._m, projected.T).T).sum(1)
        squared = (centred.square().sum(1) - explained) / self.var_x
        log_det = (pixels - latent_dim) * math.log(self.var_x) + torch.logdet(self._m)
        return -0.5 * (squared + log_det + pixels * LOG_2PI)

    def posterior(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """p(z|x) = N(M⁻¹Wᵀ(x − b), σ²M⁻¹) of x (n, pixels) (ibid., §3.1).

        Its means (n, latent_dim), and the covariance that all x share.
        """
        inverse = torch.linalg.inv(self._m)
        return (x.to(self.w) - self.b) @ self.w @ inverse, self.var_x * inverse


def fit_ppca(x: torch.Tensor, latent_dim: int) -> PPCA:
    """The PPCA under which x (n, pixels) is most likely, in double precision.

    W = U (Λ − σ²I)^½ with the latent_dim largest eigenvalues Λ of x's covariance and their
    vectors U; σ² is the mean of the other eigenvalues (Tipping & Bishop 1999, §3.2).

    Raises:
        ValueError: latent_dim isn't from 1 to pixels − 1, or nothing is left over for σ².
    """
    pixels = x.shape[1]
    if not 1 <= latent_dim < pixels:
        raise ValueError(f"latent_dim = {latent_dim} is not allowed: give a whole number from 1 to "
                         f"{pixels - 1}, one below the size of x.")
    x = x.double()
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))  # in rising order
    var_x = values[:-latent_dim].mean().item()
    if not var_x > 1e-12 * values[-1].item():
        raise ValueError(f"x ({len(x)} examples) varies in no more than latent_dim = {latent_dim} "
                         "directions, which leaves no σ²: give more examples or a smaller "
                         "latent_dim.")
    scale = (values[-latent_dim:] - var_x).sqrt()
    return PPCA(vectors[:, -latent_dim:] * scale, x.mean(0), var_x)
