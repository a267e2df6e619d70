"""What the Trade-off page draws: numbers, the rate–distortion plane, codes and pictures."""

from __future__ import annotations

import streamlit as st

from ui import charts
from ui.images import enlarge_row
from ui.tradeoff import comparison, curve, curve_panel
from ui.tradeoff.curve import Line
from ui.tradeoff.curve_handle import PLANE, curve_handle
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Summary


def show_numbers(shown: Summary, sweep: dict[float, Summary], line: Line | None, beta: float
                 ) -> None:
    """D, R, ELBO and active units on the test set, and how they differ from β = 1."""
    here = line.at(beta) if line else shown.last
    reference = None
    if line:
        reference = line.at(1.0) if line.covers(1.0) and beta != 1 else None
    elif sweep.get(1.0, shown) is not shown:
        reference = sweep[1.0].last
    with st.container(horizontal=True, gap="small"):
        for label, value, delta in comparison.numbers(here, reference):
            st.metric(label, value, delta, delta_color="off", width=160)
    grey = "; grey: the difference to β = 1" if reference else ""
    st.caption(f"Test set, nats per image{grey}.")


def show_plane(runs: list[Summary], shown: Summary, sweep: dict[float, Summary],
               lines: dict[str, Line], beta: float, dark: bool) -> None:
    """The plane; a click on a marker opens that run in Explore, one on the curve chooses β."""
    line = lines.get(shown.run_id)
    dots = [run for run in runs if line is None or run is not shown]
    drawn = {name: curve.rate_line(each) for name, each in lines.items()}
    points, own = comparison.points(dots), drawn.pop(shown.run_id, None)
    names = {run.run_id for run in (line.companions if line else sweep.values())}
    out = charts.outside(points, charts.plane_range(points, sweep=names, line=own))
    beyond = [run for run, is_out in zip(dots, out, strict=True) if is_out]
    with st.container(horizontal=True):
        show_all = bool(beyond) and st.toggle(
            "Show all runs", key="all", bind="query-params",
            help="Otherwise the axes are fitted to the curve and the runs to compare it with; "
            "without a curve, to the runs with 0 < β < ∞ that aren't much worse than the sweep.")
        marked = line and st.toggle("Marks on the curve", value=True, key="marks",
                                    bind="query-params", help="Where the ELBO peaks, where a "
                                    "dimension closes (its mean's variance falls below 0.01), knee")
    ranges = charts.plane_range(points, show_all, names, own)
    # A new key after each opening: on coming back, the old click mustn't open its run once more.
    opened = st.session_state.setdefault("_opened", 0)
    with st.container(key=PLANE):
        chosen = st.plotly_chart(
            charts.rate_distortion_plane(
                points, ranges, shown.run_id, dark, own, list(drawn.values()),
                curve.marks(line.curve, ranges) if marked else ()),
            key=f"plane-{opened}", on_select="rerun", selection_mode="points",
            config=charts.MODEBAR,
            alt="Rate–distortion plane of the listed runs; the table below has the same numbers.")
        if own is not None:
            curve_handle(own, beta, curve_panel.keep_beta)
    if run_id := comparison.clicked(chosen):
        st.session_state["_opened"] = opened + 1
        st.switch_page("pages/explore.py", query_params={"run": run_id})
    if beyond and not show_all:
        st.caption(f"Outside these axes: {comparison.places(beyond)}.")
    st.caption(comparison.plane_words(dots, line is not None))


def show_embedding(shown: Summary, sweep: dict[float, Summary], line: Line | None, beta: float,
                   dark: bool) -> None:
    """The test set's posterior means: of the curve at β, or of one run beside its sweep's."""
    if line:
        codes, spans = curve.codes(line, beta)
        more = curve.codes_words(line, beta)
    else:
        codes, spans, more = comparison.codes_in_sweep(shown, sweep)
    drawing, words = comparison.embedding_view(shown.config, codes, spans,
                                             "curve" if line else "sweep")
    st.plotly_chart(
        charts.embedding(**drawing, dark=dark), key="embedding", config=charts.MODEBAR,
        alt=f"Posterior means of test images under {shown.run_id}, coloured by class.")
    st.caption(f"{words} {more}")


def show_pictures(shown: Summary, line: Line | None, beta: float) -> None:
    """Test images, their reconstructions and samples, side by side."""
    if not DATASETS[shown.config.dataset].pictures:
        return
    latents = curve.pictures(line, beta) if line else comparison.latents_of(shown)
    shape = DATASETS[shown.config.dataset].shape
    titles = {"originals": "Test images", "reconstructions": "Their reconstructions",
              "samples": "Samples from the prior"}
    for column, (key, title) in zip(st.columns(3, gap="medium"), titles.items(), strict=True):
        column.markdown(f"**{title}**")
        column.image(enlarge_row(latents[key], shape, 4, gap=8), width="stretch",
                     alt=title if key == "originals" else f"{title}, by {shown.run_id}")
