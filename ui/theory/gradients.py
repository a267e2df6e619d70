"""Two gradient estimators of one objective, and where a VAE is random."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import ENVELOPE, FAINT, GREY
from ui.images import enlarge_row
from ui.model import ModelView, cached
from ui.theory import parts
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Summary
from vae_core.theory import gradients
from vae_core.theory.gradients import Estimators, draw, exact_gradient, standard_error, variances

SECTION = {"place": 7, "title": "Two gradient estimators"}
DIMS = (1, 2, 4, 8, 16, 32, 64)
NUM_DRAWS, NUM_IMAGES, NUM_RESAMPLED = 20_000, 10, 1024
NAMES = {"reparameterised": "reparameterised", "score_with_baseline": "score, with baseline",
         "score": "score function"}
BASELINE, SCORE = "#E69F00", "#D55E00"
BELOW = dict(orientation="h", x=0, y=-0.22, yanchor="top")  # where the legends go


def colours() -> tuple[str, str, str]:
    return ENVELOPE[parts.dark()], BASELINE, SCORE


@st.cache_resource(max_entries=len(DIMS), show_spinner=False)
def draws(dim: int) -> Estimators:
    return draw(dim, NUM_DRAWS)


@st.cache_data(show_spinner="Drawing samples…")
def measured_variances() -> dict[str, np.ndarray]:
    """Of single-sample estimates, by name; (len(DIMS),) each."""
    return {name: np.array([getattr(draws(dim), name).var() for dim in DIMS]) for name in NAMES}


def show() -> None:
    parts.statement(
        "The encoder's gradient has to pass through an expectation over z, whose distribution "
        "depends on the very parameters being learned. The score-function estimator moves the "
        "gradient onto log q and needs only values of f: it asks which samples did well. "
        "Reparameterisation writes z = μ + σε and differentiates f with respect to z: it knows the "
        "direction. Both are unbiased, but where one sample of the latter is enough, one of the "
        "former is useless. A VAE is trained with one sample per example and step.",
        r"\begin{gathered} \nabla_\mu\, \mathbb E_{q} f(z) = \begin{cases} \mathbb E_\epsilon\, "
        r"\nabla_z f(z)\big|_{z = \mu + \sigma \epsilon} \\ "
        r"\mathbb E_q \big[ f(z)\, \nabla_\mu \log q(z) \big] \end{cases} \\ "
        r"f(z) = -\tfrac12 \lVert z - a \rVert^2 \\ q = \mathcal N(\mu, \sigma^2 I),\quad "
        r"\mu - a = 1,\ \sigma = \tfrac12 \end{gathered}",
        "Kingma & Welling 2014, §2.2–2.4; Rezende, Mohamed & Wierstra 2014, §3; Williams 1992; "
        "Mohamed et al. 2020, §4, 5 and 7.")
    dim = widgets.choose_number(st.select_slider, "Dimensions of z", DIMS, value=8, key="size")
    sample, exact = draws(dim), variances(dim)
    for column, (name, label) in zip(st.columns(3, gap="small"), NAMES.items(), strict=True):
        values = getattr(sample, name)
        column.metric(f"{label}: mean", f"{values.mean():.3f} ± {standard_error(values):.3f}"
                      .replace("-", "−"))
        column.caption(f"exact gradient −{-exact_gradient():g}; variance {values.var():,.2f}, in "
                       f"closed form {getattr(exact, name):,.2f}")
    left, right = st.columns(2, gap="medium")
    with left:
        parts.chart(spread_figure({label: getattr(sample, name) for name, label in NAMES.items()}),
                    "spread", "Histograms of single-sample estimates")
    with right:
        parts.chart(ratios_figure(dim), "ratios", "Variance ratio by dimension")
    st.caption(f"{NUM_DRAWS:,} samples of ε, the same for all three. The baseline subtracts E f "
               "from f, which leaves the mean unchanged. Dotted: closed form, from the moments of "
               "ε.")
    show_randomness()


def spread_figure(estimates: dict[str, np.ndarray]) -> go.Figure:
    """Single-sample estimates as histograms on one axis, (num,) each, in the order of NAMES.

    Heights are densities on a square-root scale, so that a wide one is visible beside a narrow one.
    """
    figure, exact = go.Figure(), exact_gradient()
    reach = 3.2 * max(float(values.std()) for values in estimates.values())
    edges = np.linspace(exact - reach, exact + reach, 161)
    for (name, values), colour in reversed(list(zip(estimates.items(), colours(), strict=True))):
        density = np.sqrt(np.histogram(values, edges, density=True)[0])
        figure.add_scatter(x=0.5 * (edges[1:] + edges[:-1]), y=density, mode="lines", name=name,
                           fill="tozeroy", line=dict(color=colour, width=2, shape="hvh"),
                           hoverinfo="skip")
    figure.add_vline(x=exact, line=dict(color=GREY, width=2, dash="dash"),
                     annotation=dict(text="true gradient", yanchor="bottom"))
    return parts.finish(
        figure, height=340, margin=dict(l=8, r=8, t=24, b=8), legend=BELOW,
        xaxis=parts.PLAIN | dict(title="estimate of ∂/∂μ₁ from one sample",
                                 range=(edges[0], edges[-1])),
        yaxis=parts.PLAIN | dict(title="√density", showticklabels=False))


def ratios_figure(at: int) -> go.Figure:
    """Variance over that of the reparameterised gradient by dimension: dots measured, lines
    exact."""
    figure, measured = go.Figure(), measured_variances()
    closed = {name: np.array([getattr(variances(dim), name) for dim in DIMS]) for name in NAMES}
    for (name, label), colour in list(zip(NAMES.items(), colours(), strict=True))[1:]:
        figure.add_scatter(x=DIMS, y=closed[name] / closed["reparameterised"], mode="lines",
                           showlegend=False, line=dict(color=colour, width=1.5, dash="dot"),
                           hoverinfo="skip")
        figure.add_scatter(x=DIMS, y=measured[name] / measured["reparameterised"], mode="markers",
                           name=label, marker=dict(color=colour, size=9),
                           hovertemplate="%{x} dimensions: %{y:,.0f} times")
    figure.add_hline(y=1, line=dict(color=colours()[0], width=2))
    figure.add_vline(x=at, line=dict(color=FAINT, width=1))
    return parts.finish(
        figure, height=340, margin=dict(l=8, r=8, t=24, b=8), legend=BELOW,
        xaxis=parts.PLAIN | dict(title="dimensions", type="log", tickvals=DIMS),
        yaxis=parts.DOTTED | dict(title="variance ratio", type="log", dtick=1,
                                  exponentformat="power"))


def show_randomness() -> None:
    """One test image of a trained model, resampled through q(z|x) and through p(x|z)."""
    st.subheader("Where a VAE is random")
    parts.statement(
        "In two places only. The encoder is deterministic, but it returns a distribution, from "
        "which z is sampled. The decoder is deterministic too, and it returns a distribution, from "
        "which x would be sampled; what is usually shown as a decoded image is its mean.",
        r"\begin{gathered} z \sim q(z \mid x) \\ \operatorname{Var}[x] = \operatorname{Var}_{z} "
        r"\mathbb E[x \mid z] + \mathbb E_{z} \operatorname{Var}[x \mid z] \end{gathered}",
        "The law of total variance; Kingma & Welling 2014, §2.1.")
    left, middle, right = st.columns([3, 1, 1], gap="small")
    with left:
        chosen = parts.choose_model("coder", latent_dim=None)
    facts = DATASETS[chosen.config.dataset]
    if not facts.pictures:
        st.info("This model's data are points, not images: choose a model of images.")
        return
    digit = widgets.choose_number(middle.number_input, "Test image", 0, facts.num_test - 1, 0,
                                  key="digit")
    again = widgets.choose_number(right.number_input, "Seed", 0, 9999, 0, key="again",
                                  help="Another seed gives other samples.")
    show_strips(chosen, resampled(ModelView(chosen), int(digit), int(again)))


@cached(64, "Resampling…")
def resampled(view: ModelView, digit: int, seed: int) -> dict[str, Any]:
    """Strips of images, and the numbers beside them."""
    model, x = view.frozen(), view.encoder_input[digit]
    samples = gradients.resample(model, x, NUM_IMAGES, seed)
    pair = gradients.vae_gradients(model, x, NUM_RESAMPLED, seed)
    return {"x": x.numpy(), "means": samples.means.numpy(), "images": samples.images.numpy(),
            "mean": samples.mean.numpy(),
            "spread": gradients.spread(model, x, NUM_RESAMPLED, seed)._asdict(),
            "ratio": pair.variance_ratio, "disagreement": pair.disagreement}


def show_strips(chosen: Summary, found: dict[str, Any]) -> None:
    shape = DATASETS[chosen.config.dataset].shape
    for title, first, rows in (
            ("x, then E[x|z] for ten samples of z from q(z|x)", found["x"], found["means"]),
            ("E[x|z] at z = μ(x), then ten samples of x from p(x|z) there", found["mean"],
             found["images"])):
        st.caption(title)
        st.image(enlarge_row(np.stack([first, *rows]).clip(0, 1), shape, 4, gap=8),
                 width="stretch", alt=title)
    part = found["spread"]
    with st.container(horizontal=True, gap="small"):
        st.metric("variance of x, measured", f"{part['total']:.2f}", width=170)
        st.metric("through z, plus through x|z", f"{part['from_z'] + part['from_x']:.2f}",
                  width=190, help="Var E[x|z] + E Var[x|z]")
        st.metric("of that, through z", f"{part['from_z']:.2f}", width=150)
        st.metric("variance ratio here", f"{found['ratio']:,.0f}", width=160,
                  help="Of the score-function gradient of the ELBO's first term with respect to μ "
                  "to the reparameterised one, for this image.")
    st.caption(f"Sums over pixels, {NUM_RESAMPLED:,} samples. The means of the two gradients of "
               f"E log p(x|z) with respect to μ differ by {found['disagreement']:.1f} standard "
               "errors.")
    parts.open_in_explore(chosen.run_id)
