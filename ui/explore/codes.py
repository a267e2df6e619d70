"""The posterior means in every dimension, for a plane that shows only two of them.

Sent when a tool or a selection needs them: directions are computed in all dimensions, and a lasso
may have been drawn on other axes than those shown.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ui import models
from ui.explore import messages
from ui.explore.dial import HALF
from ui.explore.explorer import Prepared
from ui.latent_plane import PlaneState, table

NEED_CODES = ("arithmetic", "draw")  # tools
PLACED = re.compile("@(z|PC)[0-9]")  # a place on axes of its own: see terms.js


def send(box: str, ready: Prepared, model: str, placed: PlaneState, always: bool = False) -> None:
    """Nothing, where the plane shows every dimension."""
    if ready.chosen.config.latent_dim > 2 and (always or wanted(placed)):
        messages.post(letter(box, ready, model))


def letter(box: str, ready: Prepared, model: str) -> dict[str, Any]:
    beta, mu = means(ready)
    return {"name": f"{box}:codes", "model": model, "beta": beta,
            "latent_dim": ready.chosen.config.latent_dim, "mu": table({"mu": mu})}


def wanted(placed: PlaneState) -> bool:
    return placed.get("tool") in NEED_CODES or any(
        PLACED.search(placed.get(name)) for name in ("select", "groups"))


def means(ready: Prepared) -> tuple[list[float], np.ndarray]:
    """The knots of β (1 without a dial), and mu in the plane's coordinates: (knots, n,
    latent_dim)."""
    turning = ready.turning
    if turning is None:
        return [1.0], ready.latents["mu"][None]
    beta = turning.dial.beta.tolist()
    if turning.curve:
        mu = turning.curve.mu
        return beta, mu if ready.turn is None else (mu @ ready.turn.T).astype(HALF)
    each = (models.latents(s.run, str(s.run.folder), models.version(s.run)) for s in turning.runs)
    return beta, np.array([one["mu"][:ready.size] @ turn.T for one, turn
                           in zip(each, turning.dial.turns, strict=True)]).astype(HALF)
