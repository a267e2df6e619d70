"""Variational inference in a model that is known, and one more max that learns the model too."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from ui import widgets
from ui.theory import variational_charts as figures
from ui.theory import variational_learning
from ui.theory.parts import PLOT, dark, nats, statement
from vae_core.theory.variational import (
    MODELS,
    Ascent,
    Gaussian,
    Plane,
    ascend,
    elbo,
    forward_kl,
    match_moments,
    on_plane,
    reverse_kl,
    solve_linear,
)

DECODERS = {"tilted": r"g(z) = z_1 + z_2", "banana": r"g(z) = 0.6\,z_1 + z_2 + 0.8\,z_1^2",
            "two modes": r"g(z) = \tfrac12 (z_1 + z_2)^2"}
LESSONS = {
    "tilted": "The posterior is itself a Gaussian, so a q with a full covariance reaches log p(x). "
              "The mean-field one can't tilt: it fits into the ridge and is too narrow.",
    "banana": "No Gaussian is bent: both bounds stay below log p(x), the full one less so.",
    "two modes": "Reverse KL lets q settle on one mode: leaving the other out costs about log 2 = "
                 "0.69 nats, covering the gap between them would cost far more. Forward KL does "
                 "the opposite: it covers both, and puts most of q where the posterior is empty.",
}
MEAN_FIELD, FULL, MATCHED = "mean field", "full covariance", "moments matched"


class Solved(NamedTuple):
    plane: Plane
    ways: dict[str, Ascent]
    matched: dict[str, Gaussian]


@st.cache_resource(show_spinner=False)
def solved(name: str) -> Solved:
    model = MODELS[name]
    plane = on_plane(model)
    return Solved(plane, {MEAN_FIELD: ascend(model), FULL: ascend(model, mean_field=False)},
                  {MEAN_FIELD: match_moments(plane), FULL: match_moments(plane, mean_field=False)})


def rows(name: str) -> list[dict[str, Any]]:
    """Each q with its bound, both divergences and its σ."""
    plane, ways, matched = solved(name)
    table = []
    for means, found in (("reverse KL", {k: way.last for k, way in ways.items()}),
                         ("forward KL", matched)):
        for shape, q in found.items():
            bound = elbo(MODELS[name], q)
            reverse = round(reverse_kl(plane, q), 9) + 0.0  # no −0
            forward = round(forward_kl(plane, q), 9) + 0.0
            table.append({"minimised": means, "q": shape, "ELBO": bound, "KL(q‖p)": reverse,
                          "ELBO + KL(q‖p)": bound + reverse, "KL(p‖q)": forward,
                          "σ₁": q.covariance[0, 0] ** 0.5, "σ₂": q.covariance[1, 1] ** 0.5})
    return table


def shown_steps(way: Ascent, num: int = 36) -> np.ndarray:
    """More of the early steps, in which q moves most."""
    return np.unique(np.geomspace(1, len(way.elbo), num).astype(int) - 1)


def show() -> None:
    statement(
        "A decoder g is given, and with it the posterior p(z|x) of one observation. Variational "
        "inference replaces the integral in it by a search, derivatives instead of integrals: it "
        "looks for the Gaussian q that is nearest to it, without knowing p(x): it climbs "
        "the ELBO step by step, and what is missing to log p(x) at the end is exactly "
        "KL(q ‖ p(z|x)). Which q counts as nearest depends on the order: the reverse KL that the "
        "ELBO contains seeks a mode, the forward one matches mean and variances.",
        r"\begin{gathered} \log p(x) = \mathrm{ELBO} + \mathrm{KL}(q \,\|\, p(z \mid x)) \\ "
        r"\mathrm{ELBO} = \mathbb E_q \log p(x, z) + H(q) \\ "
        r"z \sim \mathcal N(0, I),\quad x \mid z \sim \mathcal N(g(z), s^2) \end{gathered}",
        "Jordan et al. 1999; Bishop 2006, §10.1.2, eq. 10.12–10.17; Blei, Kucukelbir & "
        "McAuliffe 2017, §2.")
    name = widgets.choose(st.segmented_control, "Posterior", list(MODELS), "posterior",
                          default="tilted", required=True)
    plane, ways, matched = solved(name)
    st.latex(DECODERS[name] + rf",\quad x = {MODELS[name].x:g},\quad s = {MODELS[name].noise:g}")
    left, right = st.columns([3, 2], gap="medium")
    near = np.abs(plane.z[0, :, 0]) < 3.4
    view = np.ix_(near, near)
    with left:
        st.plotly_chart(figures.posterior_and_ways(
            plane.z[view], plane.log_posterior[view],
            {f"q, {shape}": (way.mu, way.scale) for shape, way in ways.items()},
            {"forward KL, mean field": matched[MEAN_FIELD]}, shown_steps(ways[MEAN_FIELD]), dark()),
            key=f"way-{name}", config=PLOT, alt="The posterior over the latent plane, and the 1σ "
            "and 2σ ellipses of q on their way to it.")
    with right:
        st.plotly_chart(figures.bound_over_steps(
            {shape: way.elbo for shape, way in ways.items()}, plane.log_px, dark()),
            key=f"bound-{name}", config=PLOT, alt="ELBO by step, below log p(x).")
        st.markdown(LESSONS[name])
    show_numbers(name)
    number = st.column_config.NumberColumn
    st.dataframe(pd.DataFrame(rows(name)), hide_index=True, column_config={
        column: number(format="%.4f") for column in
        ("ELBO", "KL(q‖p)", "ELBO + KL(q‖p)", "KL(p‖q)", "σ₁", "σ₂")})
    st.caption("Nats. The ELBO is exact, by Gauss–Hermite quadrature; both divergences and log p(x)"
               " are integrals over the plane: their sum agrees in every row, wherever q is.")
    variational_learning.show()


def show_numbers(name: str) -> None:
    """log p(x) and what mean field makes of the tilted posterior, each computed twice."""
    plane, ways, _ = solved(name)
    with st.container(horizontal=True, gap="small"):
        st.metric("log p(x), quadrature", nats(plane.log_px, 4), width=190)
        if name != "tilted":
            for shape, way in ways.items():
                total = way.elbo[-1] + reverse_kl(plane, way.last)
                st.metric(f"ELBO + KL(q‖p), {shape}", nats(total, 4), width=240)
        if name == "tilted":
            exact, found = solve_linear(MODELS[name]), ways[MEAN_FIELD].last
            st.metric("log p(x), closed form", nats(exact.log_px, 4), width=190)
            st.metric("mean field: σ²", f"{found.covariance[0, 0]:.4f}", width=190)
            st.metric("1/Λ₁₁, closed form", f"{exact.mean_field_var[0]:.4f}", width=190)
    if name == "tilted":
        gap = nats(reverse_kl(plane, found), 4)
        st.caption(
            "Λ is the posterior's precision matrix. Its own variance is (Λ⁻¹)₁₁ = "
            f"{exact.marginal_var[0]:.4f}; the bound's gap is {gap} nats, and "
            f"½ log(Λ₁₁Λ₂₂/det Λ) = {nats(exact.mean_field_gap, 4)}.")
