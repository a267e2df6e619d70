"""Batches from data that stay on the device as stored: order, scaling, binarisation, noise.

Every random number is a function of (seed, purpose, position), so a resumed run has the noise of an
uninterrupted one, with no generator state to store.
"""

import math

import torch

from vae_core.data.dataset import to_unit
from vae_core.random import binarize, seeded

FOCUS = (4.0, 16.0)  # the β at which most dimensions of an MNIST model collapse: benchmarks/LOG.md


class Batches:
    """The training set on its device, in a new order every epoch.

    The last, smaller batch of an epoch is kept: every example is seen once an epoch.
    """

    ORDER, NOISE, BETA = 0, 1, 2

    def __init__(self, x: torch.Tensor, batch_size: int, seed: int, binarized: bool,
                 device: torch.device):
        self.x = x.to(device)
        self.batch_size = batch_size
        self.seed = seed
        self.binarized = binarized
        self.generator = torch.Generator(device)
        self.steps_per_epoch = -(-len(x) // batch_size)
        self._epoch, self._order = -1, None

    def sizes(self) -> torch.Tensor:
        """The number of examples in each of an epoch's batches, (steps_per_epoch,)."""
        sizes = torch.full((self.steps_per_epoch,), self.batch_size, dtype=torch.float64)
        sizes[-1] = len(self.x) - (self.steps_per_epoch - 1) * self.batch_size
        return sizes

    def at(self, step: int, latent_dim: int, num_samples: int | None = None
           ) -> tuple[torch.Tensor, torch.Tensor]:
        """The step's data (batch, pixels), in [0, 1] or real; its noise ε (batch, latent_dim), or
        (num_samples, batch, latent_dim)."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            seeded(self.generator, self.seed, self.ORDER, epoch)
            self._order = torch.randperm(len(self.x), generator=self.generator,
                                         device=self.x.device)
            self._epoch = epoch
        start = position * self.batch_size
        x = to_unit(self.x[self._order[start:start + self.batch_size]])
        seeded(self.generator, self.seed, self.NOISE, step)
        if self.binarized:
            x = binarize(x, self.generator)
        shape = (len(x), latent_dim) if num_samples is None else (num_samples, len(x), latent_dim)
        return x, torch.randn(shape, generator=self.generator, device=x.device)

    def betas_at(self, step: int, low: float, high: float, focus: float = 0.0) -> torch.Tensor:
        """A β for each of the step's examples, (batch,): log β ~ U(log low, log high), except for a
        share `focus` of them, whose β is sampled within FOCUS.

        Stratified: the β of the i-th of n examples is from the i-th of n equal parts of its range.
        As the examples are in random order, each has the same distribution of β as with independent
        samples, and every step covers the whole range.
        """
        start = step % self.steps_per_epoch * self.batch_size
        num = min(self.batch_size, len(self.x) - start)
        seeded(self.generator, self.seed, self.BETA, step)
        share = torch.rand(num, generator=self.generator, device=self.x.device)
        share = (share + torch.arange(num, device=share.device)) / num
        beta = _log_between(low, high, share)
        bottom, top = max(low, FOCUS[0]), min(high, FOCUS[1])
        if focus == 0 or bottom >= top:
            return beta
        # Spread evenly over the batch, so that they meet all strata.
        count = (torch.arange(-1, num, dtype=torch.float64, device=share.device) * focus).floor()
        return torch.where(count.diff() > 0, _log_between(bottom, top, share), beta)


def _log_between(low: float, high: float, share: torch.Tensor) -> torch.Tensor:
    """low at a share of 0, high at 1, and in even steps of the logarithm between."""
    return (math.log(low) + share * math.log(high / low)).exp()
