"""Explore: the latent plane of one model; move to decode, click to keep, turn β."""

from __future__ import annotations

import streamlit as st

from ui import dial, handout, letters, models, pinned, state
from ui.latent_plane import View, latent_plane
from ui.text import plain
from vae_core.data.catalog import CATALOG
from vae_core.lattice import data_lattice, most_used_dims, prior_lattice
from vae_core.runs import Summary

state.require_registry()

LATTICE = 20  # tiles along each side of the grid view
HELD_RANGE = 3.0  # of the prior's standard deviations
PLANE = "plane"


def choose_dims(latents: dict) -> tuple[int, int]:
    """Two select boxes over the dimensions, the most used ones first."""
    order = most_used_dims(latents["mu"], latents["log_var"])
    names = [f"z{d + 1}" for d in order]
    x = st.selectbox("Across", names, index=0, key="d1", bind="query-params", width=110)
    y = st.selectbox("Up", [name for name in names if name != x], index=0, key="d2",
                     bind="query-params", width=110)
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
    sweep = dial.sweep_of(chosen, state.openable(summaries))
    if not sweep:
        return []
    with place:
        turned = st.toggle(f"Turn β through the {len(sweep)} models of this sweep", key="sweep",
                           bind="query-params")
    return sweep if turned else []


summaries = state.all_runs()
if missing := state.missing_run(summaries):
    st.warning(missing)
state.show_problems(summaries)
bar = st.container(horizontal=True, vertical_alignment="bottom")
with bar:
    chosen = state.choose_run(summaries)
    if chosen:
        mode = st.segmented_control("View", ["points", "grid"], default="points", required=True,
                                    key="view", bind="query-params")
        color_by = st.segmented_control(
            "Colour by", ["label", "rate", "distortion"], default="label", required=True,
            key="color", bind="query-params", disabled=mode == "grid")
if chosen is None:
    st.info("There is no trained model yet.")
    st.page_link("pages/train.py", label="Train one")
    st.stop()

run, config = chosen.run, chosen.config
switch, plane, below = st.container(), st.container(), st.container()
# Looking for a sweep takes its time, so it comes after the plane unless one was asked for.
asked = "sweep" in st.query_params or bool(st.session_state.get("sweep"))
sweep = offer_sweep(switch, chosen, summaries) if asked else []
dims, held = tuple(range(min(2, config.latent_dim))), (0.0,) * config.latent_dim
try:
    version = models.version(run)
    latents = models.latents(run, str(run.folder), version)
    if config.latent_dim > 2:
        with bar:
            dims = choose_dims(latents)
        with below:
            held = hold_others(latents, dims)
    turning = dial.turning(chosen, sweep, version, dims)
    decoder = turning.decoder if turning else models.decoder(run, str(run.folder), version)
    beta = turning and dial.wanted_beta(turning.dial, config.beta)
    subject = pinned.subject(chosen, latents, version, turning, beta)
except (ValueError, OSError) as error:  # the folder may be removed at this very moment
    st.error(plain(error))
    st.stop()

points = turning.points if turning else models.points(latents, dims)
lattice = [data_lattice(axis, LATTICE) for axis in (points.x, points.y)] \
    if config.deterministic else [prior_lattice(LATTICE)] * 2

with plane:
    said = st.session_state
    view = View(
        title=run.run_id, model=f"{run.run_id} {version} {len(sweep)}", held=held, dims=dims,
        mode=mode, color_by=color_by, pin=state.pin(), lattice_x=tuple(lattice[0]),
        lattice_y=tuple(lattice[1]), class_names=CATALOG[config.dataset].class_names,
        closed=models.closed(latents), beta=beta, kept=state.kept())
    placed = latent_plane(
        points, decoder, view, turning and turning.dial, key=PLANE,
        on_pin_change=lambda: state.keep_pin(said[PLANE]["pin"]),
        on_beta_change=lambda: state.keep_beta(said[PLANE]["beta"]),
        on_kept_change=lambda: state.keep_kept(said[PLANE]["kept"]))
    if state.catch_up(view, placed):
        st.rerun()
    if turning:
        st.caption(turning.words)
    elif why := dial.why_not(chosen):
        st.caption(why)
    if mode == "grid":
        st.caption("Equal steps from tile to tile, over the middle 98 % of the codes."
                   if config.deterministic else
                   "From tile to tile the same share of the prior's probability, so the steps of z "
                   "are small in the middle and wide at the edge (Kingma & Welling 2014, fig. 4).")
letters.send(PLANE, subject, len(points.label), placed)
pinned.show_pin(subject, placed.pin, dims, held)
if chosen.last:
    pinned.show_figures(chosen, turning and dial.figures_at(turning, beta))
handout.offer(subject, points, decoder, view, turning and turning.dial, placed,
              CATALOG[config.dataset].title)
if not asked:
    offer_sweep(switch, chosen, summaries)
pinned.warm_up()
