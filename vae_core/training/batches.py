"""Batches from data that stay on the device as they are: order, scaling, binarisation, noise.

Every random number is a function of (seed, purpose, position), so a resumed training draws what an
uninterrupted one would have drawn, with no generator state to store.
"""

from __future__ import annotations

import math

import torch

FOCUS = (4.0, 16.0)  # β between which the dimensions of an MNIST model close: see benchmarks/LOG.md
_EVALUATION_SEED = 0  # the binarised test set is the same for every run


def seeded(generator: torch.Generator, *key: int) -> torch.Generator:
    """The generator, set by a hash of the key (splitmix64's finaliser over each part)."""
    state = 0x9E3779B97F4A7C15
    for part in key:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 % 2**64
        state = (state ^ state >> 31) * 0x94D049BB133111EB % 2**64
        state ^= state >> 29
    return generator.manual_seed(state % 2**63)


def to_unit(x: torch.Tensor) -> torch.Tensor:
    """What a likelihood sees: bytes as [0, 1], real values as they are."""
    return x.float().div_(255.0) if x.dtype == torch.uint8 else x


def binarize(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each value 0 or 1, drawn with the grey value as its probability (Salakhutdinov & Murray)."""
    return torch.rand(x.shape, generator=generator, device=x.device).lt(x).float()


def evaluation_x(x: torch.Tensor, binarized: bool) -> torch.Tensor:
    """The test examples a run is measured on: (n, pixels), in [0, 1] or real, on the CPU.

    Binarised once with a fixed seed, on the CPU, so that every run and device sees the same.
    """
    unit = to_unit(x.cpu())
    return binarize(unit, seeded(torch.Generator(), _EVALUATION_SEED)) if binarized else unit


class Batches:
    """The training set on its device, dealt out in a new order every epoch.

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

    def at(self, step: int, latent_dim: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The step's data (batch, pixels), in [0, 1] or real; its noise ε (batch, latent_dim)."""
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
        eps = torch.randn(len(x), latent_dim, generator=self.generator, device=x.device)
        return x, eps

    def betas_at(self, step: int, low: float, high: float, focus: float = 0.0) -> torch.Tensor:
        """A β for each of the step's examples, (batch,): log β ~ U(log low, log high), but for the
        share `focus` of them, whose β lies within FOCUS.

        Stratified: the i-th of n examples draws from the i-th of n equal parts of its range. As the
        examples come in random order, each is as likely to get any β as with independent draws,
        and every step sees the whole range.
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
