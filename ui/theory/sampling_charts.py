"""Figures of repeated estimates: arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, ENVELOPE, FAINT, GREY

Lines = dict[str, np.ndarray]  # name: (repeats, n); the prior first, then the posterior
PRIOR = "#D55E00"
_BANDS = {PRIOR: "rgba(213,94,0,0.18)", ENVELOPE[False]: "rgba(0,114,178,0.18)",
          ENVELOPE[True]: "rgba(86,180,233,0.2)"}


def estimates(num_samples: np.ndarray, log_px: Lines, exact: float, dark: bool = False
              ) -> go.Figure:
    """Estimates of log p(x) by number of samples: medians, bands from 5 to 95 %, the exact line."""
    figure = go.Figure()
    _bands(figure, num_samples, log_px, dark)
    figure.add_hline(y=exact, line=dict(color=GREY, width=2, dash="dash"),
                     annotation=dict(text="exact", xanchor="right", yanchor="bottom"))
    _finish(figure, "samples", num_samples)
    lowest = min(np.median(values, 0)[1] for values in log_px.values())
    depth = max(exact - lowest, 0.2)
    figure.update_yaxes(title="log p(x), nats", range=(exact - 1.15 * depth, exact + 0.25 * depth))
    return figure


def errors(places: np.ndarray, error: Lines, title: str, dark: bool = False,
           predicted: Lines | None = None, at: float | None = None) -> go.Figure:
    """|estimate − exact| by number of samples or dimensions, both axes logarithmic.

    predicted: name → (n,), the standard error in closed form, where it is small enough to be one.
    """
    figure = go.Figure()
    _bands(figure, places, error, dark)
    for values in (predicted or {}).values():
        shown = values < 0.5
        figure.add_scatter(x=places[shown], y=values[shown], mode="lines", showlegend=False,
                           line=dict(color=GREY, width=1.5, dash="dot"), hoverinfo="skip")
    if at is not None:
        figure.add_vline(x=at, line=dict(color=FAINT, width=1))
    _finish(figure, title, places)
    figure.update_yaxes(title="error, nats", type="log", dtick=1, exponentformat="power")
    return figure


def _bands(figure: go.Figure, places: np.ndarray, lines: Lines, dark: bool) -> None:
    for (name, values), colour in zip(lines.items(), (PRIOR, ENVELOPE[dark]), strict=True):
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
        figure.add_scatter(x=np.concatenate([places, places[::-1]]), showlegend=False,
                           y=np.concatenate([high, low[::-1]]), mode="lines", fill="toself",
                           fillcolor=_BANDS[colour], line=dict(width=0), hoverinfo="skip")
        figure.add_scatter(x=places, y=middle, mode="lines+markers", name=name,
                           line=dict(color=colour, width=2.5), marker=dict(size=5),
                           hovertemplate="%{x}: %{y:.4g} nats")


def _finish(figure: go.Figure, title: str, places: np.ndarray) -> None:
    ticks = places if len(places) < 7 else places[::4]
    figure.update_layout(
        **BLANK, height=360, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title=title, type="log", zeroline=False, showgrid=False,
                   tickvals=ticks, ticktext=[f"{v:,}" for v in ticks], tickangle=0),
        yaxis=dict(zeroline=False, gridcolor=FAINT, griddash="dot"),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
