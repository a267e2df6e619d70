"""Second half of the section on likelihoods: σ of p(x|z) and β are one knob."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ui import widgets
from ui.theory import likelihood_charts as figures
from ui.theory import parts, training
from vae_core.config import TrainConfig

SHAPE = (1, 14, 14)
RECIPE = dict(dataset="mnist", likelihood="gaussian-fixed", latent_dim=8, hidden_dim=128,
              num_layers=1, activation="silu", batch_size=250, learning_rate=3e-3,
              schedule="one-cycle", epochs=6, device="cpu", threads=1)
SIGMAS = [0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0]
EXAMPLES = 8000  # of the digits, in the two trainings


def show(train_x: Any, test_x: Any) -> None:
    """train_x, test_x: digits (n, 196) in [0, 1], the same at every call."""
    st.subheader("σ and β are one knob")
    st.markdown(
        "With a fixed σ the distortion is the squared error over 2σ², plus a constant. So the loss "
        "at (σ, β) is, up to a factor and a constant, the squared error with weight 2σ²β on the "
        "rate: whoever tunes β under a squared error tunes the noise. The picture is exact for the "
        "best linear VAE on these digits; its rate is the same along every line βσ² = constant.")
    st.latex(r"\begin{aligned} 2\sigma^2 \left(D_\sigma + \beta R\right) &= \lVert x - \hat x "
             r"\rVert^2 + \beta' R + \text{const} \\ \beta' &= 2\sigma^2 \beta \end{aligned}")
    sigma = widgets.choose_number(st.select_slider, "σ, with β = 1", SIGMAS, value=0.2, key="sd",
                                  width=400, format_func=lambda value: f"{value:g}")
    _show_plane(train_x, test_x, sigma)
    st.markdown(
        "The same in training: two networks start from the same weights and see the same digits "
        "and the same noise, one with this σ and β = 1, the other with σ = 1/√2 and β = 2σ². Adam "
        "divides a gradient by its own size, so a loss that is 2σ² times as large takes the same "
        "steps, if the small ε that Adam adds to that size is multiplied by 2σ², too.")
    if st.toggle("Train both", key="both-knobs", bind="query-params"):
        _show_trainings(train_x, sigma)


def _show_plane(train_x: Any, test_x: Any, sigma: float) -> None:
    from vae_core.theory import likelihood

    beta = likelihood.squared_error_beta(sigma, 1.0)
    twins, constant = _twin_gradients(test_x, sigma)
    left, right = st.columns([3, 2], gap="large")
    sigmas, betas = np.geomspace(0.04, 1.2, 60), np.geomspace(0.003, 12, 60)
    best = likelihood.linear_optimum(_eigenvalues(train_x), sigmas[None, :], betas[:, None])
    left.plotly_chart(
        figures.knob_plane(sigmas, betas, best.rate, (sigma, 1.0),
                           (likelihood.SQUARED_ERROR_SIGMA, beta), parts.dark()),
        config=parts.PLOT, height=400, key="knob-plane",
        alt="The rate of the best linear VAE over σ and β; lines of equal βσ² are its contours")
    factor = 1 / (2 * sigma**2)
    with right:
        st.metric("β of the squared error, 2σ²", f"{beta:.4g}")
        with st.container(horizontal=True):
            st.metric("Gradient, in units of the squared error's", f"{twins.factor:.6g}")
            st.metric("1/(2σ²)", f"{factor:.6g}")
        st.metric("What is left of the gradient after that",
                  parts.scientific(twins.deviation(factor)),
                  help="‖g − g′/(2σ²)‖ / ‖g‖ over all weights of a network, in float32.")
        with st.container(horizontal=True):
            st.metric("−log N(x; x̂, ½I) − ‖x − x̂‖²", f"{constant.mean:.4f}")
            st.metric("(n/2) log π", f"{constant.closed_form:.4f}")
    st.caption("Lucas et al. 2019; the linear optimum: Cover & Thomas 2006, theorem 10.3.3. The "
               "gradients are those of a non-linear VAE with fresh weights, for the same images "
               "and noise.")


def _show_trainings(train_x: Any, sigma: float) -> None:
    from vae_core.theory.likelihood import squared_error_beta

    config = TrainConfig(**RECIPE, sigma=sigma, beta=1.0)
    twin_beta = squared_error_beta(sigma, 1.0)
    slot = st.container(height=340, border=False).empty()

    def draw(moments: list[Any]) -> None:
        slot.plotly_chart(figures.twin_curves(moments, sigma, twin_beta), config=parts.PLOT,
                          height=320, alt="Squared error and rate of both trainings by step")

    def moments() -> Any:
        from vae_core.theory.likelihood_beta import twin_trainings

        return twin_trainings(config, train_x[:EXAMPLES], SHAPE)

    end = training.watched(("twins", config), moments, lambda moment: moment.share, draw,
                           "both")[-1]
    with st.container(horizontal=True):
        st.metric("Largest difference of a weight", parts.scientific(end.difference))
        st.metric("Squared error of both", " · ".join(f"{v:.3f}" for v in end.squared_error))
        st.metric("Rate of both (nats)", " · ".join(f"{v:.4f}" for v in end.rate))
        st.metric("Largest difference, ε left alone", parts.scientific(end.untouched))
    st.caption(
        f"After {end.step} steps at batch {config.batch_size}, learning rate "
        f"{config.learning_rate:g}, in float32; the numbers are of the last batch. With ε = 10⁻⁸ "
        "for both, only weights differ whose gradient is nearly nothing, such as those of pixels "
        "at the rim. SGD has no such division: its step size has to be divided by 2σ². Kingma & "
        "Ba 2015, §2.1.")


@st.cache_data(show_spinner=False)
def _eigenvalues(_train_x: Any) -> np.ndarray:
    from vae_core.theory.likelihood import eigenvalues

    return eigenvalues(_train_x)


@st.cache_data(show_spinner=False)
def _twin_gradients(_test_x: Any, sigma: float) -> tuple[Any, Any]:
    from vae_core.theory import likelihood
    from vae_core.theory.training import untrained

    model, x = untrained(TrainConfig(**RECIPE), SHAPE), _test_x[:500]
    return likelihood.twin_gradients(model, x, sigma, 1.0), likelihood.squared_error_constant(model, x)
