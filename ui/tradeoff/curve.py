"""What Trade-off reads off the curve of a β-conditioned model; draws nothing, without torch."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ui.format import plain
from ui.model import ModelView
from vae_core.measure.beta_curve import BetaCurve, highest_beta_below
from vae_core.runs.run import Summary

PLACES_PER_DECADE = 40


def places(model: ModelView, companions: Iterable[Summary] = ()) -> list[float]:
    """The β that can be chosen along the curve.

    They are in even steps of log β, three digits each, with both ends, numbers of one digit, such
    as 0.5 or 3, and those of the companions among them: places nearer to one of these than half a
    step give way to it.
    """
    low, high = map(float, model.betas[[0, -1]])
    round_ones = (float(f"{digit}e{power}") for digit in range(1, 10)
                  for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high))))
    fixed = {low, high, *(beta for beta in (*(s.config.beta for s in companions), *round_ones)
                          if low < beta < high)}
    ends = (math.log10(low) * PLACES_PER_DECADE, math.log10(high) * PLACES_PER_DECADE)
    even = (float(f"{10 ** (k / PLACES_PER_DECADE):.3g}")
            for k in range(math.ceil(ends[0]), math.floor(ends[1]) + 1))
    half = math.log(10) / PLACES_PER_DECADE / 2
    return sorted(fixed | {beta for beta in even if low < beta < high
                           and all(abs(math.log(beta / other)) > half for other in fixed)})


def nearest(betas: Sequence[float], beta: float) -> float:
    """The place next to a β > 0 on the logarithmic scale."""
    return min(betas, key=lambda place: abs(math.log(place / beta)))


def line(model: ModelView, betas: Sequence[float]) -> dict[str, Any]:
    """The curve at these β for the plane; weight as in `plane.weight`, None for infinite."""
    curve, w, beta = model.curve, model.config.reconstruction_weight, np.asarray(betas)
    return {"beta": beta.tolist(), "rate": curve.at(beta, curve.rate).tolist(),
            "distortion": curve.at(beta, curve.distortion).tolist(),
            "active": curve.active_at(beta).tolist(),
            "weight": (beta / w).tolist() if w else [None] * len(beta)}


def gaps(model: ModelView, companions: Sequence[Summary]) -> list[dict[str, str]]:
    """For each single-β model: its β, its J, the conditioned model's J there, and the gap."""
    rows = []
    for summary in companions:
        beta, own = summary.config.beta, ModelView(summary).at().objective
        shared, gap = "", "outside the trained range"
        if model.covers(beta):
            objective = model.at(beta).objective
            shared, gap = f"{objective:.2f}", _signed(objective - own)
            if own > 0:  # of a density, J may be negative: no percentage then
                gap += f" ({_signed(100 * (objective - own) / own)} %)"
        rows.append({"β": f"{beta:g}", "J, single-β model": f"{own:.2f}",
                     "J, conditioned model": shared, "gap": gap,
                     "single-β model": summary.run_id})
    return rows


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def training_words(model: ModelView, companions: Sequence[Summary]) -> str:
    """How both sides of `gaps` were trained, and where their networks differ; in markdown."""
    w, own = model.config.reconstruction_weight, model.config.network_size
    words = [f"J = {'D' if w == 1 else f'{w:g}·D'} + βR on the test set, nats per image. A "
             "positive gap: the conditioned model's J is higher, that is, worse."]
    many = len(companions) > 1
    words.append(f"The conditioned model was trained for {_epochs([model.summary])}, "
                 f"{_minutes([model.summary])}; the single-β model{'s' * many} for "
                 f"{_epochs(companions)}{' each' * many}, {_minutes(companions)}"
                 f"{' in total' * many}.")
    odd: dict[str, list[str]] = {}
    for summary in companions:
        if summary.config.network_size != own:
            odd.setdefault(summary.config.network_size, []).append(plain(summary.run_id))
    if odd:
        others = [f"{names[0]} has {network}" if len(names) == 1 else
                  f"{len(names)} others have {network}" for network, names in odd.items()]
        words.append("The networks differ in size, so the gap isn't due to the training alone: the "
                     f"conditioned model has {own}, {', '.join(others)}.")
    return " ".join(words)


def _epochs(summaries: Sequence[Summary]) -> str:
    """150 epochs, or 100 to 150 epochs."""
    epochs = sorted({int(s.last["epoch"]) for s in summaries})
    many = f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]}"
    return f"{many} epoch{'' if many == '1' else 's'}"


def _minutes(summaries: Sequence[Summary]) -> str:
    return f"{sum(s.last['seconds'] for s in summaries) / 60:.1f} minutes"


def below(model: ModelView, distortion: float) -> tuple[float | None, str]:
    """The highest β with at most this distortion, rounded down to three digits, and the answer in
    words."""
    curve = model.curve
    beta = highest_beta_below(curve, distortion)
    if beta is None:
        at = int(np.argmin(curve.distortion))
        return None, (f"Not reached: the lowest distortion on this curve is "
                      f"{curve.distortion[at]:.2f} nats, at β = {curve.beta[at]:.3g}.")
    step = 10.0 ** (math.floor(math.log10(beta)) - 2)
    # Both ends stay what they are, and what is three digits long isn't rounded down once more.
    beta = max(float(curve.beta[0]), float(f"{math.floor(beta / step + 1e-6) * step:.3g}"))
    at = model.at(beta)
    return beta, f"β = {beta:g}: D = {at.distortion:.2f}, R = {at.rate:.2f} nats."


def rows(curve: BetaCurve) -> list[dict[str, float]]:
    """The curve for a file: a row a knot, nats."""
    return [{"beta": beta, "distortion": distortion, "rate": rate, "elbo": elbo,
             "active_units": units, **{f"rate_z{d + 1}": each for d, each in enumerate(dims)}}
            for beta, distortion, rate, elbo, units, dims in
            zip(curve.beta, curve.distortion, curve.rate, curve.elbo, curve.active_units,
                curve.rate_per_dim, strict=True)]
