"""What is known of each data set without loading it: shape, domain, class names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Domain = Literal["binary", "unit_interval", "real"]
Split = Literal["train", "test"]


@dataclass(frozen=True)
class DatasetFacts:
    """Facts of a data set; `shape` is (channels, height, width), `domain` what x can be.

    Where `pictures` is false, x is a point with width coordinates, of shape (1, 1, width).
    """

    title: str
    shape: tuple[int, int, int]
    domain: Domain
    class_names: tuple[str, ...]
    num_train: int
    num_test: int
    pictures: bool = True


def _points(title: str, size: int, class_names: tuple[str, ...] = ()) -> DatasetFacts:
    return DatasetFacts(title, (1, 1, size), "real", class_names, 40_000, 1000, pictures=False)


_EIGHT = tuple("12345678")
CATALOG: dict[str, DatasetFacts] = {
    "mnist": DatasetFacts(
        "MNIST", (1, 28, 28), "unit_interval", tuple("0123456789"), 60_000, 10_000),
    "fashion-mnist": DatasetFacts(
        "Fashion-MNIST", (1, 28, 28), "unit_interval",
        ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
         "Ankle boot"), 60_000, 10_000),
    "kmnist": DatasetFacts(
        "Kuzushiji-MNIST", (1, 28, 28), "unit_interval",
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"), 60_000, 10_000),
    "ring": _points("Ring", 2),
    "spiral": _points("Spiral", 2),
    "clusters": _points("Gaussian clusters", 2, _EIGHT),
    "clusters-3d": _points("Gaussian clusters, 3-D", 3, _EIGHT),
    "swiss-roll": _points("Swiss roll", 3),
    "s-curve": _points("S-curve", 3),
}
