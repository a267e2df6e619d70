"""Amortization: one encoder against parameters of each data point's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import BLANK, CLASSES, GREY
from ui.theory import parts

NUMBERS = [1, 2, 4, 8, 16, 32, 64]
ALL = 60_000  # where the line of parameters ends: MNIST's training set


def compute(model: Any, x: Any) -> dict[str, Any]:
    """Both kinds of inference on x."""
    from vae_core.theory.amortization import compare

    found = compare(model, x)
    return found._asdict() | {"gap": found.gap.double().numpy()}


def growth(encoder: int, latent_dim: int, num: int, dark: bool) -> go.Figure:
    """Parameters against examples for both kinds of inference, logarithmic; a line at num."""
    colours = CLASSES[dark]
    drawn = go.Figure()
    for name, values, colour in (("encoder", [encoder, encoder], colours[3]),
                                 ("one Gaussian each", [2 * latent_dim, 2 * latent_dim * ALL],
                                  colours[2])):
        drawn.add_scatter(x=[1, ALL], y=values, name=name, mode="lines",
                          line=dict(color=colour, width=2.5))
    drawn.add_vline(x=num, line=dict(color=GREY, width=1, dash="dot"))
    powers = [1, 10, 100, 1000, 10_000, 100_000]
    ticks = dict(type="log", tickvals=powers, ticktext=[f"{power:,}" for power in powers])
    drawn.update_layout(**BLANK, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
                        xaxis=ticks | dict(title="images"), yaxis=ticks,
                        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return drawn


def costs(gap: np.ndarray, dark: bool) -> go.Figure:
    """Each example's gap (n,), nats."""
    drawn = go.Figure(go.Bar(x=np.arange(len(gap)), y=gap, marker_color=CLASSES[dark][0],
                             hovertemplate="image %{x}: %{y:.2f} nats<extra></extra>"))
    drawn.update_layout(**BLANK, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
                        xaxis=dict(title="test image"), yaxis=dict(title="nats"))
    return drawn


def show() -> None:
    parts.statement(
        "Every image has a posterior of its own. One can give each image a mean and a variance "
        "and optimise them: then parameters and work grow with the data, and a new image begins "
        "from nothing. Or one network reads them off the image: its size stays, a new image costs "
        "one pass, and some nats are lost because all images share its weights. An encoder "
        "without limits would lose none.",
        r"\begin{gathered} \{\mu_i, \sigma_i\}_{i=1}^n \quad \text{against} \quad "
        r"\mu_\phi(x), \sigma_\phi(x) \\ \text{gap}_i = "
        r"\mathrm{ELBO}_i(\mu_i^*, \sigma_i^*) - \mathrm{ELBO}_i(\phi) \ge 0 \end{gathered}",
        "Gershman & Goodman 2014; Cremer, Li & Duvenaud 2018, table 1.")
    chosen = parts.choose_model("shared", width=400)
    if chosen is None:
        return
    num = widgets.choose_number(st.select_slider, "Test images", NUMBERS, value=8, key="images")
    found = parts.measured(compute, chosen, num)
    gap = found["gap"]
    left, right = st.columns(2, gap="medium")
    left.markdown("**Parameters of q**")
    left.plotly_chart(growth(found["encoder_parameters"], chosen.config.latent_dim, num,
                             parts.dark()), key="growth", config=parts.PLOT, height=300,
                      alt="Parameters against images, of an encoder and of one Gaussian each")
    right.markdown("**What sharing costs each image**")
    right.plotly_chart(costs(gap, parts.dark()), key="costs", config=parts.PLOT, height=300,
                       alt="The amortization gap of each image")
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
    st.caption(f"Beyond {crossing:,} images the encoder is the smaller one. μ* and σ* are where "
               "25 steps of ascent lead from the encoder's: the top of the hill on which it "
               "stands. Where another hill is higher, the amortization gap is larger than shown "
               "here; the section on exact inference climbs that one as well. Times are the "
               "quickest of a few.")
    parts.open_in_explore(chosen.run_id)
