"""What changes in the course of a training, as pure functions of the step."""

from __future__ import annotations

import math

from vae_core.config import TrainConfig

ONE_CYCLE_RISE = 0.1  # share of the training in which one-cycle's rate rises
BEYOND = 0.05  # of the range of log β, by which training goes past either end of it
ONE_CYCLE_START, END = 1 / 25, 1e-3  # of the highest rate


def beta_at(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """Weight of the rate at a step (from 0): rises linearly, is β at the last step of the warm-up
    and stays there."""
    warmup_steps = config.warmup_epochs * steps_per_epoch
    if step + 1 >= warmup_steps:
        return config.beta
    return config.beta * (step + 1) / warmup_steps


def beta_range(config: TrainConfig) -> tuple[float, float]:
    """Between which β a conditioned model is trained: a little beyond what it is used for, since
    at the ends of what it has seen a network is at its worst."""
    beyond = (config.beta_max / config.beta_min) ** BEYOND
    return config.beta_min / beyond, config.beta_max * beyond


def learning_rate_at(config: TrainConfig, step: int, total_steps: int) -> float:
    """Adam's step size: constant; half a cosine down; or one cycle (up linearly, cosine down)."""
    peak = config.learning_rate
    progress = step / max(1, total_steps)
    if config.schedule == "constant":
        return peak
    if config.schedule == "one-cycle":
        if progress < ONE_CYCLE_RISE:
            return peak * (ONE_CYCLE_START + (1 - ONE_CYCLE_START) * progress / ONE_CYCLE_RISE)
        progress = (progress - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE)
    return peak * (END + (1 - END) * 0.5 * (1 + math.cos(math.pi * progress)))
