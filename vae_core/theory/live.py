"""A small model, trained while someone waits: the trainer's own step, and no run folder."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vae_core import schedules
from vae_core.batches import Batches
from vae_core.config import TrainConfig
from vae_core.trainer import Step
from vae_core.vae import VAE

REPORTS = 50  # calls of `progress` in a training


def train_live(config: TrainConfig, x: torch.Tensor, shape: tuple[int, int, int],
               progress: Callable[[float], None] = lambda share: None) -> VAE:
    """Train on x alone, on this thread and the CPU; the same model for the same arguments.

    Args:
        x: (n, channels·height·width), uint8 or float32, as in a `Dataset`.
        shape: (channels, height, width) of an example.
        progress: told the share of the steps done, in (0, 1], about REPORTS times.
    Returns:
        The model, ready to evaluate.
    Raises:
        ValueError: the loss became NaN or infinite.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two threads on small matrices wait for each other
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            model = VAE(config, shape)
        _train(config, model, x, progress)
    finally:
        torch.set_num_threads(threads)
    return model.eval()


def _train(config: TrainConfig, model: VAE, x: torch.Tensor, progress: Callable[[float], None]
           ) -> None:
    device = torch.device("cpu")
    batches = Batches(x, config.batch_size, config.seed, config.binarized, device)
    update = Step(config, model, device)
    total = config.epochs * batches.steps_per_epoch
    for step in range(total):
        batch, eps = batches.at(step, config.latent_dim)
        numbers = update(batch, eps, schedules.beta_at(config, step, batches.steps_per_epoch),
                         schedules.learning_rate_at(config, step, total))
        if (step + 1) * REPORTS // total > step * REPORTS // total:
            if not numbers.isfinite().all():
                raise ValueError(f"Training ended at step {step + 1}: the loss became NaN or "
                                 f"infinite; lower learning_rate (now {config.learning_rate:g}) "
                                 "and train again.")
            progress((step + 1) / total)
