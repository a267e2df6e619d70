"""Dataset: examples, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch

from vae_core.data.registry import Domain


@dataclass(frozen=True)
class Dataset:
    """Examples: grey levels held as bytes, of which a likelihood sees x / 255, or real values.

    Attributes:
        x: (n, channels·height·width); uint8, 255 = 1.0, or float32 where the domain is real.
        labels: (n,), int64, or None where there are none.
        factors: (n, k) true generative factors, or None.
        shape: (channels, height, width).
        domain: what a likelihood sees: binary, unit_interval or real.
    """

    x: torch.Tensor
    labels: torch.Tensor | None
    factors: torch.Tensor | None
    shape: tuple[int, int, int]
    domain: Domain

    def __len__(self) -> int:
        return self.x.shape[0]

    def first(self, n: int) -> Dataset:
        """The first n examples, all of them if n is 0 or there are fewer."""
        if n == 0 or n >= len(self):
            return self
        cut = lambda t: None if t is None else t[:n]  # noqa: E731
        return Dataset(self.x[:n], cut(self.labels), cut(self.factors), self.shape, self.domain)


class Splits(NamedTuple):
    train: Dataset
    test: Dataset
