"""A model on the principal axes of its posterior means, for a plane that shows the first two.

Turning the coordinates changes nothing: the prior is the same in all directions, and the decoder's
first layer takes the turn in. So what is decoded on this plane is exact.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ui import widgets
from ui.explore.dial import HALF, root
from ui.explore.explorer import Prepared
from ui.latent_plane import Decoder, Points
from vae_core.measure.embeddings import mean_rates, principal_axes
from vae_core.model.browser import turned_decoder
from vae_core.numerics import LOG_VAR_MIN


def principal(ready: Prepared) -> tuple[Prepared, tuple[float, ...]]:
    """The same model in principal axes, and where their plane through the mean holds the others.

    Of a β-conditioned run they are those at the β that it opens with, at every β.
    """
    curve = ready.turning and ready.turning.curve
    mu = ready.latents["mu"] if curve is None else \
        curve.at(ready.chosen.config.beta, curve.mu.astype(np.float32))
    turn = principal_axes(mu)
    held = turn @ mu.mean(0)
    held[:2] = 0
    latents = {**ready.latents, **_turned(ready.latents["mu"], ready.latents["log_var"], turn)}
    turning = ready.turning
    if curve is None:
        points = _points(ready.points, ready.latents["mu"], ready.latents["log_var"], turn)
    else:
        points = _points(ready.points, curve.mu, curve.log_var, turn)
        along = _turned(curve.mu, curve.log_var, turn)
        dial = dataclasses.replace(
            turning.dial, variance=along["mu"].var(axis=1),
            active=tuple(map(int, curve.active_units)),
            rate_per_dim=np.array(list(map(mean_rates, along["mu"], along["log_var"]))))
        turning = dataclasses.replace(turning, dial=dial)
    weights = turned_decoder(ready.decoder.spec, ready.decoder.weights, turn)
    return dataclasses.replace(
        ready, latents=latents, turning=turning, points=points, dims=(0, 1), turn=turn, axis="PC",
        decoder=Decoder(ready.decoder.spec, weights),
        subject=dataclasses.replace(ready.subject, turn=turn)), tuple(map(float, held))


def umap(ready: Prepared) -> tuple[Prepared, tuple[float, ...]]:
    """The same, for a plane on which the browser lays out the means by UMAP: there a place has no
    z, and a posterior no shape."""
    turned, held = principal(ready)
    points = dataclasses.replace(turned.points, sxx=None, sxy=None, syy=None)
    return dataclasses.replace(turned, points=points, axis="UMAP"), held


AXES = {"PCA": principal, "UMAP": umap}


def choose_axes(bar: Any, can_unfold: bool) -> str:
    """Two dimensions, the first two principal axes, or a map by UMAP."""
    return widgets.choose(
        bar.segmented_control, "Axes", ["dimensions", *(AXES if can_unfold else ["PCA"])], "axes",
        default="dimensions", required=True)


def _turned(mu: np.ndarray, log_var: np.ndarray, turn: np.ndarray) -> dict[str, np.ndarray]:
    """Means, and the marginals' log σ²: along a turned axis σ² is Σ_k Q_dk² σ_k²."""
    variance = np.exp(np.asarray(log_var, np.float32)) @ (turn.T ** 2)
    return {"mu": np.asarray(mu, np.float32) @ turn.T.astype(np.float32),
            "log_var": np.log(variance)}


def _points(points: Points, mu: np.ndarray, log_var: np.ndarray, turn: np.ndarray) -> Points:
    shown = turn[:2]
    x, y = np.moveaxis(np.asarray(mu, np.float32) @ shown.T, -1, 0)
    spread: dict[str, np.ndarray | None] = dict(sxx=None, sxy=None, syy=None)
    if (log_var > LOG_VAR_MIN).any():
        variance = np.exp(np.asarray(log_var, np.float32))
        found = root(np.einsum("ad,...d,bd->...ab", shown, variance, shown))
        spread = dict(sxx=found[..., 0, 0].astype(HALF), sxy=found[..., 0, 1].astype(HALF),
                      syy=found[..., 1, 1].astype(HALF))
    return dataclasses.replace(points, x=x.astype(HALF), y=y.astype(HALF), **spread)
