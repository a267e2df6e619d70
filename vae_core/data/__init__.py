"""Data sets: `load_dataset(name)` gives the training and the test set as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.data.dataset import Splits


def load_dataset(name: str) -> Splits:
    """Training and test set of one of the names in `catalog.CATALOG`.

    Raises:
        ValueError: an unknown name, or files that are missing or damaged and can't be replaced.
    """
    from vae_core.data import manifolds, torchvision_sets

    return manifolds.load(name) if name in manifolds.NAMES else torchvision_sets.load(name)
