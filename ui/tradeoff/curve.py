"""What the Trade-off page says about the curve of one β-conditioned run; draws nothing.

Everything but `pictures` is read off beta_curve.npz, without torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import models
from ui.charts import Mark, RateLine
from ui.format import plain
from ui.tradeoff.comparison import Codes
from vae_core.measure.beta_curve import (
    ACTIVE_VARIANCE,
    BetaCurve,
    closings,
    elbo_peak,
    highest_beta_below,
    knee,
)
from vae_core.runs.run import BETA_CURVE, Run, RunError, Summary

PLACES_PER_DECADE = 40
CLOSE_BY = 0.05  # of the plane's width and height: dimensions that close so near share a label
SAMPLES_SEED = 2  # as in `evaluation`, so that the samples are those of latents.npz


@dataclass(frozen=True)
class Line:
    """A conditioned run, its curve, the places that β can be chosen from, and its dedicated runs:
    `tradeoff.companions`."""

    summary: Summary
    curve: BetaCurve
    companions: tuple[Summary, ...] = ()

    @property
    def config(self):
        return self.summary.config

    @property
    def places(self) -> list[float]:
        return _places(self.curve.beta[0], self.curve.beta[-1],
                       tuple(s.config.beta for s in self.companions))

    @property
    def start(self) -> float:
        """β = 1, or what lies next to it."""
        return self.nearest(1.0)

    def nearest(self, beta: float) -> float:
        """The place next to a β > 0 on the logarithmic scale."""
        return min(self.places, key=lambda place: abs(math.log(place / beta)))

    def at(self, beta: float) -> dict[str, float]:
        """What was measured on the test set, by the names that metrics.jsonl has."""
        distortion, rate = (float(self.curve.at(beta, values)) for values in
                            (self.curve.distortion, self.curve.rate))
        return {"test_distortion": distortion, "test_rate": rate,
                "test_elbo": -(distortion + rate), "active_units": int(active(self.curve, beta)[0])}

    def objective(self, beta: float) -> float:
        """J = w·D + β·R, with w the weight of the distortion, here 1 as a rule."""
        found = self.at(beta)
        return self.config.reconstruction_weight * found["test_distortion"] \
            + beta * found["test_rate"]

    def covers(self, beta: float) -> bool:
        return self.curve.beta[0] <= beta <= self.curve.beta[-1]


def read(summary: Summary) -> BetaCurve:
    """The run's curve, kept in memory as long as it isn't written anew.

    Raises:
        RunError: there is none, or it is damaged.
    """
    try:
        version = str(summary.run.path(BETA_CURVE).stat().st_mtime_ns)
    except OSError:
        return summary.run.beta_curve()  # says what is missing
    return _read(summary.run, str(summary.run.folder), version)


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(_run: Run, folder: str, version: str) -> BetaCurve:
    return _run.beta_curve()


def _places(low: float, high: float, extra: Iterable[float]) -> list[float]:
    """β in even steps of log β, three digits each, with both ends, numbers of one digit, such as
    0.5 or 3, and the extra ones among them: places nearer to one of these than half a step give way
    to it."""
    round_ones = (float(f"{digit}e{power}") for digit in range(1, 10)
                  for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high))))
    fixed = {low, high, *(beta for beta in (*extra, *round_ones) if low < beta < high)}
    ends = (math.log10(low) * PLACES_PER_DECADE, math.log10(high) * PLACES_PER_DECADE)
    even = (float(f"{10 ** (k / PLACES_PER_DECADE):.3g}")
            for k in range(math.ceil(ends[0]), math.floor(ends[1]) + 1))
    half = math.log(10) / PLACES_PER_DECADE / 2
    return sorted(float(beta) for beta in fixed | {
        beta for beta in even if low < beta < high
        and all(abs(math.log(beta / other)) > half for other in fixed)})


def active(curve: BetaCurve, beta: float | Sequence[float]) -> np.ndarray:
    """How many units are active at each β: between knots, log Var_x(μ_d) is linear in log β, as in
    `closings`."""
    heights = np.log(np.maximum(curve.mu_variance, 1e-30) / ACTIVE_VARIANCE)
    at, knots = np.log(np.atleast_1d(beta)), np.log(curve.beta)
    return sum(np.interp(at, knots, height) > 0 for height in heights.T)


def rate_line(line: Line) -> RateLine:
    """The curve as the plane draws it."""
    curve, places = line.curve, np.array(line.places)
    weight = line.config.reconstruction_weight
    return RateLine(
        name=line.summary.run_id, beta=places, rate=curve.at(places, curve.rate),
        distortion=curve.at(places, curve.distortion), active=active(curve, places),
        weight=places / weight if weight else np.full(len(places), math.inf))


def marks(curve: BetaCurve, ranges: Sequence[tuple[float, float]]) -> list[Mark]:
    """Where something happens on the curve, by rising β: ELBO peak, knee, dimensions that close.

    ranges: the plane's axes; what closes too near to be told apart in it shares a label.
    """
    def mark(beta: float, text: str) -> Mark:
        return Mark(float(curve.at(beta, curve.rate)), float(curve.at(beta, curve.distortion)),
                    f"{text} (β = {beta:.2g})")

    found = [(beta, mark(beta, text)) for beta, text in
             ((elbo_peak(curve), "ELBO peaks here"), (knee(curve), "knee"))]
    groups: list[list[tuple[float, int]]] = []
    for beta, dim in closings(curve):
        if groups and _apart(mark(groups[-1][0][0], ""), mark(beta, ""), ranges) < CLOSE_BY:
            groups[-1].append((beta, dim))
        else:
            groups.append([(beta, dim)])
    for group in groups:
        (first, dim), (last, _) = group[0], group[-1]
        if len(group) == 1:
            found.append((first, mark(first, f"z{dim + 1} closes")))
            continue
        names = ", ".join(f"z{dim + 1}" for _, dim in group) if len(group) < 4 else \
            f"{len(group)} dimensions"
        middle = math.sqrt(first * last)
        place = mark(middle, "")
        span = f"{first:.2g}" if f"{first:.2g}" == f"{last:.2g}" else f"{first:.2g}–{last:.2g}"
        found.append((middle, Mark(place.rate, place.distortion, f"{names} close (β = {span})")))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _apart(one: Mark, other: Mark, ranges: Sequence[tuple[float, float]]) -> float:
    (left, right), (low, high) = ranges
    return math.hypot((one.rate - other.rate) / (right - left),
                      (one.distortion - other.distortion) / (high - low))


def gaps(line: Line) -> list[dict[str, str]]:
    """For each dedicated run: its β, its J, the one run's J at that β, and the difference."""
    return [_gap(line, s) for s in line.companions]


def _gap(line: Line, summary: Summary) -> dict[str, str]:
    config, last = summary.config, summary.last
    own = config.reconstruction_weight * last["test_distortion"] + config.beta * last["test_rate"]
    shared, gap = "", "beyond the curve"
    if line.covers(config.beta):
        objective = line.objective(config.beta)
        shared, gap = f"{objective:.2f}", _signed(objective - own)
        if own > 0:  # of a density, J may be negative: no percentage then
            gap += f" ({_signed(100 * (objective - own) / own)} %)"
    return {"β": f"{config.beta:g}", "dedicated J": f"{own:.2f}", "one run's J": shared,
            "gap": gap, "dedicated run": summary.run_id}


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def training_words(line: Line) -> str:
    """How the numbers in `gaps` came about: both trainings, and where they differ; in markdown."""
    weight, runs = line.config.reconstruction_weight, line.companions
    words = ["J = D + βR" if weight == 1 else f"J = {weight:g}·D + βR",
             "on the test set, in nats per image; a gap above 0: the one run's J is higher, which "
             "is worse."]
    others = f"the dedicated ones for {_epochs(runs)} each, {_minutes(runs)} in all" \
        if len(runs) > 1 else f"the dedicated one for {_epochs(runs)}, {_minutes(runs)}"
    words.append(f"The one run was trained for {_epochs([line.summary])}, "
                 f"{_minutes([line.summary])}; {others}.")
    sizes = {s.run_id: s.config.network_size for s in runs}
    odd: dict[str, list[str]] = {}
    for name, size in sizes.items():
        if size != line.summary.config.network_size:
            odd.setdefault(size, []).append(plain(name))
    if odd:
        others = [f"{names[0] if len(names) == 1 else len(names)} "
                  f"{'has' if len(names) == 1 else 'others have'} {size}"
                  for size, names in odd.items()]
        words.append(f"The networks differ in size, so not the training alone makes the gap: the "
                     f"one run has {line.summary.config.network_size}, {', '.join(others)}.")
    return f"{words[0]} {' '.join(words[1:])}"


def _epochs(summaries: Sequence[Summary]) -> str:
    """150 epochs, or 100 to 150 epochs."""
    epochs = sorted({int(s.last["epoch"]) for s in summaries})
    many = f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]}"
    return f"{many} epoch{'' if many == '1' else 's'}"


def _minutes(summaries: Sequence[Summary]) -> str:
    return f"{sum(s.last['seconds'] for s in summaries) / 60:.1f} minutes"


def below(line: Line, distortion: float) -> tuple[float | None, str]:
    """The highest β with no more distortion than this, rounded down to three digits, and the
    answer in words."""
    curve = line.curve
    beta = highest_beta_below(curve, distortion)
    if beta is None:
        at = int(np.argmin(curve.distortion))
        return None, (f"None fits: the lowest distortion on this curve is "
                      f"{curve.distortion[at]:.2f} nats, at β = {curve.beta[at]:.3g}.")
    step = 10.0 ** (math.floor(math.log10(beta)) - 2)
    # Both ends stay what they are, and what is three digits long isn't rounded down once more.
    beta = max(float(curve.beta[0]), float(f"{math.floor(beta / step + 1e-6) * step:.3g}"))
    found = line.at(beta)
    return beta, (f"β = {beta:g}: D = {found['test_distortion']:.2f}, "
                  f"R = {found['test_rate']:.2f} nats.")


def rows(curve: BetaCurve) -> list[dict[str, float]]:
    """The curve for a file: a row a knot, nats."""
    return [{"beta": beta, "distortion": distortion, "rate": rate, "elbo": elbo,
             "active_units": units, **{f"rate_z{d + 1}": each for d, each in enumerate(dims)}}
            for beta, distortion, rate, elbo, units, dims in
            zip(curve.beta, curve.distortion, curve.rate, curve.elbo, curve.active_units,
                curve.rate_per_dim, strict=True)]


def codes(line: Line, beta: float) -> tuple[Codes, list[float]]:
    """The posterior means at β, in the two dimensions with the highest mean rate along the curve,
    which don't change with β; and how far the means reach at each knot."""
    curve = line.curve
    dims = np.argsort(-curve.rate_per_dim.mean(axis=0), kind="stable")[:2]
    shown = curve.mu[:, :, dims]
    spans = np.abs(shown).max(axis=(1, 2), initial=0.0)
    return Codes(curve.at(beta, shown), curve.label, tuple(f"z{d + 1}" for d in dims)), \
        [float(span) for span in spans]


def codes_words(line: Line, beta: float) -> str:
    return (f"At β = {beta:g}, all in one latent space: between the {len(line.curve.beta)} β at "
            "which the run was measured, the means are interpolated.")


def pictures(line: Line, beta: float) -> dict[str, np.ndarray]:
    """Reconstructions of the test images in latents.npz and samples, (k, pixels) uint8, at β.

    Raises:
        ValueError: a file can't be read, or the pictures and the curve are of different images.
    """
    run = line.summary.run
    try:
        version = models.version(run)
        latents = models.latents(run, str(run.folder), version)
    except OSError as error:
        raise RunError(f"Run {run.run_id!r} can't be read ({error.strerror}): it may have been "
                       "removed.") from error
    if beta == line.config.beta:
        return latents
    places = _pictured(line.curve.label)
    if len(places) != len(latents["originals"]):
        raise RunError(f"Run {run.run_id!r} has pictures of other test images than its curve: "
                       f"train it again to see them at β = {beta:g}.")
    mu = line.curve.at(beta, line.curve.mu[:, places])
    return latents | _decode(run, str(run.folder), version, beta, mu,
                             len(latents["samples"]))


def _pictured(label: np.ndarray) -> np.ndarray:
    """Which images stand in latents.npz: the first of each class; without classes, the first 10."""
    first = np.unique(label, return_index=True)[1]
    return first[:10] if len(first) > 1 else np.arange(min(10, len(label)))


@st.cache_data(max_entries=200, show_spinner="Decoding at this β …")
def _decode(_run: Run, folder: str, version: str, beta: float, _mu: np.ndarray,
            num_samples: int) -> dict[str, np.ndarray]:
    import torch

    from vae_core.random import seeded

    model = models.vae(_run, folder, version)
    z = torch.randn(num_samples, _mu.shape[1], generator=seeded(torch.Generator(), SAMPLES_SEED))
    with torch.no_grad():
        return {name: (model.decode_mean(codes, beta).clamp(0, 1) * 255).round().byte().numpy()
                for name, codes in (("reconstructions", torch.from_numpy(_mu).float()),
                                    ("samples", z))}
