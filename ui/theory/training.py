"""A small model trained on the spot: with progress, once for each configuration."""

from __future__ import annotations

from typing import Any

import streamlit as st

from vae_core.config import TrainConfig

KEPT = 24  # trained models in memory, the oldest dropped first


@st.cache_resource(show_spinner=False)
def _kept() -> dict[TrainConfig, Any]:
    return {}


def live_model(config: TrainConfig, x: Any, shape: tuple[int, int, int], what: str) -> Any:
    """The VAE that `config` makes of x, trained now unless it was before.

    x must follow from the configuration (and from nothing else): it is no part of the key. A
    visitor who leaves while it trains ends the training.
    """
    models = _kept()
    if config not in models:
        from vae_core.theory.live import train_live

        bar = st.progress(0.0, f"Training {what} …")
        model = train_live(config, x, shape,
                           lambda share: bar.progress(share, f"Training {what}: {share:.0%}"))
        bar.empty()
        models[config] = model
        while len(models) > KEPT:
            models.pop(next(iter(models)), None)
    return models[config]
