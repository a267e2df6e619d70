"""A map of the plane, by hand, that makes a ring of a normal; without torch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np


def ring_map(z: np.ndarray, share: float) -> np.ndarray:
    """From the identity (share = 0) to the map that makes a ring of a normal (share = 1).

    f(z) = (1 − share)·z + share·(z/10 + z/‖z‖), (n, 2) → (n, 2)  (Doersch 2016, fig. 2)
    """
    length = np.linalg.norm(z, axis=1, keepdims=True)
    return (1 - share) * z + share * (z / 10 + z / np.maximum(length, 1e-300))


class Radius(NamedTuple):
    """The distribution of ‖f(z)‖ under `ring_map`, z ~ N(0, I) in the plane, in closed form.

    ‖f(z)‖ = share + scale·‖z‖ with scale = 1 − 0.9·share, and ‖z‖ has Rayleigh's distribution:
    mean = share + scale·√(π/2), spread = scale·√(2 − π/2), the standard deviation.
    """

    mean: float
    spread: float
    share: float
    scale: float

    def density(self, radius: np.ndarray) -> np.ndarray:
        """p(‖f(z)‖) = u·exp(−u²/2) / scale, u = (‖f(z)‖ − share) / scale ≥ 0."""
        u = np.maximum((radius - self.share) / self.scale, 0)
        return u * np.exp(-0.5 * u**2) / self.scale


def ring_radius(share: float) -> Radius:
    """What `ring_map` makes of the distance from the origin; see `Radius`."""
    scale = 1 - 0.9 * share
    return Radius(share + scale * math.sqrt(math.pi / 2), scale * math.sqrt(2 - math.pi / 2),
                  share, scale)


def normal_density(x: np.ndarray, mean: np.ndarray | float, sigma: float) -> np.ndarray:
    """N(x; mean, sigma²), in x's shape and mean's, broadcast."""
    return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
