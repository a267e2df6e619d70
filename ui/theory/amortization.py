"""Amortization: one encoder against parameters of each data point's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from ui.figures import BLANK, CLASSES, GREY
from ui.theory import parts

NUMBERS = [1, 2, 4, 8, 16, 32, 64]
ALL = 60_000  # where the line of parameters ends: MNIST's training set


def compute(model: Any, x: Any) -> dict[str, Any]:
    """Both kinds of inference on x."""
    from vae_core.theory.amortization import compare

    found = compare(model, x)
    return found._asdict() | {"gap": found.gap.double().numpy()}


def figure(encoder: int, latent_dim: int, num: int, gap: np.ndarray, dark: bool) -> go.Figure:
    """Parameters against examples for both kinds, and each example's gap."""
    colours = CLASSES[dark]
    drawn = make_subplots(cols=2, horizontal_spacing=0.12, subplot_titles=(
        "Parameters of q", "What sharing costs each image (nats)"))
    for name, values, colour in (("encoder", [encoder, encoder], colours[3]),
                                 ("one Gaussian each", [2 * latent_dim, 2 * latent_dim * ALL],
                                  colours[2])):
        drawn.add_trace(go.Scatter(x=[1, ALL], y=values, name=name, mode="lines",
                                   line=dict(color=colour, width=2.5)), row=1, col=1)
    drawn.add_vline(x=num, line=dict(color=GREY, width=1, dash="dot"), row=1, col=1)
    drawn.add_trace(go.Bar(x=np.arange(len(gap)), y=gap, marker_color=colours[0],
                           showlegend=False, hovertemplate="image %{x}: %{y:.2f} nats"
                           "<extra></extra>"), row=1, col=2)
    drawn.update_xaxes(type="log", title="images", row=1, col=1)
    drawn.update_yaxes(type="log", row=1, col=1)
    drawn.update_xaxes(title="test image", row=1, col=2)
    drawn.update_layout(**BLANK, height=340, margin=dict(l=8, r=8, t=32, b=8), dragmode=False,
                        legend=dict(orientation="h", x=0, y=-0.3, yanchor="top"))
    return drawn


def show() -> None:
    parts.statement(
        "Every image has a posterior of its own. One can give each image a mean and a variance "
        "and optimise them: then parameters and work grow with the data, and a new image begins "
        "from nothing. Or one network reads them off the image: its size stays, a new image costs "
        "one pass, and some nats are lost because all images share its weights.",
        r"\{\mu_i, \sigma_i\}_{i=1}^n \quad \text{against} \quad \mu_\phi(x), \sigma_\phi(x), "
        r"\qquad \text{gap}_i = \max_{\mu, \sigma} \mathrm{ELBO}_i(\mu, \sigma) - "
        r"\mathrm{ELBO}_i(\phi) \ge 0",
        "Gershman & Goodman 2014; Cremer, Li & Duvenaud 2018, eq. 9.")
    chosen = parts.choose_model("shared", width=400)
    if chosen is None:
        return
    num = st.select_slider("Test images", NUMBERS, value=16, key="images", bind="query-params")
    found = parts.measured(compute, chosen, num)
    gap = found["gap"]
    st.plotly_chart(figure(found["encoder_parameters"], chosen.config.latent_dim, num, gap,
                           parts.dark()), key="amortized", config=parts.PLOT,
                    alt="Parameters against images, and the gap of each image")
    error = f" ± {gap.std(ddof=1) / np.sqrt(num):.2f}" if num > 1 else ""
    ratio = found["free_seconds"] / max(found["encoder_seconds"], 1e-9)
    with st.container(horizontal=True):
        st.metric("Mean amortization gap (nats)", f"{gap.mean():.2f}{error}")
        st.metric("Parameters: encoder, one each",
                  f"{found['encoder_parameters']:,} · {found['free_parameters']:,}")
        st.metric("Time here: encoder, one each",
                  f"{1000 * found['encoder_seconds']:.1f} · {1000 * found['free_seconds']:,.0f} ms",
                  f"{ratio:,.0f} times", delta_color="off", delta_arrow="off")
    crossing = found["encoder_parameters"] // (2 * chosen.config.latent_dim)
    st.caption(f"Beyond {crossing:,} images the encoder is the smaller one. Each image's own "
               "Gaussian starts from the encoder's and climbs for 25 steps, so it stays in the "
               "encoder's mode: see the section on exact inference for those that are in a wrong "
               "one.")
    parts.open_in_explore(chosen.run_id)
