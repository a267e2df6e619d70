"""Points on and near known shapes: curves and clusters in the plane, sheets in space.

Every set is drawn anew at each load, from a fixed seed: x = f(factors) + noise, where the noise is
normal with one σ in every coordinate of x. Lengths have no unit; every set is about 1 wide.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from vae_core.data.dataset import Dataset
from vae_core.data.registry import CATALOG, Split

NOISE, CLUSTER_NOISE = 0.05, 0.15  # σ of the noise: around curves and sheets, and in a cluster
_SEEDS = {"train": 1, "test": 2}


class Shape(NamedTuple):
    """A curve or sheet: `embed` takes factors (n, k) to points (n, size)."""

    embed: Callable[[np.ndarray], np.ndarray]
    low: tuple[float, ...]  # of each factor
    high: tuple[float, ...]
    even_in_square: bool = False  # draw the first factor so that its square is uniform


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
NAMES = (*SHAPES, *CENTRES)


def load(name: str, split: Split) -> Dataset:
    """One of NAMES, the same at every call.

    Of curves and sheets `factors` are what the noiseless point was made from; of clusters the
    label is the cluster.
    """
    facts = CATALOG[name]
    draw = _draw_clusters if name in CENTRES else _draw_shape
    size = facts.num_train if split == "train" else facts.num_test
    # RandomState's stream is frozen: every version of numpy draws the same points.
    return draw(name, size, np.random.RandomState(_SEEDS[split]))


def _draw_shape(name: str, num: int, random: np.random.RandomState) -> Dataset:
    shape = SHAPES[name]
    share = random.random_sample((num, len(shape.low)))
    factors = np.array(shape.low) + share * (np.array(shape.high) - shape.low)
    if shape.even_in_square:  # so that points lie about evenly along the spiral
        low, high = shape.low[0] ** 2, shape.high[0] ** 2
        factors[:, 0] = np.sqrt(low + share[:, 0] * (high - low))
    x = shape.embed(factors)
    return _dataset(name, x + NOISE * random.standard_normal(x.shape), factors=factors)


def _draw_clusters(name: str, num: int, random: np.random.RandomState) -> Dataset:
    labels = random.randint(len(CENTRES[name]), size=num)
    x = CENTRES[name][labels]
    return _dataset(name, x + CLUSTER_NOISE * random.standard_normal(x.shape), labels=labels)


def _dataset(name: str, x: np.ndarray, labels: np.ndarray | None = None,
             factors: np.ndarray | None = None) -> Dataset:
    facts = CATALOG[name]
    return Dataset(torch.from_numpy(x.astype(np.float32)),
                   None if labels is None else torch.from_numpy(labels.astype(np.int64)),
                   None if factors is None else torch.from_numpy(factors.astype(np.float32)),
                   facts.shape, facts.domain)
