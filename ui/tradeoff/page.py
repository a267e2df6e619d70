"""The Trade-off page: every model in the rate–distortion plane, and a sweep over β."""

import math
from collections import Counter

import pandas as pd
import streamlit as st

from ui import runs as saved_runs
from ui import widgets
from ui.format import plain
from ui.images import enlarge_row
from ui.model import ModelAt, ModelView, has_curve, warm_up
from ui.sweep import measured
from ui.tradeoff import curve, embedding, families, plane
from vae_core.data.registry import DATASETS
from vae_core.runs.run import RunError, Summary

_START = "_below_start"


def show() -> None:
    everything = saved_runs.all_runs()
    saved_runs.show_problems(everything)
    sound = [s for s in everything if not s.problem]
    if not sound:
        st.info("There is no trained model to compare yet.")
        st.page_link("pages/train.py", label="Train one")
        return
    runs = choose_axes(sound)
    drawn = [s for s in runs if measured(s)]
    above, below = st.container(), st.container()
    with below:  # first, as pictures at some β may take a while
        show_table(runs)
    with above:
        if not drawn:
            st.info("None of these runs has finished its first epoch yet.")
            return
        models = readable_curves(drawn)
        compare(drawn, models, st.context.theme.type == "dark")
        if models:
            warm_up()


def readable_curves(summaries: list[Summary]) -> dict[str, ModelView]:
    """The β-conditioned models with a curve, by run; a damaged one is a warning."""
    found = {}
    for summary in filter(has_curve, summaries):
        model = ModelView(summary)
        try:
            if model.curve:
                found[summary.run_id] = model
        except RunError as error:
            st.warning(plain(error))
    return found


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
    return families.listed(summaries, dataset, observations)


@st.fragment
def compare(runs: list[Summary], models: dict[str, ModelView], dark: bool) -> None:
    """Everything that follows β: the rest of the page stays when β changes."""
    left, right = st.columns([3, 2], gap="medium")
    with right:
        sweep = choose_sweep(runs, bool(models))
        alone = next(iter(sweep.values()))
        model = models.get(alone.run_id)
        companions = families.companions(alone, runs) if model else []
        betas = curve.places(model, companions) if model else []
        shown = alone if model else choose_run(sweep)
        beta = choose_beta(betas) if model else shown.config.beta
        at = (model or ModelView(shown, every_beta=False)).at(beta)
        show_numbers(at, sweep)
        st.page_link("pages/explore.py", label="Open in Explore", query_params={
            **saved_runs.explore(shown.run_id), **({"beta": f"{beta:g}"} if model else {})})
    with left:
        compared = companions if model else sweep.values()
        show_plane(runs, at, [s.run_id for s in compared], models, betas)
        if model:
            show_gaps(model, companions)
    with widgets.errors_shown():
        with right:
            show_embedding(at, sweep, dark)
            if model:
                show_below(model, betas)
                download(model)
        show_pictures(at)


def choose_sweep(runs: list[Summary], curves: bool) -> dict[float, Summary]:
    """A sweep, a β-conditioned model, or a single run; the runs of it by β."""
    if asked := widgets.asked("family"):
        st.session_state["family"] = families.today(asked)
    groups = families.families(runs)
    label = "β-conditioned model, sweep over β, or single run" if curves else \
        "Sweep over β, or single run"
    return groups[choose(st, label, list(groups), "family")]


def choose_run(sweep: dict[float, Summary]) -> Summary:
    """One β of a sweep; a run without a sweep is shown by itself."""
    betas = list(sweep)
    if len(betas) == 1:
        st.caption(f"One run, β = {betas[0]:g}. A sweep is several runs that differ in β alone.")
        return sweep[betas[0]]
    wanted = widgets.asked("at")
    if st.session_state.get("at", betas[0]) not in betas:
        del st.session_state["at"]
    beta = st.select_slider("β", betas, value=families.start_beta(betas), key="at",
                            format_func=lambda b: f"{b:g}", bind="query-params")
    if wanted is not None and widgets.number(wanted) not in betas:
        widgets.complain("at", wanted, f"β = {beta:g} is shown; the sweep has "
                         f"{', '.join(f'{each:g}' for each in betas)}.")
    return sweep[beta]


def choose_beta(betas: list[float]) -> float:
    """The slider along a curve. A β from the URL or from another model that isn't on it gives way
    to the next one that is."""
    start, given = curve.nearest(betas, 1.0), widgets.asked("at")
    wanted = st.session_state.get("at", given)
    beta = math.nan if wanted is None else widgets.number(wanted)
    if wanted is not None and beta not in betas:
        on_curve = betas[0] <= beta <= betas[-1]
        st.session_state["at"] = curve.nearest(betas, beta) if on_curve else start
    if given is not None and not betas[0] <= widgets.number(given) <= betas[-1]:
        widgets.complain("at", given, f"β = {st.session_state['at']:g} is shown; the curve goes "
                         f"from {betas[0]:g} to {betas[-1]:g}.")
    return st.select_slider("β", betas, value=start, key="at", bind="query-params",
                            format_func=lambda b: f"{b:g}")


def keep_beta(beta: float) -> None:
    """Choose β from elsewhere than the slider: before the page runs."""
    st.session_state["at"] = beta


def show_numbers(at: ModelAt, sweep: dict[float, Summary]) -> None:
    """D, R, ELBO and active units on the test set, and how they differ from β = 1."""
    reference = None
    if at.curve is not None:
        reference = at.model.at(1.0) if at.model.covers(1.0) and at.beta != 1 else None
    elif 1.0 in sweep and sweep[1.0] is not at.model.summary:
        reference = ModelView(sweep[1.0]).at()
    with st.container(horizontal=True, gap="small"):
        for label, value, delta in numbers(at, reference):
            st.metric(label, value, delta, delta_color="off", width=160)
    grey = "; grey: the difference from β = 1" if reference else ""
    st.caption(f"Test set, nats per image{grey}.")


def numbers(at: ModelAt, reference: ModelAt | None) -> list[tuple[str, str, str | None]]:
    """Label, value and difference from another model."""
    result = []
    for label, term, digits in (("Distortion D", "distortion", 2), ("Rate R", "rate", 2),
                                ("ELBO", "elbo", 2), ("Active units", "active_units", 0)):
        value, delta = getattr(at, term), None
        if reference is not None:
            change = round(value - getattr(reference, term), digits)
            delta = f"{change:+.{digits}f}" if change else None
        result.append((label, f"{value:.{digits}f}".replace("-", "−"), delta))
    return result


def show_plane(runs: list[Summary], at: ModelAt, compared: list[str],
               models: dict[str, ModelView], betas: list[float]) -> None:
    """The plane with its captions; a click on a model opens it in Explore, the ring chooses β."""
    shown = at.model.run_id
    line = curve.line(at.model, betas) if betas else None
    dots = [run for run in runs if not line or run.run_id != shown]
    fitted = plane.window_of(dots, sweep=compared, line=line)
    beyond = [run for run in dots if not plane.inside(run, fitted)]
    with st.container(horizontal=True):
        show_all = bool(beyond) and st.toggle(
            "Show all runs", key="all", bind="query-params",
            help="Otherwise the axes are fitted to the curve and the models it is compared with; "
            "without a curve, to the runs with 0 < β < ∞ that aren't much worse than the sweep.")
        marked = line and st.toggle(
            "Marks on the curve", value=True, key="marks", bind="query-params",
            help="Where the ELBO peaks, where a dimension collapses (the variance of its mean "
            "falls below 0.01), and the knee.")
    window = plane.window_of(dots, True, compared, line) if show_all else fitted
    opened = plane.rd_plane(
        plane.drawing(dots, window, shown=shown, line=line,
                      others=[model for name, model in models.items() if name != shown],
                      marks=plane.marks(at.curve, window) if marked else ()),
        betas.index(at.beta) if line else None, keep_beta)
    if opened:
        st.switch_page("pages/explore.py", query_params={"run": opened})
    if beyond and not show_all:
        st.caption(f"Outside these axes: {plane.places_outside(beyond)}.")
    st.caption(plane.caption(dots, line is not None))


def show_gaps(model: ModelView, companions: list[Summary]) -> None:
    """What conditioning on β costs, β by β."""
    if not companions:
        st.caption("No finished single-β model is comparable: it needs the same data, number of "
                   "training images, observation model, latent size and architecture.")
        return
    st.markdown("**Conditioned model vs. single-β models**")
    st.dataframe(pd.DataFrame(curve.gaps(model, companions)), hide_index=True, key="gaps",
                 height="content")
    st.caption(curve.training_words(model, companions))


def show_below(model: ModelView, betas: list[float]) -> None:
    """The highest β that keeps the distortion below a bound, and where to look at it."""
    start = float(math.ceil(model.at(curve.nearest(betas, 1.0)).distortion))
    # As long as nobody has chosen another, it follows the curve.
    if "below" in st.session_state and st.session_state["below"] == st.session_state.get(_START):
        st.session_state["below"] = start
    st.session_state[_START] = start
    wanted = widgets.asked("below")
    limit = st.number_input(
        "Highest β with distortion below … (nats)", min_value=0.0, value=start,
        step=1.0, format="%.2f", key="below", bind="query-params")
    if wanted is not None and widgets.number(wanted) != limit:
        widgets.complain("below", wanted, f"{limit:g} nats is used; give a number from 0 up.")
    beta, answer = curve.below(model, limit)
    with st.container(key="below_answer"):
        st.markdown(plain(answer))
        if beta is None:
            return
        place = max((b for b in betas if b <= beta), default=betas[0])
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("pages/explore.py", label=f"Open β = {beta:g} in Explore",
                         query_params=saved_runs.explore(model.run_id) | {"beta": f"{beta:g}"})
            st.button(f"Choose β = {place:g} here", key="choose_below", on_click=keep_beta,
                      args=(place,))


def download(model: ModelView) -> None:
    config = model.config
    st.download_button(
        "Download the curve (CSV)", pd.DataFrame(curve.rows(model.curve)).to_csv(index=False),
        mime="text/csv", on_click="ignore", key="curve_csv", file_name=families.file_name(
            config.dataset, f"{config.observation_model} {model.run_id}"))


def show_embedding(at: ModelAt, sweep: dict[float, Summary], dark: bool) -> None:
    """The test set's posterior means: of the curve at β, or of one run beside its sweep's."""
    from ui import charts  # with plotly, which takes its time: the plane is on its way by now

    drawing, words = embedding.in_sweep(at, sweep) if at.curve is None else \
        embedding.along_curve(at.model, at.beta)
    st.plotly_chart(
        charts.embedding(**drawing, dark=dark), key="embedding", config=charts.MODEBAR,
        alt=f"Posterior means of test images under {at.model.run_id}, coloured by class.")
    st.caption(words)


def show_pictures(at: ModelAt) -> None:
    """Test images, their reconstructions and samples, side by side."""
    if not at.model.facts.pictures:
        return
    latents = embedding.pictures(at)
    titles = {"originals": "Test images", "reconstructions": "Their reconstructions",
              "samples": "Samples from the prior"}
    for column, (key, title) in zip(st.columns(3, gap="medium"), titles.items(), strict=True):
        column.markdown(f"**{title}**")
        column.image(enlarge_row(latents[key], at.model.facts.shape, 4, gap=8), width="stretch",
                     alt=title if key == "originals" else f"{title}, by {at.model.run_id}")


def show_table(runs: list[Summary]) -> None:
    """Every listed run with its numbers, and the same as a file."""
    frame = pd.DataFrame(families.table(runs))
    number, config = st.column_config.NumberColumn, runs[0].config
    st.dataframe(frame, hide_index=True, column_config={
        "run_id": "run", "beta": number("β", format="%g"), "latent_dim": "z",
        "beta_range": st.column_config.TextColumn("range of β", width=150),
        "hidden_dim": "units", "distortion": number("D (nats)", format="%.2f"),
        "rate": number("R (nats)", format="%.2f"), "elbo": number("ELBO (nats)", format="%.2f"),
        "active_units": number("active units", format="%d"),
        "seconds": number("seconds", format="%.0f")})
    st.download_button("Download all columns (CSV)", frame.to_csv(index=False), mime="text/csv",
                       file_name=families.file_name(config.dataset, config.observation_model),
                       on_click="ignore")
