"""OBJECTIVES: what a training minimises. To add one, write its functions here and a row.

Nothing here imports torch before it is called: `TrainConfig` reads its choices from the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from vae_core.config import TrainConfig
    from vae_core.measure.test_set import PerExample
    from vae_core.model.vae import VAE, ElboTerms

    Beta = float | torch.Tensor  # one number, or (batch,) of a β-conditioned model

_BATCH, _NOISE_SEED = 2000, 1


@dataclass(frozen=True)
class Objective:
    """A row of the registry.

    Attributes:
        knobs: the fields of TrainConfig that this objective alone reads; β isn't among them.
        loss: (terms, beta, config) → (batch,), the summands of the mean that is minimised, nats.
        terms: (model, x, eps, beta) → what `loss` takes, with `distortion` and `rate` in it, which
            are logged; beta is None unless the model is β-conditioned. None: `vae.elbo_terms`.
        num_samples: of a config, the number K of samples of z an example, where there can be
            several: eps is then (K, batch, latent_dim), else (batch, latent_dim).
    """

    title: str
    formula: str
    source: str
    loss: Callable[[ElboTerms, Beta, TrainConfig], torch.Tensor]
    knobs: tuple[str, ...] = ()
    terms: Callable[[VAE, torch.Tensor, torch.Tensor, Beta | None], ElboTerms] | None = None
    num_samples: Callable[[TrainConfig], int] | None = None


def loss(terms: ElboTerms, beta: Beta, reconstruction_weight: float = 1.0) -> torch.Tensor:
    """w·D + β·R, (batch,), nats (Higgins et al. 2017, eq. 4, with w = 1; with one β for each
    example Bae et al. 2023, eq. 4).

    A term whose weight is 0 is left out, so that it can't pass on an infinity.
    """
    weighted = [reconstruction_weight * terms.distortion] if reconstruction_weight else []
    if not weighted or not isinstance(beta, (int, float)) or beta:
        weighted.append(beta * terms.rate)
    return sum(weighted)


OBJECTIVES: dict[str, Objective] = {
    "beta-vae": Objective(
        "β-VAE", "w·D + β·R", "Higgins et al. 2017, eq. 4",
        loss=lambda terms, beta, config: loss(terms, beta, config.reconstruction_weight),
        knobs=("reconstruction_weight",)),
}


def mean_loss(model: VAE, x: torch.Tensor, each: PerExample) -> float:
    """The model's objective at config.beta, averaged over x, nats.

    each: what was measured on x; enough where the objective is a function of the ELBO's terms.
    """
    config = model.config
    objective = OBJECTIVES[config.objective]
    if objective.terms is None:
        return objective.loss(each, config.beta, config).double().mean().item()
    import torch

    from vae_core.random import seeded

    samples = [objective.num_samples(config)] if objective.num_samples else []
    device, noise = next(model.parameters()).device, seeded(torch.Generator(), _NOISE_SEED)
    total = 0.0
    with torch.no_grad():
        for batch in x.split(_BATCH):
            eps = torch.randn(*samples, len(batch), config.latent_dim, generator=noise)
            terms = objective.terms(model, batch.to(device), eps.to(device), None)
            total += objective.loss(terms, config.beta, config).double().sum().item()
    return total / len(x)
