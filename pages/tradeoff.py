"""Trade-off: every model in the rate–distortion plane, and a sweep over β, model by model."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from ui import runs as saved_runs
from ui import widgets
from ui.format import plain
from ui.model import warm_up
from ui.tradeoff import comparison, curve_panel, panel
from ui.tradeoff.curve import Line
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Summary

saved_runs.require_registry()


def choose(box, label: str, options: list[str], key: str, **more) -> str:
    """A select box bound to the URL; what another page or choice left under its key is dropped."""
    if st.session_state.get(key, options[0]) not in options:
        del st.session_state[key]
    return widgets.choose(box.selectbox, label, options, key, **more)


def choose_axes(summaries: list[Summary]) -> list[Summary]:
    """Data set and observation model; only runs that share both share axes."""
    left, right = st.columns(2)
    sets = [name for name in DATASETS if any(s.config.dataset == name for s in summaries)]
    dataset = choose(left, "Data set", sets, "data")
    seen = Counter(s.config.observation_model for s in summaries if s.config.dataset == dataset)
    observations = choose(
        right, "Observation model p(x|z)", [name for name, _ in seen.most_common()],
        "observations", help="Densities under different observation models can't be compared, so "
        "such runs never share axes.")
    return comparison.listed(summaries, dataset, observations)


def choose_sweep(runs: list[Summary], lines: dict[str, Line]) -> dict[float, Summary]:
    """A sweep, the curve of one run, or a single run; the runs of it by β."""
    groups = comparison.families(runs)
    return groups[choose(st, "Curve of one run, sweep over β, or single run" if lines else
                         "Sweep over β, or single run", list(groups), "family")]


def choose_run(sweep: dict[float, Summary]) -> Summary:
    """One β of a sweep; a run without a sweep stands alone."""
    betas = list(sweep)
    if len(betas) == 1:
        st.caption(f"One run, β = {betas[0]:g}. A sweep is several runs that differ in β alone.")
        return sweep[betas[0]]
    wanted = widgets.asked("at")
    if st.session_state.get("at", betas[0]) not in betas:
        del st.session_state["at"]
    beta = st.select_slider("β", betas, value=comparison.start_beta(betas), key="at",
                            format_func=lambda b: f"{b:g}", bind="query-params")
    if wanted is not None and widgets.number(wanted) not in betas:
        widgets.complain("at", wanted, f"β = {beta:g} is shown; the sweep has "
                         f"{', '.join(f'{each:g}' for each in betas)}.")
    return sweep[beta]


@st.fragment
def compare(runs: list[Summary], lines: dict[str, Line], dark: bool) -> None:
    """Everything that follows β: the rest of the page stays when it is turned."""
    left, right = st.columns([3, 2], gap="medium")
    with right:
        sweep = choose_sweep(runs, lines)
        alone = next(iter(sweep.values()))
        line = lines.get(alone.run_id)
        shown = alone if line else choose_run(sweep)
        beta = curve_panel.choose_beta(line) if line else shown.config.beta
        panel.show_numbers(shown, sweep, line, beta)
        st.page_link("pages/explore.py", label="Open in Explore", query_params={
            **saved_runs.explore(shown.run_id), **({"beta": f"{beta:g}"} if line else {})})
    with left:
        panel.show_plane(runs, shown, sweep, lines, beta, dark)
        if line:
            curve_panel.show_gaps(line)
    try:
        with right:
            panel.show_embedding(shown, sweep, line, beta, dark)
            if line:
                curve_panel.show_below(line)
                curve_panel.download(line)
        panel.show_pictures(shown, line, beta)
    except ValueError as error:
        st.error(plain(error))


def show_table(runs: list[Summary]) -> None:
    """Every listed run with its numbers, and the same as a file."""
    frame = pd.DataFrame(comparison.table(runs))
    number, config = st.column_config.NumberColumn, runs[0].config
    st.dataframe(frame, hide_index=True, column_config={
        "run_id": "run", "beta": number("β", format="%g"), "latent_dim": "z",
        "beta_range": st.column_config.TextColumn("range of β", width=150),
        "hidden_dim": "units", "distortion": number("D (nats)", format="%.2f"),
        "rate": number("R (nats)", format="%.2f"), "elbo": number("ELBO (nats)", format="%.2f"),
        "active_units": number("active units", format="%d"),
        "seconds": number("seconds", format="%.0f")})
    st.download_button("Download all columns (CSV)", frame.to_csv(index=False), mime="text/csv",
                       file_name=comparison.file_name(config.dataset, config.observation_model),
                       on_click="ignore")


everything = saved_runs.all_runs()
saved_runs.show_problems(everything)
sound = [s for s in everything if not s.problem]
if not sound:
    st.info("There is no trained model to compare yet.")
    st.page_link("pages/train.py", label="Train one")
    st.stop()
runs = choose_axes(sound)
drawn = [s for s in runs if comparison.measured(s)]
above, below = st.container(), st.container()
with below:  # first, as pictures at some β may take a while
    show_table(runs)
with above:
    if drawn:
        lines = curve_panel.readable(drawn)
        compare(drawn, lines, st.context.theme.type == "dark")
        if lines:
            warm_up()
    else:
        st.info("None of these runs has finished its first epoch yet.")
