"""The rate–distortion plane of Trade-off: what is drawn, and the component that draws it.

Nothing that is sent depends on where the ring is but `at`, so that the drawing stays, with its
zoom, while β changes; see static/rd_plane.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui import components
from ui.format import plain
from ui.model import ModelView, has_curve
from ui.tradeoff.families import kind
from vae_core.config import TrainConfig
from vae_core.measure.beta_curve import BetaCurve, closings, elbo_peak, knee
from vae_core.measure.envelope import lower_envelope
from vae_core.runs.run import Summary

FAR = 20.0  # nats of ELBO below a sweep's worst model, beyond which a run doesn't widen the axes
CLOSE_BY = 0.05  # of the plane's width and height: dimensions that collapse so near share a label
MOST_NAMED = 12  # runs beyond the axes
NUM_THIN = 100  # places of a thin line
Window = dict[str, tuple[float, float]]  # lowest and highest rate and distortion, nats

_HTML = '<div class="rd-plane"><div class="buttons"></div><div class="drawing"></div></div>'
_CSS = """
.rd-plane { position: relative; container-type: inline-size; color: var(--st-text-color); }
.drawing { height: clamp(430px, 105cqw, 600px); }
.buttons { position: absolute; top: 0; right: 0; display: flex; }
.buttons button { width: 34px; height: 34px; padding: 8px; border: 0; border-radius: 6px;
  background: none; color: inherit; cursor: pointer; }
.buttons button:hover { color: var(--st-primary-color); }
.buttons button:focus-visible { outline: 2px solid var(--st-primary-color); }
.buttons svg { display: block; fill: none; stroke: currentColor; stroke-width: 1.6; }
"""
_component = components.register("rd_plane", html=_HTML, css=_CSS)


def rd_plane(data: dict[str, Any], at: int | None, on_beta: Callable[[float], None],
             key: str = "rd_plane") -> str | None:
    """Draw `data` (see `drawing`) with the ring at this place of its line.

    on_beta: gets the β that the ring rests at, before the page runs. Returns the run that was
    clicked, once. Both are events: β itself belongs to the slider.
    """
    result = _component(
        key=key, data=data | {"at": at}, on_opened_change=lambda: None,
        on_beta_change=lambda: on_beta(float(st.session_state[key]["beta"])))
    return result.opened


def drawing(runs: Sequence[Summary], window: Window, *, shown: str | None = None,
            line: dict[str, Any] | None = None, others: Sequence[ModelView] = (),
            marks: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Models as points, the line that the ring is on, and other β-conditioned models as thin lines.

    Without a line, the envelope is that of the finished models within the axes; those with β = 0
    decode without noise, so that their rate is nominal, and it leaves them out.
    """
    counted = [s for s in runs if s.state == "finished" and weight(s.config) > 0
               and inside(s, window)]
    rate, distortion = np.array([place(s) for s in counted]).reshape(-1, 2).T
    corners = lower_envelope(rate, distortion)
    return {
        "points": [_point(s) for s in runs], "window": window, "shown": shown, "line": line,
        "envelope": {"rate": rate[corners].tolist(), "distortion": distortion[corners].tolist()},
        "others": [_thin(model) for model in others],
        "marks": list(marks),
        "label": "Rate–distortion plane of the listed runs; the table below has the same numbers."}


def _thin(model: ModelView) -> dict[str, Any]:
    """Another curve, so fine that it looks smooth."""
    curve = model.curve
    beta = np.geomspace(curve.beta[0], curve.beta[-1], NUM_THIN)
    return {"name": model.run_id, "rate": curve.at(beta, curve.rate).tolist(),
            "distortion": curve.at(beta, curve.distortion).tolist()}


def place(summary: Summary) -> tuple[float, float]:
    """Rate and distortion on the test set, nats."""
    return summary.last["test_rate"], summary.last["test_distortion"]


def weight(config: TrainConfig) -> float:
    """β with the distortion's weight divided out; the slope in the plane is −weight. 0 for the
    plain autoencoder, infinite for a model trained on the rate alone."""
    w = config.reconstruction_weight
    return config.beta / w if w else math.inf


def _point(summary: Summary) -> dict[str, Any]:
    """A model for JSON, where no number is infinite: then the weight is None."""
    rate, distortion = place(summary)
    beta = weight(summary.config)
    return {"run": summary.run_id, "rate": rate, "distortion": distortion,
            "weight": beta if math.isfinite(beta) else None, "kind": kind(summary.config),
            "finished": summary.state == "finished", "text": _text(summary)}


def _text(summary: Summary) -> list[str]:
    """What is said of a model beside its name."""
    config, last = summary.config, summary.last
    lines = [f"β = {config.beta:g} · {kind(config)}",
             f"D {last['test_distortion']:.2f} · R {last['test_rate']:.2f} nats",
             f"ELBO {last['test_elbo']:.2f} nats".replace("-", "−"),
             f"{last['active_units']:.0f} of {config.latent_dim} units active",
             f"{last['epoch']:.0f} of {config.epochs} epochs"]
    if config.reconstruction_weight != 1:
        lines.insert(1, f"weight of D: {config.reconstruction_weight:g}")
    return lines if summary.state == "finished" else [*lines, summary.state]


def window_of(runs: Sequence[Summary], show_all: bool = False, sweep: Collection[str] = (),
              line: dict[str, Any] | None = None) -> Window:
    """The axes. They hold every model with 0 < β < ∞ that isn't much worse than the sweep of these
    names; with a line, the line and those of these names with 0 < β < ∞; or every model."""
    finite = [s for s in runs if 0 < weight(s.config) < math.inf]
    anchors = [s for s in finite if s.run_id in sweep]
    if show_all:
        held = list(runs)
    elif line:
        held = anchors
    else:
        worst = min((s.last["test_elbo"] for s in anchors), default=math.inf) - FAR
        near = [s for s in finite if s.last["test_elbo"] >= worst] if anchors else finite
        held = near or list(runs)
    rate, distortion = [[values[k] for values in map(place, held)] for k in (0, 1)]
    if line:
        rate, distortion = rate + line["rate"], distortion + line["distortion"]
    return {"rate": _padded(rate, 2.0), "distortion": _padded(distortion, 10.0)}


def _padded(values: Sequence[float], least: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = max(0.09 * (high - low), least / 2 if high - low < least else 0.0)
    return low - pad, high + pad


def inside(summary: Summary, window: Window) -> bool:
    (left, right), (low, high) = window["rate"], window["distortion"]
    rate, distortion = place(summary)
    return left <= rate <= right and low <= distortion <= high


def marks(curve: BetaCurve, window: Window) -> list[dict[str, Any]]:
    """Where something happens on a curve, by rising β: the ELBO's peak, the knee, dimensions that
    collapse; those that can't be told apart in this window share a label."""
    def mark(beta: float, text: str) -> dict[str, Any]:
        return {"rate": float(curve.at(beta, curve.rate)), "text": text,
                "distortion": float(curve.at(beta, curve.distortion))}

    def apart(one: float, other: float) -> float:
        a, b = mark(one, ""), mark(other, "")
        return math.hypot(*((a[name] - b[name]) / (window[name][1] - window[name][0])
                            for name in ("rate", "distortion")))

    found = [(beta, f"{text} (β = {beta:.2g})") for beta, text in
             ((elbo_peak(curve), "ELBO peaks here"), (knee(curve), "knee"))]
    groups: list[list[tuple[float, int]]] = []
    for beta, dim in closings(curve):
        if groups and apart(groups[-1][0][0], beta) < CLOSE_BY:
            groups[-1].append((beta, dim))
        else:
            groups.append([(beta, dim)])
    for group in groups:
        first, last = group[0][0], group[-1][0]
        names = ", ".join(subscripted(dim) for _, dim in group) if len(group) < 4 else \
            f"{len(group)} dimensions"
        span = f"{first:.2g}" if f"{first:.2g}" == f"{last:.2g}" else f"{first:.2g}–{last:.2g}"
        found.append((math.sqrt(first * last),
                      f"{names} collapse{'s' * (len(group) == 1)} (β = {span})"))
    return [mark(beta, text) for beta, text in sorted(found)]


def subscripted(dim: int) -> str:
    """z₁ for dimension 0."""
    return "z" + str(dim + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def caption(runs: Sequence[Summary], on_curve: bool) -> str:
    """What one sees in the plane; on_curve: with a β-conditioned model's curve."""
    words = "Top left: high compression. Bottom right: low distortion. The ELBO is highest where " \
        "the curve has slope −1. "
    if on_curve:
        words += ("Coloured line: one β-conditioned model, measured along β; drag the ring, or "
                  "click the line, to choose β. Dashed: the tangent of slope −β at the ring, on "
                  "which D + βR is constant; no part of a good curve lies below it. Points: "
                  "single-β models, each with its slope −β in grey; click one to open it.")
        other = "other β-conditioned models"
    else:
        words += ("Blue: the lower convex envelope of the finished models. Grey: the line of slope "
                  "−β through each model, on which D + βR is constant. The model shown is "
                  "circled. Click a point to open it.")
        other = "β-conditioned models"
    if any(map(has_curve, runs)):
        words += f" Thin lines: {other}."
    if any(s.config.beta == 0 for s in runs):
        words += (" At β = 0 the decoder gets no noise: the rate is that of the narrowest Gaussian "
                  "the model allows (log σ² = −12)" + ("." if on_curve else
                  ", and the envelope leaves these models out."))
    return words


def places_outside(summaries: Sequence[Summary]) -> str:
    """Runs beyond the axes and where they are; in markdown."""
    named = [f"{plain(s.run_id)} (R = {rate:.1f}, D = {distortion:.1f})"
             for s in summaries[:MOST_NAMED] for rate, distortion in [place(s)]]
    more = len(summaries) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])
