"""MNIST's relatives, which torchvision downloads into the cache folder."""

import gzip
import os
from functools import partial
from pathlib import Path

from vae_core.data.dataset import Arrays, DatasetSpec, Split


def cache_folder() -> Path:
    """Where data sets are downloaded to: $VAE_EXPLORER_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("VAE_EXPLORER_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vae-explorer"


def _read(title: str, torchvision_name: str, split: Split) -> Arrays:
    """A split of torchvision.datasets.<torchvision_name>, downloaded if it is missing.
    Raises ValueError: damaged files, or files that are missing and can't be downloaded."""
    from torchvision import datasets  # only where needed, as this takes two seconds

    root = cache_folder()
    try:
        data = getattr(datasets, torchvision_name)(root, train=split == "train", download=True)
    except (ValueError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The files of {title} in {root} are damaged ({error}): remove "
                         "them, and they are downloaded again.") from error
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{title} isn't in {root} and couldn't be downloaded "
                         f"({str(error).splitlines()[0]}): connect to the internet once, put its "
                         f"files there, or choose mnist, which comes with the project.") from error
    return Arrays(data.data.numpy(), data.targets.numpy())


def _like_mnist(title: str, torchvision_name: str, class_names: tuple[str, ...]) -> DatasetSpec:
    return DatasetSpec(title, (1, 28, 28), "unit_interval", class_names, 60_000, 10_000,
                       partial(_read, title, torchvision_name))


DATASETS = {
    "fashion-mnist": _like_mnist("Fashion-MNIST", "FashionMNIST", (
        "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot")),
    "kmnist": _like_mnist("Kuzushiji-MNIST", "KMNIST", (
        "o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
}
