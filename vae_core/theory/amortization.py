"""One encoder for all data, compared with a separate Gaussian for each example."""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch

from vae_core.measure import gaps
from vae_core.model.vae import VAE

REPEATS, PATIENCE = 20, 0.3  # of a timing: repetitions, and seconds after which none is started
NODES = 8  # Gauss–Hermite nodes along each dimension during the ascent: enough, and fast

Result = TypeVar("Result")


class Amortization(NamedTuple):
    """Both kinds of inference on n examples; nats and seconds."""

    elbo: torch.Tensor  # (n,), under the encoder's q
    best_elbo: torch.Tensor  # (n,), under each example's own q, optimised from the encoder's
    encoder_parameters: int  # for any n
    free_parameters: int  # 2·latent_dim·n: a mean and a log variance for each dimension
    encoder_seconds: float  # for all n: the fastest of a few repetitions
    free_seconds: float

    @property
    def gap(self) -> torch.Tensor:
        """The amortization gap of each example, (n,), ≥ 0."""
        return self.best_elbo - self.elbo


def compare(model: VAE, x: torch.Tensor, steps: int = 25) -> Amortization:
    """Infer q(z|x) for each x (n, pixels): by the encoder, and by `steps` of ascent for
    each alone.

    Raises ValueError: see `exact.check_exact`.
    Source: Gershman & Goodman 2014; the gap: Cremer, Li & Duvenaud 2018, table 1.
    """
    with torch.no_grad():
        q, encoder_seconds = _timed(lambda: model.encode(x))
    ascent, free_seconds = _timed(lambda: gaps.optimal_gaussian(model, x, steps, q, NODES))
    elbo = gaps.quadrature_elbo(model, x, q)
    best_elbo = torch.maximum(elbo, gaps.quadrature_elbo(model, x, ascent.posterior))
    return Amortization(elbo, best_elbo,
                        sum(p.numel() for p in model.encoder.parameters()), 2 * q.mu.numel(),
                        encoder_seconds, free_seconds)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Its result, and the seconds it takes: the shortest time, as the others include whatever else
    runs on this machine, and the first one the set-up."""
    seconds, end = [], time.perf_counter() + PATIENCE
    while len(seconds) < 2 or (len(seconds) < REPEATS and time.perf_counter() < end):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)
