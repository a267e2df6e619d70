"""MNIST from the files embedded here, and its relatives, which torchvision downloads."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import torch

from vae_core.data.dataset import Dataset
from vae_core.data.mnist import mnist_images, mnist_labels
from vae_core.data.registry import CATALOG, Split

_CLASSES = {"fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}  # in torchvision.datasets
NAMES = ("mnist", *_CLASSES)


def cache_folder() -> Path:
    """Where data sets are downloaded to: $VAE_EXPLORER_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("VAE_EXPLORER_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vae-explorer"


def load(name: str, split: Split, root: Path | None = None) -> Dataset:
    """MNIST, or another data set through torchvision, which downloads what is missing.

    Raises:
        ValueError: unknown name; embedded file damaged; files neither there nor to be downloaded.
    """
    if name not in NAMES:
        raise ValueError(f"{name!r} is not a known data set: known are {', '.join(CATALOG)}. "
                         "Choose one of these.")
    if name == "mnist":
        x, labels = torch.tensor(mnist_images(split)), torch.tensor(mnist_labels(split))
    else:
        x, labels = _read(name, root or cache_folder(), train=split == "train")
    facts = CATALOG[name]
    return Dataset(x, labels.long(), None, facts.shape, facts.domain)


def _read(name: str, root: Path, train: bool) -> tuple[torch.Tensor, torch.Tensor]:
    from torchvision import datasets  # only where needed, as this takes two seconds

    title = CATALOG[name].title
    try:
        pictures = getattr(datasets, _CLASSES[name])(root, train=train, download=True)
    except (ValueError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The files of {title} in {root} are damaged ({error}): remove "
                         "them, and they are fetched again.") from error
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{title} isn't in {root} and couldn't be downloaded "
                         f"({str(error).splitlines()[0]}): connect to the internet once, put its "
                         f"files there, or choose mnist, which comes with the project.") from error
    return pictures.data.reshape(len(pictures.data), -1).contiguous(), pictures.targets
