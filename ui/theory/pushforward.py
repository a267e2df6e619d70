"""Pushing a Gaussian through a map: a ring by hand, and the map that a decoder learns."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from ui import widgets
from ui.charts import CLASSES, ENVELOPE, FAINT, GREY, NO_CLASS, add_prior_circles, fade
from ui.theory import parts
from ui.theory.parts import PLAIN
from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.theory import pushforward

SECTION = {"place": 9, "title": "Pushing a Gaussian through a map", "former_names": ("anything",)}
SETS = ["ring", "spiral", "clusters"]
RECIPE = dict(likelihood="gaussian-shared", sigma=0.2, hidden_dim=48, num_layers=3,
              activation="silu", batch_size=250, learning_rate=0.01, schedule="one-cycle",
              epochs=80, warmup_epochs=30, train_limit=10_000, device="cpu", threads=1)
REACH = {"ring": 1.7, "spiral": 1.8, "clusters": 2.4}  # of the axes
GRID = 241  # points of p(x) along each dimension
DRAWN, COUNTED = 1500, 100_000  # samples in a figure, and behind a number
SECTORS = 8


def show() -> None:
    parts.statement(
        "A Gaussian prior on z is hardly restrictive: the decoder can map it to almost any "
        "distribution. Here is such a map made by hand: it moves every point to a distance of "
        "about 1 from the origin and keeps its direction, so that a disc becomes a ring. Each "
        "colour is an eighth of the plane, the same on both sides.",
        r"\begin{gathered} z \sim \mathcal N(0, I) \\ f_t(z) = (1 - t)\,z + "
        r"t\left(\frac{z}{10} + \frac{z}{\lVert z \rVert}\right) \end{gathered}",
        "Doersch 2016, fig. 2 (t = 1).")
    share = widgets.choose_number(st.slider, "t, from the identity to the map", 0.0, 1.0, 1.0, 0.05,
                                  key="map", width=400)
    show_map(share)
    st.subheader("A decoder learns its own map")
    st.markdown(
        "Here a network with three hidden layers learns f from data, together with an encoder. "
        "Given z, x is Gaussian: a round blob around f(z). But p(x), the sum of these blobs "
        "weighted by the prior, takes on the shape of the data. The sum runs over the plane of z.")
    st.latex(r"p(x) = \int \mathcal N(z; 0, I)\; \mathcal N(x; f(z), \sigma^2 I)\; dz")
    name = widgets.choose(st.segmented_control, "Data set", SETS, "toy", default=SETS[0],
                          required=True)
    config = TrainConfig(dataset=name, **RECIPE)
    slot = st.empty()
    model = parts.live_model(config, lambda: _data(name).train.x[:config.train_limit],
                       DATASETS[name].shape, f"a VAE on the {DATASETS[name].title.lower()}",
                       lambda model: show_learning(slot, name, model))
    slot.empty()
    show_model(name, _measure(model, config), _data(name).test.x)


def show_map(share: float) -> None:
    z = np.random.default_rng(0).standard_normal((COUNTED, 2))
    x, closed = pushforward.ring_map(z, share), pushforward.ring_radius(share)
    radius, grid = np.linalg.norm(x, axis=1), np.linspace(0, 4, 401)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        figure = make_subplots(cols=2, horizontal_spacing=0.06, subplot_titles=("z", "f(z)"))
        for column, xy in enumerate((z, x), start=1):
            add_points(figure, xy[:DRAWN], sectors(z[:DRAWN]), row=1, col=column)
        finish(figure, reach=3.4)
        parts.chart(figure, "ring-map", "Samples from a Gaussian, and their images under the map",
                    340)
    with right:
        parts.chart(curves("Distance ‖f(z)‖", radius, grid, f"{COUNTED:,} samples",
                           {"closed form": closed.density(grid)}),
                    "ring-radius", "Histogram of ‖f(z)‖ with its density", 340)
    with st.container(horizontal=True):
        st.metric("Mean of ‖f(z)‖, sampled", f"{radius.mean():.4f}")
        st.metric("t + (1 − 0.9 t) √(π/2)", f"{closed.mean:.4f}")
        st.metric("Standard deviation, sampled", f"{radius.std():.4f}")
        st.metric("(1 − 0.9 t) √(2 − π/2)", f"{closed.spread:.4f}")


class Measured(NamedTuple):
    """What is shown of a trained model; the rest as in `vae_core.theory.pushforward`."""

    model: Any
    mixture: pushforward.Mixture
    draws: pushforward.Draws
    axis: np.ndarray
    density: np.ndarray


@st.cache_resource(show_spinner="Computing p(x) …", max_entries=6)
def _measure(_model: Any, config: TrainConfig) -> Measured:
    mix = pushforward.mixture(_model)
    axis = np.linspace(-1.3, 1.3, GRID) * REACH[config.dataset]
    return Measured(_model, mix, pushforward.draw(_model, COUNTED), axis,
                    pushforward.density(mix, axis, axis))


@st.cache_resource(show_spinner=False)
def _data(name: str) -> Any:
    from vae_core.data import load_dataset

    return load_dataset(name)


def show_learning(slot: Any, name: str, model: Any) -> None:
    """Samples from the prior as the decoder maps them so far."""
    draws = pushforward.draw(model, DRAWN)
    with slot:
        parts.chart(points(draws.mean, sectors(draws.z), REACH[name], "f(z) during training",
                           _data(name).test.x.numpy()),
                    None, "Samples from the prior, decoded, over the data in grey", 330)


def show_model(name: str, found: Measured, test_x: Any) -> None:
    reach, draws, axis = REACH[name], found.draws, found.axis
    z, colour = draws.z[:DRAWN], sectors(draws.z[:DRAWN])
    aggregate = pushforward.draw_aggregate(found.model, test_x)
    p = found.density.sum(1) * (axis[1] - axis[0])
    mass, mean, variance, on_grid = pushforward.moments_on_grid(axis, p)
    gaussian = pushforward.normal_density(axis, mean, variance**0.5)
    figures = {
        "prior": (points(z, colour, 3.6, "z ~ p(z), the prior", circles=True),
                  "Samples from the prior in the colours of their directions"),
        "decoded": (points(draws.mean[:DRAWN], colour, reach, "f(z), over the data",
                           test_x.numpy()),
                    "The same samples, decoded, over the data in grey"),
        "aggregate": (points(aggregate, np.full(len(aggregate), -1), 3.6,
                             "z ~ q(z), the aggregate posterior", circles=True),
                      "Samples from the aggregate posterior"),
        "density": (density(axis, found.density), "The density of x as a heat map"),
        "drawn": (points(draws.x[:DRAWN], colour, reach, "x ~ p(x|z)"),
                  "Samples of x in the colours of their codes"),
        "marginal": (curves("p(x₁) is not Gaussian", test_x[:, 0].numpy(), axis, "data",
                            {"p(x₁)": p, "Gaussian, same mean and variance": gaussian}),
                     "The density of x₁, a Gaussian with its mean and variance, and the data")}
    columns = [column for _ in range(2) for column in st.columns(3, gap="medium")]
    for column, (key, (figure, alt)) in zip(columns, figures.items(), strict=True):
        with column:
            parts.chart(figure, f"toy-{key}", alt, 330)
    sampled, data = (pushforward.moments_of_draws(x.astype(float))[3]
                     for x in (draws.x[:, 0], test_x[:, 0].numpy()))
    with st.container(horizontal=True):
        st.metric("∫ p(x) dx over the figure", f"{mass:.4f}")
        st.metric("Excess kurtosis of x₁, from p(x)", parts.nats(on_grid, 3))
        st.metric("… by the sum over z",
                  parts.nats(pushforward.excess_kurtosis(found.mixture, 0), 3))
        st.metric(f"… of {COUNTED:,} samples", parts.nats(sampled, 3))
        st.metric("… of the data", parts.nats(data, 3))
        st.metric("… of any Gaussian", "0")
        st.metric("Learned σ of p(x|z)", f"{found.mixture.sigma:.3f}")
    st.caption("Kingma & Welling 2014, §2.1; Dai & Wipf 2019. The aggregate posterior q(z) should "
               "match the prior, and nearly does: where it has a hole, the decoder was never "
               "trained, and samples from there fall between the data.")


def sectors(z: np.ndarray) -> np.ndarray:
    """Which eighth of the plane each z (n, 2) lies in, (n,), 0 … 7."""
    return (np.arctan2(z[:, 1], z[:, 0]) / (2 * np.pi) * SECTORS % SECTORS).astype(int) % SECTORS


def points(xy: np.ndarray, colour: np.ndarray, reach: float, title: str,
           behind: np.ndarray | None = None, circles: bool = False) -> go.Figure:
    """Points (n, 2) in the colours of their sectors (−1: grey), over grey ones."""
    figure = go.Figure()  # as SVG: a browser has few WebGL contexts, and the figures are many
    if behind is not None:
        figure.add_scatter(x=behind[:, 0], y=behind[:, 1], mode="markers",
                           marker=dict(size=3, color=FAINT))
    add_points(figure, xy, colour)
    if circles:
        add_prior_circles(figure)
    return finish(figure, title, reach)


def add_points(figure: go.Figure, xy: np.ndarray, colour: np.ndarray, **place: int) -> None:
    for value in np.unique(colour):
        here = colour == value
        paint = NO_CLASS[parts.dark()] if value < 0 else CLASSES[parts.dark()][value]
        figure.add_trace(go.Scatter(x=xy[here, 0], y=xy[here, 1], mode="markers",
                                    marker=dict(size=3, color=paint, opacity=0.8)), **place)


def density(axis: np.ndarray, p: np.ndarray) -> go.Figure:
    """p(x) (n, n) as a heat map."""
    figure = go.Figure(go.Heatmap(
        x=axis, y=axis, z=p.T, zmin=0, colorscale=fade(parts.dark()), showscale=False,
        hovertemplate="p(x) = %{z:.3f}<extra></extra>", zsmooth="fast"))
    return finish(figure, "p(x)", axis[-1], hovermode="closest")


def curves(title: str, values: np.ndarray, x: np.ndarray, called: str,
           lines: dict[str, np.ndarray]) -> go.Figure:
    """Values as a histogram, with a density over x (n,) or two."""
    counts, edges = np.histogram(values, bins=70, range=(x[0], x[-1]), density=True)
    figure = go.Figure()
    figure.add_bar(x=(edges[:-1] + edges[1:]) / 2, y=counts, marker=dict(color=FAINT), name=called)
    styles = dict(color=ENVELOPE[parts.dark()], width=2.5), dict(color=GREY, width=2, dash="dash")
    for (name, p), style in zip(lines.items(), styles):
        figure.add_scatter(x=x, y=p, mode="lines", line=style, name=name)
    finish(figure, title, bargap=0, showlegend=True,
           legend=dict(orientation="h", x=0, y=-0.12, yanchor="top"))
    figure.update_xaxes(**PLAIN)
    return figure.update_yaxes(visible=False, rangemode="tozero")


def finish(figure: go.Figure, title: str = "", reach: float | None = None, **layout: Any
           ) -> go.Figure:
    """The layout that the figures of this section have; reach: of square axes."""
    if reach is not None:
        square = dict(range=[-reach, reach], constrain="domain", **PLAIN)
        figure.update_xaxes(**square)
        figure.for_each_yaxis(lambda axis: axis.update(scaleanchor=axis.anchor or "x", **square))
    return parts.finish(figure, **dict(
        margin=dict(l=8, r=8, t=28, b=8), hovermode=False, showlegend=False,
        title=dict(text=title, font=dict(size=14), x=0.5, xanchor="center", y=0.99,
                   yanchor="top")) | layout)
