"""KL divergence and disjoint supports: the bound is −∞ where q has mass and p has none."""

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import ENVELOPE, FAINT, GREY
from ui.theory import parts
from ui.theory.parts import nats
from vae_core.theory import divergence
from vae_core.theory.divergence import LOG_2

SECTION = {"place": 4, "title": "KL divergence and disjoint supports",
           "former_names": ("supports",)}
SIGMA_Q, SIGMA_P = 0.5, 1.0
HALF_Q, HALF_P = math.sqrt(3) * SIGMA_Q, math.sqrt(3) * SIGMA_P  # uniforms with these σ
SHIFTS = np.linspace(0, 4, 401)
Z = np.linspace(-4, 6, 1001)
UNIFORM, GAUSSIAN, OUTSIDE = "#E69F00", "#009E73", "#D55E00"


def divergences(shift: np.ndarray | float) -> dict[str, dict[str, divergence.Divergence]]:
    """KL and JS of both pairs of densities at this shift."""
    return {"uniforms": {"KL": divergence.box_kl(shift, HALF_Q, HALF_P),
                         "JS": divergence.box_js(shift, HALF_Q, HALF_P)},
            "Gaussians": {"KL": divergence.gaussian_kl(shift, SIGMA_Q, SIGMA_P),
                          "JS": divergence.gaussian_js(shift, SIGMA_Q, SIGMA_P)}}


@st.cache_data(show_spinner=False)
def curves() -> dict[str, dict[str, divergence.Divergence]]:
    return divergences(SHIFTS)


def rows(shift: float) -> list[dict[str, Any]]:
    """KL and JS of both pairs at this shift, as text: ∞ and "none" are values here."""
    return [{"densities": name, "KL(q‖p)": nats(float(kl.value), 4),
             "its slope": "none" if np.isnan(kl.slope) else nats(float(kl.slope), 4),
             "bound on log p(x)": "log p(x) − " + nats(float(kl.value), 2)
             if np.isfinite(kl.value) else "−∞",
             "Jensen–Shannon": nats(float(js.value), 4), "slope of JS": nats(float(js.slope), 4)}
            for name, (kl, js) in ((name, pair.values())
                                   for name, pair in divergences(shift).items())]


def show() -> None:
    parts.statement(
        "The ELBO is log p(x) − KL(q ‖ p), where p is the posterior. If q has any mass where p has "
        "none, log q/p is infinite there and the bound is −∞; and while q stays inside a flat p, "
        "moving it changes nothing. In neither case is there a gradient to follow. (The converse "
        "is harmless: where p has mass and q has none, q merely misses it.) Gaussians are positive "
        "everywhere, so their KL is finite at any distance and its slope grows with distance: one "
        "reason why q, prior and decoder noise are Gaussian.",
        r"\begin{gathered} \mathrm{KL}(q \,\|\, p) = \int q(z) \log \frac{q(z)}{p(z)}\, dz \\ "
        r"\frac{\partial}{\partial d}\, \mathrm{KL}\big(\mathcal N(d, \sigma_q^2) \,\|\, "
        r"\mathcal N(0, \sigma_p^2)\big) = \frac{d}{\sigma_p^2} \end{gathered}",
        "Kullback & Leibler 1951; Arjovsky & Bottou 2017, theorem 2.3; Lin 1991 (on the "
        "Jensen–Shannon divergence).")
    shift = widgets.choose_number(st.slider, "Shift d of q", 0.0, 4.0, 1.5, 0.05, key="apart")
    left, right = st.columns(2, gap="medium")
    with left:
        q, p = divergence.box_densities(Z, shift, HALF_Q, HALF_P)
        st.markdown("**Uniform densities** with σ = 0.5 and 1")
        parts.chart(pair(q, p, (q > 0) & (p == 0)), "uniforms",
                    "Two uniform densities; the part of q outside p")
    with right:
        st.markdown("**Gaussians** with σ = 0.5 and 1")
        parts.chart(pair(*divergence.gaussian_densities(Z, shift, SIGMA_Q, SIGMA_P)), "gaussians",
                    "Two Gaussians")
    for kind, title, top, ceiling in (("KL", "KL(q‖p), nats", 9.0, None),
                                      ("JS", "Jensen–Shannon, nats", 0.8, ("log 2", LOG_2))):
        found = {name: both[kind] for name, both in curves().items()}
        with left:
            parts.chart(over_shift({name: each.value for name, each in found.items()}, shift,
                                   title, top, ceiling),
                        f"{kind} over shift", f"{title}, over the shift")
        with right:
            parts.chart(over_shift({name: np.abs(each.slope) for name, each in found.items()},
                                   shift, f"Absolute slope |∂{kind}/∂d|",
                                   4.0 if kind == "KL" else 0.8),
                        f"{kind} slope", f"Absolute slope of {title}, over the shift")
    table = rows(shift)
    with st.container(horizontal=True, gap="small"):
        outside = float(divergence.mass_outside(shift, HALF_Q, HALF_P))
        st.metric("mass of uniform q outside p", f"{outside:.1%}", width=220)
        st.metric("KL of uniforms", table[0]["KL(q‖p)"], width=150)
        st.metric("KL of Gaussians", table[1]["KL(q‖p)"], width=150)
        st.metric("by quadrature", nats(divergence.gaussian_kl_by_quadrature(
            shift, SIGMA_Q, SIGMA_P), 4), width=150)
    st.dataframe(pd.DataFrame(table), hide_index=True)
    st.caption(
        "Nats, and nats per unit of shift. The Jensen–Shannon divergence is never infinite, but "
        "once the supports are disjoint it is constant at log 2; between Gaussians its slope "
        "vanishes exponentially. A density that underflows is numerically zero: in single "
        f"precision this p is 0 from |z| = {divergence.single_precision_ends(SIGMA_P):.1f} on, and "
        "taking the logarithm of a density evaluated there gives −∞. Hence log-densities "
        "throughout.")


def pair(q: np.ndarray, p: np.ndarray, outside: np.ndarray | None = None) -> go.Figure:
    """Densities q and p over Z, (n,); `outside`: where q has mass and p has none."""
    figure = go.Figure()
    figure.add_scatter(x=Z, y=p, mode="lines", name="p", fill="tozeroy", hoverinfo="skip",
                       line=dict(color=GREY, width=2), fillcolor="rgba(133,133,133,0.25)")
    figure.add_scatter(x=Z, y=q, mode="lines", name="q", hoverinfo="skip",
                       line=dict(color=ENVELOPE[parts.dark()], width=2.5))
    if outside is not None and outside.any():
        figure.add_scatter(x=Z, y=np.where(outside, q, np.nan), mode="lines", fill="tozeroy",
                           name="q where p is 0", line=dict(color=OUTSIDE, width=2.5),
                           fillcolor="rgba(213,94,0,0.35)", hoverinfo="skip")
    return parts.finish(figure, height=200, yaxis=dict(range=(0, 0.9), visible=False),
                        xaxis=parts.PLAIN | dict(title="z", range=(Z[0], Z[-1])),
                        legend=dict(orientation="h", x=1, xanchor="right", y=1.0))


def over_shift(lines: dict[str, np.ndarray], shift: float, title: str, top: float,
               ceiling: tuple[str, float] | None = None) -> go.Figure:
    """Curves over SHIFTS, those of the uniforms first, with this shift marked; NaN is a gap.

    Infinite values run along the upper edge, which then stands for ∞.
    """
    figure = go.Figure()
    for (name, values), colour in zip(lines.items(), (UNIFORM, GAUSSIAN), strict=True):
        shown = np.where(np.isinf(values), top, values)
        figure.add_scatter(x=SHIFTS, y=shown, mode="lines", name=name, customdata=values,
                           line=dict(color=colour, width=2.5),
                           hovertemplate="%{x:.2f}: %{customdata:.4f}")
        here = np.interp(shift, SHIFTS, shown)
        if np.isfinite(here):
            figure.add_scatter(x=[shift], y=[here], mode="markers", showlegend=False,
                               marker=dict(color=colour, size=10), hoverinfo="skip")
    if any(np.isinf(values).any() for values in lines.values()):
        figure.add_annotation(x=SHIFTS[-1], y=top, text="∞", showarrow=False, yshift=12,
                              xanchor="right", font=dict(size=16))
    if ceiling:
        figure.add_hline(y=ceiling[1], line=dict(color=GREY, width=1, dash="dot"),
                         annotation=dict(text=ceiling[0], xanchor="right", font=dict(size=11)))
    figure.add_vline(x=shift, line=dict(color=FAINT, width=1))
    return parts.finish(
        figure, height=250, margin=dict(l=8, r=8, t=34, b=8),
        title=dict(text=title, font=dict(size=14), x=0, xanchor="left", y=1, yanchor="top",
                   pad=dict(t=4)),
        xaxis=parts.PLAIN | dict(title="shift d", range=(SHIFTS[0], SHIFTS[-1])),
        yaxis=parts.DOTTED | dict(range=(-0.04 * top, 1.12 * top), nticks=5),
        legend=dict(orientation="h", x=1, xanchor="right", y=1.0, yanchor="bottom"))
