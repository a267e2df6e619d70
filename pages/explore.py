"""Explore: the latent plane of one model; move to decode, click to keep, turn β."""

from __future__ import annotations

import streamlit as st

from ui import runs, widgets
from ui.explore import (
    codes,
    compare,
    dial,
    explorer,
    messages,
    pin,
    principal_axes,
    saved_page,
    selection,
)
from ui.format import plain
from ui.latent_plane import latent_plane, plane_state
from ui.warm_up import warm_up
from vae_core.data.registry import CATALOG
from vae_core.measure.lattice import most_used_dims
from vae_core.runs.run import Summary

runs.require_registry()

HELD_RANGE = 3.0  # of the prior's standard deviations
PLANE = "plane"


def choose_dims(bar, latents: dict) -> tuple[int, int]:
    """Two select boxes over the dimensions, the most used ones first."""
    order = most_used_dims(latents["mu"], latents["log_var"])
    names = [f"z{d + 1}" for d in order]
    x = widgets.choose(bar.selectbox, "Across", names, "d1", width=110)
    y = widgets.choose(bar.selectbox, "Up", [name for name in names if name != x], "d2", width=110)
    return int(x[1:]) - 1, int(y[1:]) - 1


def hold_others(latents: dict, dims: tuple[int, ...]) -> tuple[float, ...]:
    """A slider for every dimension that isn't shown, the most used ones first."""
    order = most_used_dims(latents["mu"], latents["log_var"])
    held = [0.0] * len(order)
    others = [d for d in order if d not in dims]
    moved = sum(st.session_state.get(f"z{d + 1}", 0.0) != 0 for d in others) or \
        sum(f"z{d + 1}" in st.query_params for d in others)
    with st.expander(f"Hold the other {len(others)} dimensions at …"
                     + (f" ({moved} moved)" if moved else ""), expanded=bool(moved)):
        st.caption("In the order of their rate: the last ones hardly change the image.")
        columns = st.columns(4)
        for position, d in enumerate(others):
            held[d] = columns[position % 4].slider(
                f"z{d + 1}", -HELD_RANGE, HELD_RANGE, 0.0, 0.1, key=f"z{d + 1}",
                bind="query-params")
    return tuple(held)


def offer_sweep(place, chosen: Summary, summaries: list[Summary]) -> list[Summary]:
    """A switch for a model that has others of its kind beside it; the sweep, if it is on."""
    sweep = dial.sweep_of(chosen, runs.openable(summaries))
    if not sweep:
        return []
    with place:
        turned = st.toggle(f"Turn β through the {len(sweep)} models of this sweep", key="sweep",
                           bind="query-params")
    return sweep if turned else []


summaries = runs.all_runs()
if missing := runs.missing_run(summaries):
    st.warning(missing)
runs.show_problems(summaries)
bar = st.container(horizontal=True, vertical_alignment="bottom")
with bar:
    chosen = runs.choose_run(summaries)
if chosen is None:
    st.info("There is no trained model yet.")
    st.page_link("pages/train.py", label="Train one")
    st.stop()

config = chosen.config
mode = widgets.choose(bar.segmented_control, "View", ["points", "grid"], "view", default="points",
                      required=True)
color_by = widgets.choose(bar.segmented_control, "Colour by", ["label", "rate", "distortion"],
                          "color", default="label", required=True, disabled=mode == "grid")
with bar:
    other = compare.choose(chosen, summaries)
switch, row, below = st.container(), st.container(horizontal=True, key="planes"), st.container()
plane = row.container()
# Looking for a sweep takes its time, so it comes after the plane unless one was asked for.
asked = "sweep" in st.query_params or bool(st.session_state.get("sweep"))
sweep = offer_sweep(switch, chosen, summaries) if asked else []
dims, held = tuple(range(min(2, config.latent_dim))), (0.0,) * config.latent_dim
axes = "dimensions"
try:
    if config.latent_dim > 2:
        latents = explorer.latents(chosen)
        if not sweep:
            axes = principal_axes.choose_axes(bar, mode == "points" and not other)
        dims = choose_dims(bar, latents) if axes == "dimensions" else dims
        if axes == "dimensions":
            with below:
                held = hold_others(latents, dims)
    placed = plane_state(PLANE)
    ready = explorer.prepare(chosen, dims, sweep, placed.beta)
    if axes != "dimensions":
        ready, held = principal_axes.AXES[axes](ready)
except (ValueError, OSError) as error:  # the folder may be removed at this very moment
    st.error(plain(error))
    st.stop()

with switch:
    beside = compare.prepare(ready, other)
with plane:
    view = explorer.view(ready, held=held, mode=mode, color_by=color_by,
                         side="left" if beside else None)
    latent_plane(ready.points, ready.decoder, view, ready.dial, key=PLANE)
    if ready.words:
        st.caption(ready.words)
if beside:
    column = compare.show(row, ready, beside, mode, color_by)
if axes == "PCA":
    st.caption("The first two principal axes of the posterior means, on the plane through their "
               "mean: a turn of the coordinates, so that what is decoded there is exact.")
if mode == "grid":
    st.caption("Equal steps from tile to tile, over the middle 98 % of the codes."
               if config.deterministic else
               "From tile to tile the same share of the prior's probability, so the steps of z "
               "are small in the middle and wide at the edge (Kingma & Welling 2014, fig. 4).")
with plane if beside else st.container():
    messages.send(PLANE, ready.subject, ready.size, placed)
if beside:
    with column:
        messages.send_truth(compare.PLANE, beside.subject, beside.size, placed)
codes.send(PLANE, ready, view.model, placed, always=bool(beside) or axes == "UMAP")
selection.offer(ready.subject, ready.size, view.model, placed)
if axes != "UMAP":  # where a place has no z
    pin.show_pin(ready.subject, placed.pin, dims, held)
if chosen.last:
    with plane if beside else st.container():
        pin.show_figures(chosen, ready.figures)
saved_page.offer(ready, view, placed, CATALOG[config.dataset].title)
if not asked:
    offer_sweep(switch, chosen, summaries)
warm_up()
