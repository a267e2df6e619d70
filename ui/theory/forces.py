"""The three forces of the loss on a posterior's (μ, σ), each with a switch."""

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import CLASSES, GREY
from ui.theory import parts
from ui.theory.frames import ellipses, gaussians, plane, show_frames
from vae_core.theory import forces
from vae_core.theory.forces import NOISE_VAR, PULL, RECONSTRUCTION, SIZE, Relaxation

SECTION = {"place": 8, "title": "Forces on the posterior", "former_names": ("bubbles",)}
NAMES = {RECONSTRUCTION: "reconstruction", PULL: "μ²", SIZE: "σ² − log σ² − 1"}
BETAS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
VARIANCES = (4.0, 1.0)
ONE_X, ONE_W = np.array([2.0]), np.array([[1.0]])
NUM_FRAMES = 40
STARTS = ((-1.0, 0.25), (-1.0, 1.6), (2.8, 0.2), (2.8, 1.6))
ARROW = (0.34, 0.2)  # the longest arrow, in units of μ and of σ
OUTCOMES = {
    (): "No force, no motion.",
    (RECONSTRUCTION,): "Reconstruction alone: the posteriors separate and shrink to points; an "
                       "autoencoder. The motion is stopped when a σ falls below 0.0001.",
    (PULL,): "μ² alone: all posteriors move to the origin and keep their size.",
    (SIZE,): "The size term alone: every posterior reaches unit size and stays where it was.",
    (RECONSTRUCTION, PULL): "Nothing maintains the size: the posteriors shrink to points, first "
                            "where the data vary most, so that reconstruction costs less and less. "
                            "The motion is stopped when a σ falls below 0.0001.",
    (RECONSTRUCTION, SIZE): "Nothing holds them together: posteriors of unit size push each other "
                            "apart for ever, more and more slowly.",
    (PULL, SIZE): "The rate alone: every posterior equals the prior and carries no information.",
}


@st.cache_data(max_entries=24, show_spinner="Following the forces…")
def relaxed(beta: float, switched_on: tuple[str, ...]) -> tuple[Relaxation, np.ndarray]:
    """The posteriors at the steps that are shown, and these steps."""
    x, _ = forces.clusters(variances=VARIANCES)
    motion = forces.relax(x, *forces.start(x), beta, switched_on)
    steps = forces.frames(motion, NUM_FRAMES)
    return motion._replace(mu=motion.mu[steps], sigma=motion.sigma[steps],
                           rate=motion.rate[steps]), steps


def show() -> None:
    parts.statement(
        "Each data point has its posterior N(μ, σ²) in latent space, and the loss acts on it with "
        "three forces. Reconstruction makes it small and pushes it away from the others, so that "
        "decoding can tell them apart. β μ²/2 pulls it to the origin. β (σ² − log σ² − 1)/2 keeps "
        "it at unit size: neither a point nor a diffuse cloud. Switch them off one by one: the "
        "latent space is the balance of those that remain. The decoder is linear here, Wz, with "
        "columns w_d and noise of standard deviation s, and D omits its constant.",
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
    motion, steps = relaxed(beta, switched_on)
    left, right = st.columns(2, gap="medium")
    with left:
        show_field(beta, switched_on)
    with right:
        st.markdown("**48 posteriors**, 1σ each, under the optimal decoder at every step")
        show_motion(motion, steps)
    show_numbers(beta, switched_on, motion)


def show_field(beta: float, switched_on: tuple[str, ...]) -> None:
    """The forces on one posterior over (μ, σ), an arrow each, and where four starts lead.

    Lengths are compressed, |F|/(1 + |F|).
    """
    st.markdown("**One posterior**, fixed decoder: x = 2, w = 1")
    mu, sigma = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 2.8, 9),
                                                      np.linspace(0.15, 1.55, 7)))
    figure, (start_mu, start_sigma) = go.Figure(), np.array(STARTS).T[..., None]
    drift = forces.drift(start_mu, start_sigma, ONE_X, ONE_W, beta, switched_on)
    for k in range(len(STARTS)):
        figure.add_scatter(x=drift.mu[:, k, 0], y=drift.sigma[:, k, 0], mode="lines",
                           showlegend=False, line=dict(color=GREY, width=1.5), hoverinfo="skip")
    for name in switched_on:
        found = forces.force(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, (name,))
        add_arrows(figure, mu, sigma, found.mu[:, 0], found.sigma[:, 0], NAMES[name],
                   CLASSES[parts.dark()][list(NAMES).index(name)])
    if len(switched_on) == len(NAMES):
        rest = forces.rest(float(ONE_X[0]), float(ONE_W[0, 0]), beta)
        figure.add_scatter(x=rest[:1], y=rest[1:], mode="markers", name="equilibrium",
                           marker=dict(symbol="circle-open", size=14, color=GREY,
                                       line=dict(width=3)),
                           hovertemplate="μ = %{x:.4f}, σ = %{y:.4f}")
    parts.finish(figure, height=460, legend=parts.ABOVE,
                 xaxis=parts.PLAIN | dict(title="μ", range=(-1.3, 3.0)),
                 yaxis=parts.PLAIN | dict(title="σ", range=(0, 1.75)))
    parts.chart(figure, "field", "Forces on μ and σ as arrows, one colour each")
    whole = forces.force(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, switched_on)
    check = forces.difference_quotient(mu[:, None], sigma[:, None], ONE_X, ONE_W, beta, switched_on)
    off = max(np.abs(a - b).max() for a, b in zip(whole, check, strict=True))
    below = f"less than $10^{{{math.ceil(math.log10(off))}}}$" if off else "none"
    st.caption("Strong forces have shortened arrows; grey: paths from four starting points. "
               "Largest difference between a force and a finite difference of the loss: "
               f"{below}.")


def add_arrows(figure: go.Figure, mu: np.ndarray, sigma: np.ndarray, to_mu: np.ndarray,
               to_sigma: np.ndarray, name: str, colour: str) -> None:
    size = np.hypot(to_mu, to_sigma)
    tip_mu, tip_sigma = (at + longest * force / (1 + size) for at, longest, force in
                         ((mu, ARROW[0], to_mu), (sigma, ARROW[1], to_sigma)))
    gap = np.full_like(mu, np.nan)
    figure.add_scatter(x=np.stack([mu, tip_mu, gap], 1).ravel(), mode="lines",
                       y=np.stack([sigma, tip_sigma, gap], 1).ravel(), name=name,
                       line=dict(color=colour, width=2), hoverinfo="skip")
    angle = np.degrees(np.arctan2(tip_mu - mu, (tip_sigma - sigma) * ARROW[0] / ARROW[1]))
    seen = size > 0.02
    figure.add_scatter(x=tip_mu[seen], y=tip_sigma[seen], mode="markers", showlegend=False,
                       marker=dict(symbol="triangle-up", size=7, color=colour, angle=angle[seen]),
                       hoverinfo="skip")


def show_motion(motion: Relaxation, steps: np.ndarray) -> None:
    """The posteriors as their 1σ ellipses in the colours of their clusters, and the prior's."""
    label, scale = forces.clusters()[1], motion.sigma[..., None] * np.eye(2)
    groups = np.unique(label)
    prior = ellipses(np.zeros((1, 2)), np.eye(2)[None], GREY, (1,), dash=[2, 4], name="prior, 1σ")
    traces = [prior] + [
        ellipses(motion.mu[0, label == group], scale[0, label == group],
                 CLASSES[parts.dark()][int(group)], (1,), width=1.5) for group in groups]
    frames = [[gaussians(motion.mu[k, label == group], scale[k, label == group])
               for group in groups] for k in range(len(steps))]
    names = [f"{step}: rate {rate:.2f} nats" for step, rate in zip(steps, motion.rate, strict=True)]
    reach = min(max(2.6, 1.08 * float((np.abs(motion.mu[-1]) + motion.sigma[-1]).max())), 30.0)
    show_frames(plane((-reach, reach), (-reach, reach), ("z₁", "z₂")), traces,
                range(1, len(traces)), frames, names, "step", key="motion", height=440, pause=70,
                alt="Posteriors in two latent dimensions, moved by the forces")


def show_numbers(beta: float, switched_on: tuple[str, ...], motion: Relaxation) -> None:
    """The relaxed posteriors compared with the closed form, where there is one."""
    balanced = len(switched_on) == len(NAMES)
    with st.container(horizontal=True, gap="small"):
        st.metric("mean rate, measured", f"{motion.rate[-1]:.4f}", width=170)
        if balanced:
            st.metric("in closed form", f"{forces.relaxed_rate(VARIANCES, beta):.4f}", width=150)
        st.metric("mean σ₁", f"{motion.sigma[-1][:, 0].mean():.4f}", width=120)
        st.metric("mean σ₂", f"{motion.sigma[-1][:, 1].mean():.4f}", width=120)
    if not balanced:
        st.caption(OUTCOMES[switched_on])
        return
    closed = ", ".join(f"{forces.relaxed_sigma(v, beta):.4f}" for v in VARIANCES)
    fate = ("Both dimensions carry information.",
            "The second dimension has collapsed to the prior.",
            "Both dimensions have collapsed to the prior.",
            )[sum(v <= beta * NOISE_VAR for v in VARIANCES)]
    st.caption(f"Nats. Rate $\\sum_d \\frac12 \\max(0, \\log (\\lambda_d/\\beta s^2))$ and "
               f"$\\sigma_d = \\sqrt{{\\beta s^2/\\lambda_d}}$, at most 1, for the "
               f"data's variances λ = 4 and 1 and s² = {NOISE_VAR:g}: σ = {closed}. {fate}"
               + ("" if motion.converged else " The posteriors have not fully converged."))
