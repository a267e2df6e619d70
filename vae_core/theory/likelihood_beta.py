"""Two trainings that are one: D_σ + β·R, and its twin with the squared error's σ."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import torch

from vae_core.config import TrainConfig
from vae_core.model.vae import VAE
from vae_core.theory.likelihood import SQUARED_ERROR_SIGMA, squared_error_beta
from vae_core.theory.training import one_thread, untrained
from vae_core.training import schedules
from vae_core.training.batches import Batches
from vae_core.training.step import Step

CPU = torch.device("cpu")


class Moment(NamedTuple):
    """After some steps of both trainings; of each, (first, twin), on the batch just seen."""

    step: int
    share: float  # of all steps
    squared_error: tuple[float, float]  # mean ‖x − x̂‖²
    rate: tuple[float, float]  # mean, nats
    difference: float  # the largest of a weight of the first from the same one of the twin
    untouched: float  # the same for a twin whose Adam keeps its ε


def twin(config: TrainConfig) -> TrainConfig:
    """The configuration with σ = 1/√2 whose loss is 2σ² times as large, up to a constant.

    2σ²·(D_σ + β·R) = ‖x − x̂‖² + 2σ²β·R + constant (Lucas et al. 2019).

    Raises:
        ValueError: the likelihood isn't a Gaussian with a fixed σ.
    """
    if config.likelihood != "gaussian-fixed":
        raise ValueError(f"likelihood = {config.likelihood!r} has no σ to exchange for β: choose "
                         "'gaussian-fixed'.")
    return dataclasses.replace(
        config, sigma=SQUARED_ERROR_SIGMA, beta=squared_error_beta(config.sigma, config.beta),
        max_grad_norm=2 * config.sigma**2 * config.max_grad_norm)


def twin_trainings(config: TrainConfig, x: torch.Tensor, shape: tuple[int, int, int],
                   every: int = 8) -> Iterator[Moment]:
    """Train `config` and its twin side by side from the same weights on the same batches and noise.

    The twin's gradients are 2σ² times as long. Adam's step m/(√v + ε) doesn't depend on their
    length but for ε (Kingma & Ba 2015, §2.1): with the twin's ε times 2σ² as well, the steps are
    equal, and the weights differ by rounding alone. A moment comes after `every` steps each.

    Args:
        x: (n, channels·height·width), uint8 or float32, as in a `Dataset`.
        shape: (channels, height, width) of an example.
    Raises:
        ValueError: see `twin`.
    """
    configs = (config, twin(config), twin(config))
    models = [untrained(each, shape) for each in configs]
    updates = [Step(each, model, CPU) for each, model in zip(configs, models, strict=True)]
    for group in updates[1].optimizer.param_groups:
        group["eps"] *= 2 * config.sigma**2
    batches = Batches(x, config.batch_size, config.seed, config.binarized, CPU)
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
    """‖x − x̂‖² = 2σ²·(D_σ − (n/2)·log 2πσ²), of a distortion in nats."""
    return 2 * sigma**2 * (distortion - pixels / 2 * math.log(2 * math.pi * sigma**2))


@torch.no_grad()
def difference(one: VAE, other: VAE) -> float:
    """The largest |w − w′| over all weights of two models of the same layers."""
    return max((p - q).abs().max().item()
               for p, q in zip(one.parameters(), other.parameters(), strict=True))
