"""The two terms of the ELBO, per example: distortion and rate."""

from __future__ import annotations

from typing import NamedTuple

import torch

from vae_core.model.vae import VAE, Posterior


class ElboTerms(NamedTuple):
    """The two terms of the ELBO, in nats, per example.

    distortion: (batch,), −E_q[log p(x|z)], here with one sample of z, summed over pixels.
    rate_per_dim: (batch, latent_dim), KL(q(z_d|x) ‖ p(z_d)) in closed form.
    """

    distortion: torch.Tensor
    rate_per_dim: torch.Tensor

    @property
    def rate(self) -> torch.Tensor:
        """KL(q(z|x) ‖ p(z)), (batch,)."""
        return self.rate_per_dim.sum(-1)

    @property
    def elbo(self) -> torch.Tensor:
        """−(distortion + rate), (batch,): a lower bound of log p(x), whatever β was in training."""
        return -(self.distortion + self.rate)


def gaussian_rate(posterior: Posterior) -> torch.Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1) of each dimension, in nats.

    Shape as the posterior's. Source: Kingma & Welling 2014, app. B.
    """
    mu, log_var = posterior
    return 0.5 * (mu.square() + torch.exp(log_var) - log_var - 1)


def elbo_terms(model: VAE, x: torch.Tensor, eps: torch.Tensor,
               beta: float | torch.Tensor | None = None) -> ElboTerms:
    """Both terms for x (batch, pixels) in [0, 1] with the noise eps (batch, latent_dim).

    A model trained with β = 0 decodes the mean and ignores eps. A β-conditioned one is evaluated
    at beta, one number or (batch,); None is config.beta.
    """
    posterior = model.encode(x, beta)
    z = posterior.mu if model.config.deterministic else model.reparameterize(posterior, eps)
    distortion = -model.likelihood.log_prob(x, model.decode(z, beta))
    return ElboTerms(distortion, gaussian_rate(posterior))
