"""A small model trained while someone waits: with progress, once for each configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import streamlit as st

from vae_core.config import TrainConfig

KEPT = 24  # results of training runs in memory, the oldest dropped first
REDRAWN = 0.5  # seconds between two charts of a run: each replaces the whole chart


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Hashable, Any]:
    return {}


def _keep(key: Hashable, result: Any) -> Any:
    kept = _kept()
    kept[key] = result
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)), None)
    return result


def live_model(config: TrainConfig, x: Callable[[], Any], shape: tuple[int, int, int], what: str,
               draw: Callable[[Any], None] = lambda model: None) -> Any:
    """The VAE that `config` gives on x(), trained now unless it was before.

    The cache's key is the configuration, so x must depend on that alone. A visitor who leaves
    stops the training. draw: shows the model during training, in a container of its own.
    """
    if config in _kept():
        return _kept()[config]
    bar = st.progress(0.0, f"Training {what} …")
    from vae_core.theory.training import train_live

    due = time.monotonic()

    def progress(share: float, model: Any) -> None:
        nonlocal due
        bar.progress(share, f"Training {what}: {share:.0%}")
        if time.monotonic() >= due:
            draw(model)
            due = time.monotonic() + REDRAWN

    model = train_live(config, x(), shape, progress)
    bar.empty()
    return _keep(config, model)


def watched(key: Hashable, moments: Callable[[], Iterable[Any]], share: Callable[[Any], float],
            draw: Callable[[list[Any]], None], what: str) -> list[Any]:
    """All moments of a training run, drawn as they come and at the end; cached for the next time.

    share: of the run, from 0 to 1, done at a moment; 1 is the last. draw: into a container of its
    own, as it is called repeatedly.
    """
    if key in _kept():
        draw(_kept()[key])
        return _kept()[key]
    bar, seen, due = st.progress(0.0, f"Training {what} …"), [], time.monotonic() + REDRAWN
    for moment in moments():
        seen.append(moment)
        done = share(moment)
        bar.progress(done, f"Training {what}: {done:.0%}")
        if done < 1 and time.monotonic() >= due:
            draw(seen)
            due = time.monotonic() + REDRAWN
    bar.empty()
    draw(seen)
    return _keep(key, seen)
