"""VAE: encode → q(z|x), reparameterize, decode → p(x|z); and the two terms of its ELBO."""

import threading
from typing import NamedTuple

import torch
from torch import nn

from vae_core.config import TrainConfig
from vae_core.model.architectures import network_spec
from vae_core.model.likelihoods import make_likelihood
from vae_core.model.networks import FiLM, Network, batched
from vae_core.numerics import LOG_VAR_MAX, LOG_VAR_MIN, soft_clamp

# Held while layers draw their first weights, which come from one generator for the whole process.
BUILDING = threading.RLock()


class Posterior(NamedTuple):
    """q(z|x) = N(mu, diag exp(log_var)); both (batch, latent_dim)."""

    mu: torch.Tensor
    log_var: torch.Tensor


class VAE(nn.Module):
    """A variational autoencoder (Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014).

    Prior p(z) = N(0, I). Data enter and leave flat: (batch, channels·height·width) in [0, 1].

    With config.beta_conditioned it is one model for every β from beta_min to beta_max (Bae et al.
    2023): `encode` and `decode` then take β, one number for all examples or one each, in the shape
    of the leading dimensions; None is config.beta. Ignored by other models.
    """

    def __init__(self, config: TrainConfig, shape: tuple[int, int, int]):
        super().__init__()
        self.config = config
        self.shape = shape
        self.spec = network_spec(config, shape)
        with BUILDING:
            self.likelihood = make_likelihood(config)
            self.encoder = Network(self.spec.encoder)
            self.decoder = Network(self.spec.decoder)
            # Last, so that the layers begin with the weights that they have without it.
            self.film = FiLM(self.spec) if self.spec.conditioning else None

    def encode(self, x: torch.Tensor, beta: float | torch.Tensor | None = None) -> Posterior:
        """q(z|x). With β = 0 the code is a point: the smallest σ there is stands for it."""
        out = self.film("encoder", self.encoder, x, beta) if self.film else self.encoder(x)
        mu, raw_log_var = out.float().chunk(2, dim=-1)
        if self.config.deterministic:
            return Posterior(mu, torch.full_like(mu, LOG_VAR_MIN))
        return Posterior(mu, soft_clamp(raw_log_var, LOG_VAR_MIN, LOG_VAR_MAX))

    @staticmethod
    def reparameterize(posterior: Posterior, eps: torch.Tensor) -> torch.Tensor:
        """z = μ + σ ⊙ ε, ε ~ N(0, I) of shape (…, batch, latent_dim) (Kingma & Welling, eq. 10)."""
        return posterior.mu + torch.exp(0.5 * posterior.log_var) * eps

    def decode(self, z: torch.Tensor, beta: float | torch.Tensor | None = None) -> torch.Tensor:
        """The parameters of p(x|z), raw: (…, latent_dim) → (…, outputs). See `likelihoods`."""
        if self.film:
            return self.film("decoder", self.decoder, z, beta).float()
        return batched(self.decoder, z).float()

    def decode_mean(self, z: torch.Tensor, beta: float | torch.Tensor | None = None
                    ) -> torch.Tensor:
        """E[x|z], what is usually shown as the decoded image: (…, latent_dim) → (…, pixels)."""
        return self.likelihood.mean(self.decode(z, beta))


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
