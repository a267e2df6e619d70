"""Runs that differ in β alone, seen as one model that can be turned through β."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.format import plain
from ui.model import Axes, ModelAt, ModelView, cached, for_json
from vae_core.config import CONDITIONED_ONLY, TrainConfig, knobs
from vae_core.measure.embeddings import align_chain
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.run import RunError, Summary

NUM_POINTS = 5000  # test images that are drawn of a sweep
# What decides how a run was computed, but not what was learned, doesn't part a sweep.
_MACHINE = {name for name, (_, _, knob) in knobs().items() if knob.group == "machine"}
# Those of which each architecture or likelihood has some.
_OPTIONAL = {name for name, (_, _, knob) in knobs().items()
             if knob.group in ("network", "likelihood")} - {"likelihood"}


def measured(summary: Summary) -> bool:
    """Whether there are numbers to draw: after the first epoch, and none of them NaN."""
    last = summary.last
    return last is not None and all(math.isfinite(last.get(term, math.nan))
                                    for term in ("test_distortion", "test_rate"))


def shared_settings(config: TrainConfig) -> dict[str, Any]:
    """Every knob that acts on what a run learns, but β; of a β-conditioned model, the β that it
    opens at tells it from others."""
    unused = _OPTIONAL - {*ARCHITECTURES[config.architecture].knobs,
                          *LIKELIHOODS[config.likelihood].knobs}
    unused |= set() if config.beta_conditioned else set(CONDITIONED_ONLY)
    unused |= _MACHINE if config.beta_conditioned else {"beta", *_MACHINE}
    return {name: value for name, value in config.to_dict().items() if name not in unused}


def by_beta(group: Sequence[Summary]) -> dict[float, Summary]:
    """The runs by rising β; of several with one β the finished one counts, then the one with more
    epochs."""
    best = sorted(group, key=lambda s: (s.config.beta, s.state == "finished", s.last["epoch"]))
    return {s.config.beta: s for s in best}  # the last one of a β stays


def sweep_of(chosen: Summary, summaries: Sequence[Summary]) -> list[Summary]:
    """The runs, by rising β > 0, that differ from the chosen one in β alone, with itself; or none.

    Of several with one β the chosen one counts.
    """
    config = chosen.config
    if config.beta_conditioned or not config.beta or not measured(chosen):
        return []
    shared = shared_settings(config)
    found = by_beta([chosen, *(s for s in summaries if s.config.beta not in (0, config.beta)
                               and measured(s) and shared_settings(s.config) == shared)])
    return list(found.values()) if len(found) > 1 else []


class Sweep(ModelView):
    """Models that differ in β alone, by rising β, aligned by Procrustes to one of them.

    It has a ModelView's interface: its points are interpolated between two members, while decoder
    and figures are those of the member nearest on the logarithmic scale. Run, configuration and
    latents are the reference's.
    """

    def __init__(self, members: Sequence[Summary], reference: Summary):
        super().__init__(reference)
        self.members = tuple(map(ModelView, members))
        self.reference = next(k for k, s in enumerate(members) if s.run_id == reference.run_id)

    def identity(self, axes: Axes) -> str:
        return f"{super().identity(axes)} sweep of {len(self.members)}"

    @property
    def betas(self) -> np.ndarray:
        return np.array([member.config.beta for member in self.members])

    @property
    def posteriors(self) -> dict[str, np.ndarray]:
        return _stacked(self.members, self.reference)

    @property
    def rotations(self) -> np.ndarray:
        """Q of each member, which takes its z to the reference's coordinates."""
        return _rotations(self.members, self.reference)

    def _at(self, beta: float) -> ModelAt:
        k = nearest(self.betas, beta)
        return ModelAt(self.members[k], self.betas[k], self.rotations[k])

    def dial(self, axes: Axes) -> dict[str, Any]:
        """As of a ModelView; `names` and `turns` say that models were trained apart: model k takes
        u as turns[k]ᵀ u."""
        each = [member.at() for member in self.members]
        return for_json({
            "beta": self.betas, "distortion": [at.distortion for at in each],
            "rate": [at.rate for at in each], "per_beta": self.per_beta,
            "active": [at.active_units for at in each],
            "names": [member.run_id for member in self.members],
            "turns": self.rotation(axes), **self._marginals(axes)})

    def decoder(self, axes: Axes) -> tuple[dict[str, Any], np.ndarray]:
        """All decoders, one after another."""
        own = dataclasses.replace(axes, rotation=None)
        each = [member.decoder(own) for member in self.members]
        likelihoods = {"likelihoods": [layers["likelihood"] for layers, _ in each]}
        return each[0][0] | likelihoods, np.concatenate([weights for _, weights in each])

    @property
    def caption(self) -> str:
        return (f"{len(self.members)} models trained separately, each aligned by Procrustes to its "
                f"neighbour, starting from {plain(self.run_id)}. Between two of them the embedding "
                "is interpolated; decoder and figures are those of the nearest one. A model with "
                "β = 0 has no place on a logarithmic scale.")


def alike(summaries: Sequence[Summary], reference: Summary) -> list[Summary]:
    """Those whose latents can be read and are of the reference's test images."""
    found, own = [], ModelView(reference).latents
    for summary in summaries:
        try:
            latents = ModelView(summary).latents
        except RunError:
            continue
        if latents["mu"].shape == own["mu"].shape \
                and np.array_equal(latents["label"], own["label"]):
            found.append(summary)
    return found


def nearest(betas: np.ndarray, beta: float) -> int:
    """The knot that is nearest on the logarithmic scale; of two the higher one. 0 is near to itself
    alone."""
    if len(same := np.flatnonzero(betas == beta)):
        return int(same[-1])
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log(betas[::-1] / beta))
    return len(distance) - 1 - int(np.argmin(np.round(distance, 12)))


@cached(4, "Aligning the models of the sweep…")
def _rotations(members: tuple[ModelView, ...], reference: int) -> np.ndarray:
    return np.array(align_chain([each["mu"] for each in _latents(members, reference)], reference))


@cached(4)
def _stacked(members: tuple[ModelView, ...], reference: int) -> dict[str, np.ndarray]:
    each = [{name: values[:NUM_POINTS] for name, values in latents.items()}
            for latents in _latents(members, reference)]
    return {name: np.array([latents[name] for latents in each])
            for name in ("mu", "log_var", "rate", "distortion")} | {
                "label": each[reference]["label"]}


def _latents(members: tuple[ModelView, ...], reference: int) -> list[dict[str, np.ndarray]]:
    """Of the test images that all have; RunError where they are different ones."""
    each = [member.latents for member in members]
    size = min(len(latents["label"]) for latents in each)
    each = [{name: latents[name][:size] for name in ("mu", "log_var", "rate", "distortion",
                                                     "label")} for latents in each]
    for member, latents in zip(members, each, strict=True):
        if not np.array_equal(latents["label"], each[reference]["label"]):
            raise RunError(f"Run {member.run_id!r} was measured on other test images than "
                           f"{members[reference].run_id!r}: train it again to compare them.")
    return each
