"""What the likelihood assumes: its noise compared with the real one, and σ against β."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from ui import widgets
from ui.charts import GREY, ramp
from ui.images import enlarge_row
from ui.model import test_set
from ui.theory import parts
from vae_core.config import TrainConfig

SECTION = {"place": 11, "title": "What the likelihood assumes"}
SHAPE = (1, 14, 14)  # MNIST at half its size: small enough to train while someone waits
TRAINED, SHOWN = 0.8, 8  # share of the test images; of the rest the first are shown
COMMON = dict(dataset="mnist", latent_dim=8, hidden_dim=128, num_layers=1, activation="silu",
              batch_size=250, learning_rate=3e-3, schedule="one-cycle", device="cpu", threads=1)
RECIPE = COMMON | dict(epochs=25, max_grad_norm=100.0)
PAIR_RECIPE = COMMON | dict(epochs=6, likelihood="gaussian-fixed")
KINDS = {
    "bernoulli": (dict(likelihood="bernoulli"),
                  "Each pixel is a coin, and data are 0 or 1: grey pixels are sampled as such. Its "
                  "noise isn't a free parameter: it is large where the mean is grey and vanishes "
                  "where the mean is black or white."),
    "squared-error": (dict(likelihood="gaussian-fixed", sigma=0.5**0.5),
                      "Minimising ‖x − x̂‖² + R amounts to choosing σ = 1/√2, an enormous noise for "
                      "values between 0 and 1. To the model the data are almost pure noise, and "
                      "few latent dimensions are worth their rate."),
    "shared": (dict(likelihood="gaussian-shared"),
               "One σ for all pixels, learned. It converges to the root mean squared error on the "
               "training data: σ² = E‖x − x̂‖² / n."),
    "per-pixel": (dict(likelihood="gaussian-per-pixel", sigma=0.2),
                  "A σ for each pixel and z: near zero at the border, where nothing ever happens, "
                  "and large along the strokes. A large σ can also excuse a poor mean: here the "
                  "predicted noise is right on average, and yet the strokes blur.")}
SIGMAS = [0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0]
EXAMPLES = 8000  # of the digits, in the two training runs
LEVELS, STEP = (0.3, 1, 3, 10, 30, 100, 300), 0.25  # of the rate: labelled; between contours
ONE, EQUIVALENT = "#D55E00", "#009E73"


def show() -> None:
    parts.statement(
        "The decoder doesn't output an image but the parameters of p(x|z), and the likelihood "
        "determines what noise is expected around the mean. Reconstructions are usually shown as "
        "that mean; data are samples. If the likelihood fits, the variance it predicts equals the "
        "squared error, on average and for every pixel, and its samples look like data. "
        "Real-valued data need a density, such as a Gaussian: standardise the data, and give the "
        "decoder no final sigmoid.",
        r"\frac1n \sum_{i=1}^n \mathbb E\,(x_i - \mathbb E[x_i \mid z])^2 \overset{?}{=} "
        r"\frac1n \sum_{i=1}^n \mathbb E\,\mathrm{Var}[x_i \mid z]",
        "Kingma & Welling 2014, app. C; Rybkin, Daniilidis & Levine 2021.")
    kind = widgets.choose(st.segmented_control, "Likelihood", list(KINDS), "px", default="shared",
                          required=True)
    changes, words = KINDS[kind]
    st.markdown(words)
    train_x, test_x = _digits()
    model = parts.live_model(TrainConfig(**RECIPE | changes), lambda: train_x, SHAPE,
                                f"a small VAE ({kind} likelihood)")
    show_fit(model, test_x)
    show_sigma_and_beta(train_x, test_x)


def show_fit(model: Any, test_x: Any) -> None:
    from vae_core.theory import likelihood

    found = likelihood.fit(model, test_x)
    rows = {"x": found.x, "Mean of p(x|z)": found.mean, "A sample from p(x|z)": found.sample}
    for column, (title, x) in zip(st.columns(3, gap="medium"), rows.items(), strict=True):
        column.markdown(f"**{title}**")
        for start in (0, SHOWN // 2):
            column.image(enlarge_row(x[start:start + SHOWN // 2].numpy(), SHAPE, 6, gap=6),
                         width="stretch", alt=title)
    with st.container(horizontal=True):
        st.metric("Predicted noise, √ mean Var[x|z]", f"{found.predicted:.4f}")
        st.metric("Actual error, √ mean (x − E[x|z])²", f"{found.actual:.4f}")
        st.metric("Error / prediction", f"{found.actual / found.predicted:.3f}")
        st.metric("Rate R (nats)", parts.nats(found.rate))
    st.caption(f"Measured on {len(found.x):,} held-out digits, with z sampled from q(z|x). "
               "Densities under different likelihoods aren't compared here, because they can't "
               "be: they describe different variables, or have different units.")


def show_sigma_and_beta(train_x: Any, test_x: Any) -> None:
    """train_x, test_x: digits (n, 196) in [0, 1], the same at every call."""
    st.subheader("σ and β are one hyperparameter")
    st.markdown(
        "With a fixed σ the distortion is the squared error over 2σ², plus a constant. So the loss "
        "at (σ, β) is, up to a factor and a constant, the squared error plus the rate with weight "
        "2σ²β: tuning β with a squared error is tuning the noise. The figure is exact for the best "
        "linear VAE on these digits; its rate is constant along every line βσ² = constant.")
    st.latex(r"\begin{aligned} 2\sigma^2 \left(D_\sigma + \beta R\right) &= \lVert x - \hat x "
             r"\rVert^2 + \beta' R + \text{const} \\ \beta' &= 2\sigma^2 \beta \end{aligned}")
    sigma = widgets.choose_number(st.select_slider, "σ, with β = 1", SIGMAS, value=0.2, key="sd",
                                  width=400, format_func=lambda value: f"{value:g}")
    show_plane(train_x, test_x, sigma)
    st.markdown(
        "The same holds during training: two networks start from the same weights and see the same "
        "digits and the same noise, one with this σ and β = 1, the other with σ = 1/√2 and "
        "β = 2σ². Adam normalises each gradient by its own magnitude, so a loss that is 2σ² times "
        "as large takes the same steps, provided that Adam’s ε is multiplied by 2σ² as well.")
    if st.toggle("Train both", key="both-knobs", bind="query-params"):
        show_pair(train_x, sigma)


def show_plane(train_x: Any, test_x: Any, sigma: float) -> None:
    """The rate of the best linear VAE over σ and β, and the gradients of both losses."""
    from vae_core.theory import likelihood

    beta, factor = likelihood.squared_error_beta(sigma, 1.0), 1 / (2 * sigma**2)
    pair, constant = _gradient_pair(test_x, sigma)
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = rate_figure(_eigenvalues(train_x), sigma, (likelihood.SQUARED_ERROR_SIGMA, beta))
        parts.chart(figure, "sigma-beta", "The rate of the best linear VAE over σ and β; lines of "
                    "equal βσ² are its contours", 400)
    with right:
        st.metric("β of the squared error, 2σ²", f"{beta:.4g}")
        with st.container(horizontal=True):
            st.metric("Gradient, in units of the squared error's", f"{pair.factor:.6g}")
            st.metric("1/(2σ²)", f"{factor:.6g}")
        st.metric("Relative residual of the gradient", parts.scientific(pair.deviation(factor)),
                  help="‖g − g′/(2σ²)‖ / ‖g‖ over all weights of a network, in float32.")
        with st.container(horizontal=True):
            st.metric("−log N(x; x̂, ½I) − ‖x − x̂‖²", f"{constant.mean:.4f}")
            st.metric("(n/2) log π", f"{constant.closed_form:.4f}")
    st.caption("Lucas et al. 2019; the linear optimum: Cover & Thomas 2006, theorem 10.3.3. The "
               "gradients are those of an untrained non-linear VAE, for the same images and noise.")


def rate_figure(eigenvalues: np.ndarray, here: float, squared_error: tuple[float, float]
                ) -> go.Figure:
    """The best linear VAE's rate in nats over σ and β, with (σ, 1) and its equivalent marked.

    The dashed line through both is that of equal βσ².
    """
    from vae_core.theory.likelihood import linear_optimum

    sigma, beta = np.geomspace(0.04, 1.2, 60), np.geomspace(0.003, 12, 60)
    rate = linear_optimum(eigenvalues, sigma[None, :], beta[:, None]).rate
    figure = go.Figure(go.Contour(
        x=sigma, y=beta, z=np.log10(np.maximum(rate, LEVELS[0])), customdata=rate,
        colorscale=ramp(parts.dark()), line=dict(width=0.5, color=GREY),
        contours=dict(start=np.log10(LEVELS[0]), end=np.log10(LEVELS[-1]), size=STEP),
        colorbar=dict(title="R (nats)", thickness=10, outlinewidth=0, tickvals=np.log10(LEVELS),
                      ticktext=[f"{level:g}" for level in LEVELS]),
        hovertemplate="σ = %{x:.3f}, β = %{y:.3f}: R = %{customdata:.1f} nats<extra></extra>"))
    figure.add_scatter(x=sigma, y=(here / sigma) ** 2, mode="lines", hoverinfo="skip",
                       line=dict(color=ONE, width=2, dash="dash"), name="equal β σ²")
    for (x, y), colour, symbol, name in (
            ((here, 1.0), ONE, "circle", "this σ, β = 1"),
            (squared_error, EQUIVALENT, "diamond", "σ = 1/√2: the squared error")):
        figure.add_scatter(x=[x], y=[y], mode="markers", name=name, hoverinfo="skip",
                           marker=dict(size=14, color=colour, symbol=symbol,
                                       line=dict(color="white", width=2)))
    return parts.finish(
        figure, legend=dict(orientation="h", x=0, y=-0.2, yanchor="top"),
        xaxis=dict(title="σ of p(x|z)", type="log", showgrid=False, tickvals=[.05, .1, .2, .5, 1],
                   range=np.log10(sigma[[0, -1]]).tolist()),
        yaxis=dict(title="β", type="log", showgrid=False, tickvals=[.01, .1, 1, 10],
                   ticktext=["0.01", "0.1", "1", "10"],
                   range=np.log10(beta[[0, -1]]).tolist()))


def show_pair(train_x: Any, sigma: float) -> None:
    from vae_core.theory.likelihood import paired_runs, squared_error_beta

    config = TrainConfig(**PAIR_RECIPE, sigma=sigma, beta=1.0)
    slot = st.container(height=340, border=False).empty()

    def draw(moments: list[Any]) -> None:
        with slot:
            parts.chart(pair_figure(moments, sigma, squared_error_beta(sigma, 1.0)), None,
                        "Squared error and rate of both runs by step", 320)

    end = parts.watched(("paired", config),
                           lambda: paired_runs(config, train_x[:EXAMPLES], SHAPE),
                           lambda moment: moment.share, draw, "both")[-1]
    with st.container(horizontal=True):
        st.metric("Largest difference between weights", parts.scientific(end.difference))
        st.metric("Squared error of both", " · ".join(f"{v:.3f}" for v in end.squared_error))
        st.metric("Rate of both (nats)", " · ".join(f"{v:.4f}" for v in end.rate))
        st.metric("Largest difference, ε unchanged", parts.scientific(end.same_epsilon))
    st.caption(
        f"After {end.step} steps at batch size {config.batch_size}, learning rate "
        f"{config.learning_rate:g}, in float32; the numbers are of the last batch. With ε = 10⁻⁸ "
        "for both, the only weights that differ are those with almost no gradient, such as the "
        "weights of pixels at the border. SGD doesn't normalise: its learning rate has to be "
        "divided by 2σ². Kingma & Ba 2015, §2.1.")


def pair_figure(moments: list[Any], sigma: float, equivalent_beta: float) -> go.Figure:
    """Squared error and rate of two runs by step: one as a line, the other as dots on it."""
    figure = make_subplots(cols=2, horizontal_spacing=0.1, subplot_titles=(
        "Squared error ‖x − x̂‖²", "Rate R (nats)"))
    steps = [moment.step for moment in moments]
    styles = (dict(mode="lines", name=f"σ = {sigma:g}, β = 1", line=dict(color=ONE, width=3)),
              dict(mode="markers", name=f"σ = 1/√2, β = {equivalent_beta:.4g}",
                   marker=dict(color=EQUIVALENT, size=7, symbol="diamond-open",
                               line=dict(width=2))))
    for column, name in enumerate(("squared_error", "rate"), start=1):
        both = np.array([getattr(moment, name) for moment in moments]).T
        for y, style in zip(both, styles, strict=True):
            figure.add_trace(go.Scatter(x=steps, y=y, legendgroup=style["name"],
                                        showlegend=column == 1, **style), row=1, col=column)
    parts.finish(figure, margin=dict(l=8, r=8, t=28, b=8),
                 legend=dict(orientation="h", x=0, y=-0.26, yanchor="top"))
    figure.update_xaxes(title="step", range=[0, 1.02 * moments[-1].step / moments[-1].share],
                        **parts.PLAIN)
    return figure.update_yaxes(rangemode="tozero", **parts.DOTTED)


@st.cache_resource(show_spinner="Loading the digits …")
def _digits() -> tuple[Any, Any]:
    """Training and held-out digits at half size, in [0, 1]."""
    from vae_core.data.dataset import to_unit
    from vae_core.theory.likelihood import halve

    test = test_set("mnist")
    x, trained = halve(to_unit(test.x), test.shape), int(TRAINED * len(test))
    return x[:trained], x[trained:]


@st.cache_data(show_spinner=False)
def _eigenvalues(_train_x: Any) -> np.ndarray:
    from vae_core.theory.likelihood import eigenvalues

    return eigenvalues(_train_x)


@st.cache_data(show_spinner=False)
def _gradient_pair(_test_x: Any, sigma: float) -> tuple[Any, Any]:
    from vae_core.theory import likelihood
    from vae_core.theory.training import untrained

    model, x = untrained(TrainConfig(**PAIR_RECIPE), SHAPE), _test_x[:500]
    return (likelihood.gradient_pair(model, x, sigma, 1.0),
            likelihood.squared_error_constant(model, x))
