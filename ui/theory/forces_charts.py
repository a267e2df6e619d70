"""Figures of the forces on posterior bubbles: arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, CLASSES, GREY
from ui.theory.animation import animate

_TURN = np.linspace(0, 2 * np.pi, 29)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], -1)
ARROW = (0.34, 0.2)  # the longest arrow, in units of μ and of σ
FORCE_COLOURS = {"reconstruction": 0, "pull": 1, "size": 2}  # places among the class colours


def arrows(mu: np.ndarray, sigma: np.ndarray, forces: dict[str, tuple[np.ndarray, np.ndarray]],
           ways: list[tuple[np.ndarray, np.ndarray]], rest: tuple[float, float] | None,
           names: dict[str, str], dark: bool = False) -> go.Figure:
    """Forces on one bubble, each a colour, at the places mu, sigma (n,); (n,) components each.

    Lengths are compressed, |F|/(1 + |F|). ways: paths of their sum; rest: where it is zero.
    """
    figure = go.Figure()
    for way_mu, way_sigma in ways:
        figure.add_scatter(x=way_mu, y=way_sigma, mode="lines", showlegend=False,
                           line=dict(color=GREY, width=1.5), hoverinfo="skip")
    for name, (to_mu, to_sigma) in forces.items():
        size = np.hypot(to_mu, to_sigma)
        share = 1 / (1 + size)
        tip_mu, tip_sigma = mu + ARROW[0] * to_mu * share, sigma + ARROW[1] * to_sigma * share
        colour = CLASSES[dark][FORCE_COLOURS[name]]
        gap = np.full_like(mu, np.nan)
        figure.add_scatter(x=np.stack([mu, tip_mu, gap], 1).ravel(), mode="lines",
                           y=np.stack([sigma, tip_sigma, gap], 1).ravel(), name=names[name],
                           line=dict(color=colour, width=2), hoverinfo="skip")
        angle = np.degrees(np.arctan2(tip_mu - mu, (tip_sigma - sigma) * ARROW[0] / ARROW[1]))
        seen = size > 0.02
        figure.add_scatter(x=tip_mu[seen], y=tip_sigma[seen], mode="markers", showlegend=False,
                           marker=dict(symbol="triangle-up", size=7, color=colour,
                                       angle=angle[seen]), hoverinfo="skip")
    if rest:
        figure.add_scatter(x=[rest[0]], y=[rest[1]], mode="markers", name="rest",
                           marker=dict(symbol="circle-open", size=14, color=GREY,
                                       line=dict(width=3)),
                           hovertemplate="μ = %{x:.4f}, σ = %{y:.4f}")
    figure.update_layout(
        **BLANK, height=460, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title="μ", range=(-1.3, 3.0), zeroline=False, showgrid=False),
        yaxis=dict(title="σ", range=(0, 1.75), zeroline=False, showgrid=False),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure


def relaxing(mu: np.ndarray, sigma: np.ndarray, label: np.ndarray, steps: np.ndarray,
             rates: np.ndarray, dark: bool = False) -> go.Figure:
    """Bubbles N(μ, diag σ²) as their 1σ lines, to be played; mu, sigma (frames, n, 2).

    Dotted: the prior's 1σ line. rates (frames,) are shown beside the step.
    """
    figure = go.Figure()
    figure.add_scatter(x=_CIRCLE[:, 0], y=_CIRCLE[:, 1], mode="lines", name="prior, 1σ",
                       line=dict(color=GREY, width=2, dash="dot"), hoverinfo="skip")
    groups = np.unique(label)
    for group in groups:
        figure.add_scatter(x=[], y=[], mode="lines", showlegend=False, hoverinfo="skip",
                           line=dict(color=CLASSES[dark][int(group)], width=1.5))
    frames = [[_bubbles(mu[k][label == group], sigma[k][label == group]) for group in groups]
              for k in range(len(mu))]
    labels = [f"{step}: rate {rate:.2f} nats" for step, rate in zip(steps, rates, strict=True)]
    animate(figure, frames, labels, list(range(1, 1 + len(groups))), "step ", pause=70)
    reach = min(max(2.6, 1.08 * float((np.abs(mu[-1]) + sigma[-1]).max())), 30.0)
    side = dict(range=(-reach, reach), zeroline=False, showgrid=False, constrain="domain")
    figure.update_layout(
        **BLANK, height=520, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=side | dict(title="z₁"), yaxis=side | dict(title="z₂", scaleanchor="x"),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure


def _bubbles(mu: np.ndarray, sigma: np.ndarray) -> go.Scatter:
    lines = mu[:, None] + sigma[:, None] * np.concatenate([_CIRCLE, [[np.nan, np.nan]]])
    lines = lines.reshape(-1, 2).astype(np.float32)
    return go.Scatter(x=lines[:, 0], y=lines[:, 1])
