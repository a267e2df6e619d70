"""Second half of the section on variational inference: the same objective learns the model."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.theory import variational_charts as figures
from ui.theory.parts import PLOT, dark, nats, statement
from vae_core.theory import variational_learning

NOISE, MEAN_SQUARE, FIRST_W, EM_STEPS = 1.0, 3.25, 0.3, 8


def show() -> None:
    """The same objective with a second max, over the decoder's weight."""
    st.subheader("One more max: the model is learned too")
    statement(
        "If the decoder has a parameter, the same bound has one more argument. Raise it by q (E "
        "step: q becomes the posterior, the bound touches log p(x)), then by the parameter (M "
        "step: along the bound, which leaves log p(x) behind again), and neither step can lower "
        "it. A VAE does both at once, by gradients, with networks for both.",
        r"\begin{gathered} \max_{w}\ \max_{q}\ \mathbb E_{p_D(x)} \big[ \mathbb E_{q} "
        r"\log p_w(x, z) + H(q) \big] \\ "
        r"z \sim \mathcal N(0, 1),\quad x \mid z \sim \mathcal N(w z, s^2) \end{gathered}",
        "Dempster, Laird & Rubin 1977; Neal & Hinton 1998, §2; Tipping & Bishop 1999, eq. 7.")
    way = variational_learning.climb(FIRST_W, NOISE, MEAN_SQUARE, steps=30)
    best = variational_learning.maximum_likelihood(NOISE, MEAN_SQUARE)
    w = np.linspace(0, 2.6, 131)
    bounds = np.stack([variational_learning.mean_elbo(variational_learning.exact_posterior(v, NOISE), w, NOISE, MEAN_SQUARE)
                       for v in way.w[:EM_STEPS + 1]])
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(figures.climbing(
        w, variational_learning.mean_log_px(w, NOISE, MEAN_SQUARE), bounds, way.path[:2 * EM_STEPS], best,
        dark()), key="climb", config=PLOT, alt="log p(x) as a function of w, the bounds that touch "
        "it, and the stairs between them.")
    with right, st.container(horizontal=True, gap="small"):
        st.metric("w after 30 steps", f"{way.w[-1]:.4f}", width=190)
        st.metric("maximum likelihood", f"{best:.4f}", width=190)
        st.metric("ELBO after 30 steps", nats(way.tight[-1], 4), width=190)
        st.metric("log p(x) there", nats(
            variational_learning.mean_log_px(best, NOISE, MEAN_SQUARE), 4), width=190)
    right.caption(f"The data's mean x² is {MEAN_SQUARE:g} and s = {NOISE:g}: w² = {MEAN_SQUARE:g} "
                  f"− {NOISE:g}² in closed form. The dotted line stands there.")
