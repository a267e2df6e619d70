"""What the likelihood assumes: its noise beside the real one, and σ and β as one knob."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ui import models
from ui.pictures import enlarge_row
from ui.theory import figures_likelihood as figures
from ui.theory import parts
from ui.theory.training import live_model
from vae_core.config import TrainConfig

SHAPE = (1, 14, 14)  # MNIST at half its size: small enough to train on the spot
TRAINED, SHOWN = 0.8, 8  # share of the test images; of the rest the first are shown
RECIPE = dict(dataset="mnist", latent_dim=8, hidden_dim=128, num_layers=1, activation="silu",
              batch_size=250, learning_rate=3e-3, schedule="one-cycle", epochs=25,
              max_grad_norm=100.0, device="cpu", threads=1)
KINDS = {
    "bernoulli": (dict(likelihood="bernoulli"),
                  "Each pixel is a coin, and only 0 and 1 are data. Its noise isn't free: where "
                  "the mean is grey it is large, where the mean is black or white it vanishes."),
    "squared-error": (dict(likelihood="gaussian-fixed", sigma=0.5**0.5),
                      "Who minimises ‖x − x̂‖² + R has chosen σ = 1/√2, an enormous noise for "
                      "values from 0 to 1. The model believes that it sees almost nothing, and "
                      "few codes pay."),
    "shared": (dict(likelihood="gaussian-shared"),
               "One σ for all pixels, learned. It ends where the noise claimed is the error made: "
               "σ² = E‖x − x̂‖² / n."),
    "per-pixel": (dict(likelihood="gaussian-per-pixel", sigma=0.2),
                  "A σ for each pixel and z: none at the rim, where nothing ever happens, much "
                  "along the strokes. It can also excuse a poor mean with a large σ: here the "
                  "claim is right on average, and yet the strokes blur.")}
SIGMAS = [0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0]


def show() -> None:
    parts.statement(
        "The decoder doesn't output an image but the parameters of p(x|z), and the likelihood "
        "says what noise is expected around the mean. Reconstructions are usually shown as that "
        "mean; data are draws. If the likelihood fits, the variance that it claims is the squared "
        "error that is made, and its draws look like data.",
        r"\mathbb E\,(x_i - \mathbb E[x_i \mid z])^2 \overset{?}{=} "
        r"\mathbb E\,\mathrm{Var}[x_i \mid z]",
        "Kingma & Welling 2014, app. C; Rybkin, Daniilidis & Levine 2021.")
    kind = st.segmented_control("Likelihood", list(KINDS), default="shared", required=True,
                                key="px", bind="query-params")
    changes, words = KINDS[kind]
    st.markdown(words)
    train_x, test_x = _digits()
    config = TrainConfig(**RECIPE | changes)
    model = live_model(config, train_x, SHAPE, f"a small VAE, likelihood {kind},")
    _show_fit(model, test_x)
    st.subheader("σ and β are one knob")
    st.markdown(
        "With a fixed σ the distortion is the squared error over 2σ², plus a constant. So the loss "
        "at (σ, β) is, up to a factor and a constant, the squared error with weight 2σ²β on the "
        "rate: whoever tunes β under a squared error tunes the noise. The picture is exact for the "
        "best linear VAE on these digits; its rate is the same along every line βσ² = constant.")
    st.latex(r"\begin{aligned} 2\sigma^2 \left(D_\sigma + \beta R\right) &= \lVert x - \hat x "
             r"\rVert^2 + \beta' R + \text{const} \\ \beta' &= 2\sigma^2 \beta \end{aligned}")
    sigma = st.select_slider("σ, with β = 1", SIGMAS, value=0.2, key="sd", bind="query-params",
                             width=400, format_func=lambda value: f"{value:g}")
    _show_knobs(sigma)


def _show_fit(model: Any, test_x: Any) -> None:
    from vae_core.theory import noise

    found = noise.fit(model, test_x)
    rows = {"x": found.x, "Mean of p(x|z)": found.mean, "A draw from p(x|z)": found.sample}
    for column, (title, x) in zip(st.columns(3, gap="medium"), rows.items(), strict=True):
        column.markdown(f"**{title}**")
        for start in (0, SHOWN // 2):
            column.image(enlarge_row(x[start:start + SHOWN // 2].numpy(), SHAPE, 6, gap=6),
                         width="stretch", alt=title)
    with st.container(horizontal=True):
        st.metric("Noise claimed, √ mean Var[x|z]", f"{found.claimed:.4f}")
        st.metric("Error made, √ mean (x − E[x|z])²", f"{found.measured:.4f}")
        st.metric("Error / claim", f"{found.measured / found.claimed:.3f}")
        st.metric("Rate R (nats)", parts.nats(found.rate))
    st.caption(f"Measured on {len(found.x):,} digits that weren't trained on, z drawn from q(z|x). "
               "Densities under different likelihoods aren't compared here, because they can't "
               "be: they are over different things, or in different units.")


def _show_knobs(sigma: float) -> None:
    from vae_core.theory import noise

    beta = noise.squared_error_beta(sigma, 1.0)
    twins, constant = _twins(sigma)
    left, right = st.columns([3, 2], gap="large")
    sigmas, betas = np.geomspace(0.04, 1.2, 60), np.geomspace(0.003, 12, 60)
    best = noise.linear_optimum(_eigenvalues(), sigmas[None, :], betas[:, None])
    left.plotly_chart(
        figures.knob_plane(sigmas, betas, best.rate, (sigma, 1.0),
                           (noise.SQUARED_ERROR_SIGMA, beta), parts.dark()),
        config=parts.PLOT, height=400, key="knob-plane",
        alt="The rate of the best linear VAE over σ and β; lines of equal βσ² are its contours")
    factor = 1 / (2 * sigma**2)
    with right:
        st.metric("β of the squared error, 2σ²", f"{beta:.4g}")
        with st.container(horizontal=True):
            st.metric("Gradient in its twin's units", f"{twins.factor:.6g}")
            st.metric("1/(2σ²)", f"{factor:.6g}")
        st.metric("What is left of the gradient after that", f"{twins.deviation(factor):.1e}",
                  help="‖g − g′/(2σ²)‖ / ‖g‖ over all weights of a network, in float32.")
        with st.container(horizontal=True):
            st.metric("−log N(x; x̂, ½I) − ‖x − x̂‖²", f"{constant.mean:.4f}")
            st.metric("(n/2) log π", f"{constant.closed_form:.4f}")
    st.caption("Lucas et al. 2019; Cover & Thomas 2006, thm. 10.3.3. The gradients are of a "
               "non-linear VAE with fresh weights, the same images and the same noise. Adam takes "
               "nearly the same steps for a loss and for a multiple of it; SGD needs its step "
               "size divided by the factor.")


@st.cache_resource(show_spinner="Loading the digits …")
def _digits() -> tuple[Any, Any]:
    """Training and held-out digits at half size, in [0, 1]."""
    from vae_core.batches import to_unit
    from vae_core.theory.noise import halve

    test = models.test_set("mnist")
    x, trained = halve(to_unit(test.x), test.shape), int(TRAINED * len(test))
    return x[:trained], x[trained:]


@st.cache_data(show_spinner=False)
def _eigenvalues() -> np.ndarray:
    from vae_core.theory.noise import eigenvalues

    return eigenvalues(_digits()[0])


@st.cache_data(show_spinner=False)
def _twins(sigma: float) -> tuple[Any, Any]:
    import torch

    from vae_core.theory import noise
    from vae_core.vae import VAE

    config = TrainConfig(**RECIPE | dict(likelihood="gaussian-fixed"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = VAE(config, SHAPE)
    x = _digits()[1][:500]
    return noise.twin_gradients(model, x, sigma, 1.0), noise.squared_error_constant(model, x)
