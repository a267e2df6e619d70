"""The ELBO of one example by its three derivations, and the bound during training."""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from vae_core.config import TrainConfig
from vae_core.measure import exact, gaps
from vae_core.measure.importance import log_weights
from vae_core.model.vae import VAE, gaussian_rate
from vae_core.random import seeded
from vae_core.theory.training import steps, untrained

ROUGHLY = 0.1  # nats of tolerance during training: an immature posterior has long tails


class ThreeWays(NamedTuple):
    """One ELBO, computed three times, and log p(x); nats."""

    log_px: float  # by a lattice over z
    from_kl: float  # log p(x) − KL(q(z|x) ‖ p(z|x)), lattices
    from_terms: float  # −(D + R): D by sampling, R in closed form
    standard_error: float  # of from_terms, from the samples of D
    from_jensen: float  # E_q[log w] by Gauss–Hermite, w = p(x, z)/q(z|x)
    log_w: torch.Tensor  # (num,), log w at samples from q: E[w] = p(x), E[log w] = ELBO


@torch.no_grad()
def three_ways(model: VAE, x: torch.Tensor, num: int = 2000, seed: int = 0) -> ThreeWays:
    """The ELBO of x (1, pixels) in three ways; latent_dim 1 or 2.

    KL ≥ 0: log p(x) − KL(q ‖ p(z|x));  log p(x) rewritten: E_q log p(x|z) − KL(q ‖ p(z));
    Jensen: E_q log w ≤ log E_q w = log p(x).

    Raises ValueError: see `exact.check_exact`.
    Source: Kingma & Welling 2014, eq. 1 to 3; Doersch 2016, eq. 5; Jordan et al. 1999.
    """
    evidence = exact.log_px(model, x, exact.FINE)
    log_px = evidence.log_px.item()
    q = model.encode(x)
    eps = torch.randn(num, 1, q.mu.shape[1], generator=seeded(torch.Generator(), seed))
    log_px_given_z = model.likelihood.log_prob(x, model.decode(model.reparameterize(q, eps)))
    log_px_given_z = log_px_given_z[:, 0].double()
    rate = gaussian_rate(q).sum().item()
    return ThreeWays(log_px, log_px - gaps.kl_to_posterior(model, x, evidence=evidence).item(),
                     log_px_given_z.mean().item() - rate,
                     (log_px_given_z.var() / num).sqrt().item(),
                     gaps.quadrature_elbo(model, x).item(),
                     log_weights(model, x, q, eps)[:, 0].double())


class Moment(NamedTuple):
    """Mean ELBO and mean log p(x) of the watched examples after an epoch; nats."""

    epoch: int
    elbo: float
    log_px: float


def bound_in_training(config: TrainConfig, x: torch.Tensor, shape: tuple[int, int, int],
                      watched: torch.Tensor) -> Iterator[Moment]:
    """Train a small model on x (n, pixels) as in a `Dataset`, on the CPU; yield the exact log p(x)
    of the watched x (m, pixels) and its bound before the first epoch and after each.
    Raises ValueError: see `exact.check_exact`."""
    exact.check_exact(config)
    model = untrained(config, shape)

    def moment(epoch: int) -> Moment:
        return Moment(epoch, gaps.quadrature_elbo(model, watched).mean().item(),
                      exact.log_px(model, watched, ROUGHLY).log_px.mean().item())

    yield moment(0)
    for epochs, _ in steps(config, model, x):
        if epochs == int(epochs):
            yield moment(int(epochs))
