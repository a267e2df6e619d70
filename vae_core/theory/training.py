"""A small model trained while someone waits: the trainer's own step, without a run folder."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from vae_core.config import TrainConfig
from vae_core.model.vae import BUILDING, VAE
from vae_core.training import schedules
from vae_core.training.batches import Batches
from vae_core.training.step import Step

REPORTS = 50  # calls of `progress` in a training run


def train_live(config: TrainConfig, x: torch.Tensor, shape: tuple[int, int, int],
               progress: Callable[[float, VAE], None] = lambda share, model: None) -> VAE:
    """Train on x, in this thread and on the CPU; the same model for the same arguments.

    Args:
        x: (n, channels·height·width), uint8 or float32, as in a `Dataset`.
        shape: (channels, height, width) of an example.
        progress: called with the share of steps done, in (0, 1], and the current model, about
            REPORTS times.
    Returns:
        The model, ready to evaluate.
    Raises:
        ValueError: the loss became NaN or infinite.
    """
    reported, model = 0, untrained(config, shape)
    with one_thread():
        for step, (epochs, numbers) in enumerate(steps(config, model, x), start=1):
            share = epochs / config.epochs
            if math.floor(share * REPORTS + 1e-9) > reported:
                reported = math.floor(share * REPORTS + 1e-9)
                if not numbers.isfinite().all():
                    raise ValueError(f"Training ended at step {step}: the loss became NaN or "
                                     "infinite; lower learning_rate (now "
                                     f"{config.learning_rate:g}) and train again.")
                progress(share, model)
    return model.eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """torch with a single thread: on small matrices, two mostly wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def untrained(config: TrainConfig, shape: tuple[int, int, int]) -> VAE:
    """The model before its first step, independent of random numbers drawn before."""
    with BUILDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return VAE(config, shape)


def steps(config: TrainConfig, model: VAE, x: torch.Tensor) -> Iterator[tuple[float, torch.Tensor]]:
    """Train on the CPU; after each step yield the epochs done and `Step`'s numbers."""
    device = torch.device("cpu")
    batches = Batches(x, config.batch_size, config.seed, config.binarized, device)
    update, per_epoch = Step(config, model, device), batches.steps_per_epoch
    for step in range(config.epochs * per_epoch):
        batch, eps = batches.at(step, config.latent_dim)
        numbers = update(batch, eps, schedules.beta_at(config, step, per_epoch),
                         schedules.learning_rate_at(config, step, config.epochs * per_epoch))
        yield (step + 1) / per_epoch, numbers
