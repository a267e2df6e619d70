"""Variational inference with a known decoder, and expectation–maximisation, which learns it too."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import CLASSES, ENVELOPE, GREY
from ui.theory import parts
from ui.theory.frames import ellipses, gaussians, line, plane, points, shading, show_frames
from ui.theory.parts import nats
from vae_core.theory import variational
from vae_core.theory.variational import MODELS, Ascent, Gaussian, Plane, elbo, reverse_kl

SECTION = {"place": 3, "title": "Variational inference with a known decoder"}
DECODERS = {"tilted": r"g(z) = z_1 + z_2", "banana": r"g(z) = 0.6\,z_1 + z_2 + 0.8\,z_1^2",
            "two modes": r"g(z) = \tfrac12 (z_1 + z_2)^2"}
LESSONS = {
    "tilted": "The posterior is itself a Gaussian, so a q with a full covariance reaches log p(x). "
              "The mean-field q can't tilt: it fits inside the ridge and is too narrow.",
    "banana": "A Gaussian can't bend: both bounds stay below log p(x), the full-covariance one by "
              "less.",
    "two modes": "Reverse KL lets q settle on one mode: ignoring the other costs about log 2 = "
                 "0.69 nats, covering the gap between them would cost far more. Forward KL does "
                 "the opposite: it covers both modes, and puts most of q where the posterior is "
                 "nearly zero.",
}
MEAN_FIELD, FULL = "mean field", "full covariance"
FULL_COLOUR, FORWARD_COLOUR = "#E69F00", "#009E73"
NOISE, MEAN_SQUARE, FIRST_W, EM_STEPS = 1.0, 3.25, 0.3, 8


class Solved(NamedTuple):
    plane: Plane
    ascents: dict[str, Ascent]
    matched: dict[str, Gaussian]


@st.cache_resource(show_spinner=False)
def solved(name: str) -> Solved:
    model = MODELS[name]
    grid = variational.on_plane(model)
    shapes = {MEAN_FIELD: True, FULL: False}
    return Solved(
        grid, {name: variational.ascend(model, mean_field=each) for name, each in shapes.items()},
        {name: variational.match_moments(grid, each) for name, each in shapes.items()})


def rows(name: str) -> list[dict[str, Any]]:
    """Each q with its bound, both divergences and its σ."""
    grid, ascents, matched = solved(name)
    table = []
    for minimised, found in (("reverse KL", {k: ascent.last for k, ascent in ascents.items()}),
                             ("forward KL", matched)):
        for shape, q in found.items():
            bound = elbo(MODELS[name], q)
            reverse = round(reverse_kl(grid, q), 9) + 0.0  # no −0
            forward = round(variational.forward_kl(grid, q), 9) + 0.0
            table.append({"minimised": minimised, "q": shape, "ELBO": bound, "KL(q‖p)": reverse,
                          "ELBO + KL(q‖p)": bound + reverse, "KL(p‖q)": forward,
                          "σ₁": q.covariance[0, 0] ** 0.5, "σ₂": q.covariance[1, 1] ** 0.5})
    return table


def show() -> None:
    parts.statement(
        "The decoder g is known, and so is the posterior p(z|x) of one observation, up to a "
        "constant. Variational inference turns integration into optimisation: it looks for the "
        "Gaussian q closest to the posterior without knowing p(x), by gradient ascent on the ELBO. "
        "What still separates the ELBO from log p(x) at the end is exactly KL(q ‖ p(z|x)). Which q "
        "is closest depends on the direction of the KL: the reverse KL, which the ELBO contains, "
        "is mode-seeking; the forward KL matches mean and variances.",
        r"\begin{gathered} \log p(x) = \mathrm{ELBO} + \mathrm{KL}(q \,\|\, p(z \mid x)) \\ "
        r"\mathrm{ELBO} = \mathbb E_q \log p(x, z) + H(q) \\ "
        r"z \sim \mathcal N(0, I),\quad x \mid z \sim \mathcal N(g(z), s^2) \end{gathered}",
        "Jordan et al. 1999; Bishop 2006, §10.1.2, eq. 10.12–10.17; Blei, Kucukelbir & "
        "McAuliffe 2017, §2.")
    name = widgets.choose(st.segmented_control, "Posterior", list(MODELS), "posterior",
                          default="tilted", required=True)
    st.latex(DECODERS[name] + rf",\quad x = {MODELS[name].x:g},\quad s = {MODELS[name].noise:g}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_ascent(*solved(name))
    with right:
        show_bounds({shape: ascent.elbo for shape, ascent in solved(name).ascents.items()},
                    solved(name).plane.log_px)
        st.markdown(LESSONS[name])
    show_numbers(name)
    table = pd.DataFrame(rows(name))
    st.dataframe(table, hide_index=True, column_config={
        column: st.column_config.NumberColumn(format="%.4f") for column in table.columns[2:]})
    st.caption("Nats. The ELBO is exact, by Gauss–Hermite quadrature; both divergences and log p(x)"
               " are integrals over the plane. ELBO + KL(q‖p) equals log p(x) in every row, "
               "whatever q is.")
    show_learning()


def show_ascent(grid: Plane, ascents: dict[str, Ascent], matched: dict[str, Gaussian]) -> None:
    """The posterior, and the 1σ and 2σ ellipses of each q as it climbs the ELBO."""
    near = np.abs(grid.z[0, :, 0]) < 3.4
    axis, log_posterior = grid.z[0, near, 0], grid.log_posterior[np.ix_(near, near)]
    shade = shading(axis, axis, np.exp(log_posterior - log_posterior.max()), (133, 133, 133),
                    "p(z|x)")
    forward = matched[MEAN_FIELD]
    num = len(ascents[MEAN_FIELD].elbo)  # early steps are denser: q moves most in them
    steps = np.unique(np.geomspace(1, num, 36).astype(int) - 1)
    traces = [ellipses(forward.mu[None], forward.scale[None], FORWARD_COLOUR, dash=[2, 4],
                       name="forward KL, mean field")]
    for (shape, ascent), colour in zip(ascents.items(),
                                       (ENVELOPE[parts.dark()], FULL_COLOUR), strict=True):
        traces.append(ellipses(ascent.mu[:1], ascent.scale[:1], colour, name=f"q, {shape}"))
    frames = [[gaussians(ascent.mu[[step]], ascent.scale[[step]]) for ascent in ascents.values()]
              for step in steps]
    show_frames(plane((-3.3, 3.3), (-3.3, 3.3), ("z₁", "z₂"), shade), traces, [1, 2], frames,
                list(map(str, steps)), "step", key="ascent", height=460,
                alt="The posterior over the latent plane, and the ellipses of q approaching it")


def show_bounds(elbos: dict[str, np.ndarray], log_px: float) -> None:
    """The ELBO of each q by step, below log p(x); nats."""
    figure = go.Figure()
    for (name, values), colour in zip(elbos.items(), (ENVELOPE[parts.dark()], FULL_COLOUR),
                                      strict=True):
        figure.add_scatter(x=np.arange(len(values)), y=values, mode="lines", name=name,
                           line=dict(color=colour, width=2.5),
                           hovertemplate="step %{x}: %{y:.3f} nats")
    steps = 1.15 * max(int(np.argmax(values > values[-1] - 1e-3)) for values in elbos.values())
    figure.add_scatter(x=[0, steps], y=[log_px, log_px], mode="lines", name="log p(x)",
                       line=dict(color=GREY, width=2, dash="dash"), hoverinfo="skip")
    depth = max(log_px - min(values[-1] for values in elbos.values()), 0.3)
    parts.finish(figure, height=320, legend=parts.ABOVE,
                 xaxis=parts.PLAIN | dict(title="step", range=(0, steps)),
                 yaxis=parts.DOTTED | dict(
                     title="nats", range=(log_px - 3.5 * depth, log_px + 0.25 * depth)))
    parts.chart(figure, "bounds", "ELBO by step, below log p(x)")


def show_numbers(name: str) -> None:
    """log p(x), and what mean field makes of the tilted posterior, each computed twice."""
    grid, ascents, _ = solved(name)
    with st.container(horizontal=True, gap="small"):
        st.metric("log p(x), quadrature", nats(grid.log_px, 4), width=190)
        if name != "tilted":
            for shape, ascent in ascents.items():
                total = ascent.elbo[-1] + reverse_kl(grid, ascent.last)
                st.metric(f"ELBO + KL(q‖p), {shape}", nats(total, 4), width=240)
            return
        exact, found = variational.solve_linear(MODELS[name]), ascents[MEAN_FIELD].last
        st.metric("log p(x), closed form", nats(exact.log_px, 4), width=190)
        st.metric("mean field: σ²", f"{found.covariance[0, 0]:.4f}", width=190)
        st.metric("1/Λ₁₁, closed form", f"{exact.mean_field_var[0]:.4f}", width=190)
    st.caption(f"Λ is the posterior's precision matrix. Its marginal variance is (Λ⁻¹)₁₁ = "
               f"{exact.marginal_var[0]:.4f}; the bound's gap is {nats(reverse_kl(grid, found), 4)}"
               f" nats, and ½ log(Λ₁₁Λ₂₂/det Λ) = {nats(exact.mean_field_gap, 4)}.")


def show_learning() -> None:
    """The same bound, maximised over the decoder's weight too."""
    st.subheader("Learning the model too: expectation–maximisation")
    parts.statement(
        "If the decoder has a parameter, the same bound is a function of that parameter too. "
        "Maximise it over q (E step: q becomes the posterior, and the bound touches log p(x)), "
        "then over the parameter (M step: along the bound, which falls behind log p(x) again); "
        "neither step can lower it. A VAE takes both steps at once, by gradient ascent, with a "
        "network for each.",
        r"\begin{gathered} \max_{w}\ \max_{q}\ \mathbb E_{p_D(x)} \big[ \mathbb E_{q} "
        r"\log p_w(x, z) + H(q) \big] \\ "
        r"z \sim \mathcal N(0, 1),\quad x \mid z \sim \mathcal N(w z, s^2) \end{gathered}",
        "Dempster, Laird & Rubin 1977; Neal & Hinton 1998, §2; Tipping & Bishop 1999, eq. 7.")
    climb = variational.climb(FIRST_W, NOISE, MEAN_SQUARE, steps=30)
    best = variational.maximum_likelihood(NOISE, MEAN_SQUARE)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_climb(climb, best)
    with right, st.container(horizontal=True, gap="small"):
        st.metric("w after 30 steps", f"{climb.w[-1]:.4f}", width=190)
        st.metric("maximum likelihood", f"{best:.4f}", width=190)
        st.metric("ELBO after 30 steps", nats(climb.tight[-1], 4), width=190)
        st.metric("log p(x) there", nats(variational.mean_log_px(best, NOISE, MEAN_SQUARE), 4),
                  width=190)
    right.caption(f"The data's mean x² is {MEAN_SQUARE:g} and s = {NOISE:g}, so in closed form w² ="
                  f" {MEAN_SQUARE:g} − {NOISE:g}², the dotted line.")


def show_climb(climb: variational.Climb, best: float) -> None:
    """E and M steps as stairs under log p(x), which the bound of each E step touches."""
    w, path = np.linspace(0, 2.6, 131), climb.path[:2 * EM_STEPS]
    log_px = variational.mean_log_px(w, NOISE, MEAN_SQUARE)
    bounds = [np.stack([w, variational.mean_elbo(variational.exact_posterior(v, NOISE), w, NOISE,
                                                 MEAN_SQUARE)], 1) for v in climb.w[:EM_STEPS]]
    low, high = path[0, 1], log_px.max()
    y = (low - 0.15 * (high - low), high + 0.08 * (high - low))
    traces = [
        line(np.stack([w, log_px], 1), GREY, width=3, name="log p(x), mean over the data",
             hover=("w", "nats")),
        line(bounds[0], ENVELOPE[parts.dark()], name="ELBO with the current q"),
        line(path[:1], CLASSES[parts.dark()][3], size=6, name="E step up, M step along the bound"),
        line(np.array([[best, y[0]], [best, y[1]]]), GREY, width=1, dash=[2, 4])]
    frames = [[dict(p=points(bounds[k // 2])), dict(p=points(path[:k + 1]))]
              for k in range(len(path))]
    names = [f"{'EM'[k % 2]} {k // 2 + 1}" for k in range(len(path))]
    show_frames(plane((w[0], w[-1]), y, ("w", "nats per example"), equal=False), traces, [1, 2],
                frames, names, "step", key="climb", height=400, pause=450,
                alt="log p(x) as a function of w, the bounds that touch it, and the stairs between")
