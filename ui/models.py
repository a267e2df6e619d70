"""A run made ready for the pages: its decoder and its points without torch, its VAE with it."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import streamlit as st

from ui.latent_plane import Decoder, Points
from vae_core.measure.beta_curve import ACTIVE_VARIANCE, BetaCurve
from vae_core.measure.embeddings import mean_rates
from vae_core.model.browser import browser_decoder
from vae_core.numerics import LOG_VAR_MIN
from vae_core.runs.run import BETA_CURVE, LATENTS, WEIGHTS, Run


def version(run: Run) -> str:
    """Changes whenever the run's weights, latents or curve were written anew."""
    files = [WEIGHTS, LATENTS, *([BETA_CURVE] if run.path(BETA_CURVE).exists() else [])]
    return "-".join(str(run.path(name).stat().st_mtime_ns) for name in files)


@st.cache_resource(max_entries=16, show_spinner=False)
def decoder(_run: Run, folder: str, version: str, every_beta: bool = False) -> Decoder:
    """A β-conditioned run's is held at config.beta, unless asked for every β."""
    config = _run.config()
    held = config.beta if config.beta_conditioned and not every_beta else None
    return Decoder(*browser_decoder(config, _run.weights(), held))


@st.cache_resource(max_entries=16, show_spinner=False)
def latents(_run: Run, folder: str, version: str) -> dict[str, np.ndarray]:
    return _run.latents()


@st.cache_resource(max_entries=4, show_spinner=False)
def curve(_run: Run, folder: str, version: str) -> BetaCurve:
    return _run.beta_curve()


@st.cache_resource(max_entries=4, show_spinner="Loading the model…")
def vae(_run: Run, folder: str, version: str) -> Any:
    import torch

    from vae_core.runs.checkpoint import load_model

    # Two threads on two cores wait for each other as soon as anything else runs beside them.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    return load_model(_run)


@st.cache_resource(max_entries=8, show_spinner=False)
def frozen_vae(_run: Run, folder: str, version: str, beta: float | None) -> Any:
    """A β-conditioned one held at β, which decodes in half the time; β is None for any other."""
    model = vae(_run, folder, version)
    if beta is None:
        return model
    from vae_core.model.conditioning import freeze

    return freeze(model, beta)


@st.cache_resource(max_entries=2, show_spinner="Loading the test images…")
def test_set(dataset: str) -> Any:
    from vae_core.data import load_split

    return load_split(dataset, "test")


@st.cache_resource(max_entries=2, show_spinner=False)
def encoder_input(dataset: str, binarized: bool) -> Any:
    """All test images as a model of binary pixels, or of grey ones, sees them: (n, pixels)."""
    from vae_core.measure.test_set import evaluation_x

    return evaluation_x(test_set(dataset).x, binarized)


def points(latents: dict[str, np.ndarray], dims: tuple[int, ...]) -> Points:
    """The posterior means in the dimensions shown; codes of one dimension lie on a line.

    With β = 0 codes are points, and have no posterior to be drawn.
    """
    spread = (None, None)
    if not deterministic(latents):
        spread = _across(np.exp(0.5 * latents["log_var"]), dims)
    x, y = _across(latents["mu"], dims)
    return Points(x, y, latents["label"], latents["rate"], latents["distortion"],
                  sxx=spread[0], syy=spread[1])


def curve_points(curve: BetaCurve, dims: tuple[int, ...]) -> Points:
    """The same at every knot of a curve."""
    x, y = _across(curve.mu, dims)
    sxx, syy = _across(np.exp(0.5 * curve.log_var), dims)
    return Points(x, y, curve.label, curve.point_rate, curve.point_distortion, sxx=sxx, syy=syy)


def closed(latents: dict[str, np.ndarray]) -> tuple[bool, ...]:
    """Which dimensions' means hardly depend on the data (Burda et al. 2016, §5.4)."""
    return tuple(bool(v) for v in latents["mu"].var(axis=0) <= ACTIVE_VARIANCE)


def rate_per_dim(latents: dict[str, np.ndarray]) -> tuple[float, ...]:
    """Each dimension's rate, mean over the test set, nats; none where codes are points."""
    if deterministic(latents):
        return ()
    return tuple(mean_rates(latents["mu"], latents["log_var"]).tolist())


def code_ranges(latents: dict[str, np.ndarray]) -> tuple[tuple[float, float], ...]:
    """Where the middle 98 % of the codes lie in each dimension, where codes are points."""
    if not deterministic(latents):
        return ()
    return tuple(zip(*np.quantile(latents["mu"], [0.01, 0.99], axis=0).tolist(), strict=True))


def deterministic(latents: dict[str, np.ndarray]) -> bool:
    """Whether the posteriors have no width: β = 0."""
    return not (latents["log_var"] > LOG_VAR_MIN).any()


def _across(values: np.ndarray, dims: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    x = values[..., dims[0]]
    return x, values[..., dims[1]] if len(dims) > 1 else np.zeros_like(x)
