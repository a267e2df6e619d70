"""p(x) by sampling: from the prior, from q, and against the exact value."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from ui import widgets
from ui.theory import sampling_charts as figures
from ui.theory.parts import PLOT, dark, nats, statement
from vae_core.theory.sampling import Estimates, LinearModel, estimate, relative_variance

MODEL = LinearModel(w=1.0, noise=0.3)
DIMS = (1, 2, 4, 8, 16, 32)
NUM_SAMPLES = tuple(2**k for k in range(13))
REPEATS, INFLATION = 60, 1.2
PRIOR, POSTERIOR = "z from the prior", "z from q"
WAYS = {PRIOR: None, POSTERIOR: INFLATION}


@st.cache_resource(show_spinner="Drawing samples…")
def found() -> dict[str, Estimates]:
    return {name: estimate(MODEL, DIMS, NUM_SAMPLES, REPEATS, inflation)
            for name, inflation in WAYS.items()}


def show() -> None:
    statement(
        "p(x) is an average of p(x|z) over the prior, so it can be estimated by drawing z from "
        "there. But almost no z explains x, and with every further latent dimension fewer do: soon "
        "the average hangs on a handful of samples, and mostly comes out far too low. Drawn "
        "from a q that is near the posterior, and weighted for that, the same number of samples "
        "suffices. This is what the encoder is for. The model is probabilistic PCA, where log p(x) "
        "has a closed form in any number of dimensions; q is the posterior, 1.2 times as wide.",
        r"\begin{gathered} p(x) \approx \frac1K \sum_{k=1}^K p(x \mid z_k),\ z_k \sim p(z) \\ "
        r"p(x) \approx \frac1K \sum_{k=1}^K \frac{p(x \mid z_k)\, p(z_k)}{q(z_k \mid x)},\ "
        r"z_k \sim q(z \mid x) \end{gathered}",
        "Doersch 2016, §2; Burda et al. 2016, eq. 8; Owen 2013, ch. 9 (importance sampling); the "
        "exact value: Tipping & Bishop 1999.")
    dim = widgets.choose_number(st.select_slider, "Latent dimensions", DIMS, value=4, key="dims")
    here, estimates = DIMS.index(dim), found()
    exact = float(estimates[PRIOR].exact[here])
    show_numbers(dim, here, exact)
    places = np.asarray(NUM_SAMPLES)
    predicted = {name: np.sqrt(relative_variance(MODEL, dim, inflation) / places)
                 for name, inflation in WAYS.items()}
    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.markdown("**Estimate, by samples**")
        st.plotly_chart(figures.estimates(
            places, {name: e.log_px[:, here] for name, e in estimates.items()}, exact, dark()),
            key="estimates", config=PLOT, alt="Estimates of log p(x) by number of samples.")
    with middle:
        st.markdown("**Its error, by samples**")
        st.plotly_chart(figures.errors(
            places, {name: e.error[:, here] for name, e in estimates.items()}, "samples", dark(),
            predicted), key="errors", config=PLOT, alt="Error by number of samples.")
    with right:
        st.markdown("**Its error, by dimensions**")
        st.plotly_chart(figures.errors(
            np.asarray(DIMS), {name: e.error[:, :, -1] for name, e in estimates.items()},
            "latent dimensions", dark(), at=dim),
            key="curse", config=PLOT, alt="Error by number of latent dimensions.")
    st.caption(
        f"Median and the range from 5 to 95 % of {REPEATS} repetitions, nats; above and on the "
        f"right with {NUM_SAMPLES[-1]:,} samples. Dotted: the standard "
        "error in closed form, √(Var[w]/K) with w a sample’s term of the sum divided by p(x), "
        "drawn where it is below ½; a median error is 0.67 of it. With d latent dimensions Var[w] "
        "is rᵈ − 1, with one r for each way of drawing, so both grow exponentially in the end; a "
        "good q only has an r close to 1.")


def show_numbers(dim: int, here: int, exact: float) -> None:
    """The exact value, both estimates, and how many samples count."""
    with st.container(horizontal=True, gap="small"):
        st.metric("log p(x), closed form", nats(exact, 3), width=150)
        for name, e in found().items():
            median = float(np.median(e.log_px[:, here, -1]))
            st.metric(name, nats(median, 3), width=150)
            count = f"{np.median(e.effective[:, here]):,.0f}"
            st.metric(f"{name}: samples that count", count, width="content",
                      help=f"Effective sample size (Σw)²/Σw² of {NUM_SAMPLES[-1]:,}.")
    measured, closed = standard_errors(dim)
    st.caption(f"Standard error of the estimate of p(x) from q, as a share of p(x): {measured:.4f} "
               f"measured, {closed:.4f} in closed form.")


def standard_errors(dim: int) -> tuple[float, float]:
    """Of the estimate from q, relative to p(x): over the repetitions, and in closed form."""
    e, here = found()[POSTERIOR], DIMS.index(dim)
    measured = float(np.exp(e.log_px[:, here, -1] - e.exact[here]).std(ddof=1))
    return measured, math.sqrt(relative_variance(MODEL, dim, INFLATION) / NUM_SAMPLES[-1])
