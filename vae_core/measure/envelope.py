"""The lower convex envelope of models in the rate–distortion plane."""

from __future__ import annotations

import numpy as np


def lower_envelope(rate: np.ndarray, distortion: np.ndarray) -> np.ndarray:
    """Indices of the points at which the lower convex envelope has its corners, by rising rate.

    E(r) = min Σ wᵢ Dᵢ  over  wᵢ ≥ 0, Σ wᵢ = 1, Σ wᵢ Rᵢ ≤ r

    is the lowest distortion of a mixture of the models: convex, non-increasing (rate may be left
    unused), and nowhere above a point. The model with the least J = D + βR touches E where its
    slope is −β. Points on an edge, duplicates, and points to the right of the lowest distortion
    aren't corners.

    Args:
        rate, distortion: (n,), nats.
    Returns:
        (corners,), at least one if n > 0.
    Raises:
        ValueError: different lengths, or a value that isn't finite.
    Source: Alemi et al. 2018, "Fixing a Broken ELBO", §3 and fig. 1: the feasible region of (R, D)
        is convex and its border falls with slope −β.
    """
    rate, distortion = _points(rate, distortion)
    corners: list[int] = []
    for i in np.lexsort((distortion, rate)):
        if corners and distortion[i] >= distortion[corners[-1]]:
            continue  # no less distortion for no less rate
        while len(corners) > 1 and not _turns_up(corners[-2], corners[-1], i, rate, distortion):
            corners.pop()
        corners.append(int(i))
    return np.array(corners, dtype=int)


def envelope_at(r: np.ndarray, rate: np.ndarray, distortion: np.ndarray) -> np.ndarray:
    """E(r) of `lower_envelope` over the points (rate, distortion), in nats; shaped as r.

    Infinite left of the lowest rate, which no mixture reaches; level right of the last corner.
    """
    rate, distortion = _points(rate, distortion)
    corners = lower_envelope(rate, distortion)
    if not len(corners):
        return np.full(np.shape(r), np.inf)
    return np.interp(r, rate[corners], distortion[corners], left=np.inf)


def _turns_up(a: int, b: int, c: int, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether b lies below the chord from a to c (x rising)."""
    return (x[b] - x[a]) * (y[c] - y[a]) > (x[c] - x[a]) * (y[b] - y[a])


def _points(rate: np.ndarray, distortion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rate, distortion = np.asarray(rate, dtype=float), np.asarray(distortion, dtype=float)
    if rate.ndim != 1 or rate.shape != distortion.shape:
        raise ValueError(f"rate has shape {rate.shape} and distortion {distortion.shape}: give two "
                         "arrays of one length.")
    if not (np.isfinite(rate).all() and np.isfinite(distortion).all()):
        raise ValueError("rate and distortion must be finite: leave out the models whose training "
                         "diverged.")
    return rate, distortion
