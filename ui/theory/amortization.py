"""Amortised inference: one encoder compared with separate parameters for each data point."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import CLASSES, GREY
from ui.theory import parts

SECTION = {"place": 12, "title": "Amortised inference"}
STEPS = 25  # of the ascent on each image's own parameters
NUMBERS = [1, 2, 4, 8, 16, 32, 64]
ALL = 60_000  # where the axis of images ends: MNIST's training set


def compute(model: Any, x: Any) -> dict[str, Any]:
    """Both kinds of inference on x."""
    from vae_core.theory.amortization import compare

    found = compare(model, x, STEPS)
    return found._asdict() | {"gap": found.gap.double().numpy()}


def show() -> None:
    parts.statement(
        "Every image has its own posterior. One can give each image its own mean and variance and "
        "optimise them: then parameters and computation grow with the data, and a new image starts "
        "from scratch. Or one network computes them from the image: its size is fixed, a new image "
        "costs one forward pass, and some nats are lost because all images share its weights. An "
        "encoder of unlimited capacity would lose none.",
        r"\begin{gathered} \{\mu_i, \sigma_i\}_{i=1}^n \quad \text{or} \quad "
        r"\mu_\phi(x), \sigma_\phi(x) \\ \text{gap}_i = "
        r"\mathrm{ELBO}_i(\mu_i^*, \sigma_i^*) - \mathrm{ELBO}_i(\phi) \ge 0 \end{gathered}",
        "Gershman & Goodman 2014; Cremer, Li & Duvenaud 2018, table 1.")
    chosen = parts.choose_model("shared", width=400)
    num = widgets.choose_number(st.select_slider, "Test images", NUMBERS, value=8, key="images")
    found = parts.measured(compute, chosen, num)
    gap, encoder, latent_dim = found["gap"], found["encoder_parameters"], chosen.config.latent_dim
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Parameters of q**")
        parts.chart(growth_figure(encoder, latent_dim, num), "growth",
                    "Parameters by number of images, of an encoder and of one Gaussian each", 300)
    with right:
        st.markdown("**What sharing costs each image**")
        parts.chart(gap_figure(gap), "costs", "The amortisation gap of each image", 300)
    error = f" ± {gap.std(ddof=1) / np.sqrt(num):.2f}" if num > 1 else ""
    ratio = found["free_seconds"] / max(found["encoder_seconds"], 1e-9)
    with st.container(horizontal=True):
        st.metric("Mean amortisation gap (nats)", f"{gap.mean():.2f}{error}")
        st.metric("Parameters: encoder, one each", f"{encoder:,} · {found['free_parameters']:,}")
        st.metric("Time here: encoder, one each",
                  f"{1000 * found['encoder_seconds']:.1f} · {1000 * found['free_seconds']:,.0f} ms",
                  f"{ratio:,.0f} times", delta_color="off", delta_arrow="off")
    st.caption(f"Beyond {encoder // (2 * latent_dim):,} images the encoder has fewer parameters. "
               f"μ* and σ* come from {STEPS} steps of gradient ascent started at the encoder's "
               "values, so they are the local optimum nearest to those. Where another optimum is "
               "better, the true amortisation gap is larger than shown; the section on exact "
               "inference starts from the posterior's mode as well. Times are the fastest of a few "
               "repetitions.")
    parts.open_in_explore(chosen.run_id)


def growth_figure(encoder: int, latent_dim: int, num: int) -> go.Figure:
    """Parameters by number of examples for both kinds of inference, logarithmic; a line at num."""
    colours, figure = CLASSES[parts.dark()], go.Figure()
    for name, values, colour in (("encoder", [encoder, encoder], colours[3]),
                                 ("one Gaussian each", [2 * latent_dim, 2 * latent_dim * ALL],
                                  colours[2])):
        figure.add_scatter(x=[1, ALL], y=values, name=name, mode="lines",
                           line=dict(color=colour, width=2.5))
    figure.add_vline(x=num, line=dict(color=GREY, width=1, dash="dot"))
    powers = [1, 10, 100, 1000, 10_000, 100_000]
    ticks = dict(type="log", tickvals=powers, ticktext=[f"{power:,}" for power in powers])
    return parts.finish(figure, xaxis=ticks | dict(title="images"), yaxis=ticks,
                        legend=parts.ABOVE)


def gap_figure(gap: np.ndarray) -> go.Figure:
    """Each example's gap (n,), nats."""
    figure = go.Figure(go.Bar(x=np.arange(len(gap)), y=gap, marker_color=CLASSES[parts.dark()][0],
                              hovertemplate="image %{x}: %{y:.2f} nats<extra></extra>"))
    return parts.finish(figure, xaxis=dict(title="test image"), yaxis=dict(title="nats"))
