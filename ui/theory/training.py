"""A small model trained on the spot: with progress, once for each configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import streamlit as st

from vae_core.config import TrainConfig

KEPT = 24  # results of trainings in memory, the oldest dropped first
REDRAWN = 0.5  # seconds from one picture of a training to the next: each replaces a whole chart


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Hashable, Any]:
    return {}


def _keep(key: Hashable, result: Any) -> Any:
    kept = _kept()
    kept[key] = result
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)), None)
    return result


def live_model(config: TrainConfig, x: Any, shape: tuple[int, int, int], what: str) -> Any:
    """The VAE that `config` makes of x, trained now unless it was before.

    x must follow from the configuration (and from nothing else): it is no part of the key. A
    visitor who leaves while it trains ends the training.
    """
    if config in _kept():
        return _kept()[config]
    bar = st.progress(0.0, f"Training {what} …")
    from vae_core.theory.live import train_live

    model = train_live(config, x, shape,
                       lambda share: bar.progress(share, f"Training {what}: {share:.0%}"))
    bar.empty()
    return _keep(config, model)


def watched(key: Hashable, moments: Callable[[], Iterable[Any]], share: Callable[[Any], float],
            draw: Callable[[list[Any]], None], what: str) -> list[Any]:
    """All moments of a training, drawn while they come and at the end; from memory the next time.

    share: of the training, in (0, 1], that a moment closes. draw: into a place of its own, as it is
    called again and again.
    """
    if key in _kept():
        draw(_kept()[key])
        return _kept()[key]
    bar, seen, drawn = st.progress(0.0, f"Training {what} …"), [], time.monotonic()
    for moment in moments():
        seen.append(moment)
        bar.progress(share(moment), f"Training {what}: {share(moment):.0%}")
        if time.monotonic() - drawn > REDRAWN:
            draw(seen)
            drawn = time.monotonic()
    bar.empty()
    draw(seen)
    return _keep(key, seen)
