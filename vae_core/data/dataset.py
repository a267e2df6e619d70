"""Dataset: examples, with what is known of each; DatasetSpec: what is known before they are read.

Nothing here imports torch, so that a page can show the facts of a data set before it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import torch

Domain = Literal["binary", "unit_interval", "real"]
Split = Literal["train", "test"]


class Arrays(NamedTuple):
    """One split as it is read: x (n, …), bytes or float32; labels (n,) and factors (n, k), if any.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    factors: np.ndarray | None = None


@dataclass(frozen=True)
class DatasetSpec:
    """A row of the registry: everything that the program knows of a data set.

    Attributes:
        shape: (channels, height, width); of points with k coordinates (1, 1, k).
        domain: what a likelihood sees: binary, unit_interval or real.
        read: gives a split; ValueError, in a sentence for the user, if it can't.
        pictures: whether an example is an image rather than a point.
    """

    title: str
    shape: tuple[int, int, int]
    domain: Domain
    class_names: tuple[str, ...]
    num_train: int
    num_test: int
    read: Callable[[Split], Arrays]
    pictures: bool = True


@dataclass(frozen=True)
class Dataset:
    """Examples: grey levels held as bytes, of which a likelihood sees x / 255, or real values.

    Attributes:
        x: (n, channels·height·width); uint8, 255 = 1.0, or float32 where the domain is real.
        labels: (n,), int64, or None where there are none.
        factors: (n, k) true generative factors, or None.
        shape, domain: as in `DatasetSpec`.
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


def to_unit(x: torch.Tensor) -> torch.Tensor:
    """What a likelihood sees: bytes as [0, 1], real values unchanged."""
    return x if x.is_floating_point() else x.float().div_(255.0)
