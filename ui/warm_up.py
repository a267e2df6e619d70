"""What takes long to import, imported before it is asked for."""

from __future__ import annotations

import importlib
import threading

import streamlit as st

# An optimiser loads torch._dynamo, which takes as long as torch.
MODULES = ("torch", "vae_core.runs.checkpoint", "vae_core.theory.training", "torch._dynamo")


@st.cache_resource(show_spinner=False)
def warm_up(after_seconds: float = 3.0) -> None:
    """Import them in the background, once for each server and delay; by then the page stands."""
    timer = threading.Timer(after_seconds, lambda: [importlib.import_module(m) for m in MODULES])
    timer.daemon = True
    timer.start()
