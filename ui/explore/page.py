"""The parts of the Explore page: what is chosen above the plane, and the plane itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui import runs, widgets
from ui.explore import messages
from ui.latent_plane import PlaneState, latent_plane, plane_state
from ui.model import Axes, ModelAt, ModelView
from ui.sweep import Sweep, sweep_of
from vae_core.runs.run import Summary


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
    if members and place.toggle(f"Turn β through the {len(members)} models of this sweep",
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
