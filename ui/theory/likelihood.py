"""What the likelihood assumes: its noise beside the real one, and σ and β as one knob."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import models, widgets
from ui.images import enlarge_row
from ui.theory import likelihood_beta, parts
from ui.theory.training import live_model
from vae_core.config import TrainConfig

SHAPE = (1, 14, 14)  # MNIST at half its size: small enough to train on the spot
TRAINED, SHOWN = 0.8, 8  # share of the test images; of the rest the first are shown
RECIPE = dict(dataset="mnist", latent_dim=8, hidden_dim=128, num_layers=1, activation="silu",
              batch_size=250, learning_rate=3e-3, schedule="one-cycle", epochs=25,
              max_grad_norm=100.0, device="cpu", threads=1)
KINDS = {
    "bernoulli": (dict(likelihood="bernoulli"),
                  "Each pixel is a coin, and only 0 and 1 are data: grey ones are drawn as such. "
                  "Its noise isn't free: where the mean is grey it is large, where the mean is "
                  "black or white it vanishes."),
    "squared-error": (dict(likelihood="gaussian-fixed", sigma=0.5**0.5),
                      "Who minimises ‖x − x̂‖² + R has chosen σ = 1/√2, an enormous noise for "
                      "values from 0 to 1. The model believes that it sees almost nothing, and "
                      "few codes pay."),
    "shared": (dict(likelihood="gaussian-shared"),
               "One σ for all pixels, learned. It ends where the noise claimed is the error made "
               "on the training data: σ² = E‖x − x̂‖² / n."),
    "per-pixel": (dict(likelihood="gaussian-per-pixel", sigma=0.2),
                  "A σ for each pixel and z: none at the rim, where nothing ever happens, much "
                  "along the strokes. It can also excuse a poor mean with a large σ: here the "
                  "claim is right on average, and yet the strokes blur.")}


def show() -> None:
    parts.statement(
        "The decoder doesn't output an image but the parameters of p(x|z), and the likelihood "
        "says what noise is expected around the mean. Reconstructions are usually shown as that "
        "mean; data are draws. If the likelihood fits, the variance that it claims is the squared "
        "error that is made, on average and in every pixel, and its draws look like data. "
        "Real-valued data need a density, such as a Gaussian's: centre and scale them, and let the "
        "decoder end without a sigmoid.",
        r"\frac1n \sum_{i=1}^n \mathbb E\,(x_i - \mathbb E[x_i \mid z])^2 \overset{?}{=} "
        r"\frac1n \sum_{i=1}^n \mathbb E\,\mathrm{Var}[x_i \mid z]",
        "Kingma & Welling 2014, app. C; Rybkin, Daniilidis & Levine 2021.")
    kind = widgets.choose(st.segmented_control, "Likelihood", list(KINDS), "px", default="shared",
                          required=True)
    changes, words = KINDS[kind]
    st.markdown(words)
    train_x, test_x = _digits()
    config = TrainConfig(**RECIPE | changes)
    model = live_model(config, lambda: train_x, SHAPE, f"a small VAE, likelihood {kind},")
    _show_fit(model, test_x)
    likelihood_beta.show(train_x, test_x)


def _show_fit(model: Any, test_x: Any) -> None:
    from vae_core.theory import likelihood

    found = likelihood.fit(model, test_x)
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


@st.cache_resource(show_spinner="Loading the digits …")
def _digits() -> tuple[Any, Any]:
    """Training and held-out digits at half size, in [0, 1]."""
    from vae_core.data.dataset import to_unit
    from vae_core.theory.likelihood import halve

    test = models.test_set("mnist")
    x, trained = halve(to_unit(test.x), test.shape), int(TRAINED * len(test))
    return x[:trained], x[trained:]
