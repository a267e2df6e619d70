"""Explore: the latent plane of one model; move to decode, click to pin, turn β."""

import streamlit as st

from ui import runs, widgets
from ui.explore import compare, messages, page, saved_page, selection
from ui.model import warm_up
from ui.sweep import Sweep

runs.require_registry()
PLANE = "plane"
summaries = runs.all_runs()
runs.show_problems(summaries, missing=runs.missing_run(summaries))
bar = st.container(horizontal=True, vertical_alignment="bottom")
chosen = page.choose_model(bar, summaries)
if chosen is None:
    st.stop()
view = page.choose_view(bar)
other = compare.choose(bar, chosen, summaries)
switch, row, below = st.container(), st.container(horizontal=True, key="planes"), st.container()
plane = row.container()
second = None
with widgets.errors_shown():  # a folder may be removed at this very moment
    model = page.choose_sweep(switch, chosen, summaries)
    axes = page.choose_axes(bar, below, model, principal=not isinstance(model, Sweep),
                            umap=view["mode"] == "points" and other is None)
    with switch:
        second = compare.open_beside(model, other)
    with plane:
        state, at = page.show_plane(model, axes, view, PLANE, side="left" if second else None)
    if second:
        compare.show(row, model, second, view, state)
    page.explain(model, axes, view["mode"])
    with plane if second else st.container():
        messages.send(PLANE, model, axes, at, state, means=bool(second))
    selection.offer(model, axes, at, state)
    if axes.name != "UMAP":  # where a place has no z
        page.show_pin(at, axes, state.pin)
    if chosen.last:
        with plane if second else st.container():
            page.show_figures(at)
    saved_page.offer(model, axes, view, at, state)
messages.acknowledge(PLANE, *([compare.PLANE] if second else []))
warm_up()
