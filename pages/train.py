"""Train: choose the knobs, start, and watch the embedding form."""

from __future__ import annotations

import streamlit as st

from ui import runs
from ui.format import plain
from ui.train import progress
from ui.train.controls import config_or_error, train_config_controls
from vae_core.runs import jobs
from vae_core.runs.run import Run, find_runs

runs.require_registry()


def start(config, name: str) -> None:
    try:
        run = jobs.start(config, runs.checkpoints(), name.strip())
    except ValueError as error:
        st.error(plain(error))
        return
    st.query_params["run"] = run.run_id
    st.rerun()


def shown_run() -> Run | None:
    """The run in the URL, else the one that trains now, which goes into the URL: it stays in sight
    when it has ended."""
    name = st.query_params.get("run")
    if name:
        # Not put together from the name, which may lead anywhere.
        for run in find_runs(runs.checkpoints()):
            if run.run_id == name:
                return run
        st.warning(plain(f"There is no run {name[:100]!r} to watch: it may have been removed or "
                         "renamed."))
    training = jobs.active(runs.checkpoints())
    if not training:
        return None
    run, _ = training[0]
    st.query_params["run"] = run.run_id
    return run


knobs, results = st.columns([2, 5], gap="large")
with knobs:
    main = st.container()
    name_box = st.container()
    with name_box:
        name = st.text_input("Name of the run", key="name", help="Left empty, it is made from the "
                             "knobs.")
        begin = st.container()
    chosen = train_config_controls(main)
    config = config_or_error(chosen)
    if begin.button("Start training", type="primary", disabled=config is None, width="stretch"):
        with begin:
            start(config, name)
with results:
    progress.watch(shown_run())
