"""What the dial on Explore turns through: one model for every β, or a sweep of models side by side.

Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import models
from ui.format import plain
from ui.latent_plane import Decoder, Dial, Points
from vae_core.measure.beta_curve import ACTIVE_VARIANCE, BetaCurve
from vae_core.measure.embeddings import align_chain
from vae_core.measure.lattice import mean_rates
from vae_core.runs.run import BETA_CURVE, RunError, Summary

SWEEP_POINTS = 5000
HALF = np.float16  # finer than a pixel, and half of what has to be sent


@dataclass(frozen=True)
class Turning:
    """A dial, what it turns, and what is to be said about it."""

    dial: Dial
    points: Points
    decoder: Decoder
    words: str
    runs: tuple[Summary, ...]  # one, or one a knot
    curve: BetaCurve | None = None  # of one run


@dataclass(frozen=True)
class Figures:
    """Test set, nats, at one β; `name` of the model that was measured if there are several."""

    beta: float
    distortion: float
    rate: float
    active: int

    @property
    def elbo(self) -> float:
        return -(self.distortion + self.rate)


def for_every_beta(chosen: Summary) -> bool:
    """Whether the run's decoder can be taken to any β and its curve has been measured."""
    config = chosen.config
    return config.beta_conditioned and config.conditioning == "film" \
        and chosen.run.path(BETA_CURVE).exists()


def why_not(chosen: Summary) -> str:
    """One sentence where a run for every β has no dial."""
    config = chosen.config
    if not config.beta_conditioned or for_every_beta(chosen):
        return ""
    why = "with gates it is shown at this one alone" if config.conditioning == "gates" else \
        "it can be turned once its training has finished"
    return f"One model for every β, shown at β = {config.beta:g}: {why}."


def turning(chosen: Summary, sweep: Sequence[Summary], version: str, dims: tuple[int, ...]
            ) -> Turning | None:
    """What the dial turns: the sweep if there is one, else the run itself if it has every β.

    Raises:
        RunError: a run can't be read.
    """
    if sweep:
        return of_sweep(chosen, sweep, dims)
    if not for_every_beta(chosen):
        return None
    curve = models.curve(chosen.run, str(chosen.run.folder), version)
    return of_curve(chosen, curve, version, dims)


def of_curve(chosen: Summary, curve: BetaCurve, version: str, dims: tuple[int, ...]) -> Turning:
    """A β-conditioned run at every β."""
    run = chosen.run
    dial = Dial(curve.beta, curve.distortion, curve.rate, curve.mu_variance, _per_beta(chosen),
                rate_per_dim=curve.rate_per_dim)
    words = (f"One model, trained for every β from {curve.beta[0]:g} to {curve.beta[-1]:g}. "
             "Decoded images are exact at the dial's β; the embedding was computed at "
             f"{len(curve.beta)} β and lies on straight lines between them.")
    return Turning(dial, _curve_points(curve, str(run.folder), version, dims),
                   models.decoder(run, str(run.folder), version, every_beta=True), words, (chosen,),
                   curve)


def sweep_of(chosen: Summary, summaries: Sequence[Summary]) -> list[Summary]:
    """The runs, by rising β > 0, that differ from the chosen one in β alone, with itself; or none.

    Of several with one β the chosen one counts, else the finished or longer trained one.
    """
    if chosen.config.beta_conditioned or not chosen.config.beta:
        return []
    rivals = [s for s in summaries if _may_share(chosen, s)]
    if len({s.config.beta for s in rivals}) < 2:
        return []
    from ui.tradeoff import comparison  # with plotly, which takes its time

    for family in comparison.families(list(filter(comparison.measured, rivals))).values():
        if chosen.run_id in {s.run_id for s in family.values()}:
            return list(family.values()) if len(family) > 1 else []
    return []


def _may_share(chosen: Summary, other: Summary) -> bool:
    names = ("dataset", "latent_dim", "architecture", "hidden_dim", "beta_conditioned")
    return other.run_id == chosen.run_id or (
        other.config.beta not in (0, chosen.config.beta)
        and all(getattr(other.config, n) == getattr(chosen.config, n) for n in names))


def of_sweep(chosen: Summary, sweep: Sequence[Summary], dims: tuple[int, ...]) -> Turning:
    """Runs trained apart, turned onto the chosen one's coordinates, each onto its neighbour.

    Raises:
        RunError: a run can't be read, or has other test images.
    """
    versions = tuple(models.version(s.run) for s in sweep)
    reference = next(k for k, s in enumerate(sweep) if s.run_id == chosen.run_id)
    points, variance, rates, turns, decoder = _aligned(
        sweep, tuple(str(s.run.folder) for s in sweep), versions, reference, dims)
    dial = Dial(np.array([s.config.beta for s in sweep]),
                np.array([s.last["test_distortion"] for s in sweep]),
                np.array([s.last["test_rate"] for s in sweep]), variance, _per_beta(chosen),
                active=tuple(int(s.last["active_units"]) for s in sweep),
                names=tuple(s.run_id for s in sweep), turns=turns, rate_per_dim=rates)
    words = (f"{len(sweep)} models trained apart, each turned onto its neighbour as well as a "
             f"rotation can (Procrustes), beginning with {plain(chosen.run_id)}. Between two of "
             "them the embedding is interpolated, and decoder and figures are those of the nearest "
             "one. A model with β = 0 has no place on a logarithmic scale.")
    return Turning(dial, points, decoder, words, tuple(sweep))


def reached(dial: Dial, default: float, wanted: float | None) -> float:
    """Where the dial stands: at the β that is wanted, if it goes there, else at the default."""
    low, high = float(dial.beta[0]), float(dial.beta[-1])
    inside = wanted is not None and low * (1 - 1e-6) <= wanted <= high * (1 + 1e-6)
    return min(max(wanted if inside else default, low), high)


def nearest(dial: Dial, beta: float) -> int:
    """The knot that is nearest on the logarithmic scale; of two the higher one."""
    distance = np.abs(np.log(dial.beta[::-1] / beta))
    return len(distance) - 1 - int(np.argmin(np.round(distance, 12)))


def figures_at(turning: Turning, beta: float) -> Figures:
    """What the browser shows at β: see `figuresAt` in knots.js."""
    dial, curve = turning.dial, turning.curve
    if curve is None:
        k = nearest(dial, beta)
        return Figures(float(dial.beta[k]), float(dial.distortion[k]), float(dial.rate[k]),
                       dial.active[k])
    variance = np.exp(curve.at(beta, np.log(np.maximum(curve.mu_variance, 1e-30))))
    return Figures(beta, float(curve.at(beta, curve.distortion)),
                   float(curve.at(beta, curve.rate)), int((variance > ACTIVE_VARIANCE).sum()))


def _per_beta(chosen: Summary) -> float:
    """On the curve of D and R the slope is −β over the weight of D."""
    weight = chosen.config.reconstruction_weight
    return 1 / weight if weight else 0.0


@st.cache_resource(max_entries=4, show_spinner=False)
def _curve_points(_curve: BetaCurve, folder: str, version: str, dims: tuple[int, ...]) -> Points:
    return models.curve_points(_curve, dims)


@st.cache_resource(max_entries=2, show_spinner="Aligning the models of the sweep…")
def _aligned(_sweep: Sequence[Summary], folders: tuple[str, ...], versions: tuple[str, ...],
             reference: int, dims: tuple[int, ...]
             ) -> tuple[Points, np.ndarray, np.ndarray, np.ndarray, Decoder]:
    """Points, variance of the turned means and rates of the turned marginals (knots, latent_dim),
    the turns, and all decoders."""
    each = [models.latents(s.run, folder, version)
            for s, folder, version in zip(_sweep, folders, versions, strict=True)]
    size = min(SWEEP_POINTS, *(len(latents["label"]) for latents in each))
    label = each[reference]["label"][:size]
    for summary, latents in zip(_sweep, each, strict=True):
        if not np.array_equal(latents["label"][:size], label):
            raise RunError(f"Run {summary.run_id!r} was measured on other test images than "
                           f"{_sweep[reference].run_id!r}: train it again to compare them.")
    mu = [latents["mu"][:size] for latents in each]
    turns = np.array(align_chain(mu, reference))
    turned = np.array([one @ q.T for one, q in zip(mu, turns, strict=True)])
    variance = np.array([np.exp(latents["log_var"][:size]) for latents in each])
    # Along a turned axis a posterior is Gaussian with the variance Σ_k Q_dk² σ_k².
    rates = np.array([mean_rates(one, np.log(var @ (q**2).T))
                      for one, var, q in zip(turned, variance, turns, strict=True)])
    shown = turns[:, list(dims)]  # (knots, 1 or 2, latent_dim): what becomes of z on the plane
    covariance = np.einsum("kad,knd,kbd->knab", shown, variance, shown)
    spread = root(covariance) if len(dims) > 1 else np.sqrt(covariance)
    half = lambda values: values.astype(HALF)  # noqa: E731
    flat = np.zeros(turned.shape[:2])
    points = Points(
        half(turned[..., dims[0]]), half(turned[..., dims[1]] if len(dims) > 1 else flat), label,
        *(half(np.array([latents[name][:size] for latents in each]))
          for name in ("rate", "distortion")),
        sxx=half(spread[..., 0, 0]), sxy=half(spread[..., 0, 1] if len(dims) > 1 else flat),
        syy=half(spread[..., 1, 1] if len(dims) > 1 else flat))
    decoders = [models.decoder(s.run, folder, version)
                for s, folder, version in zip(_sweep, folders, versions, strict=True)]
    spec = decoders[0].spec | {"likelihoods": [one.spec["likelihood"] for one in decoders]}
    together = Decoder(spec, np.concatenate([one.weights for one in decoders]))
    return points, turned.var(axis=1), rates, turns, together


def root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric root S of 2 × 2 covariances C = S S.

    S = (C + √det C · I) / √(tr C + 2 √det C)
    """
    trace = np.trace(covariance, axis1=-2, axis2=-1)
    det = np.sqrt(np.maximum(np.linalg.det(covariance), 0))
    return (covariance + det[..., None, None] * np.eye(2)) \
        / np.sqrt(trace + 2 * det)[..., None, None]
