"""The parts of the Explore page: what is chosen above the plane, the plane itself, and below it the
model's figures and the pinned point with its neighbours."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui import runs, widgets
from ui.explore import messages
from ui.format import plain
from ui.images import difference, enlarge
from ui.latent_plane import PlaneState, latent_plane, plane_state
from ui.model import Axes, ModelAt, ModelView, test_set
from ui.sweep import Sweep, sweep_of
from vae_core.runs.run import Summary

HELD_RANGE = 3.0  # of the prior's standard deviations
NEIGHBOURS, WIDTH = 6, 128  # of the pinned point; CSS pixels of an image with its caption


def prepare() -> None:
    """Read what the first visit will ask for, so that it finds it cached.

    Raises:
        ValueError, OSError: a file of the run can't be read.
    """
    by_id = {summary.run_id: summary for summary in runs.openable(runs.all_runs())}
    if by_id:
        model = ModelView(by_id[runs.default_run(list(by_id))])
        size = model.config.latent_dim
        model.payload(Axes(tuple(range(min(2, size))), (0.0,) * size))
        messages.images("", model)


def choose_model(bar: Any, summaries: Sequence[Summary]) -> Summary | None:
    """The model picker; where there is no model, the way to train one."""
    with bar:
        chosen = runs.choose_run(summaries)
    if chosen is None:
        st.info("There is no trained model yet.")
        st.page_link("pages/train.py", label="Train one")
    return chosen


def choose_view(bar: Any) -> dict[str, str]:
    """Points or a grid of decoded images, and what colours the points."""
    mode = widgets.choose(bar.segmented_control, "View", ["points", "grid"], "view",
                          default="points", required=True)
    color_by = widgets.choose(
        bar.segmented_control, "Colour by", ["label", "rate", "distortion"], "color",
        default="label", required=True, disabled=mode == "grid")
    return {"mode": mode, "color_by": color_by}


def choose_sweep(place: Any, chosen: Summary, summaries: Sequence[Summary]) -> ModelView:
    """The model alone, or with the others of its sweep, if there are any and one asks for them."""
    members = sweep_of(chosen, runs.openable(summaries))
    if members and place.toggle(f"Vary β across the {len(members)} models of this sweep",
                                key="sweep", bind="query-params"):
        return Sweep(members, chosen)
    return ModelView(chosen)


def show_plane(model: ModelView, axes: Axes, view: dict[str, str], key: str, suffix: str = "",
               side: str | None = None) -> tuple[PlaneState, ModelAt]:
    """The plane and a line on its dial; what the user did there, and the model at the dial's β.

    suffix: of the plane's names in the URL. side: of two planes that share cursor and selection.
    """
    latent_plane(model.payload(axes, **view, side=side, box=key), key=key)
    if model.caption:
        st.caption(model.caption)
    state = plane_state(key, suffix)
    return state, model.at(state.beta if model.covers(state.beta) else None)


def explain(model: ModelView, axes: Axes, mode: str) -> None:
    """What the axes and the grid are, where that isn't obvious."""
    if axes.name == "PC":
        st.caption("The first two principal axes of the posterior means, on the plane through "
                   "their mean: a rotation of the latent space, so decoding is exact.")
    if mode == "grid":
        st.caption("Evenly spaced tiles over the middle 98 % of the codes."
                   if model.config.deterministic else
                   "Tiles at equal steps of the prior's probability: close together in the middle, "
                   "far apart at the edge (Kingma & Welling 2014, fig. 4).")


def choose_axes(bar: Any, below: Any, model: ModelView, principal: bool, umap: bool) -> Axes:
    """Two dimensions, the first two principal axes, or a map by UMAP, where these are possible."""
    if model.config.latent_dim <= 2:
        return model.default_axes()
    kinds = ["dimensions", "PCA", *["UMAP"] * umap]
    kind = widgets.choose(bar.segmented_control, "Projection", kinds, "axes", default="dimensions",
                          required=True) if principal else "dimensions"
    if kind != "dimensions":
        return model.principal_axes("UMAP" if kind == "UMAP" else "PC")
    dims = choose_dims(bar, model.order())
    with below:
        return Axes(dims, fix_others(model.order(), dims))


def choose_dims(bar: Any, order: list[int]) -> tuple[int, int]:
    """Two select boxes over the dimensions, the most used ones first."""
    names = [f"z{d + 1}" for d in order]
    x = widgets.choose(bar.selectbox, "Horizontal", names, "d1", width=110)
    others = [name for name in names if name != x]
    y = widgets.choose(bar.selectbox, "Vertical", others, "d2", width=110)
    return int(x[1:]) - 1, int(y[1:]) - 1


def fix_others(order: list[int], dims: tuple[int, ...]) -> tuple[float, ...]:
    """A slider for every dimension that isn't shown, the most used ones first; z of all."""
    held = [0.0] * len(order)
    others = [d for d in order if d not in dims]
    moved = sum(st.session_state.get(f"z{d + 1}", 0.0) != 0 for d in others) or \
        sum(f"z{d + 1}" in st.query_params for d in others)
    with st.expander(f"Fix the other {len(others)} dimensions"
                     + (f" ({moved} moved)" if moved else ""), expanded=bool(moved)):
        st.caption("Sorted by rate; the last ones barely affect the image.")
        columns = st.columns(4)
        for position, d in enumerate(others):
            held[d] = widgets.choose_number(
                columns[position % 4].slider, f"z{d + 1}", -HELD_RANGE, HELD_RANGE, 0.0, 0.1,
                key=f"z{d + 1}")
    return tuple(held)


def show_figures(at: ModelAt) -> None:
    """Distortion, rate, ELBO and active units on the test set, in one line."""
    config = at.model.config
    facts = [f"β = {at.beta:.3g}", config.architecture, f"latent size {config.latent_dim}",
             config.observation_model]
    if config.deterministic:
        facts.append(f"test set: distortion {at.distortion:.2f} nats. With β = 0 the code is a "
                     "point: its rate is infinite, and there is no ELBO to speak of")
    else:
        elbo = f"{at.elbo:.2f}".replace("-", "−")
        facts += [f"test set: distortion {at.distortion:.2f}, rate {at.rate:.2f}, "
                  f"ELBO {elbo} nats", f"{at.active_units} of {config.latent_dim} units active"]
    st.caption(" · ".join(facts))


def show_pin(at: ModelAt, axes: Axes, pin: tuple[float, float] | None) -> None:
    """The pinned image, its z, the nearest test images and the difference to each."""
    if pin is None:
        st.caption("Click the plane to pin a point: its image and the nearest test images appear "
                   "here.")
        return
    with widgets.errors_shown():
        z = at.z(pin, axes)
        nearest, distance = at.nearest(z, NEIGHBOURS)
        decoded = at.decode(z)
        images = test_set(at.model.config.dataset).x.numpy()[nearest] / 255.0
        _draw(at, axes.coordinates(pin), decoded, nearest, images, distance)


def _draw(at: ModelAt, u: np.ndarray, decoded: np.ndarray, nearest: np.ndarray,
          images: np.ndarray, distance: np.ndarray) -> None:
    facts, label = at.model.facts, at.label
    numbers = ", ".join(f"{value:.4f}" for value in u).replace("-", "−")
    with st.container(horizontal=True, gap="small", key="pinned"):
        with st.container(width=WIDTH):
            st.markdown("**Pinned**")
            st.image(enlarge(decoded, facts.shape, 4), alt=f"The image decoded at z = ({numbers})")
            st.caption(f"z = ({numbers})" if len(u) < 5 else "z below")
        for rank, index in enumerate(nearest):
            name = facts.class_names[label[index]] if label[index] >= 0 else "no label"
            rmse = float(np.sqrt(np.mean((decoded - images[rank]) ** 2)))
            with st.container(width=WIDTH):
                st.markdown(f"{name} · test {index}")
                st.image(enlarge(images[rank], facts.shape, 4), alt=f"Test image {index}, {name}")
                st.image(difference(decoded, images[rank], facts.shape, 4),
                         alt=f"Decoded image minus test image {index}")
                st.caption(f"distance {distance[rank]:.3f}, RMSE {rmse:.3f}")
    if len(u) >= 5:
        st.caption(f"z = ({numbers})")
    st.caption(f"{_which(at)}The nearest test images by the distance of their posterior means to "
               "z. Below each, the decoded image minus it: orange where the decoded one is "
               "brighter, blue where it is darker.")


def _which(at: ModelAt) -> str:
    if at.rotation is not None:
        return f"Decoded and measured with {plain(at.model.run_id)}. "
    return "" if at.curve is None else f"Decoded and measured at β = {at.beta:.3g}. "
