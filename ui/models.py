"""A run made ready for the browser: its decoder and its points; nothing here imports torch."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.latent_plane import Decoder, Points
from vae_core.export import browser_decoder
from vae_core.runs import LATENTS, WEIGHTS, Run


def version(run: Run) -> str:
    """Changes whenever the run's weights or latents were written anew."""
    return f"{run.path(WEIGHTS).stat().st_mtime_ns}-{run.path(LATENTS).stat().st_mtime_ns}"


@st.cache_resource(max_entries=16, show_spinner=False)
def decoder(_run: Run, folder: str, version: str) -> Decoder:
    config = _run.config()
    return Decoder(*browser_decoder(config, _run.weights(),
                                    config.beta if config.beta_conditioned else None))


@st.cache_resource(max_entries=16, show_spinner=False)
def latents(_run: Run, folder: str, version: str) -> dict[str, np.ndarray]:
    return _run.latents()


def points(latents: dict[str, np.ndarray], dims: tuple[int, ...]) -> Points:
    """The posterior means in the dimensions shown; codes of one dimension lie on a line."""
    mu = latents["mu"]
    y = mu[:, dims[1]] if len(dims) > 1 else np.zeros(len(mu), dtype=np.float32)
    return Points(mu[:, dims[0]], y, latents["label"], latents["rate"], latents["distortion"])
