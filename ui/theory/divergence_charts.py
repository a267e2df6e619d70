"""Figures of two densities that are moved apart: arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, ENVELOPE, FAINT, GREY

MISSING = "#D55E00"
BOXES, GAUSSIANS = "#E69F00", "#009E73"


def pair(z: np.ndarray, q: np.ndarray, p: np.ndarray, lost: np.ndarray | None = None,
         dark: bool = False) -> go.Figure:
    """Densities q and p over z, (n,); `lost` marks the places where q is and p isn't."""
    figure = go.Figure()
    figure.add_scatter(x=z, y=p, mode="lines", name="p", fill="tozeroy",
                       line=dict(color=GREY, width=2), fillcolor="rgba(133,133,133,0.25)",
                       hoverinfo="skip")
    figure.add_scatter(x=z, y=q, mode="lines", name="q",
                       line=dict(color=ENVELOPE[dark], width=2.5), hoverinfo="skip")
    if lost is not None and lost.any():
        figure.add_scatter(x=z, y=np.where(lost, q, np.nan), mode="lines", fill="tozeroy",
                           name="q where p is 0", line=dict(color=MISSING, width=2.5),
                           fillcolor="rgba(213,94,0,0.35)", hoverinfo="skip")
    figure.update_layout(
        **BLANK, height=200, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title="z", range=(z[0], z[-1]), zeroline=False, showgrid=False),
        yaxis=dict(range=(0, 0.9), visible=False),
        legend=dict(orientation="h", x=1, xanchor="right", y=1.0))
    return figure


def over_shift(shift: np.ndarray, lines: dict[str, np.ndarray], at: float, title: str,
               top: float, ceiling: tuple[str, float] | None = None) -> go.Figure:
    """Curves over the shift, the boxes' first, with the slider's place marked; NaN is a gap.

    Infinite values run along the upper border, which stands for ∞ then.
    """
    figure = go.Figure()
    for (name, values), colour in zip(lines.items(), (BOXES, GAUSSIANS), strict=True):
        shown = np.where(np.isinf(values), top, values)
        figure.add_scatter(x=shift, y=shown, mode="lines", name=name, customdata=values,
                           line=dict(color=colour, width=2.5, shape="linear"),
                           hovertemplate="%{x:.2f}: %{customdata:.4f}")
        here = np.interp(at, shift, shown)
        if np.isfinite(here):
            figure.add_scatter(x=[at], y=[here], mode="markers", showlegend=False,
                               marker=dict(color=colour, size=10), hoverinfo="skip")
    if any(np.isinf(values).any() for values in lines.values()):
        figure.add_annotation(x=shift[-1], y=top, text="∞", showarrow=False, yshift=12,
                              xanchor="right", font=dict(size=16))
    if ceiling:
        figure.add_hline(y=ceiling[1], line=dict(color=GREY, width=1, dash="dot"),
                         annotation=dict(text=ceiling[0], xanchor="right", font=dict(size=11)))
    figure.add_vline(x=at, line=dict(color=FAINT, width=1))
    figure.update_layout(
        **BLANK, height=250, margin=dict(l=8, r=8, t=34, b=8), dragmode=False,
        title=dict(text=title, font=dict(size=14), x=0, xanchor="left", y=1, yanchor="top",
                   pad=dict(t=4)),
        xaxis=dict(title="shift d", range=(shift[0], shift[-1]), zeroline=False, showgrid=False),
        yaxis=dict(range=(-0.04 * top, 1.12 * top), zeroline=False, gridcolor=FAINT,
                   griddash="dot", nticks=5),
        legend=dict(orientation="h", x=1, xanchor="right", y=1.0, yanchor="bottom"))
    return figure
