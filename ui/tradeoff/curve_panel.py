"""What the Trade-off page shows of the curve of one run: β, marks, gaps, and the way to Explore."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from ui import runs, widgets
from ui.format import plain
from ui.tradeoff import curve as curves
from ui.tradeoff.comparison import companions, file_name, has_curve
from ui.tradeoff.curve import Line
from vae_core.runs.run import RunError, Summary

_START = "_below_start"


def readable(summaries: list[Summary]) -> dict[str, Line]:
    """The curves there are, by run; a damaged one is a warning."""
    found = {}
    for summary in filter(has_curve, summaries):
        try:
            found[summary.run_id] = Line(summary, curves.read(summary),
                                         tuple(companions(summary, summaries)))
        except RunError as error:
            st.warning(plain(error))
    return found


def choose_beta(line: Line) -> float:
    """The slider along the curve. A β from the URL or from another model that isn't on it gives
    way to the next one that is."""
    places, given = line.places, widgets.asked("at")
    wanted = st.session_state.get("at", given)
    beta = math.nan if wanted is None else widgets.number(wanted)
    if wanted is not None and beta not in places:
        st.session_state["at"] = line.nearest(beta) if line.covers(beta) else line.start
    if given is not None and not line.covers(beta):
        widgets.complain("at", given, f"β = {st.session_state['at']:g} is shown; the curve goes "
                         f"from {places[0]:g} to {places[-1]:g}.")
    return st.select_slider("β", places, value=line.start, key="at", bind="query-params",
                            format_func=lambda b: f"{b:g}")


def keep_beta(beta: float) -> None:
    """Choose β from elsewhere than the slider: before the page is drawn anew."""
    st.session_state["at"] = beta


def show_gaps(line: Line) -> None:
    """What one training for all β costs, β by β."""
    if not line.companions:
        st.caption("No finished run with one β alone is comparable: same data and as many training "
                   "images, same observation model, latent size and architecture.")
        return
    st.markdown("**One run against a training for each β**")
    st.dataframe(pd.DataFrame(curves.gaps(line)), hide_index=True, key="gaps",
                 height="content")
    st.caption(curves.training_words(line))


def show_below(line: Line) -> None:
    """The highest β that keeps the distortion below a bound, and where to look at it."""
    start = float(math.ceil(line.at(line.start)["test_distortion"]))
    # As long as nobody has chosen another, it follows the curve.
    if "below" in st.session_state and st.session_state["below"] == st.session_state.get(_START):
        st.session_state["below"] = start
    st.session_state[_START] = start
    wanted = widgets.asked("below")
    limit = st.number_input(
        "Highest β with distortion below … (nats)", min_value=0.0, value=start,
        step=1.0, format="%.2f", key="below", bind="query-params")
    if wanted is not None and widgets.number(wanted) != limit:
        widgets.complain("below", wanted, f"{limit:g} nats are taken; give a number from 0 up.")
    beta, answer = curves.below(line, limit)
    with st.container(key="below_answer"):
        st.markdown(plain(answer))
        if beta is None:
            return
        place = max((b for b in line.places if b <= beta), default=line.places[0])
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("pages/explore.py", label=f"Open β = {beta:g} in Explore",
                         query_params=runs.explore(line.summary.run_id) | {"beta": f"{beta:g}"})
            st.button(f"Choose β = {place:g} here", key="choose_below", on_click=keep_beta,
                      args=(place,))


def download(line: Line) -> None:
    """The curve as a file."""
    config = line.config
    st.download_button(
        "The curve (CSV)", pd.DataFrame(curves.rows(line.curve)).to_csv(index=False),
        mime="text/csv", on_click="ignore", key="curve_csv",
        file_name=file_name(config.dataset, f"{config.observation_model} {line.summary.run_id}"))
