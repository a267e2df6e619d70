"""The rate–distortion curve of one β-conditioned model, what can be read off it, and the lower
convex envelope of many models.

Only `measure_beta_curve` needs torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vae_core.measure.embeddings import ACTIVE_VARIANCE

if TYPE_CHECKING:
    from vae_core.data.dataset import Dataset
    from vae_core.model.vae import VAE

NUM_SAMPLES = 2  # samples of z at each β of a curve, with the same noise at all of them
MOST_POINTS, MOST_NUMBERS = 5000, 40_000  # in a curve: test images, and numbers in one β's means
PER_DECADE = (1, math.sqrt(2), 2, math.sqrt(8), 4, 5, 6.3, 8)
FEWEST_KNOTS = 25
FINE = 2001  # points along log β among which a bound is searched


@dataclass(frozen=True)
class BetaCurve:
    """A model at β from beta_min to beta_max (see `knots`); nats, means over a test set.

    The arrays over n test images, the first ones, are for plots of single points; they are in half
    precision unless their values exceed its range.
    """

    beta: np.ndarray  # (knots,), rising
    distortion: np.ndarray  # (knots,)
    rate_per_dim: np.ndarray  # (knots, latent_dim)
    mu_variance: np.ndarray  # (knots, latent_dim), variance over x of the posterior mean
    mu: np.ndarray  # (knots, n, latent_dim)
    log_var: np.ndarray  # (knots, n, latent_dim)
    point_distortion: np.ndarray  # (knots, n)
    point_rate: np.ndarray  # (knots, n)
    label: np.ndarray  # (n,), −1 for none

    @property
    def rate(self) -> np.ndarray:
        return self.rate_per_dim.sum(axis=1)

    @property
    def elbo(self) -> np.ndarray:
        return -(self.distortion + self.rate)

    @property
    def active_units(self) -> np.ndarray:
        """Dimensions with Var_x(E_q[z_d|x]) > 0.01, (knots,) (Burda et al. 2016, §5.4)."""
        return (self.mu_variance > ACTIVE_VARIANCE).sum(axis=1)

    @property
    def log_height(self) -> np.ndarray:
        """log of each mean's variance over that of an active unit, (knots, latent_dim)."""
        return np.log(np.maximum(self.mu_variance, 1e-30) / ACTIVE_VARIANCE)

    def active_at(self, beta: float | np.ndarray) -> np.ndarray:
        """Number of active units at any β: `log_height` is linear in log β between knots."""
        at, knots = np.log(beta), np.log(self.beta)
        return sum(np.interp(at, knots, height) > 0 for height in self.log_height.T)

    def at(self, beta: float | np.ndarray, values: np.ndarray) -> np.ndarray:
        """Interpolation in log β of values given at the knots; constant beyond the ends.

        values: (knots,) for any β: cubic, with the slope at a knot of the parabola through it and
        its neighbours. (Linear interpolation overestimates the distortion of a convex curve, and J
        by 0.1 % and more.) Or (knots, …), such as mu, for one β: linear.
        """
        place = np.interp(np.log(beta), np.log(self.beta), np.arange(len(self.beta)))
        low = np.minimum(np.asarray(place, dtype=int), len(self.beta) - 2)
        share = place - low
        if values.ndim > 1:
            share = np.float32(share)
            return (1 - share) * values[low] + share * values[low + 1]
        slope = np.gradient(values, np.log(self.beta), edge_order=min(2, len(values) - 1))
        step = np.log(self.beta[low + 1] / self.beta[low])
        rise = values[low + 1] - values[low]
        bend = (1 - share) * (slope[low] * step - rise) + share * (rise - slope[low + 1] * step)
        return values[low] + share * rise + share * (1 - share) * bend


def knots(beta_min: float, beta_max: float) -> np.ndarray:
    """The β of a curve: both ends and 8 a decade between them, more if that makes less than 25.

    1, 2, 4 and 5 times a power of ten are among them, at which most single-β runs are trained. They
    are denser from 4 to 10, where dimensions collapse.
    """
    powers = range(math.floor(math.log10(beta_min)) - 1, math.ceil(math.log10(beta_max)) + 2)
    beta = np.array([float(f"{digit}e{power}") for power in powers for digit in PER_DECADE])
    least = 10**0.03  # from knot to knot, so that none is nearly an end
    while True:
        beta = beta[max(0, beta.searchsorted(beta_min) - 1):beta.searchsorted(beta_max) + 1]
        inner = beta[(beta > beta_min * least) & (beta < beta_max / least)]
        if len(inner) + 2 >= FEWEST_KNOTS:
            return np.concatenate([[beta_min], inner, [beta_max]])
        between = np.sqrt(beta[1:] * beta[:-1])
        beta, least = np.sort(np.concatenate([beta, between])), math.sqrt(least)


def measure_beta_curve(model: VAE, data: Dataset, num_samples: int = NUM_SAMPLES) -> BetaCurve:
    """A β-conditioned model on a test set, from beta_min to beta_max."""
    from vae_core.measure.test_set import labels_or_none, per_example, test_x

    config, x = model.config, test_x(model, data)
    points = min(MOST_POINTS, max(1, MOST_NUMBERS // config.latent_dim), len(x))
    beta = knots(config.beta_min, config.beta_max)
    columns: dict[str, list] = {}
    for each in (per_example(model, x, num_samples, beta=float(b)) for b in beta):
        row = {"distortion": each.distortion.double().mean().item(),
               "rate_per_dim": each.rate_per_dim.double().mean(0).numpy(),
               "mu_variance": each.mu.double().var(dim=0, correction=0).numpy(),
               **{name: _half(values[:points].numpy()) for name, values in (
                   ("mu", each.mu), ("log_var", each.log_var),
                   ("point_distortion", each.distortion), ("point_rate", each.rate))}}
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return BetaCurve(beta=beta, label=labels_or_none(data)[:points].numpy().astype(np.int16),
                     **{name: np.array(column) for name, column in columns.items()})


def _half(values: np.ndarray) -> np.ndarray:
    """In half precision unless they exceed its range: under a narrow Gaussian, distortions of
    images reach millions of nats."""
    return values.astype(np.float16) if np.abs(values).max() < np.finfo(np.float16).max else values


def elbo_peak(curve: BetaCurve) -> float:
    """The β with the highest ELBO; 1 in the limit of a perfect model."""
    return _highest(curve, curve.elbo)


def closings(curve: BetaCurve) -> list[tuple[float, int]]:
    """(β, dimension), by rising β: where an active dimension collapses and stays inactive.

    Between knots `log_height` is linear in log β.
    """
    found, position = [], np.log(curve.beta)
    for d, height in enumerate(curve.log_height.T):
        active = np.flatnonzero(height > 0)
        if not len(active) or active[-1] == len(height) - 1:
            continue
        last = active[-1]
        share = height[last] / (height[last] - height[last + 1])
        found.append((float(np.exp(position[last] + share * (position[last + 1] - position[last]))),
                      d))
    return sorted(found)


def knee(curve: BetaCurve) -> float:
    """The β at which the curve is farthest below the chord between its ends (Satopää et al. 2011,
    §III), whatever the scale of the axes."""
    rate, distortion = curve.rate - curve.rate[0], curve.distortion - curve.distortion[0]
    return _highest(curve, distortion * rate[-1] - rate * distortion[-1])


def highest_beta_below(curve: BetaCurve, distortion: float) -> float | None:
    """The highest β whose distortion is at most the given one (nats); None if there is none."""
    fine = np.geomspace(curve.beta[0], curve.beta[-1], FINE)
    fitting = np.flatnonzero(curve.at(fine, curve.distortion) <= distortion)
    if not len(fitting):
        return None
    fits, beyond = fine[fitting[-1]], fine[min(fitting[-1] + 1, FINE - 1)]
    for _ in range(40):
        middle = np.sqrt(fits * beyond)
        if curve.at(middle, curve.distortion) <= distortion:
            fits = middle
        else:
            beyond = middle
    return float(fits)


def _highest(curve: BetaCurve, values: np.ndarray) -> float:
    """The β at which values, (knots,), are highest: the vertex of the parabola over log β through
    the highest and its neighbours, or an end of the range if that is highest."""
    top = int(np.argmax(values))
    if top in (0, len(values) - 1):
        return float(curve.beta[top])
    before, middle, after = np.log(curve.beta[top - 1:top + 2])
    left, right = (middle - before) * (values[top] - values[top + 1]), \
        (after - middle) * (values[top] - values[top - 1])
    if left + right == 0:
        return float(curve.beta[top])
    shift = ((after - middle) * right - (middle - before) * left) / (2 * (left + right))
    return float(np.exp(middle + shift))


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
