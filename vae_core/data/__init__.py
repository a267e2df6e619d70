"""Data sets as tensors: `load_dataset(name)`, or one of training and test set by `load_split`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.data.dataset import Dataset, Splits
    from vae_core.data.registry import Split


def load_dataset(name: str) -> Splits:
    """Training and test set of one of the names in `catalog.CATALOG`.

    Raises:
        ValueError: an unknown name, or files that are missing or damaged and can't be replaced.
    """
    from vae_core.data.dataset import Splits

    return Splits(load_split(name, "train"), load_split(name, "test"))


def load_split(name: str, split: Split) -> Dataset:
    """One of the two; else as `load_dataset`."""
    from vae_core.data import synthetic, torchvision_sets

    return (synthetic if name in synthetic.NAMES else torchvision_sets).load(name, split)
