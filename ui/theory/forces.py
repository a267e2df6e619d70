"""Bubbles: the three forces of the loss on (μ, σ), each with a switch."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from ui import widgets
from ui.theory import forces_charts as figures
from ui.theory.parts import PLOT, dark, statement
from vae_core.theory import forces
from vae_core.theory.forces import NOISE_VAR, PULL, RECONSTRUCTION, SIZE, Relaxation

NAMES = {RECONSTRUCTION: "reconstruction", PULL: "μ²", SIZE: "σ² − log σ² − 1"}
BETAS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
VARIANCES = (4.0, 1.0)
ONE_X, ONE_W = np.array([2.0]), np.array([[1.0]])
NUM_FRAMES = 40
STARTS = ((-1.0, 0.25), (-1.0, 1.6), (2.8, 0.2), (2.8, 1.6))


@st.cache_data(max_entries=24, show_spinner="Following the forces…")
def relaxed(beta: float, switched_on: tuple[str, ...]) -> tuple[Relaxation, np.ndarray]:
    """The bubbles over the steps that are shown, and the numbers of these."""
    x, _ = forces.clusters(variances=VARIANCES)
    motion = forces.relax(x, *forces.start(x), beta, switched_on)
    steps = forces.frames(motion, NUM_FRAMES)
    return motion._replace(mu=motion.mu[steps], sigma=motion.sigma[steps],
                           rate=motion.rate[steps]), steps


def ways(beta: float, switched_on: tuple[str, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where one bubble drifts from each of STARTS, with its decoder held."""
    mu, sigma = np.array(STARTS).T[..., None]
    found = forces.drift(mu, sigma, ONE_X, ONE_W, beta, switched_on)
    return [(found.mu[:, k, 0], found.sigma[:, k, 0]) for k in range(len(STARTS))]


def show() -> None:
    statement(
        "Each data point is a bubble in latent space: its posterior N(μ, σ²). The loss acts on it "
        "with three forces. Reconstruction wants it small and away from the others, so that "
        "decoding can tell them apart. β μ²/2 pulls it to the middle. β (σ² − log σ² − 1)/2 keeps "
        "it at unit size: neither a point nor a fog. Switch them off one by one; what is left of "
        "the balance is the latent space. The decoder is linear here, Wz with columns w_d and a "
        "noise of standard deviation s, and D is written without its constant.",
        r"\begin{aligned} D &= \frac1{2 s^2} \Big( \lVert x - W\mu \rVert^2 + "
        r"\sum_d \sigma_d^2 \lVert w_d \rVert^2 \Big) \\ \beta R &= \frac\beta2 \sum_d \big( "
        r"\mu_d^2 + \sigma_d^2 - \log \sigma_d^2 - 1 \big) \\ "
        r"F_\mu &= W^\top (x - W\mu)/s^2 - \beta\mu \\ F_{\sigma_d} &= "
        r"-\sigma_d \lVert w_d \rVert^2/s^2 + \beta\,(1/\sigma_d - \sigma_d) \end{aligned}",
        "Kingma & Welling 2014, app. B; the linear decoder: Lucas et al. 2019; Rolínek, Zietlow & "
        "Martius 2019; the closed form: Cover & Thomas 2006, theorem 10.3.3.")
    left, right = st.columns(2, gap="medium")
    chosen = left.pills("Forces", list(NAMES), selection_mode="multi", default=list(NAMES),
                        format_func=NAMES.get, key="forces", bind="query-params")
    beta = widgets.choose_number(right.select_slider, "β", BETAS, value=1.0, key="weight",
                                 format_func=lambda b: f"{b:g}")
    switched_on = tuple(name for name in NAMES if name in chosen)
    left, right = st.columns(2, gap="medium")
    with left:
        show_field(beta, switched_on)
    with right:
        st.markdown("**48 bubbles**, 1σ each, the decoder always the best for them")
        motion, steps = relaxed(beta, switched_on)
        st.plotly_chart(figures.relaxing(motion.mu, motion.sigma, forces.clusters()[1], steps,
                                         motion.rate, dark()),
                        key=f"relaxing-{beta:g}-{len(switched_on)}", config=PLOT,
                        alt="Posterior bubbles in two latent dimensions, moved by the forces.")
    show_numbers(beta, switched_on, motion)


def show_field(beta: float, switched_on: tuple[str, ...]) -> None:
    st.markdown("**One bubble**, decoder held: x = 2, w = 1")
    mu, sigma = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 2.8, 9),
                                                      np.linspace(0.15, 1.55, 7)))
    found = {name: forces.force(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, (name,))
             for name in switched_on}
    rest = forces.rest(float(ONE_X[0]), float(ONE_W[0, 0]), beta)
    st.plotly_chart(figures.arrows(
        mu, sigma, {name: (f.mu[:, 0], f.sigma[:, 0]) for name, f in found.items()},
        ways(beta, switched_on), rest if len(switched_on) == len(NAMES) else None, NAMES, dark()),
        key="field", config=PLOT, alt="Forces on μ and σ as arrows, one colour each.")
    whole = forces.force(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, switched_on)
    check = forces.difference_quotient(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, switched_on)
    off = max(np.abs(a - b).max() for a, b in zip(whole, check, strict=True))
    st.caption("Arrows are shortened where a force is strong; grey: where four bubbles drift. "
               "Largest difference of a force from a difference quotient of the loss: "
               f"{power_of_ten(off)}.")


def power_of_ten(value: float) -> str:
    """Less than which power of ten a small number is, as Markdown."""
    return f"less than $10^{{{math.ceil(math.log10(value))}}}$" if value else "none"


def show_numbers(beta: float, switched_on: tuple[str, ...], motion: Relaxation) -> None:
    """The relaxed bubbles against the closed form, where there is one."""
    collapsed = [d + 1 for d, v in enumerate(VARIANCES) if v <= beta * NOISE_VAR]
    with st.container(horizontal=True, gap="small"):
        st.metric("mean rate, measured", f"{motion.rate[-1]:.4f}", width=170)
        if len(switched_on) == len(NAMES):
            st.metric("in closed form", f"{forces.relaxed_rate(VARIANCES, beta):.4f}", width=150)
        st.metric("mean σ₁", f"{motion.sigma[-1][:, 0].mean():.4f}", width=120)
        st.metric("mean σ₂", f"{motion.sigma[-1][:, 1].mean():.4f}", width=120)
    if len(switched_on) == len(NAMES):
        closed = ", ".join(f"{forces.relaxed_sigma(v, beta):.4f}" for v in VARIANCES)
        fate = "Both dimensions have collapsed to the prior." if len(collapsed) == 2 else \
            "The second dimension has collapsed to the prior." if collapsed else \
            "Both dimensions carry information."
        st.caption(f"Nats. Rate $\\sum_d \\frac12 \\max(0, \\log (\\lambda_d/\\beta s^2))$ and "
                   f"$\\sigma_d = \\sqrt{{\\beta s^2/\\lambda_d}}$, at most 1, with the "
                   f"data's variances λ = 4 and 1 and s² = {NOISE_VAR:g}: σ = {closed}. {fate}"
                   + ("" if motion.still else " The bubbles had not come to rest quite."))
    else:
        st.caption(without(switched_on))


def without(switched_on: tuple[str, ...]) -> str:
    """What becomes of the bubbles under these forces alone."""
    return {
        (): "No force, no motion.",
        (RECONSTRUCTION,): "Reconstruction alone: the bubbles part and shrink to points; an "
                           "autoencoder. The motion ends when one is smaller than 0.0001.",
        (PULL,): "μ² alone: all bubbles in the middle, as large as they were.",
        (SIZE,): "The size alone: every bubble of unit size, where it was.",
        (RECONSTRUCTION, PULL): "Nothing keeps up the size: the bubbles shrink to points, "
                                "first where the data vary most, so reconstruction costs less and "
                                "less. The motion ends when one is smaller than 0.0001.",
        (RECONSTRUCTION, SIZE): "Nothing holds them together: bubbles of unit size push each other "
                                "away for ever, more and more slowly.",
        (PULL, SIZE): "The rate alone: every bubble is the prior and says nothing.",
    }[switched_on]
