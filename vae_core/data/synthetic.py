"""Points on and near known shapes: curves and clusters in the plane, sheets in space.

Every set is generated at each load from a fixed seed: x = f(factors) + noise, where the noise is
Gaussian with one σ in every coordinate of x. Lengths have no unit; every set is about 1 wide.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from vae_core.data.dataset import Arrays, DatasetSpec, Split

NOISE, CLUSTER_NOISE = 0.05, 0.15  # σ of the noise: around curves and sheets, and in a cluster
SIZES = {"train": 40_000, "test": 1000}
_SEEDS = {"train": 1, "test": 2}


class Shape(NamedTuple):
    """A curve or sheet: `embed` takes factors (n, k) to points (n, size)."""

    embed: Callable[[np.ndarray], np.ndarray]
    low: tuple[float, ...]  # of each factor
    high: tuple[float, ...]
    even_in_square: bool = False  # sample the first factor so that its square is uniform


def _spiral(factors: np.ndarray, growth: float = 0.15) -> np.ndarray:
    """Archimedes' spiral, r = growth · angle."""
    angle = factors[:, 0]
    return growth * np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)


def _swiss_roll(factors: np.ndarray) -> np.ndarray:
    return np.concatenate([_spiral(factors, 0.1), factors[:, 1:]], axis=1)


def _ring(factors: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(factors[:, 0]), np.sin(factors[:, 0])], axis=1)


def _s_curve(factors: np.ndarray) -> np.ndarray:
    angle, height = factors.T
    return np.stack([np.sin(angle), np.sign(angle) * (np.cos(angle) - 1), height], axis=1)


# The factors are an angle in radians and, of a sheet, its height. The Swiss roll is that of
# Tenenbaum, de Silva & Langford 2000, the S-curve that of Roweis & Saul 2000, both to scale.
SHAPES = {
    "ring": Shape(_ring, (0.0,), (2 * math.pi,)),
    "spiral": Shape(_spiral, (0.5 * math.pi,), (3 * math.pi,), even_in_square=True),
    "swiss-roll": Shape(_swiss_roll, (1.5 * math.pi, -1.0), (4.5 * math.pi, 1.0),
                        even_in_square=True),
    "s-curve": Shape(_s_curve, (-1.5 * math.pi, -1.0), (1.5 * math.pi, 1.0)),
}
_ANGLES = np.arange(8) * math.pi / 4
CENTRES = {
    "clusters": 1.5 * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1),
    "clusters-3d": np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)],
                            dtype=float),
}


def sample_shape(shape: Shape, split: Split) -> Arrays:
    """Points around a shape; `factors` are those of the noiseless points."""
    random = _random(split)
    share = random.random_sample((SIZES[split], len(shape.low)))
    factors = np.array(shape.low) + share * (np.array(shape.high) - shape.low)
    if shape.even_in_square:  # so that points lie about evenly along the spiral
        low, high = shape.low[0] ** 2, shape.high[0] ** 2
        factors[:, 0] = np.sqrt(low + share[:, 0] * (high - low))
    x = shape.embed(factors)
    x = x + NOISE * random.standard_normal(x.shape)
    return Arrays(x.astype(np.float32), factors=factors.astype(np.float32))


def sample_clusters(centres: np.ndarray, split: Split) -> Arrays:
    """Points around centres (clusters, size); a label is the index of the cluster."""
    random = _random(split)
    labels = random.randint(len(centres), size=SIZES[split])
    x = centres[labels]
    x = x + CLUSTER_NOISE * random.standard_normal(x.shape)
    return Arrays(x.astype(np.float32), labels)


def _random(split: Split) -> np.random.RandomState:
    """Its stream is frozen: every version of numpy generates the same points."""
    return np.random.RandomState(_SEEDS[split])


def curve_or_sheet(title: str, size: int, shape: Shape) -> DatasetSpec:
    """Points with `size` coordinates around a shape."""
    return DatasetSpec(title, (1, 1, size), "real", (), SIZES["train"], SIZES["test"],
                       partial(sample_shape, shape), pictures=False)


def clusters(title: str, centres: np.ndarray) -> DatasetSpec:
    """Points around centres (clusters, size); the classes are numbered from 1."""
    names = tuple(str(number + 1) for number in range(len(centres)))
    return DatasetSpec(title, (1, 1, centres.shape[1]), "real", names, SIZES["train"],
                       SIZES["test"], partial(sample_clusters, centres), pictures=False)


DATASETS = {
    "ring": curve_or_sheet("Ring", 2, SHAPES["ring"]),
    "spiral": curve_or_sheet("Spiral", 2, SHAPES["spiral"]),
    "clusters": clusters("Gaussian clusters", CENTRES["clusters"]),
    "clusters-3d": clusters("Gaussian clusters, 3-D", CENTRES["clusters-3d"]),
    "swiss-roll": curve_or_sheet("Swiss roll", 3, SHAPES["swiss-roll"]),
    "s-curve": curve_or_sheet("S-curve", 3, SHAPES["s-curve"]),
}
