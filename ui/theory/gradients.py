"""Two gradient estimators of one objective, and where the randomness of a VAE lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ui import models, widgets
from ui.images import enlarge_row
from ui.theory import gradients_charts as figures
from ui.theory import parts
from ui.theory.parts import PLOT, dark, statement
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Run, Summary
from vae_core.theory.gradients import Draws, draw, exact_gradient, standard_error, variances

DIMS = (1, 2, 4, 8, 16, 32, 64)
NUM_DRAWS, NUM_IMAGES = 20_000, 10
NAMES = {"reparameterised": "reparameterised", "score_with_baseline": "score, with baseline",
         "score": "score function"}


@st.cache_resource(max_entries=len(DIMS), show_spinner=False)
def draws(dim: int) -> Draws:
    return draw(dim, NUM_DRAWS)


@st.cache_data(show_spinner="Drawing samples…")
def measured_variances() -> dict[str, np.ndarray]:
    """Of single-sample estimates, by name; (len(DIMS),) each."""
    return {name: np.array([getattr(draws(dim), name).var() for dim in DIMS]) for name in NAMES}


def show() -> None:
    statement(
        "The encoder's gradient goes through an expectation over z, which depends on what is "
        "learned. The score function moves the gradient onto log q and only needs values of f: it "
        "asks which samples did well. Reparameterisation writes z = μ + σε and differentiates f "
        "along z: it knows the direction. Both are right on average; a single sample of the one is "
        "useless where one of the other is enough. A VAE trains with one sample a step.",
        r"\begin{gathered} \nabla_\mu\, \mathbb E_{q} f(z) = \begin{cases} \mathbb E_\epsilon\, "
        r"\nabla_z f(z)\big|_{z = \mu + \sigma \epsilon} \\ "
        r"\mathbb E_q \big[ f(z)\, \nabla_\mu \log q(z) \big] \end{cases} \\ "
        r"f(z) = -\tfrac12 \lVert z - a \rVert^2 \\ q = \mathcal N(\mu, \sigma^2 I),\quad "
        r"\mu - a = 1,\ \sigma = \tfrac12 \end{gathered}",
        "Kingma & Welling 2014, §2.2–2.4; Rezende, Mohamed & Wierstra 2014, §3; Williams 1992; "
        "Mohamed et al. 2020, §4, 5 and 7.")
    dim = widgets.choose_number(st.select_slider, "Dimensions of z", DIMS, value=8, key="size")
    sample = draws(dim)
    columns = st.columns(3, gap="small")
    exact = variances(dim)
    for column, (name, label) in zip(columns, NAMES.items(), strict=True):
        values = getattr(sample, name)
        column.metric(f"{label}: mean", f"{values.mean():.3f} ± {standard_error(values):.3f}"
                      .replace("-", "−"))
        column.caption(f"exact gradient −{-exact_gradient():g}; variance {values.var():,.2f}, in "
                       f"closed form {getattr(exact, name):,.2f}")
    left, right = st.columns(2, gap="medium")
    left.plotly_chart(figures.spread(
        {label: getattr(sample, name) for name, label in NAMES.items()}, exact_gradient(), dark()),
        key="spread", config=PLOT, alt="Histograms of single-sample estimates.")
    right.plotly_chart(figures.ratios(np.asarray(DIMS), *ratios(), at=dim, dark=dark()),
                       key="ratios", config=PLOT, alt="Variance ratio by dimension.")
    st.caption(f"{NUM_DRAWS:,} draws of ε, the same for all three. The baseline subtracts E f from "
               "f, which leaves the mean as it is. Dotted: closed form, from the moments of ε.")
    show_randomness()


def ratios() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Variances over that of the reparameterised gradient: measured, and in closed form."""
    measured = measured_variances()
    closed = {name: np.array([getattr(variances(dim), name) for dim in DIMS]) for name in NAMES}
    others = [name for name in NAMES if name != "reparameterised"]
    return tuple({NAMES[name]: found[name] / found["reparameterised"] for name in others}
                 for found in (measured, closed))


def show_randomness() -> None:
    """One test image of a trained model, drawn again through q(z|x) and through p(x|z)."""
    st.subheader("Where a VAE is random")
    statement(
        "Two places only. The encoder is a function, but it returns a distribution, and z is drawn "
        "from it. The decoder is a function too, and it returns a distribution, from which x would "
        "be drawn; what is usually shown as a decoded image is its mean.",
        r"\begin{gathered} z \sim q(z \mid x) \\ \operatorname{Var}[x] = \operatorname{Var}_{z} "
        r"\mathbb E[x \mid z] + \mathbb E_{z} \operatorname{Var}[x \mid z] \end{gathered}",
        "The law of total variance; Kingma & Welling 2014, §2.1.")
    left, middle, right = st.columns([3, 1, 1], gap="small")
    with left:
        chosen = parts.choose_model("coder", latent_dim=None)
    if chosen is None:
        return
    facts = DATASETS[chosen.config.dataset]
    if not facts.pictures:
        st.info("This model's data are points, not pictures: choose a model of images.")
        return
    digit = widgets.choose_number(middle.number_input, "Test image", 0, facts.num_test - 1, 0,
                                  key="digit")
    again = widgets.choose_number(right.number_input, "Draw", 0, 9999, 0, key="again",
                                  help="Another number draws anew.")
    found = resampled(chosen.run, str(chosen.run.folder), models.version(chosen.run), int(digit),
                      int(again))
    show_strips(chosen, found)


@st.cache_data(max_entries=64, show_spinner="Resampling…")
def resampled(_run: Run, folder: str, version: str, digit: int, again: int) -> dict[str, Any]:
    """Strips of pictures, and the numbers beside them."""
    from vae_core.theory import gradients_vae

    model, config = parts.torch_model(_run), _run.config()
    x = models.encoder_input(config.dataset, config.binarized)[digit]
    drawn = gradients_vae.resample(model, x, NUM_IMAGES, again)
    gradients = gradients_vae.gradients(model, x, 1024, again)
    return {"x": x.numpy(), "means": drawn.means.numpy(), "images": drawn.images.numpy(),
            "mean": drawn.mean.numpy(),
            "spread": gradients_vae.spread(model, x, 1024, again)._asdict(),
            "ratio": gradients.variance_ratio, "disagreement": gradients.disagreement}


def show_strips(chosen: Summary, found: dict[str, Any]) -> None:
    shape = DATASETS[chosen.config.dataset].shape
    for title, first, rows in (
            ("x, then E[x|z] for ten draws of z from q(z|x)", found["x"], found["means"]),
            ("E[x|z] at z = μ(x), then ten draws of x from p(x|z) there", found["mean"],
             found["images"])):
        st.caption(title)
        st.image(enlarge_row(np.stack([first, *rows]).clip(0, 1), shape, 4, gap=8),
                 width="stretch", alt=title)
    part = found["spread"]
    with st.container(horizontal=True, gap="small"):
        st.metric("variance of x, measured", f"{part['total']:.2f}", width=170)
        st.metric("through z, plus through x|z", f"{part['from_z'] + part['from_x']:.2f}",
                  width=190, help="Var E[x|z] + E Var[x|z]")
        st.metric("of that through z", f"{part['from_z']:.2f}", width=150)
        st.metric("variance ratio here", f"{found['ratio']:,.0f}", width=160,
                  help="Of the score function's gradient of the ELBO's first term by μ, to the "
                  "reparameterised one's, for this image.")
    st.caption("Sums over pixels, 1,024 draws. The means of the two gradients of E log p(x|z) by "
               f"μ are {found['disagreement']:.1f} standard errors apart.")
    parts.open_in_explore(chosen.run_id)
