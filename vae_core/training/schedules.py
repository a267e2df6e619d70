"""Learning-rate and β schedules, as pure functions of the step."""

import math

from vae_core.config import TrainConfig

ONE_CYCLE_RISE = 0.1  # share of the steps in which one-cycle's rate rises
BEYOND = 0.05  # of the range of log β: by how much training exceeds it at either end
ONE_CYCLE_START, END = 1 / 25, 1e-3  # of the highest rate


def beta_at(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """Weight of the rate at a step (from 0): rises linearly to β at the last step of the warm-up,
    then constant."""
    warmup_steps = config.warmup_epochs * steps_per_epoch
    if step + 1 >= warmup_steps:
        return config.beta
    return config.beta * (step + 1) / warmup_steps


def beta_range(config: TrainConfig) -> tuple[float, float]:
    """The range of β in which a β-conditioned model is trained: a little wider than that in which
    it is used, as a network is least accurate at the ends of its training range."""
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
