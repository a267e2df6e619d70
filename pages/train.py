"""Train: choose the settings, start a run, and watch the embedding form."""

import streamlit as st

from ui import runs
from ui.train import controls, progress

runs.require_registry()
settings, results = st.columns([2, 5], gap="large")
with settings:
    main = st.container()
    name = st.text_input("Name of the run", key="name",
                         help="Leave it empty to name the run after its settings.")
    start = st.container()
    config = controls.config_or_error(controls.train_config_controls(main))
    with start:
        controls.start_button(config, name)
with results:
    progress.watch(progress.shown_run())
