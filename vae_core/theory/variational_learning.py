"""Learning the model as well: the ELBO has a second argument, and is raised in each in turn.

One code and one pixel: z ~ N(0, 1), x | z ~ N(w·z, noise²), so that p(x) = N(0, w² + noise²) and
every step has a closed form. All values are nats per example, averaged over the data.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

_LOG_2PI = math.log(2 * math.pi)


class LinearPosterior(NamedTuple):
    """q(z|x) = N(gain·x, var), the same gain and var for every x."""

    gain: float
    var: float


class Climb(NamedTuple):
    """Steps of expectation–maximisation: w (steps + 1,) and two values of the ELBO for each of it.

    loose is the ELBO with the q of the w before, tight the one with the q of w itself, where it
    touches log p(x).
    """

    w: np.ndarray
    loose: np.ndarray
    tight: np.ndarray

    @property
    def path(self) -> np.ndarray:
        """w and ELBO after each half step, (2·steps + 1, 2): tight, loose, tight, …"""
        both = np.stack([np.repeat(self.w, 2), np.stack([self.loose, self.tight], 1).ravel()], 1)
        return both[1:]


def mean_log_px(w: float | np.ndarray, noise: float, mean_square: float) -> np.ndarray:
    """log N(x; 0, w² + noise²), averaged over data with this mean of x²."""
    var = np.asarray(w) ** 2 + noise**2
    return -0.5 * (mean_square / var + np.log(var) + _LOG_2PI)


def exact_posterior(w: float, noise: float) -> LinearPosterior:
    """E step: p(z|x) = N(w·x/(w² + noise²), noise²/(w² + noise²))."""
    var = w**2 + noise**2
    return LinearPosterior(w / var, noise**2 / var)


def mean_elbo(q: LinearPosterior, w: float | np.ndarray, noise: float, mean_square: float
              ) -> np.ndarray:
    """−(distortion + rate) of N(w·z, noise²) under q, averaged over the data."""
    second = q.gain**2 * mean_square + q.var  # E_q z²
    w = np.asarray(w)
    squared = mean_square - 2 * w * q.gain * mean_square + w**2 * second
    distortion = 0.5 * (squared / noise**2 + _LOG_2PI) + math.log(noise)
    rate = 0.5 * (second - math.log(q.var) - 1)
    return -(distortion + rate)


def best_w(q: LinearPosterior, mean_square: float) -> float:
    """M step: argmax_w ELBO = mean(x·E_q z) / mean(E_q z²)."""
    return q.gain * mean_square / (q.gain**2 * mean_square + q.var)


def maximum_likelihood(noise: float, mean_square: float) -> float:
    """argmax_w log p(x): w² = mean(x²) − noise², or 0 (Tipping & Bishop 1999, eq. 7)."""
    return math.sqrt(max(mean_square - noise**2, 0.0))


def climb(w: float, noise: float, mean_square: float, steps: int = 20) -> Climb:
    """max over q, then over w, and again (Neal & Hinton 1998, §2).

    Raises:
        ValueError: w = 0, from where no step leads away.
    """
    if w == 0:
        raise ValueError("w = 0 is a saddle point, and no step leaves it: start elsewhere.")
    ws, loose, tight = [w], [], []
    for _ in range(steps + 1):
        q = exact_posterior(w, noise)
        tight.append(float(mean_elbo(q, w, noise, mean_square)))
        w = best_w(q, mean_square)
        ws.append(w)
        loose.append(float(mean_elbo(q, w, noise, mean_square)))
    return Climb(np.array(ws[:-1]), np.array([tight[0], *loose[:-1]]), np.array(tight))
