"""Figures of the section on maps of the normal; arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ui.charts import BLANK, CLASSES, ENVELOPE, FAINT, GREY, NO_CLASS, add_prior_circles, fade

SECTORS = 8
MARGIN = dict(l=8, r=8, t=28, b=8)
PLAIN = dict(zeroline=False, showgrid=False)


def sectors(z: np.ndarray) -> np.ndarray:
    """Which eighth of the plane each z (n, 2) lies in, (n,), 0 … 7."""
    return (np.arctan2(z[:, 1], z[:, 0]) / (2 * np.pi) * SECTORS % SECTORS).astype(int) % SECTORS


def points(xy: np.ndarray, colour: np.ndarray, reach: float, title: str, dark: bool,
           behind: np.ndarray | None = None, circles: bool = False) -> go.Figure:
    """Points (n, 2) in the colours of their sectors (−1: grey), over grey ones."""
    figure = go.Figure()  # as SVG: a browser has few WebGL contexts, and there are many pictures
    _add_points(figure, xy, colour, dark, behind)
    if circles:
        add_prior_circles(figure)
    figure.update_layout(**BLANK, margin=MARGIN, title=_title(title), showlegend=False,
                         dragmode=False, hovermode=False)
    figure.update_xaxes(range=[-reach, reach], constrain="domain", **PLAIN)
    figure.update_yaxes(range=[-reach, reach], scaleanchor="x", constrain="domain", **PLAIN)
    return figure


def source_and_image(z: np.ndarray, x: np.ndarray, dark: bool) -> go.Figure:
    """Draws of the normal and their images side by side, each point in one colour in both."""
    figure = make_subplots(cols=2, horizontal_spacing=0.06, subplot_titles=("z", "f(z)"))
    for column, xy in enumerate((z, x), start=1):
        _add_points(figure, xy, sectors(z), dark, row=1, col=column)
    figure.update_layout(**BLANK, margin=MARGIN, showlegend=False, dragmode=False,
                         hovermode=False)
    figure.update_xaxes(range=[-3.4, 3.4], constrain="domain", **PLAIN)
    figure.update_yaxes(range=[-3.4, 3.4], constrain="domain", **PLAIN)
    figure.update_yaxes(scaleanchor="x", row=1, col=1)
    figure.update_yaxes(scaleanchor="x2", row=1, col=2)
    return figure


def _add_points(figure: go.Figure, xy: np.ndarray, colour: np.ndarray, dark: bool,
                behind: np.ndarray | None = None, **place: int) -> None:
    if behind is not None:
        figure.add_trace(go.Scatter(x=behind[:, 0], y=behind[:, 1], mode="markers",
                                      marker=dict(size=3, color=FAINT)), **place)
    for value in np.unique(colour):
        here = colour == value
        paint = NO_CLASS[dark] if value < 0 else CLASSES[dark][value % SECTORS]
        figure.add_trace(go.Scatter(x=xy[here, 0], y=xy[here, 1], mode="markers",
                                      marker=dict(size=3, color=paint, opacity=0.8)), **place)


def histogram(values: np.ndarray, x: np.ndarray, curve: np.ndarray, title: str, dark: bool,
              names: tuple[str, str]) -> go.Figure:
    """Draws as a histogram with a density (n,) over x (n,) on it."""
    counts, edges = np.histogram(values, bins=80, range=(x[0], x[-1]), density=True)
    figure = go.Figure()
    figure.add_bar(x=(edges[:-1] + edges[1:]) / 2, y=counts, marker=dict(color=FAINT),
                   name=names[0])
    figure.add_scatter(x=x, y=curve, mode="lines", line=dict(color=ENVELOPE[dark], width=2.5),
                       name=names[1])
    return _curves(figure, title)


def marginal(x: np.ndarray, p: np.ndarray, normal: np.ndarray, data: np.ndarray, title: str,
             dark: bool) -> go.Figure:
    """A density (n,) over x (n,), the normal density of the same mean and variance, and data (·,)
    as a histogram."""
    figure = go.Figure()
    counts, edges = np.histogram(data, bins=60, range=(x[0], x[-1]), density=True)
    figure.add_bar(x=(edges[:-1] + edges[1:]) / 2, y=counts, marker=dict(color=FAINT),
                   name="data")
    figure.add_scatter(x=x, y=p, mode="lines", line=dict(color=ENVELOPE[dark], width=2.5),
                       name="p(x₁)")
    figure.add_scatter(x=x, y=normal, mode="lines", line=dict(color=GREY, width=2, dash="dash"),
                       name="the normal of its mean and variance")
    return _curves(figure, title)


def density(x1: np.ndarray, x2: np.ndarray, p: np.ndarray, title: str, dark: bool) -> go.Figure:
    """p(x) (len(x1), len(x2)) as a heat map."""
    figure = go.Figure(go.Heatmap(
        x=x1, y=x2, z=p.T, zmin=0, colorscale=fade(dark),
        showscale=False, hovertemplate="p(x) = %{z:.3f}<extra></extra>", zsmooth="fast"))
    figure.update_layout(**BLANK, margin=MARGIN, title=_title(title), dragmode=False)
    figure.update_xaxes(range=[x1[0], x1[-1]], constrain="domain", **PLAIN)
    figure.update_yaxes(range=[x2[0], x2[-1]], scaleanchor="x", constrain="domain", **PLAIN)
    return figure


def _curves(figure: go.Figure, title: str) -> go.Figure:
    figure.update_layout(
        **BLANK, margin=MARGIN, title=_title(title), dragmode=False, bargap=0, hovermode=False,
        legend=dict(orientation="h", x=0, y=-0.12, yanchor="top"))
    figure.update_xaxes(**PLAIN)
    figure.update_yaxes(visible=False, rangemode="tozero")
    return figure


def _title(text: str) -> dict:
    return dict(text=text, font=dict(size=14), x=0.5, xanchor="center", y=0.99, yanchor="top")
