"""A trained model on the test set: distortion, rate, ELBO, log p(x), active units."""

from typing import NamedTuple

import numpy as np
import torch

from vae_core.data.dataset import Dataset, to_unit
from vae_core.measure.embeddings import ACTIVE_VARIANCE, PICTURES, pictured
from vae_core.measure.importance import estimate_log_px
from vae_core.model.vae import VAE, elbo_terms
from vae_core.random import binarize, seeded

FINAL_SAMPLES = 8  # samples of z behind each example's distortion in a finished run
TRAIN_POINTS = 10_000  # training examples on which a model is measured at one β
POINTS = 200  # reconstructions and samples in latents.npz where an example is a point
# The binarised test set and the noise are the same for every run.
_BINARY_SEED, _NOISE_SEED, _SAMPLE_SEED = 0, 1, 2


class PerExample(NamedTuple):
    """Posterior and both ELBO terms of each test example, in nats, on the CPU."""

    mu: torch.Tensor  # (n, latent_dim)
    log_var: torch.Tensor  # (n, latent_dim)
    distortion: torch.Tensor  # (n,)
    rate_per_dim: torch.Tensor  # (n, latent_dim)

    @property
    def rate(self) -> torch.Tensor:
        return self.rate_per_dim.sum(-1)


def evaluation_x(x: torch.Tensor, binarized: bool) -> torch.Tensor:
    """The test examples a run is measured on: (n, pixels), in [0, 1] or real, on the CPU.

    Binarised once with a fixed seed, on the CPU, so that every run and device sees the same.
    """
    unit = to_unit(x.cpu())
    return binarize(unit, seeded(torch.Generator(), _BINARY_SEED)) if binarized else unit


def test_x(model: VAE, data: Dataset) -> torch.Tensor:
    """The test images as the model's likelihood takes them: binarised (fixed seed) or grey."""
    return evaluation_x(data.x, model.config.binarized)


@torch.no_grad()
def per_example(model: VAE, x: torch.Tensor, num_samples: int = 1, batch_size: int = 2000,
                beta: float | None = None, rows: torch.Tensor | None = None) -> PerExample:
    """Posterior, distortion (mean over num_samples samples of z, fixed seed) and rate of each x.

    x: (n, pixels) in [0, 1]. The noise doesn't depend on batch_size. beta: where a β-conditioned
    model is measured; None is config.beta. rows: indices of the examples to measure, with the noise
    that they have among all; None measures all.
    """
    device = next(model.parameters()).device
    noise = seeded(torch.Generator(), _NOISE_SEED)
    all_eps = [torch.randn(len(x), model.config.latent_dim, generator=noise)
               for _ in range(num_samples)]
    if rows is not None:
        x, all_eps = x[rows], [eps[rows] for eps in all_eps]
    parts = []
    for start in range(0, len(x), batch_size):
        batch = x[start:start + batch_size].to(device)
        posterior = model.encode(batch, beta)
        terms = [elbo_terms(model, batch, eps[start:start + batch_size].to(device), beta)
                 for eps in all_eps]
        distortion = torch.stack([t.distortion for t in terms]).mean(0)
        parts.append(PerExample(*posterior, distortion, terms[0].rate_per_dim))
    return PerExample(*(torch.cat(column).cpu() for column in zip(*parts)))


def labels_or_none(data: Dataset) -> torch.Tensor:
    """The labels, (n,); −1 for none."""
    return torch.full((len(data),), -1) if data.labels is None else data.labels


def latents(model: VAE, data: Dataset, each: PerExample, points: int = 0) -> dict[str, np.ndarray]:
    """The arrays of latents.npz: the first `points` (0: all) of `each`, labels and images."""
    keep = slice(points or None)
    labels = labels_or_none(data)
    return {"mu": each.mu[keep].numpy(), "log_var": each.log_var[keep].numpy(),
            "distortion": each.distortion[keep].numpy(), "rate": each.rate[keep].numpy(),
            "label": labels[keep].numpy().astype(np.int16),
            **_pictures(model, data, each.mu, labels)}


@torch.no_grad()
def _pictures(model: VAE, data: Dataset, mu: torch.Tensor, labels: torch.Tensor
              ) -> dict[str, np.ndarray]:
    """One test image a class, its reconstruction from the mean, and samples from the prior: bytes.

    Of real data the first POINTS examples and as many samples, in float32.
    """
    device = next(model.parameters()).device
    real = data.domain == "real"
    chosen = np.arange(min(POINTS, len(mu))) if real else pictured(labels.numpy())
    z = torch.randn(POINTS if real else PICTURES, model.config.latent_dim,
                    generator=seeded(torch.Generator(), _SAMPLE_SEED))

    def decode(z: torch.Tensor) -> np.ndarray:
        mean = model.decode_mean(z.to(device))
        return (mean if real else (mean.clamp(0, 1) * 255).round().byte()).cpu().numpy()

    return {"originals": data.x[chosen].numpy(), "reconstructions": decode(mu[chosen]),
            "samples": decode(z)}


def active_units(mu: torch.Tensor) -> int:
    """Number of dimensions d with Var_x(E_q[z_d|x]) > 0.01 (Burda et al. 2016, §5.4)."""
    return int((mu.var(dim=0, correction=0) > ACTIVE_VARIANCE).sum())


class Evaluation(NamedTuple):
    """A model measured on a test set; nats per example."""

    distortion: float
    rate: float
    elbo: float
    log_px: float
    rate_per_dim: list[float]
    active_units: int
    num_test: int
    num_samples: int
    observation_model: str


def evaluate(model: VAE, data: Dataset, num_samples: int = 100) -> Evaluation:
    """Measure a model on a test set; see `Evaluation` and `estimate_log_px` (K = num_samples)."""
    x = test_x(model, data)
    each = per_example(model, x, num_samples=min(FINAL_SAMPLES, num_samples))
    log_px = estimate_log_px(model, x, num_samples)
    distortion, rate = each.distortion.mean().item(), each.rate.mean().item()
    return Evaluation(distortion, rate, -(distortion + rate), log_px.mean().item(),
                      each.rate_per_dim.mean(0).tolist(), active_units(each.mu), len(x),
                      num_samples, model.config.observation_model)
