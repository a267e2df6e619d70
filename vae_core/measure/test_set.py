"""What a trained model is worth on the test set: D, R, ELBO, log p(x), active units."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

from vae_core.config import TrainConfig
from vae_core.data.dataset import Dataset
from vae_core.measure.beta_curve import ACTIVE_VARIANCE, BetaCurve, knots
from vae_core.model.vae import VAE, Posterior
from vae_core.training.batches import evaluation_x, seeded
from vae_core.training.objectives import elbo_terms

FINAL_SAMPLES = 8  # draws of z behind each example's distortion in a finished run
TRAIN_POINTS = 10_000  # training examples on which a model is measured at one β
CURVE_SAMPLES = 2  # draws at each of a curve's β: the same ones at all of them
CURVE_POINTS, CURVE_NUMBERS = 5000, 40_000  # most points of a curve, and most numbers of a mean
PICTURES = 10  # reconstructions and samples in latents.npz
POINTS = 200  # as many of them where an example is a point
_NOISE_SEED, _SAMPLE_SEED = 1, 2


class PerExample(NamedTuple):
    """Posterior and both ELBO terms of each test example, in nats, on the CPU."""

    mu: torch.Tensor  # (n, latent_dim)
    log_var: torch.Tensor  # (n, latent_dim)
    distortion: torch.Tensor  # (n,)
    rate_per_dim: torch.Tensor  # (n, latent_dim)

    @property
    def rate(self) -> torch.Tensor:
        return self.rate_per_dim.sum(-1)


def test_x(model: VAE, data: Dataset) -> torch.Tensor:
    """The test images as the model's likelihood takes them: binarised (fixed seed) or grey."""
    return evaluation_x(data.x, model.config.binarized)


@torch.no_grad()
def per_example(model: VAE, x: torch.Tensor, num_samples: int = 1, batch_size: int = 2000,
                beta: float | None = None, rows: torch.Tensor | None = None) -> PerExample:
    """Posterior, distortion (mean over num_samples draws of z, fixed seed) and rate of each x.

    x: (n, pixels) in [0, 1]. The draws don't depend on batch_size. beta: where a β-conditioned
    model is measured; None is config.beta. rows: indices of the only ones to be measured, which get
    the draws that they have among all.
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


def elbo_figures(split: str, distortion: float, rate: float, config: TrainConfig
                 ) -> dict[str, float]:
    """The four figures of a split in metrics.jsonl; the loss at config.beta."""
    return {f"{split}_distortion": distortion, f"{split}_rate": rate,
            f"{split}_elbo": -(distortion + rate),
            f"{split}_loss": config.reconstruction_weight * distortion + config.beta * rate}


def latents(model: VAE, data: Dataset, each: PerExample, points: int = 0) -> dict[str, np.ndarray]:
    """What latents.npz holds: the first `points` (0: all) of `each`, their labels, the pictures."""
    keep = slice(points or None)
    labels = torch.full((len(data),), -1) if data.labels is None else data.labels
    return {"mu": each.mu[keep].numpy(), "log_var": each.log_var[keep].numpy(),
            "distortion": each.distortion[keep].numpy(), "rate": each.rate[keep].numpy(),
            "label": labels[keep].numpy().astype(np.int16),
            **_pictures(model, data, each.mu, labels)}


@torch.no_grad()
def _pictures(model: VAE, data: Dataset, mu: torch.Tensor, labels: torch.Tensor
              ) -> dict[str, np.ndarray]:
    """One test image a class, its reconstruction from the mean, and samples from the prior: bytes.

    Of real data the first POINTS examples, as many samples, and everything float32.
    """
    device = next(model.parameters()).device
    real = data.domain == "real"
    chosen = [int((labels == label).nonzero()[0]) for label in labels.unique()]
    if len(chosen) < 2 or real:
        chosen = list(range(min(POINTS if real else PICTURES, len(mu))))
    chosen = chosen[:POINTS if real else PICTURES]
    z = torch.randn(POINTS if real else PICTURES, model.config.latent_dim,
                    generator=seeded(torch.Generator(), _SAMPLE_SEED))

    def decode(z: torch.Tensor) -> np.ndarray:
        mean = model.decode_mean(z.to(device))
        return (mean if real else (mean.clamp(0, 1) * 255).round().byte()).cpu().numpy()

    return {"originals": data.x[chosen].numpy(), "reconstructions": decode(mu[chosen]),
            "samples": decode(z)}


def beta_curve(model: VAE, data: Dataset, num_samples: int = CURVE_SAMPLES) -> BetaCurve:
    """A β-conditioned model on a test set, from beta_min to beta_max; see `curve.BetaCurve`."""
    config, x = model.config, test_x(model, data)
    points = min(CURVE_POINTS, max(1, CURVE_NUMBERS // config.latent_dim), len(x))
    beta = knots(config.beta_min, config.beta_max)
    columns: dict[str, list] = {}
    for each in (per_example(model, x, num_samples, beta=float(b)) for b in beta):
        row = {"distortion": each.distortion.double().mean().item(),
               "rate_per_dim": each.rate_per_dim.double().mean(0).numpy(),
               "mu_variance": each.mu.double().var(dim=0, correction=0).numpy(),
               **{name: _half(values[:points].numpy()) for name, values in (
                   ("mu", each.mu), ("log_var", each.log_var),
                   ("point_distortion", each.distortion), ("point_rate", each.rate))}}
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    labels = torch.full((len(data),), -1) if data.labels is None else data.labels
    return BetaCurve(beta=beta, label=labels[:points].numpy().astype(np.int16),
                     **{name: np.array(column) for name, column in columns.items()})


def _half(values: np.ndarray) -> np.ndarray:
    """In half precision, unless it can't hold them: under a narrow Gaussian, distortions of images
    reach millions of nats."""
    return values.astype(np.float16) if np.abs(values).max() < np.finfo(np.float16).max else values


def active_units(mu: torch.Tensor) -> int:
    """How many dimensions d have Var_x(E_q[z_d|x]) > 0.01 (Burda et al. 2016, §5.4)."""
    return int((mu.var(dim=0, correction=0) > ACTIVE_VARIANCE).sum())


@torch.no_grad()
def estimate_log_px(model: VAE, x: torch.Tensor, num_samples: int, samples_per_pass: int = 0,
                    seed: int = 0, batch_size: int = 500) -> torch.Tensor:
    """log p(x) by importance sampling from q(z|x), in nats, (n,); a lower bound in expectation.

    log (1/K) Σ_k p(x|z_k) p(z_k) / q(z_k|x), z_k ~ q(z|x)  (Burda et al. 2016, eq. 8)

    samples_per_pass (0: chosen so that a pass holds about 10,000 decodes) limits memory and nothing
    else: each example's K draws come from one generator in one order.
    """
    if num_samples < 1:
        raise ValueError(f"num_samples = {num_samples} is not allowed: give at least 1.")
    device = next(model.parameters()).device
    latent_dim = model.config.latent_dim
    samples_per_pass = samples_per_pass or max(1, 10_000 // min(batch_size, max(1, len(x))))
    results = []
    for start in range(0, len(x), batch_size):
        batch = x[start:start + batch_size].to(device)
        noise = seeded(torch.Generator(), seed, start)
        posterior = model.encode(batch)
        total = torch.full((len(batch),), -math.inf, device=device)
        for first in range(0, num_samples, samples_per_pass):
            count = min(samples_per_pass, num_samples - first)
            eps = torch.stack([torch.randn(len(batch), latent_dim, generator=noise)
                               for _ in range(count)]).to(device)
            total = torch.logaddexp(total, log_weights(model, batch, posterior, eps).logsumexp(0))
        results.append(total.cpu() - math.log(num_samples))
    return torch.cat(results)


def log_weights(model: VAE, x: torch.Tensor, posterior: Posterior, eps: torch.Tensor
                ) -> torch.Tensor:
    """log p(x|z) + log p(z) − log q(z|x) at z = μ + σε; eps (k, n, latent_dim) → (k, n), nats."""
    z = model.reparameterize(posterior, eps)
    log_px_given_z = model.likelihood.log_prob(x, model.decode(z))
    log_pz = -0.5 * z.square().sum(-1)  # the constants log 2π of p(z) and q(z|x) cancel
    log_qz = -0.5 * (eps.square() + posterior.log_var).sum(-1)
    return log_px_given_z + log_pz - log_qz


class Evaluation(NamedTuple):
    """A run measured on its test set; nats per example."""

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
    each = per_example(model, x, num_samples=min(8, num_samples))
    log_px = estimate_log_px(model, x, num_samples)
    distortion, rate = each.distortion.mean().item(), each.rate.mean().item()
    return Evaluation(distortion, rate, -(distortion + rate), log_px.mean().item(),
                      each.rate_per_dim.mean(0).tolist(), active_units(each.mu), len(x),
                      num_samples, model.config.observation_model)
