"""The runs that the pages show: where they are, which can be opened, which one is chosen."""

import os
import re
import runpy
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.format import plain
from vae_core.data.registry import DATASETS
from vae_core.runs.run import (
    CONFIG,
    LATENTS,
    METRICS,
    STATUS,
    WEIGHTS,
    Run,
    Summary,
    find_runs,
    summarize,
)

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_RUN = "mnist-mlp-z2-multirate"
ELSE_RUN = "mnist-mlp-z2-beta1"  # where that one isn't there
REGISTRY = "app.py has run"


def note_registry() -> None:
    st.session_state[REGISTRY] = True


def require_registry() -> None:
    """Run app.py where Streamlit left it out; every page calls this first.

    Until st.navigation has been called once, Streamlit takes the folder pages/ for its older kind
    of app: a server's very first visit, if it goes to /train, would run pages/train.py alone.
    """
    if not st.session_state.get(REGISTRY):
        runpy.run_path(str(ROOT / "app.py"))
        st.stop()


def checkpoints() -> Path:
    """The folder of the runs: $VAE_EXPLORER_CHECKPOINTS, else checkpoints/ of the project."""
    return Path(os.environ.get("VAE_EXPLORER_CHECKPOINTS") or ROOT / "checkpoints")


def all_runs() -> list[Summary]:
    """Every run there is; one that another process trains shows at once."""
    return [_summary(run) for run in find_runs(checkpoints())]


def _summary(run: Run) -> Summary:
    found = _by_files(run, str(run.folder), run.stamps(CONFIG, STATUS, METRICS))
    # Its files don't tell whether a process is still alive.
    return summarize(run) if found.state in ("queued", "running") else found


@st.cache_resource(max_entries=1000, show_spinner=False)
def _by_files(_run: Run, folder: str, stamps: tuple[int, ...]) -> Summary:
    return summarize(_run)


def openable(summaries: Sequence[Summary]) -> list[Summary]:
    """The runs that a plane can be drawn of, with pictures that a point decodes to."""
    return [s for s in summaries if not s.problem and s.run.has(WEIGHTS, LATENTS)
            and DATASETS[s.config.dataset].pictures]


def show_problems(summaries: Sequence[Summary], missing: str = "") -> None:
    """One warning for each damaged run, and before them for the one that isn't there."""
    for problem in [missing, *(summary.problem for summary in summaries)]:
        if problem:
            st.warning(plain(problem))


def default_run(names: Sequence[str]) -> str:
    """The one of these that opens if none is asked for."""
    return next((name for name in (DEFAULT_RUN, ELSE_RUN) if name in names), names[0])


def explore(run_id: str) -> dict[str, str]:
    """The query of a link to a run in Explore: nothing of what opens by default, as Explore would
    remove that again, and the browser's Back would lead to the URL before."""
    return {} if run_id == DEFAULT_RUN else {"run": run_id}


def in_order(summaries: Sequence[Summary]) -> list[Summary]:
    """By name, beta4 before beta10."""
    def natural(summary: Summary) -> list:
        parts = re.split(r"(\d+(?:\.\d+)?)", summary.run_id)
        return [float(part) if index % 2 else part for index, part in enumerate(parts)]

    return sorted(summaries, key=natural)


def choose_run(summaries: Sequence[Summary]) -> Summary | None:
    """The model picker, bound to ?run=…."""
    by_id = {s.run_id: s for s in in_order(openable(summaries))}
    if not by_id:
        return None
    names = list(by_id)
    chosen = st.selectbox("Model", names, index=names.index(default_run(names)), key="run",
                          bind="query-params", width=400)
    return by_id[chosen]


def missing_run(summaries: Sequence[Summary]) -> str:
    """One sentence if the URL names a run that can't be opened; ask before the picker is drawn."""
    wanted = st.query_params.get("run")
    if not wanted or wanted in {s.run_id for s in openable(summaries)}:
        return ""
    return (f"There is no run {wanted[:100]!r} to open: it may have been removed, renamed or "
            "damaged, or its examples aren't pictures.")
