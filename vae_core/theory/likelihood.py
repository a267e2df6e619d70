"""What a likelihood assumes about the noise in x: the fit, and σ and β as one hyperparameter."""

import copy
import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from vae_core.config import TrainConfig
from vae_core.model.vae import VAE, elbo_terms, gaussian_rate
from vae_core.random import binarize, seeded
from vae_core.theory.training import one_thread, untrained
from vae_core.training import schedules
from vae_core.training.batches import Batches
from vae_core.training.objectives import loss
from vae_core.training.step import Step

SQUARED_ERROR_SIGMA = math.sqrt(0.5)  # the σ at which −log N(x; x̂, σ²I) is ‖x − x̂‖² + constant


def squared_error_beta(sigma: float, beta: float) -> float:
    """The β at which ‖x − x̂‖² + β·R has the same minimum as D_σ + beta·R: 2σ²·beta.

    D_σ = ‖x − x̂‖²/(2σ²) + (n/2)·log 2πσ²; multiply by 2σ², which doesn't move the minimum
    (Lucas et al. 2019; Rybkin, Daniilidis & Levine 2021).
    """
    return 2 * sigma**2 * beta


class Constant(NamedTuple):
    """−log N(x; x̂, ½I) − ‖x − x̂‖² over examples, in nats."""

    mean: float
    spread: float  # the largest minus the smallest
    closed_form: float  # (n/2)·log π


@torch.no_grad()
def squared_error_constant(model: VAE, x: torch.Tensor) -> Constant:
    """The constant between the squared error and a Gaussian's distortion at σ = 1/√2.

    The distortion is torch.distributions', not this project's. x: (n, pixels).
    """
    mean = model.decode_mean(model.encode(x).mu).double()
    x = x.double()
    distribution = torch.distributions.Normal(mean, SQUARED_ERROR_SIGMA)
    rest = -distribution.log_prob(x).sum(-1) - (x - mean).square().sum(-1)
    return Constant(rest.mean().item(), (rest.max() - rest.min()).item(),
                    x.shape[1] / 2 * math.log(math.pi))


class GradientPair(NamedTuple):
    """The gradients of two losses with respect to all weights of a model, (number of weights,)."""

    first: torch.Tensor  # of D_σ + beta·R
    second: torch.Tensor  # of D at σ = 1/√2, plus 2σ²·beta·R

    @property
    def factor(self) -> float:
        """The first in units of the second, by least squares: 1/(2σ²) if they are parallel."""
        return (self.first @ self.second / (self.second @ self.second)).item()

    def deviation(self, factor: float) -> float:
        """‖first − factor·second‖ / ‖first‖: 0 if the first is that multiple of the second."""
        return ((self.first - factor * self.second).norm() / self.first.norm()).item()


def gradient_pair(model: VAE, x: torch.Tensor, sigma: float, beta: float, seed: int = 0
                  ) -> GradientPair:
    """Gradients of D_σ + beta·R and of the equivalent loss with the squared error's σ, at the same
    weights, x and noise.
    Raises ValueError: the model's likelihood isn't a Gaussian with a fixed σ."""
    if model.config.likelihood != "gaussian-fixed":
        raise ValueError(f"likelihood = {model.config.likelihood!r} learns its noise or has none: "
                         "choose a model with 'gaussian-fixed'.")
    eps = torch.randn(len(x), model.config.latent_dim, generator=seeded(torch.Generator(), seed))
    pairs = ((sigma, beta), (SQUARED_ERROR_SIGMA, squared_error_beta(sigma, beta)))
    return GradientPair(*(_gradient(model, x, eps, *pair) for pair in pairs))


def _gradient(model: VAE, x: torch.Tensor, eps: torch.Tensor, sigma: float, beta: float
              ) -> torch.Tensor:
    changed = copy.deepcopy(model)
    changed.likelihood.log_var_x.fill_(2 * math.log(sigma))
    loss(elbo_terms(changed, x, eps), beta).mean().backward()
    return torch.cat([p.grad.ravel() for p in changed.parameters()]).double()


class LinearOptimum(NamedTuple):
    """The best linear VAE with a fixed σ, per example; shapes as those of σ and β, broadcast."""

    rate: np.ndarray  # nats
    squared_error: np.ndarray  # E‖x − x̂‖², x̂ decoded from a sample of z
    active: np.ndarray  # dimensions of z that are used


def linear_optimum(eigenvalues: np.ndarray, sigma: np.ndarray | float, beta: np.ndarray | float
                   ) -> LinearOptimum:
    """Minimum of D_σ + β·R over all linear encoders and decoders of any latent size.

    With s = β·σ² and the eigenvalues λ_i of the data's covariance,
    R = Σ ½·log(λ_i/s) over λ_i > s, and E‖x − x̂‖² = Σ min(s, λ_i): reverse water-filling
    (Cover & Thomas 2006, theorem 10.3.3; of linear VAEs: Lucas et al. 2019). σ and β enter only as
    βσ².
    """
    level = np.asarray(beta * np.square(sigma))[..., None]
    used = eigenvalues > level
    rate = 0.5 * np.log(np.where(used, eigenvalues, 1) / np.where(used, level, 1)).sum(-1)
    return LinearOptimum(rate, np.minimum(level, eigenvalues).sum(-1), used.sum(-1))


def eigenvalues(x: torch.Tensor) -> np.ndarray:
    """Eigenvalues of the covariance of x (n, pixels), largest first, none below 0."""
    values = np.linalg.eigvalsh(np.cov(x.double().numpy(), rowvar=False, bias=True))
    return np.maximum(values[::-1], 0)


class Moment(NamedTuple):
    """Both runs after some steps; (first, second), on the batch just seen."""

    step: int
    share: float  # of all steps
    squared_error: tuple[float, float]  # mean ‖x − x̂‖²
    rate: tuple[float, float]  # mean, nats
    difference: float  # the largest between a weight and its counterpart
    same_epsilon: float  # the same where Adam keeps its ε for both


def squared_error_config(config: TrainConfig) -> TrainConfig:
    """The configuration with σ = 1/√2 whose loss is 2σ² times as large, up to a constant.

    2σ²·(D_σ + β·R) = ‖x − x̂‖² + 2σ²β·R + constant (Lucas et al. 2019).

    Raises ValueError: the likelihood isn't a Gaussian with a fixed σ.
    """
    if config.likelihood != "gaussian-fixed":
        raise ValueError(f"likelihood = {config.likelihood!r} has no σ to trade for β: choose "
                         "'gaussian-fixed'.")
    return dataclasses.replace(
        config, sigma=SQUARED_ERROR_SIGMA, beta=squared_error_beta(config.sigma, config.beta),
        max_grad_norm=2 * config.sigma**2 * config.max_grad_norm)


def paired_runs(config: TrainConfig, x: torch.Tensor, shape: tuple[int, int, int],
                   every: int = 8) -> Iterator[Moment]:
    """Train `config` and its `squared_error_config` from the same weights, on the same batches and
    noise.

    The second's gradients are 2σ² times as large. Adam's step m/(√v + ε) depends on their scale
    only through ε (Kingma & Ba 2015, §2.1): with its ε times 2σ² as well, the steps are equal, and
    the weights differ only by rounding. A moment is yielded every `every` steps.

    Args:
        x: (n, channels·height·width), uint8 or float32, as in a `Dataset`.
        shape: (channels, height, width) of an example.
    Raises:
        ValueError: see `squared_error_config`.
    """
    configs = (config, squared_error_config(config), squared_error_config(config))
    cpu = torch.device("cpu")
    models = [untrained(each, shape) for each in configs]
    updates = [Step(each, model, cpu) for each, model in zip(configs, models, strict=True)]
    for group in updates[1].optimizer.param_groups:
        group["eps"] *= 2 * config.sigma**2
    batches = Batches(x, config.batch_size, config.seed, config.binarized, cpu)
    per_epoch = batches.steps_per_epoch
    last = config.epochs * per_epoch
    with one_thread():
        for step in range(last):
            batch, eps = batches.at(step, config.latent_dim)
            rate = schedules.learning_rate_at(config, step, last)
            numbers = [update(batch, eps, schedules.beta_at(each, step, per_epoch), rate).tolist()
                       for update, each in zip(updates, configs, strict=True)]
            if (step + 1) % every == 0 or step + 1 == last:
                first, second = numbers[:2]
                yield Moment(step + 1, (step + 1) / last,
                             (squared_error(first[0], config.sigma, x.shape[1]),
                              squared_error(second[0], configs[1].sigma, x.shape[1])),
                             (first[1], second[1]), difference(models[0], models[1]),
                             difference(models[0], models[2]))


def squared_error(distortion: float, sigma: float, pixels: int) -> float:
    """‖x − x̂‖² = 2σ²·(D_σ − (n/2)·log 2πσ²), from a distortion in nats."""
    return 2 * sigma**2 * (distortion - pixels / 2 * math.log(2 * math.pi * sigma**2))


@torch.no_grad()
def difference(one: VAE, other: VAE) -> float:
    """The largest |w − w′| over all weights of two models of the same layers."""
    return max((p - q).abs().max().item()
               for p, q in zip(one.parameters(), other.parameters(), strict=True))


class Fit(NamedTuple):
    """The noise that a likelihood predicts and the actual errors, on examples x; per pixel."""

    x: torch.Tensor  # (n, pixels), as the likelihood sees them
    mean: torch.Tensor  # (n, pixels), E[x|z] at one sample z ~ q(z|x)
    sample: torch.Tensor  # (n, pixels), x ~ p(x|z) there
    predicted: float  # √ of the mean of Var[x_i|z]
    actual: float  # √ of the mean of (x_i − E[x_i|z])²
    rate: float  # nats per example


@torch.no_grad()
def fit(model: VAE, x: torch.Tensor, seed: int = 0) -> Fit:
    """Compare the variance that p(x|z) predicts with the squared errors, at z ~ q(z|x).

    A learned shared σ converges to where both are equal: σ² = E‖x − x̂‖²/n is the optimum of D in
    closed form (Rybkin, Daniilidis & Levine 2021). x: (n, pixels) in [0, 1]; for a Bernoulli on
    binarised data it is sampled as 0 or 1.
    """
    generator = seeded(torch.Generator(), seed)
    if model.config.binarized:
        x = binarize(x, generator)
    posterior = model.encode(x)
    eps = torch.randn(posterior.mu.shape, generator=generator)
    out = model.decode(model.reparameterize(posterior, eps))
    mean = model.likelihood.mean(out)
    sample = model.likelihood.sample(out, generator)
    root = lambda value: value.double().mean().sqrt().item()  # noqa: E731
    return Fit(x, mean, sample, root(model.likelihood.variance(out)),
               root((x - mean).square()),
               gaussian_rate(posterior).sum(-1).double().mean().item())


def halve(x: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    """Images (n, pixels) at half their height and width: means of 2 × 2 pixels, float32."""
    images = x.reshape(-1, *shape).float()
    return torch.nn.functional.avg_pool2d(images, 2).reshape(len(x), -1)
