"""p(x) by sampling: from the prior, from q, and compared with the exact value."""

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import ENVELOPE, FAINT, GREY
from ui.theory import parts
from ui.theory.parts import nats
from vae_core.theory.sampling import Estimates, LinearModel, estimate, relative_variance

SECTION = {"place": 5, "title": "Estimating p(x) by sampling"}
MODEL = LinearModel(w=1.0, noise=0.3)
DIMS = (1, 2, 4, 8, 16, 32)
NUM_SAMPLES = np.array([2**k for k in range(13)])
REPEATS, INFLATION = 60, 1.2
PRIOR, POSTERIOR = "z from the prior", "z from q"
PROPOSALS = {PRIOR: None, POSTERIOR: INFLATION}
ORANGE = "#D55E00"
BANDS = {ORANGE: "rgba(213,94,0,0.18)", ENVELOPE[False]: "rgba(0,114,178,0.18)",
         ENVELOPE[True]: "rgba(86,180,233,0.2)"}
Lines = dict[str, np.ndarray]  # name: (repeats, n); the prior first, then the posterior


@st.cache_resource(show_spinner="Drawing samples…")
def estimates() -> dict[str, Estimates]:
    return {name: estimate(MODEL, DIMS, tuple(NUM_SAMPLES), REPEATS, inflation)
            for name, inflation in PROPOSALS.items()}


def show() -> None:
    parts.statement(
        "p(x) is the average of p(x|z) over the prior, so it can be estimated by sampling z from "
        "the prior. But almost no z explains x, and fewer do with every further latent dimension: "
        "soon a handful of samples dominates the average, which usually comes out far too low. "
        "With importance samples from a q close to the posterior, the same number of samples is "
        "enough. This is what the encoder is for. The model is probabilistic PCA, where log p(x) "
        "has a closed form in any number of dimensions; q is the posterior, widened by a factor of "
        "1.2.",
        r"\begin{gathered} p(x) \approx \frac1K \sum_{k=1}^K p(x \mid z_k),\ z_k \sim p(z) \\ "
        r"p(x) \approx \frac1K \sum_{k=1}^K \frac{p(x \mid z_k)\, p(z_k)}{q(z_k \mid x)},\ "
        r"z_k \sim q(z \mid x) \end{gathered}",
        "Doersch 2016, §2; Burda et al. 2016, eq. 8; Owen 2013, ch. 9 (importance sampling); the "
        "exact value: Tipping & Bishop 1999.")
    dim = widgets.choose_number(st.select_slider, "Latent dimensions", DIMS, value=4, key="dims")
    here, found = DIMS.index(dim), estimates()
    exact = float(found[PRIOR].exact[here])
    show_numbers(dim, here, exact)
    predicted = {name: np.sqrt(relative_variance(MODEL, dim, inflation) / NUM_SAMPLES)
                 for name, inflation in PROPOSALS.items()}
    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.markdown("**Estimate, by samples**")
        parts.chart(estimates_figure({name: e.log_px[:, here] for name, e in found.items()}, exact),
                    "estimates", "Estimates of log p(x) by number of samples")
    with middle:
        st.markdown("**Error, by samples**")
        parts.chart(errors_figure(NUM_SAMPLES, {n: e.error[:, here] for n, e in found.items()},
                                  "samples", predicted),
                    "errors", "Error by number of samples")
    with right:
        st.markdown("**Error, by dimensions**")
        last = {name: e.error[:, :, -1] for name, e in found.items()}
        parts.chart(errors_figure(np.asarray(DIMS), last, "latent dimensions", at=dim), "curse",
                    "Error by number of latent dimensions")
    st.caption(
        f"Median and 5–95 % range of {REPEATS} repetitions, in nats; above and on the right with "
        f"{NUM_SAMPLES[-1]:,} samples. Dotted: the standard error in closed form, √(Var[w]/K), "
        "where w is one sample’s term divided by p(x), shown where it is below ½; a median "
        "absolute error is 0.67 of it. In d latent dimensions Var[w] is rᵈ − 1, with an r for each "
        "proposal, so both grow exponentially eventually; a good q has an r close to 1.")


def show_numbers(dim: int, here: int, exact: float) -> None:
    """The exact value, both estimates, and their effective sample sizes."""
    with st.container(horizontal=True, gap="small"):
        st.metric("log p(x), closed form", nats(exact, 3), width=150)
        for name, e in estimates().items():
            median = float(np.median(e.log_px[:, here, -1]))
            st.metric(name, nats(median, 3), width=150)
            count = f"{np.median(e.effective[:, here]):,.0f}"
            st.metric(f"{name}: effective sample size", count, width="content",
                      help=f"(Σw)²/Σw², of {NUM_SAMPLES[-1]:,} samples.")
    measured, closed = standard_errors(dim)
    st.caption(f"Standard error of the estimate of p(x) from q, relative to p(x): {measured:.4f} "
               f"measured, {closed:.4f} in closed form.")


def standard_errors(dim: int) -> tuple[float, float]:
    """Of the estimate from q, relative to p(x): over the repetitions, and in closed form."""
    e, here = estimates()[POSTERIOR], DIMS.index(dim)
    measured = float(np.exp(e.log_px[:, here, -1] - e.exact[here]).std(ddof=1))
    return measured, math.sqrt(relative_variance(MODEL, dim, INFLATION) / NUM_SAMPLES[-1])


def estimates_figure(log_px: Lines, exact: float) -> go.Figure:
    """Estimates of log p(x) by number of samples, and the exact value."""
    figure = with_bands(NUM_SAMPLES, log_px, "samples")
    figure.add_hline(y=exact, line=dict(color=GREY, width=2, dash="dash"),
                     annotation=dict(text="exact", xanchor="right", yanchor="bottom"))
    lowest = min(np.median(values, 0)[1] for values in log_px.values())
    depth = max(exact - lowest, 0.2)
    return figure.update_yaxes(title="log p(x), nats",
                               range=(exact - 1.15 * depth, exact + 0.25 * depth))


def errors_figure(x: np.ndarray, error: Lines, title: str, predicted: Lines | None = None,
                  at: float | None = None) -> go.Figure:
    """|estimate − exact| by number of samples or dimensions, both axes logarithmic.

    predicted: name → (n,), the standard error in closed form, shown where it is small.
    """
    figure = with_bands(x, error, title)
    for values in (predicted or {}).values():
        shown = values < 0.5
        figure.add_scatter(x=x[shown], y=values[shown], mode="lines", showlegend=False,
                           line=dict(color=GREY, width=1.5, dash="dot"), hoverinfo="skip")
    if at is not None:
        figure.add_vline(x=at, line=dict(color=FAINT, width=1))
    return figure.update_yaxes(title="error, nats", type="log", dtick=1, exponentformat="power")


def with_bands(x: np.ndarray, lines: Lines, title: str) -> go.Figure:
    """Medians, and bands from 5 to 95 %, over a logarithmic axis."""
    figure = go.Figure()
    for (name, values), colour in zip(lines.items(), (ORANGE, ENVELOPE[parts.dark()]),
                                      strict=True):
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
        figure.add_scatter(x=np.concatenate([x, x[::-1]]), showlegend=False,
                           y=np.concatenate([high, low[::-1]]), mode="lines", fill="toself",
                           fillcolor=BANDS[colour], line=dict(width=0), hoverinfo="skip")
        figure.add_scatter(x=x, y=middle, mode="lines+markers", name=name,
                           line=dict(color=colour, width=2.5), marker=dict(size=5),
                           hovertemplate="%{x}: %{y:.4g} nats")
    ticks = x if len(x) < 7 else x[::4]
    return parts.finish(figure, height=360, legend=parts.ABOVE, yaxis=parts.DOTTED,
                        xaxis=parts.PLAIN | dict(title=title, type="log", tickvals=ticks,
                                                 ticktext=[f"{v:,}" for v in ticks], tickangle=0))
