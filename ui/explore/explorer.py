"""One model made ready for a plane: read, placed, turned to its β; the same for each plane shown.

Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ui import models
from ui.explore import dial
from ui.explore import pin as pin_module
from ui.explore.dial import Figures, Turning
from ui.explore.pin import Subject
from ui.latent_plane import Decoder, Points, View
from vae_core.data.registry import CATALOG
from vae_core.measure.lattice import data_lattice, prior_lattice
from vae_core.runs.run import Summary

LATTICE = 20  # tiles along each side of the grid view


@dataclass(frozen=True)
class Prepared:
    """What a plane shows of a model, and the model that stands behind it at the dial's β."""

    chosen: Summary
    version: str
    dims: tuple[int, ...]
    sweep: tuple[Summary, ...]
    latents: Mapping[str, np.ndarray]
    turning: Turning | None
    beta: float | None  # where the dial stands
    points: Points
    decoder: Decoder
    subject: Subject
    turn: np.ndarray | None = None  # Q, where the plane's coordinates are Q z: see `principal`
    axis: Literal["z", "PC", "UMAP"] = "z"

    @property
    def size(self) -> int:
        return len(self.points.label)

    @property
    def dial(self) -> dial.Dial | None:
        return self.turning and self.turning.dial

    @property
    def figures(self) -> Figures | None:
        """Those of the dial's β."""
        return self.turning and dial.figures_at(self.turning, self.beta)

    @property
    def words(self) -> str:
        """What is to be said about the dial, or about its absence."""
        return self.turning.words if self.turning else dial.why_not(self.chosen)


def latents(chosen: Summary) -> dict[str, np.ndarray]:
    """The test set's posteriors.

    Raises:
        ValueError, OSError: the run can't be read.
    """
    return models.latents(chosen.run, str(chosen.run.folder), models.version(chosen.run))


def prepare(chosen: Summary, dims: tuple[int, ...], sweep: Sequence[Summary] = (),
            beta: float | None = None) -> Prepared:
    """A model in the dimensions `dims`, at the β that the user wants, if it goes there.

    Raises:
        ValueError, OSError: the run, or one of its sweep, can't be read.
    """
    run = chosen.run
    version = models.version(run)
    read = models.latents(run, str(run.folder), version)
    turning = dial.turning(chosen, sweep, version, dims)
    beta = turning and dial.reached(turning.dial, chosen.config.beta, beta)
    decoder = turning.decoder if turning else models.decoder(run, str(run.folder), version)
    points = turning.points if turning else models.points(read, dims)
    return Prepared(chosen, version, dims, tuple(sweep), read, turning, beta, points, decoder,
                    pin_module.subject(chosen, read, version, turning, beta))


def view(ready: Prepared, *, held: tuple[float, ...], mode: Literal["points", "grid"],
         color_by: Literal["label", "rate", "distortion"],
         side: Literal["left", "right"] | None = None) -> View:
    """How it is shown."""
    config, points = ready.chosen.config, ready.points
    lattice = [data_lattice(axis, LATTICE) for axis in (points.x, points.y)] \
        if config.deterministic else [prior_lattice(LATTICE)] * 2
    name, axis = ready.chosen.run_id, ready.axis
    return View(
        title=name, model=f"{name} {ready.version} {len(ready.sweep)} {axis}", held=held,
        dims=ready.dims, axis=axis,
        mode=mode, color_by=color_by, beta=config.beta, lattice_x=tuple(lattice[0]),
        lattice_y=tuple(lattice[1]), class_names=CATALOG[config.dataset].class_names,
        closed=models.closed(ready.latents),
        rate_per_dim=models.rate_per_dim(ready.latents),
        code_ranges=models.code_ranges(ready.latents), side=side)
