"""KL and supports: the bound falls to −∞ where q has mass and p has none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from ui import widgets
from ui.theory import divergence_charts as figures
from ui.theory.parts import PLOT, dark, nats, statement
from vae_core.theory import divergence
from vae_core.theory.divergence import LOG_2

SIGMA_Q, SIGMA_P = 0.5, 1.0
HALF_Q, HALF_P = math.sqrt(3) * SIGMA_Q, math.sqrt(3) * SIGMA_P  # boxes of the same deviations
SHIFTS = np.linspace(0, 4, 401)
Z = np.linspace(-4, 6, 1001)


@st.cache_data(show_spinner=False)
def curves() -> dict[str, divergence.Divergence]:
    return {"box KL": divergence.box_kl(SHIFTS, HALF_Q, HALF_P),
            "box JS": divergence.box_js(SHIFTS, HALF_Q, HALF_P),
            "KL": divergence.gaussian_kl(SHIFTS, SIGMA_Q, SIGMA_P),
            "JS": divergence.gaussian_js(SHIFTS, SIGMA_Q, SIGMA_P)}


def rows(shift: float) -> list[dict[str, Any]]:
    """KL and JS of both pairs at this shift, as text: ∞ and "none" are values here."""
    pairs = {"boxes": (divergence.box_kl(shift, HALF_Q, HALF_P),
                       divergence.box_js(shift, HALF_Q, HALF_P)),
             "Gaussians": (divergence.gaussian_kl(shift, SIGMA_Q, SIGMA_P),
                           divergence.gaussian_js(shift, SIGMA_Q, SIGMA_P))}
    return [{"densities": name, "KL(q‖p)": nats(float(kl.value), 4),
             "its slope": "none" if np.isnan(kl.slope) else nats(float(kl.slope), 4),
             "bound on log p(x)": "log p(x) − " + nats(float(kl.value), 2)
             if np.isfinite(kl.value) else "−∞",
             "Jensen–Shannon": nats(float(js.value), 4), "slope of JS": nats(float(js.slope), 4)}
            for name, (kl, js) in pairs.items()]


def show() -> None:
    statement(
        "The ELBO is log p(x) − KL(q ‖ p), p the posterior. If q puts any mass where p has none, "
        "log q/p is infinite there and the bound is −∞; next to that, while q stays inside a flat "
        "p, it doesn't feel where it is. Neither place has a gradient that would lead back. (The "
        "other way round is harmless: p may have mass where q has none, and q merely misses it.) "
        "Gaussians are positive everywhere, so their KL is finite at any distance and its slope "
        "grows with it: one reason why q, prior and decoder noise are Gaussian.",
        r"\begin{gathered} \mathrm{KL}(q \,\|\, p) = \int q(z) \log \frac{q(z)}{p(z)}\, dz \\ "
        r"\frac{\partial}{\partial d}\, \mathrm{KL}\big(\mathcal N(d, \sigma_q^2) \,\|\, "
        r"\mathcal N(0, \sigma_p^2)\big) = \frac{d}{\sigma_p^2} \end{gathered}",
        "Kullback & Leibler 1951; Arjovsky & Bottou 2017, theorem 2.3; Lin 1991 (on the "
        "Jensen–Shannon divergence).")
    shift = widgets.choose_number(st.slider, "Shift d of q", 0.0, 4.0, 1.5, 0.05, key="apart")
    found = curves()
    left, right = st.columns(2, gap="medium")
    with left:
        box_q, box_p = divergence.box_densities(Z, shift, HALF_Q, HALF_P)
        st.markdown("**Boxes** with σ = 0.5 and 1")
        st.plotly_chart(figures.pair(Z, box_q, box_p, (box_q > 0) & (box_p == 0), dark()),
                        key="boxes", config=PLOT, alt="Two boxes; the part of q outside p.")
    with right:
        st.markdown("**Gaussians** with σ = 0.5 and 1")
        st.plotly_chart(figures.pair(Z, *divergence.gaussian_densities(Z, shift, SIGMA_Q, SIGMA_P),
                                     None, dark()),
                        key="gaussians", config=PLOT, alt="Two Gaussians.")
    for name, title, top, ceiling in (("KL", "KL(q‖p), nats", 9.0, None),
                                      ("JS", "Jensen–Shannon, nats", 0.8, ("log 2", LOG_2))):
        boxes, gaussians = found[f"box {name}"], found[name]
        left.plotly_chart(figures.over_shift(
            SHIFTS, {"boxes": boxes.value, "Gaussians": gaussians.value}, shift, title, top,
            ceiling), key=f"{name} over shift", config=PLOT, alt=f"{title}, over the shift.")
        right.plotly_chart(figures.over_shift(
            SHIFTS, {"boxes": np.abs(boxes.slope), "Gaussians": np.abs(gaussians.slope)}, shift,
            f"Its gradient norm |∂{name}/∂d|", 4.0 if name == "KL" else 0.8),
            key=f"{name} gradient", config=PLOT, alt=f"Gradient norm of {title}, over the shift.")
    outside = float(divergence.mass_outside(shift, HALF_Q, HALF_P))
    closed = float(divergence.gaussian_kl(shift, SIGMA_Q, SIGMA_P).value)
    with st.container(horizontal=True, gap="small"):
        st.metric("q's box outside p", f"{outside:.1%}", width=190)
        st.metric("KL of boxes", rows(shift)[0]["KL(q‖p)"], width=150)
        st.metric("KL of Gaussians", nats(closed, 4), width=150)
        st.metric("by quadrature", nats(divergence.gaussian_kl_by_quadrature(
            shift, SIGMA_Q, SIGMA_P), 4), width=150)
    st.dataframe(pd.DataFrame(rows(shift)), hide_index=True)
    st.caption(
        "Nats, and nats per unit of shift. Jensen–Shannon is never infinite, but once the boxes "
        "are apart it is log 2 and flat; between Gaussians its slope dies out exponentially. A "
        "density that is too small for the computer is the same as none: in single precision this "
        f"p is 0 from |z| = {divergence.single_precision_ends(SIGMA_P):.1f} on, and whoever takes "
        "its logarithm afterwards gets −∞ for a z drawn there. Hence log-densities throughout.")
