"""The contents of a run's files: a line of metrics.jsonl, and checks of every file that is read.

Each check returns what is wrong, as words for a message; "" if nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.measure.beta_curve import BetaCurve
from vae_core.training.objectives import mean_loss

if TYPE_CHECKING:
    import torch

    from vae_core.measure.test_set import PerExample
    from vae_core.model.vae import VAE

# The keys of a line of metrics.jsonl: counts, and figures, which may be NaN; train_ and test_
# before each of the four figures of a split.
_COUNTS = ("epoch", "step", "seconds", "active_units")
_FIGURES = ("beta", *(f"{split}_{name}" for split in ("train", "test")
                      for name in ("distortion", "rate", "elbo", "loss")))
METRICS_KEYS = (*_COUNTS, *_FIGURES)
_MOST = 1e15  # of a count
_LARGEST = 1e30  # of a number in an array: its square is still finite
_NEAREST = 1e-6  # steps of log β between two knots
_ROUNDING = 1e-3  # nats by which rounding may put a rate below 0


class Figures(NamedTuple):
    """Means over a split, nats; loss: the run's objective at config.beta."""

    distortion: float
    rate: float
    loss: float

    @classmethod
    def of(cls, model: VAE, x: torch.Tensor, each: PerExample) -> Figures:
        """each: what was measured on x."""
        return cls(each.distortion.double().mean().item(), each.rate.double().mean().item(),
                   mean_loss(model, x, each))


def metrics_row(*, epoch: int, step: int, seconds: float, beta: float, train: Figures,
                test: Figures, active_units: int) -> dict[str, float]:
    """A line of metrics.jsonl; see METRICS_KEYS."""
    row = {"epoch": epoch, "step": step, "seconds": seconds, "beta": beta}
    for split, (distortion, rate, loss) in (("train", train), ("test", test)):
        row |= {f"{split}_distortion": distortion, f"{split}_rate": rate,
                f"{split}_elbo": -(distortion + rate), f"{split}_loss": loss}
    return row | {"active_units": active_units}


def metrics_damage(rows: Sequence[Any]) -> str:
    """Of the lines of metrics.jsonl."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not all(
                _is_number(row.get(key)) for key in METRICS_KEYS):
            return f"line {number} isn't an epoch's figures"
        for key in _COUNTS:
            if not 0 <= row[key] < _MOST:
                return f"line {number}: {key} can't be {row[key]!r}"[:200]
    return ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, float) or abs(value) < _MOST  # a whole number may be beyond any float


def tensors_damage(tensors: Mapping[str, np.ndarray]) -> str:
    """Of a model's weights."""
    return _array_damage(tensors, {name: values.shape for name, values in tensors.items()})


def _array_damage(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Of arrays of finite numbers with these shapes."""
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            return f"{name} has the shape {arrays[name].shape}, not {shape}"
        if not _is_finite(arrays[name]):
            return f"{name} has values that aren't finite numbers"
    return ""


def latents_damage(arrays: dict[str, np.ndarray], config: TrainConfig) -> str:
    """Of the arrays of a latents.npz."""
    facts, mu = DATASETS[config.dataset], arrays["mu"]
    if mu.ndim != 2 or mu.shape[1] != config.latent_dim:
        return f"mu has the shape {mu.shape} and latent_dim is {config.latent_dim}"
    num = mu.shape[:1]
    if why := _array_damage(arrays, {"mu": mu.shape, "log_var": mu.shape, "distortion": num,
                                     "rate": num}) or _label_damage(arrays["label"], num, config):
        return why
    for name in ("originals", "reconstructions", "samples"):
        if arrays[name].ndim != 2 or not len(arrays[name]) or \
                arrays[name].shape[1] != math.prod(facts.shape) or \
                not (_is_finite(arrays[name]) if facts.domain == "real" else
                     arrays[name].dtype == np.uint8):
            return f"{name} aren't examples of {math.prod(facts.shape)} " + \
                ("finite numbers" if facts.domain == "real" else "bytes")
    return ""


def _is_finite(values: np.ndarray) -> bool:
    """Finite numbers of at most eight bytes: neither plotly nor the interpolation takes longer."""
    return np.issubdtype(values.dtype, np.floating) and values.dtype.itemsize <= 8 and \
        float(np.abs(values).max(initial=0.0)) < _LARGEST  # not so if one is NaN


def _label_damage(label: np.ndarray, shape: tuple[int, ...], config: TrainConfig) -> str:
    if label.shape != shape:
        return f"label has the shape {label.shape}, not {shape}"
    classes = len(DATASETS[config.dataset].class_names)
    if np.issubdtype(label.dtype, np.integer) and \
            (not label.size or (label.min() >= -1 and label.max() < classes)):
        return ""
    return f"label has values that are none of {classes} classes"


def curve_damage(curve: BetaCurve, config: TrainConfig) -> str:
    """Of the arrays of a beta_curve.npz."""
    if curve.beta.ndim != 1 or len(curve.beta) < 2 or curve.label.ndim != 1:
        return "beta and label must be lists, beta of two and more"
    knots, points, dims = len(curve.beta), len(curve.label), config.latent_dim
    shapes = {"beta": (knots,), "distortion": (knots,), "rate_per_dim": (knots, dims),
              "mu_variance": (knots, dims), "mu": (knots, points, dims),
              "log_var": (knots, points, dims), "point_distortion": (knots, points),
              "point_rate": (knots, points)}
    if why := _array_damage(vars(curve), shapes):
        return why
    if not points:
        return "it has no test images"
    if curve.beta[0] <= 0 or not (np.diff(np.log(curve.beta)) > _NEAREST).all():
        return "beta must be positive and rise"
    if curve.beta[0] < config.beta_min * (1 - _NEAREST) or \
            curve.beta[-1] > config.beta_max * (1 + _NEAREST):
        return (f"beta goes from {curve.beta[0]:g} to {curve.beta[-1]:g}, and the run was trained "
                f"from {config.beta_min:g} to {config.beta_max:g}")
    if curve.rate_per_dim.min() < -_ROUNDING or curve.mu_variance.min() < 0:
        return "a rate or a variance is below 0"
    return _label_damage(curve.label, (points,), config)
