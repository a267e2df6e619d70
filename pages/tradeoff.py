"""Trade-off: every model in the rate–distortion plane, and a sweep over β, model by model."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from ui import figures, state, tradeoff
from ui.pictures import enlarge_row
from ui.text import plain
from vae_core.data.catalog import CATALOG
from vae_core.runs import Summary

state.require_registry()


def choose(box, label: str, options: list[str], key: str, **more) -> str:
    """A select box bound to the URL; what another page or choice left under its key is dropped."""
    if st.session_state.get(key, options[0]) not in options:
        del st.session_state[key]
    return box.selectbox(label, options, key=key, bind="query-params", **more)


def choose_axes(summaries: list[Summary]) -> list[Summary]:
    """Data set and observation model; only runs that share both share axes."""
    left, right = st.columns(2)
    sets = [name for name in CATALOG if any(s.config.dataset == name for s in summaries)]
    dataset = choose(left, "Data set", sets, "data")
    seen = Counter(s.config.observation_model for s in summaries if s.config.dataset == dataset)
    observations = choose(
        right, "Observation model p(x|z)", [name for name, _ in seen.most_common()],
        "observations", help="Densities under different observation models can't be compared, so "
        "such runs never share axes.")
    return tradeoff.listed(summaries, dataset, observations)


def choose_model(runs: list[Summary]) -> tuple[dict[float, Summary], Summary]:
    """A sweep and one β of it; a run without a sweep stands alone."""
    groups = tradeoff.families(runs)
    sweep = groups[choose(st, "Sweep over β, or single run", list(groups), "sweep")]
    betas = list(sweep)
    if len(betas) == 1:
        st.caption(f"One run, β = {betas[0]:g}. A sweep is several runs that differ in β alone.")
        return sweep, sweep[betas[0]]
    if st.session_state.get("at", betas[0]) not in betas:
        del st.session_state["at"]
    beta = st.select_slider("β", betas, value=tradeoff.start_beta(betas), key="at",
                            format_func=lambda b: f"{b:g}", bind="query-params")
    return sweep, sweep[beta]


def show_numbers(shown: Summary, reference: Summary | None) -> None:
    """D, R, ELBO and active units on the test set, and how they differ from β = 1."""
    with st.container(horizontal=True, gap="small"):
        for label, value, delta in tradeoff.numbers(shown, reference):
            st.metric(label, value, delta, delta_color="off", width=160)
    st.caption("Test set, nats per image; grey: the difference to β = 1.")


def show_plane(runs: list[Summary], shown: Summary, sweep: dict[float, Summary], dark: bool
               ) -> None:
    """The plane; a click on a marker opens that run in Explore."""
    points = tradeoff.points(runs)
    names = {run.run_id for run in sweep.values()}
    out = figures.outside(points, figures.plane_range(points, sweep=names))
    beyond = [run for run, is_out in zip(runs, out, strict=True) if is_out]
    show_all = bool(beyond) and st.toggle(
        "Show all runs", key="all", bind="query-params",
        help="Otherwise the axes are fitted to the runs with 0 < β < ∞ that aren't much worse than "
        "the sweep.")
    # A new key after each opening: on coming back, the old click mustn't open its run once more.
    opened = st.session_state.setdefault("_opened", 0)
    chosen = st.plotly_chart(
        figures.rate_distortion_plane(
            points, figures.plane_range(points, show_all, names), shown.run_id, dark),
        key=f"plane-{opened}", on_select="rerun", selection_mode="points", config=figures.MODEBAR,
        alt="Rate–distortion plane of the listed runs; the table below has the same numbers.")
    if run_id := tradeoff.clicked(chosen):
        st.session_state["_opened"] = opened + 1
        st.switch_page("pages/explore.py", query_params={"run": run_id})
    if beyond and not show_all:
        st.caption(f"Outside these axes: {tradeoff.places(beyond)}.")
    st.caption(tradeoff.plane_words(runs))


def show_embedding(shown: Summary, sweep: dict[float, Summary], dark: bool) -> None:
    """The test set's posterior means."""
    drawing, words = tradeoff.embedding_view(
        shown.config, tradeoff.latents_of(shown), [tradeoff.reach_of(s) for s in sweep.values()])
    st.plotly_chart(
        figures.embedding(**drawing, dark=dark), key="embedding", config=figures.MODEBAR,
        alt=f"Posterior means of test images under {shown.run_id}, coloured by class.")
    st.caption(words)


def show_pictures(shown: Summary) -> None:
    """Test images, their reconstructions and samples, side by side."""
    latents, shape = tradeoff.latents_of(shown), CATALOG[shown.config.dataset].shape
    titles = {"originals": "Test images", "reconstructions": "Their reconstructions",
              "samples": "Samples from the prior"}
    for column, (key, title) in zip(st.columns(3, gap="medium"), titles.items(), strict=True):
        column.markdown(f"**{title}**")
        column.image(enlarge_row(latents[key], shape, 4, gap=8), width="stretch",
                     alt=title if key == "originals" else f"{title}, by {shown.run_id}")


def show_table(runs: list[Summary]) -> None:
    """Every listed run with its numbers, and the same as a file."""
    frame = pd.DataFrame(tradeoff.table(runs))
    number, config = st.column_config.NumberColumn, runs[0].config
    st.dataframe(frame, hide_index=True, column_config={
        "run_id": "run", "beta": number("β", format="%g"), "latent_dim": "z",
        "hidden_dim": "units", "distortion": number("D (nats)", format="%.2f"),
        "rate": number("R (nats)", format="%.2f"), "elbo": number("ELBO (nats)", format="%.2f"),
        "active_units": number("active units", format="%d"),
        "seconds": number("seconds", format="%.0f")})
    st.download_button("Download all columns (CSV)", frame.to_csv(index=False), mime="text/csv",
                       file_name=tradeoff.file_name(config.dataset, config.observation_model),
                       on_click="ignore")


everything = state.all_runs()
state.show_problems(everything)
sound = [s for s in everything if not s.problem]
if not sound:
    st.info("There is no trained model to compare yet.")
    st.page_link("pages/train.py", label="Train one")
    st.stop()
runs = choose_axes(sound)
drawn = [s for s in runs if tradeoff.measured(s)]
if drawn:
    dark = st.context.theme.type == "dark"
    left, right = st.columns([3, 2], gap="medium")
    with right:
        sweep, shown = choose_model(drawn)
        show_numbers(shown, sweep.get(1.0))
        st.page_link("pages/explore.py", label="Open in Explore",
                     query_params={"run": shown.run_id})
    with left:
        show_plane(drawn, shown, sweep, dark)
    try:
        with right:
            show_embedding(shown, sweep, dark)
        show_pictures(shown)
    except ValueError as error:
        st.error(plain(error))
else:
    st.info("None of these runs has finished its first epoch yet.")
show_table(runs)
