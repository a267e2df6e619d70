"""From normal to anything: a map makes a ring of a normal, and a decoder finds its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from ui import widgets
from ui.theory import parts
from ui.theory import pushforward_charts as figures
from ui.theory.training import live_model
from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.theory import pushforward_ring

SETS = ["ring", "spiral", "clusters"]
RECIPE = dict(likelihood="gaussian-shared", sigma=0.2, hidden_dim=48, num_layers=3,
              activation="silu", batch_size=250, learning_rate=0.01, schedule="one-cycle",
              epochs=80, warmup_epochs=30, train_limit=10_000, device="cpu", threads=1)
REACH = {"ring": 1.7, "spiral": 1.8, "clusters": 2.4}  # the pictures' axes
GRID = 241  # places of p(x) in each dimension
DRAWN, COUNTED = 1500, 100_000  # draws in a picture, and behind a number


def show() -> None:
    parts.statement(
        "A normal distribution isn't much of a restriction on z, as the decoder may bend it into "
        "anything. This map does it by hand: it pushes every point outwards to a distance of "
        "about 1 and keeps its direction, so that a disc becomes a ring. A colour is an eighth of "
        "the plane, the same on both sides.",
        r"\begin{gathered} z \sim \mathcal N(0, I) \\ f_t(z) = (1 - t)\,z + "
        r"t\left(\frac{z}{10} + \frac{z}{\lVert z \rVert}\right) \end{gathered}",
        "Doersch 2016, fig. 2 (t = 1).")
    share = widgets.choose_number(st.slider, "t: how much of the map", 0.0, 1.0, 1.0, 0.05,
                                  key="map", width=400)
    _show_map(share)
    st.subheader("A decoder finds its own map")
    st.markdown(
        "Here a network of three hidden layers learns f from data, together with an encoder. Given "
        "z, x is normal: a round blob around f(z). But p(x), the sum of all those blobs weighed by "
        "the prior, comes close to the shape of the data. The sum is taken over the plane of z.")
    st.latex(r"p(x) = \int \mathcal N(z; 0, I)\; \mathcal N(x; f(z), \sigma^2 I)\; dz")
    name = widgets.choose(st.segmented_control, "Data set", SETS, "toy", default=SETS[0],
                          required=True)
    config = TrainConfig(dataset=name, **RECIPE)
    slot = st.empty()
    model = live_model(config, lambda: _data(name).train.x[:config.train_limit],
                       DATASETS[name].shape, f"a VAE on the {DATASETS[name].title.lower()}",
                       lambda model: _show_learning(slot, name, model))
    slot.empty()
    _show_model(name, _measure(model, config), _data(name).test.x)


def _show_map(share: float) -> None:
    z = np.random.default_rng(0).standard_normal((COUNTED, 2))
    x, closed = pushforward_ring.ring_map(z, share), pushforward_ring.ring_radius(share)
    radius = np.linalg.norm(x, axis=1)
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(
        figures.source_and_image(z[:DRAWN], x[:DRAWN], parts.dark()), config=parts.PLOT,
        height=340, key="ring-map", alt="Draws of a normal, and the same points under the map")
    grid = np.linspace(0, 4, 401)
    right.plotly_chart(
        figures.histogram(radius, grid, closed.density(grid), "Distance ‖f(z)‖", parts.dark(),
                          (f"{COUNTED:,} draws", "closed form")),
        config=parts.PLOT, height=340, key="ring-radius", alt="Histogram of ‖f(z)‖ with its law")
    with st.container(horizontal=True):
        st.metric("Mean of ‖f(z)‖, drawn", f"{radius.mean():.4f}")
        st.metric("t + (1 − 0.9 t) √(π/2)", f"{closed.mean:.4f}")
        st.metric("Standard deviation, drawn", f"{radius.std():.4f}")
        st.metric("(1 − 0.9 t) √(2 − π/2)", f"{closed.spread:.4f}")


class Measured(NamedTuple):
    """What is shown of a trained model; mixture and draws as in `vae_core.theory.pushforward`."""

    model: Any
    mixture: Any
    draws: Any
    axis: np.ndarray
    density: np.ndarray


@st.cache_resource(show_spinner="Summing p(x) …", max_entries=6)
def _measure(_model: Any, config: TrainConfig) -> Measured:
    from vae_core.theory import pushforward

    mix = pushforward.mixture(_model)
    axis = np.linspace(-1.3, 1.3, GRID) * REACH[config.dataset]
    return Measured(_model, mix, pushforward.draw(_model, COUNTED), axis,
                    pushforward.density(mix, axis, axis))


@st.cache_resource(show_spinner=False)
def _data(name: str) -> Any:
    from vae_core.data import load_dataset

    return load_dataset(name)


def _show_learning(slot: Any, name: str, model: Any) -> None:
    """Draws of the prior where the decoder puts them by now."""
    from vae_core.theory import pushforward

    draws = pushforward.draw(model, DRAWN)
    slot.plotly_chart(
        figures.points(draws.mean, figures.sectors(draws.z), REACH[name], "f(z), while it learns",
                       parts.dark(), behind=_data(name).test.x.numpy()),
        config=parts.PLOT, height=330, alt="Draws of the prior, decoded, over the data in grey")


def _show_model(name: str, found: Measured, test_x: Any) -> None:
    from vae_core.theory import pushforward

    dark, reach, draws = parts.dark(), REACH[name], found.draws
    z, colour = draws.z[:DRAWN], figures.sectors(draws.z[:DRAWN])
    aggregate = pushforward.draw_aggregate(found.model, test_x)
    step = found.axis[1] - found.axis[0]
    p = found.density.sum(1) * step
    mass, mean, variance, on_grid = pushforward.moments_on_grid(found.axis, p)
    normal = pushforward_ring.normal_density(found.axis, mean, variance**0.5)
    x1 = draws.x[:, 0].astype(float)
    pictures = {
        "prior": (figures.points(z, colour, 3.6, "z ~ p(z), the prior", dark, circles=True),
                  "Draws of the prior in the colours of their directions"),
        "decoded": (figures.points(draws.mean[:DRAWN], colour, reach, "f(z), over the data", dark,
                                   behind=test_x.numpy()),
                    "The same draws, decoded, over the data in grey"),
        "aggregate": (figures.points(aggregate, np.full(len(aggregate), -1), 3.6,
                                     "z ~ q(z): all data, encoded", dark, circles=True),
                      "Draws of the aggregate posterior"),
        "density": (figures.density(found.axis, found.axis, found.density, "p(x)", dark),
                    "The density of x as a heat map"),
        "drawn": (figures.points(draws.x[:DRAWN], colour, reach, "x ~ p(x|z)", dark),
                  "Draws of x in the colours of their codes"),
        "marginal": (figures.marginal(found.axis, p, normal, test_x[:, 0].numpy(),
                                      "p(x₁) isn't normal", dark),
                     "The density of x₁, a normal of its mean and variance, and the data")}
    rows = [column for _ in range(2) for column in st.columns(3, gap="medium")]
    for column, (key, (figure, alt)) in zip(rows, pictures.items(), strict=True):
        column.plotly_chart(figure, config=parts.PLOT, height=330, key=f"toy-{key}", alt=alt)
    closed = pushforward.excess_kurtosis(found.mixture, 0)
    drawn = pushforward.moments_of_draws(x1)[3]
    with st.container(horizontal=True):
        st.metric("∫ p(x) dx over the picture", f"{mass:.4f}")
        st.metric("Excess kurtosis of x₁, from p(x)", parts.nats(on_grid, 3))
        st.metric("… by the sum over z", parts.nats(closed, 3))
        st.metric(f"… of {COUNTED:,} draws", parts.nats(drawn, 3))
        st.metric("… of the data", parts.nats(pushforward.moments_of_draws(
            test_x[:, 0].double().numpy())[3], 3))
        st.metric("… of any normal", "0")
        st.metric("Learned σ of p(x|z)", f"{found.mixture.sigma:.3f}")
    st.caption("Kingma & Welling 2014, §2.1; Dai & Wipf 2019. The picture of q(z) should "
               "look like the prior, and nearly does: where it has a hole, the decoder was never "
               "trained, and draws from there fall between the data.")
