"""What the theory sections ask of a run, by the names that they used."""

from __future__ import annotations

from typing import Any

from ui.model import ModelView, encoder_input, test_set
from vae_core.runs.run import Run, summarize

__all__ = ["encoder_input", "frozen_vae", "latents", "test_set", "version"]


def version(run: Run) -> str:
    return str(ModelView(summarize(run)).key)


def latents(run: Run, folder: str, version: str) -> dict[str, Any]:
    return ModelView(summarize(run)).latents


def frozen_vae(run: Run, folder: str, version: str, beta: float | None) -> Any:
    return ModelView(summarize(run)).frozen(beta)
