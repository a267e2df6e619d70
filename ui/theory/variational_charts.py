"""Figures of variational inference in a known model: arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, CLASSES, ENVELOPE, FAINT, GREY
from ui.theory.animation import animate, ellipses, shading

FULL, FORWARD = "#E69F00", "#009E73"


def _line(xy: tuple[np.ndarray, np.ndarray], name: str, colour: str, dash: str = "solid"
          ) -> go.Scatter:
    return go.Scatter(x=xy[0], y=xy[1], mode="lines", name=name, hoverinfo="skip",
                      line=dict(color=colour, width=2.5, dash=dash))


def posterior_and_ways(
        z: np.ndarray, log_posterior: np.ndarray, ways: dict[str, tuple[np.ndarray, np.ndarray]],
        forward: dict[str, tuple[np.ndarray, np.ndarray]], steps: np.ndarray, dark: bool = False
        ) -> go.Figure:
    """The posterior as a shade (z: (n, n, 2)), over them each q's way, to be played.

    ways: the mean-field q, then the full one: mu (steps, 2) and scale (steps, 2, 2); forward: name
    → (mu, scale) of a q that stands still. Lines are 1σ and 2σ.
    """
    figure = go.Figure()
    share = np.exp(log_posterior - log_posterior.max())
    figure.add_layout_image(shading(z[0, :, 0], z[:, 0, 1], share, (133, 133, 133)))
    figure.add_scatter(x=[None], y=[None], mode="markers", name="p(z|x)",
                       marker=dict(symbol="square", size=12, color="rgba(133,133,133,0.6)"))
    for name, (mu, scale) in forward.items():
        figure.add_trace(_line(ellipses(mu, scale), name, FORWARD, "dot"))
    colours = (ENVELOPE[dark], FULL)
    first = len(figure.data)
    for (name, _), colour in zip(ways.items(), colours, strict=True):
        figure.add_trace(_line(([], []), name, colour))
    frames = [[go.Scatter(**dict(zip("xy", ellipses(mu[step], scale[step]), strict=True)))
               for mu, scale in ways.values()] for step in steps]
    animate(figure, frames, [str(step) for step in steps], [first, first + 1], "step ")
    side = dict(range=(-3.3, 3.3), zeroline=False, showgrid=False, constrain="domain")
    figure.update_layout(
        **BLANK, height=520, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=side | dict(title="z₁"), yaxis=side | dict(title="z₂", scaleanchor="x"),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure


def bound_over_steps(elbos: dict[str, np.ndarray], log_px: float, dark: bool = False) -> go.Figure:
    """The ELBO of each q by step, below log p(x); nats."""
    figure = go.Figure()
    for (name, values), colour in zip(elbos.items(), (ENVELOPE[dark], FULL), strict=True):
        figure.add_scatter(x=np.arange(len(values)), y=values, mode="lines", name=name,
                           line=dict(color=colour, width=2.5),
                           hovertemplate="step %{x}: %{y:.3f} nats")
    steps = 1.15 * max(int(np.argmax(values > values[-1] - 1e-3)) for values in elbos.values())
    figure.add_scatter(x=[0, steps], y=[log_px, log_px], mode="lines", name="log p(x)",
                       line=dict(color=GREY, width=2, dash="dash"), hoverinfo="skip")
    last = min(values[-1] for values in elbos.values())
    depth = max(log_px - last, 0.3)
    figure.update_layout(
        **BLANK, height=320, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title="step", range=(0, steps), zeroline=False, showgrid=False),
        yaxis=dict(title="nats", range=(log_px - 3.5 * depth, log_px + 0.25 * depth),
                   zeroline=False, gridcolor=FAINT, griddash="dot"),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure


def climbing(w: np.ndarray, log_px: np.ndarray, bounds: np.ndarray, path: np.ndarray,
             best: float, dark: bool = False) -> go.Figure:
    """Expectation–maximisation as stairs under log p(x), to be played.

    w (n,) across; log_px (n,) and the bound of each E step, (steps, n); path (2·steps − 1, 2): w
    and ELBO after each half step, the tight ones at even places.
    """
    figure = go.Figure()
    figure.add_scatter(x=w, y=log_px, mode="lines", name="log p(x), mean over the data",
                       line=dict(color=GREY, width=3), hovertemplate="w = %{x:.2f}: %{y:.3f} nats")
    figure.add_scatter(x=[], y=[], mode="lines", name="ELBO with the q of now",
                       line=dict(color=ENVELOPE[dark], width=2), hoverinfo="skip")
    figure.add_scatter(x=[], y=[], mode="lines+markers", name="E step up, M step along the bound",
                       line=dict(color=CLASSES[dark][3], width=2), marker=dict(size=5))
    figure.add_vline(x=best, line=dict(color=GREY, width=1, dash="dot"))
    frames = [[go.Scatter(x=w, y=bounds[k // 2]),
               go.Scatter(x=path[:k + 1, 0], y=path[:k + 1, 1])] for k in range(len(path))]
    labels = [f"{'E' if k % 2 == 0 else 'M'} {k // 2 + 1}" for k in range(len(path))]
    animate(figure, frames, labels, [1, 2], "step ", pause=450)
    low, high = path[0, 1], log_px.max()
    figure.update_layout(
        **BLANK, height=460, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title="w", range=(w[0], w[-1]), zeroline=False, showgrid=False),
        yaxis=dict(title="nats per example", zeroline=False, showgrid=False,
                   range=(low - 0.15 * (high - low), high + 0.08 * (high - low))),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure
