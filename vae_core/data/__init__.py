"""Data sets as tensors: `load_dataset(name)`, or its training or test set by `load_split`."""

from vae_core.data.dataset import Dataset, Split, Splits
from vae_core.data.registry import DATASETS


def load_dataset(name: str) -> Splits:
    """Training and test set of one of the names in `registry.DATASETS`.
    Raises ValueError: an unknown name, or files that are missing or damaged and can't be
    replaced."""
    return Splits(load_split(name, "train"), load_split(name, "test"))


def load_split(name: str, split: Split) -> Dataset:
    """One of the two; else as `load_dataset`."""
    if name not in DATASETS:
        raise ValueError(f"{name!r} is not a known data set: known are {', '.join(DATASETS)}. "
                         "Choose one of these.")
    import torch  # takes seconds, and the facts of a data set don't need it

    spec = DATASETS[name]
    x, labels, factors = spec.read(split)
    return Dataset(torch.tensor(x).flatten(1),
                   None if labels is None else torch.tensor(labels).long(),
                   None if factors is None else torch.tensor(factors), spec.shape, spec.domain)
