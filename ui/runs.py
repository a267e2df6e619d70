"""What the pages share: where the runs are, which one is chosen, and what goes into the URL.

| what               | page           | URL parameter            | kept by                         |
|--------------------|----------------|--------------------------|---------------------------------|
| run                | explore, train | run                      | widget bound to the URL; page   |
| view, colour       | explore        | view, color              | widgets bound to the URL        |
| dimensions         | explore        | d1, d2, z1, z2, …        | widgets bound to the URL        |
| pin, β, tool, …    | explore        | the fragment: #pin=…     | the plane, by JavaScript alone  |
| a sweep's dial     | explore        | sweep                    | widget bound to the URL         |
| the model beside   | explore        | with                     | widget bound to the URL         |
| every knob         | train          | the field's name         | widgets bound to the URL        |
| axes, sweep, its β | tradeoff       | data, observations,      | widgets bound to the URL        |
|                    |                | family, at, all          |                                 |
| section            | theory         | section                  | written by the page             |
| its one control    | theory         | a name of its own        | widget bound to the URL         |
"""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.format import plain
from vae_core.data.registry import CATALOG
from vae_core.runs.run import LATENTS, WEIGHTS, Summary, find_runs, summarize

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
    """Every run there is, read anew, so that a training in another process shows at once."""
    return [summarize(run) for run in find_runs(checkpoints())]


def openable(summaries: list[Summary]) -> list[Summary]:
    """The runs that a plane can be drawn of, with pictures that a point decodes to."""
    return [s for s in summaries if not s.problem and s.run.path(WEIGHTS).exists()
            and s.run.path(LATENTS).exists() and CATALOG[s.config.dataset].pictures]


def show_problems(summaries: list[Summary]) -> None:
    """One line a damaged run; the others aren't touched by it."""
    for summary in summaries:
        if summary.problem:
            st.warning(plain(summary.problem))


def default_run(names: Sequence[str]) -> str:
    """What opens of these, if nothing is asked for."""
    return next((name for name in (DEFAULT_RUN, ELSE_RUN) if name in names), names[0])


def explore(run_id: str) -> dict[str, str]:
    """What a link to Explore says of the run: nothing of what opens anyhow, as Explore would take
    that out again, and the browser's Back would lead to the address before."""
    return {} if run_id == DEFAULT_RUN else {"run": run_id}


def choose_run(summaries: list[Summary]) -> Summary | None:
    """The model picker, bound to ?run=…."""
    by_id = {s.run_id: s for s in in_order(openable(summaries))}
    if not by_id:
        return None
    names = list(by_id)
    default = default_run(names)
    chosen = st.selectbox("Model", names, index=names.index(default), key="run",
                          bind="query-params", width=400)
    return by_id[chosen]


def missing_run(summaries: list[Summary]) -> str:
    """One sentence if the URL names a run that can't be opened; ask before the picker is drawn."""
    wanted = st.query_params.get("run")
    if not wanted or wanted in {s.run_id for s in openable(summaries)}:
        return ""
    return plain(f"There is no run {wanted[:100]!r} to open: it may have been removed, renamed or "
                 "damaged, or its examples aren't pictures.")


def in_order(summaries: Sequence[Summary]) -> list[Summary]:
    """By name, beta4 before beta10."""
    def natural(summary: Summary) -> list:
        parts = re.split(r"(\d+(?:\.\d+)?)", summary.run_id)
        return [float(part) if index % 2 else part for index, part in enumerate(parts)]

    return sorted(summaries, key=natural)
