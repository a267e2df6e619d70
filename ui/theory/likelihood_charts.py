"""Figures of the section on likelihoods; arrays in, plotly Figure out."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ui.charts import BLANK, FAINT, GREY, ramp

LEVELS, STEP = (0.3, 1, 3, 10, 30, 100, 300), 0.25  # of the rate: marked, and between contours
HERE, TWIN = "#D55E00", "#009E73"


def knob_plane(sigma: np.ndarray, beta: np.ndarray, rate: np.ndarray, here: tuple[float, float],
               twin: tuple[float, float], dark: bool) -> go.Figure:
    """The rate (len(beta), len(sigma)), nats, over σ and β, both logarithmic; two models in it.

    here, twin: (σ, β) each; the dashed line through both is that of equal βσ².
    """
    figure = go.Figure(go.Contour(
        x=sigma, y=beta, z=np.log10(np.maximum(rate, LEVELS[0])), customdata=rate,
        colorscale=ramp(dark), line=dict(width=0.5, color=GREY),
        contours=dict(start=np.log10(LEVELS[0]), end=np.log10(LEVELS[-1]), size=STEP),
        colorbar=dict(title="R (nats)", thickness=10, outlinewidth=0, tickvals=np.log10(LEVELS),
                      ticktext=[f"{level:g}" for level in LEVELS]),
        hovertemplate="σ = %{x:.3f}, β = %{y:.3f}: R = %{customdata:.1f} nats<extra></extra>"))
    figure.add_scatter(x=sigma, y=here[1] * (here[0] / sigma) ** 2, mode="lines", hoverinfo="skip",
                       line=dict(color=HERE, width=2, dash="dash"), name="equal β σ²")
    for (across, up), colour, symbol, name in (
            (here, HERE, "circle", "this σ, β = 1"),
            (twin, TWIN, "diamond", "σ = 1/√2: the squared error")):
        figure.add_scatter(x=[across], y=[up], mode="markers", name=name, hoverinfo="skip",
                           marker=dict(size=14, color=colour, symbol=symbol,
                                       line=dict(color="white", width=2)))
    figure.update_layout(
        **BLANK, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        legend=dict(orientation="h", x=0, y=-0.2, yanchor="top"),
        xaxis=dict(title="σ of p(x|z)", type="log", showgrid=False, tickvals=[.05, .1, .2, .5, 1],
                   range=np.log10(sigma[[0, -1]]).tolist()),
        yaxis=dict(title="β", type="log", showgrid=False, tickvals=[.01, .1, 1, 10],
                   ticktext=["0.01", "0.1", "1", "10"],
                   range=np.log10(beta[[0, -1]]).tolist()))
    return figure


def twin_curves(moments: list[Any], sigma: float, twin_beta: float) -> go.Figure:
    """Squared error and rate of two trainings over the step: one a line, the other dots on it.

    moments: `vae_core.theory.likelihood_beta.Moment`, one at least.
    """
    figure = make_subplots(cols=2, horizontal_spacing=0.1, subplot_titles=(
        "Squared error ‖x − x̂‖²", "Rate R (nats)"))
    steps = [moment.step for moment in moments]
    for column, name in enumerate(("squared_error", "rate"), start=1):
        first, second = np.array([getattr(moment, name) for moment in moments]).T
        figure.add_trace(go.Scatter(
            x=steps, y=first, mode="lines", name=f"σ = {sigma:g}, β = 1", legendgroup="first",
            line=dict(color=HERE, width=3), showlegend=column == 1), row=1, col=column)
        figure.add_trace(go.Scatter(
            x=steps, y=second, mode="markers", name=f"σ = 1/√2, β = {twin_beta:.4g}",
            legendgroup="second", marker=dict(color=TWIN, size=7, symbol="diamond-open",
                                              line=dict(width=2)),
            showlegend=column == 1), row=1, col=column)
    figure.update_layout(**BLANK, margin=dict(l=8, r=8, t=28, b=8), dragmode=False,
                         legend=dict(orientation="h", x=0, y=-0.26, yanchor="top"))
    last = moments[-1].step / moments[-1].share
    figure.update_xaxes(title="step", range=[0, 1.02 * last], zeroline=False, showgrid=False)
    figure.update_yaxes(zeroline=False, gridcolor=FAINT, griddash="dot", rangemode="tozero")
    return figure
