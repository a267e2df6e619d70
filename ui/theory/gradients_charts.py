"""Figures of two gradient estimators: arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, ENVELOPE, FAINT, GREY

SCORE, BASELINE = "#D55E00", "#E69F00"


def colours(dark: bool) -> tuple[str, str, str]:
    return ENVELOPE[dark], BASELINE, SCORE


def spread(draws: dict[str, np.ndarray], exact: float, dark: bool = False) -> go.Figure:
    """Single-sample estimates as histograms over one axis, (num,) each; the true gradient's line.

    Order: reparameterised, with baseline, score function. Heights are densities on a square-root
    scale, so that a wide one can be seen beside a narrow one.
    """
    figure = go.Figure()
    reach = 3.2 * max(float(values.std()) for values in draws.values())
    edges = np.linspace(exact - reach, exact + reach, 161)
    middle = 0.5 * (edges[1:] + edges[:-1])
    for (name, values), colour in reversed(list(zip(draws.items(), colours(dark), strict=True))):
        density = np.sqrt(np.histogram(values, edges, density=True)[0])
        figure.add_scatter(x=middle, y=density, mode="lines", name=name, fill="tozeroy",
                           line=dict(color=colour, width=2, shape="hvh"), hoverinfo="skip")
    figure.add_vline(x=exact, line=dict(color=GREY, width=2, dash="dash"),
                     annotation=dict(text="true gradient", yanchor="bottom"))
    figure.update_layout(
        **BLANK, height=340, margin=dict(l=8, r=8, t=24, b=8), dragmode=False,
        xaxis=dict(title="estimate of ∂/∂μ₁ from one sample", range=(edges[0], edges[-1]),
                   zeroline=False, showgrid=False),
        yaxis=dict(title="√density", zeroline=False, showgrid=False, showticklabels=False),
        legend=dict(orientation="h", x=0, y=-0.22, yanchor="top"))
    return figure


def ratios(dims: np.ndarray, measured: dict[str, np.ndarray], closed: dict[str, np.ndarray],
           at: int, dark: bool = False) -> go.Figure:
    """Variance over that of the reparameterised gradient by dimension: dots measured, lines exact.

    Order: with baseline, score function; (n,) each.
    """
    figure = go.Figure()
    for name, colour in zip(measured, colours(dark)[1:], strict=True):
        figure.add_scatter(x=dims, y=closed[name], mode="lines", showlegend=False,
                           line=dict(color=colour, width=1.5, dash="dot"), hoverinfo="skip")
        figure.add_scatter(x=dims, y=measured[name], mode="markers", name=name,
                           marker=dict(color=colour, size=9),
                           hovertemplate="%{x} dimensions: %{y:,.0f} times")
    figure.add_hline(y=1, line=dict(color=ENVELOPE[dark], width=2))
    figure.add_vline(x=at, line=dict(color=FAINT, width=1))
    figure.update_layout(
        **BLANK, height=340, margin=dict(l=8, r=8, t=24, b=8), dragmode=False,
        xaxis=dict(title="dimensions", type="log", tickvals=dims, zeroline=False, showgrid=False),
        yaxis=dict(title="variance ratio", type="log", dtick=1, exponentformat="power",
                   zeroline=False, gridcolor=FAINT, griddash="dot"),
        legend=dict(orientation="h", x=0, y=-0.22, yanchor="top"))
    return figure
