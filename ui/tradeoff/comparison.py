"""What the Trade-off page is made of: listed runs, sweeps, numbers, table rows; draws nothing."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui import models, runs
from ui.charts import RatePoints
from ui.format import plain
from vae_core.config import CONDITIONED_ONLY, TrainConfig, knobs
from vae_core.data.registry import DATASETS
from vae_core.measure.embeddings import align_chain, most_used_dims
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.run import BETA_CURVE, RunError, Summary

# What decides how a run was computed, but not what was learned, doesn't part a sweep.
_MACHINE = {name for name, (_, _, knob) in knobs().items() if knob.group == "machine"}
# Those of which each architecture or likelihood has some.
_OPTIONAL = {name for name, (_, _, knob) in knobs().items()
             if knob.group in ("network", "likelihood")} - {"likelihood"}
_DEFAULT = TrainConfig()
MOST_NAMED = 12  # runs beyond the axes
COMMON_SPAN = 12.0  # means that reach farther get axes of their own


def measured(summary: Summary) -> bool:
    """Whether there are numbers to draw: after the first epoch, and none of them NaN."""
    last = summary.last
    return last is not None and all(math.isfinite(last.get(term, math.nan))
                                    for term in ("test_distortion", "test_rate"))


def listed(summaries: Sequence[Summary], dataset: str, observations: str) -> list[Summary]:
    """The runs that may share axes: one data set, one observation model."""
    return [s for s in summaries if not s.problem and s.config.dataset == dataset
            and s.config.observation_model == observations]


def kind(config: TrainConfig) -> str:
    return f"{config.architecture} · z = {config.latent_dim}"


def weight(config: TrainConfig) -> float:
    """β once the distortion's weight is divided out; the slope in the plane is −weight."""
    w = config.reconstruction_weight
    return config.beta / w if w else math.inf


def points(summaries: Sequence[Summary]) -> RatePoints:
    """Measured runs as points."""
    return RatePoints(
        name=tuple(s.run_id for s in summaries),
        rate=np.array([s.last["test_rate"] for s in summaries]),
        distortion=np.array([s.last["test_distortion"] for s in summaries]),
        weight=np.array([weight(s.config) for s in summaries]),
        kind=tuple(kind(s.config) for s in summaries),
        finished=np.array([s.state == "finished" for s in summaries], dtype=bool),
        hover=tuple(_hover(s) for s in summaries))


def _hover(summary: Summary) -> str:
    config, last = summary.config, summary.last
    lines = [f"β = {config.beta:g} · {kind(config)}",
             f"D {last['test_distortion']:.2f} · R {last['test_rate']:.2f} nats",
             f"ELBO {last['test_elbo']:.2f} nats".replace("-", "−"),
             f"{last['active_units']:.0f} of {config.latent_dim} units active",
             f"{last['epoch']:.0f} of {config.epochs} epochs"]
    if config.reconstruction_weight != 1:
        lines.insert(1, f"weight of D: {config.reconstruction_weight:g}")
    if summary.state != "finished":
        lines.append(f"<b>{summary.state}</b>")
    return "<br>".join(lines)


def has_curve(summary: Summary) -> bool:
    """Whether the run is one for every β and has been measured at all of them."""
    return not summary.problem and summary.config.beta_conditioned \
        and summary.run.path(BETA_CURVE).exists()


def companions(summary: Summary, summaries: Sequence[Summary]) -> list[Summary]:
    """The finished runs that were each trained at one β alone on what a conditioned run learned
    for all of them, by β: same data and training images, densities, code size, kind of network
    and weight of D. A curve held at one β isn't one of them."""
    same = ("dataset", "train_limit", "latent_dim", "architecture", "reconstruction_weight")
    found = [s for s in summaries if measured(s) and s.state == "finished" and s.trained
             and not s.config.beta_conditioned
             and s.config.observation_model == summary.config.observation_model
             and all(getattr(s.config, name) == getattr(summary.config, name) for name in same)]
    return sorted(found, key=lambda s: (s.config.beta, s.run_id))


def families(summaries: Sequence[Summary]) -> dict[str, dict[float, Summary]]:
    """Measured runs that differ in β alone, by what they share. First the curves that came of one
    run, the one with the most runs to compare it with ahead; then sweeps of two and more.

    Each maps β, rising, to its run. Of several runs with one β the finished one counts, then the
    one with more epochs.
    """
    groups: dict[tuple, list[Summary]] = {}
    for summary in summaries:
        alone = summary.run_id if has_curve(summary) else ""  # every curve can be chosen
        groups.setdefault((alone, *_shared(summary.config).items()), []).append(summary)

    def rank(group: list[Summary]) -> tuple[bool, int]:
        if any(map(has_curve, group)):
            return False, -len(companions(group[0], summaries))
        return True, -len({s.config.beta for s in group})

    ordered = sorted(groups.values(), key=rank)
    names = _names([group[0].config for group in ordered])
    names = [f"{name} · {group[0].run_id}" if names.count(name) > 1 else name
             for name, group in zip(names, ordered, strict=True)]
    return {name: _by_beta(group) for name, group in zip(names, ordered, strict=True)}


def _shared(config: TrainConfig) -> dict[str, Any]:
    """Every knob that acts on what a run learns, but β; of a run for every β, the β it is shown at
    tells it from others."""
    unused = _OPTIONAL - {*ARCHITECTURES[config.architecture].knobs,
                          *LIKELIHOODS[config.likelihood].knobs}
    unused |= set() if config.beta_conditioned else set(CONDITIONED_ONLY)
    unused |= _MACHINE if config.beta_conditioned else {"beta", *_MACHINE}
    return {name: value for name, value in config.to_dict().items() if name not in unused}


def _by_beta(group: Sequence[Summary]) -> dict[float, Summary]:
    best = sorted(group, key=lambda s: (s.config.beta, s.state == "finished", s.last["epoch"]))
    return {s.config.beta: s for s in best}  # the last one of a β stays


def _names(configs: Sequence[TrainConfig]) -> list[str]:
    """A name each: the network and, among equal networks, what differs and isn't the default."""
    shared = [_shared(config) for config in configs]
    networks = [_network(config) for config in configs]
    names = []
    for mine, network in zip(shared, networks, strict=True):
        rivals = [each for each, other in zip(shared, networks, strict=True) if other == network]
        differing = [_setting(name, value) for name, value in mine.items()
                     if value != getattr(_DEFAULT, name)
                     and any(each[name] != value for each in rivals)]
        names.append(" · ".join([network, *differing]))
    return names


def _network(config: TrainConfig) -> str:
    return f"{kind(config)} · {config.network_size}" + (
        f" · {one_run(config)}" if config.beta_conditioned else "")


def one_run(config: TrainConfig) -> str:
    """What marks a conditioned run wherever it is listed."""
    return f"β {config.beta_min:g}–{config.beta_max:g}, one run"


def _setting(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {f'{value:.10g}' if isinstance(value, float) else value}"


def start_beta(betas: Sequence[float]) -> float:
    """β = 1, or what lies nearest to it on the logarithmic scale."""
    return min(betas, key=lambda b: abs(math.log(b)) if b > 0 else math.inf)


def numbers(shown: Mapping[str, float], reference: Mapping[str, float] | None
            ) -> list[tuple[str, str, str | None]]:
    """Label, value and difference to another model of what was measured on the test set."""
    result = []
    for label, term, digits in (("Distortion D", "test_distortion", 2), ("Rate R", "test_rate", 2),
                                ("ELBO", "test_elbo", 2), ("Active units", "active_units", 0)):
        value, delta = shown[term], None
        if reference is not None:
            change = round(value - reference[term], digits)
            delta = f"{change:+.{digits}f}" if change else None
        result.append((label, f"{value:.{digits}f}".replace("-", "−"), delta))
    return result


# Columns of the table that come from the configuration; the file has every other knob behind them.
_SHOWN = ("beta", "latent_dim", "architecture", "hidden_dim", "epochs")


def table(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    """One row a listed run, measured or not, by network and β: figures, then knobs; unrounded.

    A run for every β is one row, measured at the β it is shown at, with its range beside it.
    """
    rows, some = [], any(s.config.beta_conditioned for s in summaries)
    for s in sorted(summaries, key=lambda s: (kind(s.config), s.config.hidden_dim, s.config.beta)):
        last = s.last or {}
        rows.append({
            "run_id": s.run_id, "state": s.state, "beta": s.config.beta,
            **({"beta_range": one_run(s.config) if s.config.beta_conditioned else ""}
               if some else {}),
            "latent_dim": s.config.latent_dim, "architecture": s.config.architecture,
            "hidden_dim": s.config.hidden_dim, "distortion": last.get("test_distortion"),
            "rate": last.get("test_rate"), "elbo": last.get("test_elbo"),
            "active_units": last.get("active_units"), "epochs": last.get("epoch", 0),
            "seconds": last.get("seconds"),
            **{name: value for name, value in s.config.to_dict().items() if name not in _SHOWN}})
    return rows


def file_name(dataset: str, observations: str) -> str:
    """tradeoff-mnist-bernoulli-binarised.csv"""
    words = f"{dataset} {observations}".lower().replace("σ", "sigma").replace(" = ", " ")
    return "tradeoff-" + re.sub(r"[^a-z0-9.]+", "-", words).strip("-") + ".csv"


def clicked(selection: Any) -> str | None:
    """The run whose marker was clicked, from what st.plotly_chart returns."""
    for point in selection["selection"]["points"] if selection else ():
        if (data := point.get("customdata")) and data[0]:  # "" on the curve: a β, no run
            return str(data[0])
    return None


def latents_of(summary: Summary) -> dict[str, np.ndarray]:
    """The run's latents, kept in memory as long as they aren't written anew; else a RunError."""
    run = summary.run
    if not runs.openable([summary]):
        return run.latents()  # says which file is missing
    return models.latents(run, str(run.folder), models.version(run))


@dataclass(frozen=True)
class Codes:
    """Posterior means (n, 1 or 2) in the dimensions drawn, their labels (n,), the axes' names."""

    mu: np.ndarray
    label: np.ndarray
    titles: tuple[str, ...]

    @property
    def span(self) -> float:
        """How far from 0 the means reach."""
        return float(np.abs(self.mu).max(initial=0.0))


def own_codes(latents: Mapping[str, np.ndarray], dims: Sequence[int] | None = None) -> Codes:
    """Codes in the two dimensions with the highest mean rate, or in these."""
    dims = dims or most_used_dims(latents["mu"], latents["log_var"])[:2]
    return Codes(latents["mu"][:, dims], latents["label"], tuple(f"z{d + 1}" for d in dims))


def aligned_codes(sweep: Mapping[float, Summary]) -> tuple[dict[float, Codes], float]:
    """The codes of a sweep's models by β, turned onto those of the model with β nearest 1, and
    that β. Left out are models whose latents can't be read (at least one can) or are of other
    images than its are."""
    read: dict[float, dict[str, np.ndarray]] = {}
    for beta, summary in sweep.items():
        with contextlib.suppress(RunError):  # said once it is to be shown
            read[beta] = latents_of(summary)
    middle = start_beta(list(read))
    alike = [beta for beta in read if read[beta]["mu"].shape == read[middle]["mu"].shape
             and np.array_equal(read[beta]["label"], read[middle]["label"])]
    turns = align_chain([read[beta]["mu"] for beta in alike], alike.index(middle))
    titles = own_codes(read[middle]).titles
    dims = [int(title[1:]) - 1 for title in titles]
    found = {}
    for beta, turn in zip(alike, turns, strict=True):
        turned = titles if beta == middle else \
            tuple(f"{title} of the model with β = {middle:g}" for title in titles)
        found[beta] = Codes(read[beta]["mu"] @ turn.T[:, dims], read[beta]["label"], turned)
    return found, middle


def codes_in_sweep(shown: Summary, sweep: Mapping[float, Summary]
                   ) -> tuple[Codes, list[float], str]:
    """A run's codes beside its sweep's: the codes, how far each run's reach, and what was done.

    Raises:
        RunError: the run's latents can't be read.
    """
    own = own_codes(latents_of(shown))
    if len(sweep) == 1:
        return own, [own.span], ""
    found, middle = aligned_codes(sweep)
    spans = [codes.span for codes in found.values()]
    beta = shown.config.beta
    if beta not in found:
        return own, spans, "These codes are of other test images than the sweep's: not turned."
    return found[beta], spans, alignment_words(beta, middle, shown.config.latent_dim)


def alignment_words(beta: float, middle: float, latent_dim: int) -> str:
    """What was done to the codes so that β can be turned without the plane turning."""
    if beta == middle:
        return f"The sweep's other models are turned onto this one, β = {middle:g}."
    turned = "rotated or mirrored" if latent_dim > 1 else "mirrored if need be"
    return (f"Models that were trained apart have no shared coordinates. So the latent space is "
            f"{turned}, which leaves the prior as it is, to lie on that of β = {middle:g} "
            "(Procrustes, through the models between), and turning β doesn't turn the plane. An "
            "axis is then no single dimension of this model.")


def common_range(spans: Sequence[float]) -> float:
    """Half the side of the axes that models of a sweep share: at least 3 prior deviations."""
    return 1.03 * max([3.0, *(each for each in spans if each <= COMMON_SPAN)])


def embedding_view(config: TrainConfig, codes: Codes, spans: Sequence[float], along: str = "sweep"
                   ) -> tuple[dict[str, Any], str]:
    """What `figures.embedding` is to draw of a model, and what must be said about it.

    spans: those of each model along the sweep or curve. They share axes, so that a growing β is
    seen to contract the codes; a model that reaches too far and would hide the others has its own.
    A 1-D code gets a row a class.
    """
    flat, own, prior = codes.mu.shape[1] == 1, codes.span > COMMON_SPAN, not config.deterministic
    x = codes.mu[:, 0]
    y = _rows(codes.label) if flat else codes.mu[:, 1]
    side = common_range(spans)
    ranges = _square(x, y) if own else ((-side, side), (-side, side))
    words = [f"Posterior means of {len(x):,} test images."]
    if config.latent_dim > 2:
        words.append(f"Shown: the two of {config.latent_dim} dimensions with the highest mean "
                     "rate.")
    if prior and not flat:
        words.append("Circles: 1, 2 and 3 standard deviations of the prior.")
    if own and len(spans) > 1:
        words.append(f"These codes reach too far for the {along}'s axes and have axes of their "
                     "own.")
    elif len(spans) > 1:
        words.append(f"The axes stay the same along the {along}.")
    if flat:
        ranges = ranges[0], (float(y.min()) - 0.6, float(y.max()) + 0.6)
    return dict(x=x, y=y, label=codes.label, ranges=ranges, circles=prior and not flat,
                equal_axes=not flat, class_names=DATASETS[config.dataset].class_names,
                titles=(codes.titles[0], "class" if flat else codes.titles[1])), " ".join(words)


def _rows(label: np.ndarray) -> np.ndarray:
    """A height for each point of a 1-D code: its class, spread evenly by the golden ratio."""
    return label + (np.arange(len(label)) * 0.6180339887 % 1 - 0.5) * 0.7


def _square(x: np.ndarray, y: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Axes of one scale that hold every point."""
    half = 0.52 * max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    middle = [(float(v.min()) + float(v.max())) / 2 for v in (x, y)]
    return (middle[0] - half, middle[0] + half), (middle[1] - half, middle[1] + half)


def plane_words(summaries: Sequence[Summary], line: bool = False) -> str:
    """What one sees in the plane; line: a curve from one run is among it."""
    words = "Up and left a model compresses, down and right it remembers; along the curve the " \
        "ELBO is highest where the slope is −1. "
    if line:
        words += ("The coloured line is one run, measured at every β: drag the ring along it, or "
                  "click a place on it, to choose β. Dashed: the tangent of slope −β at the ring, "
                  "on which D + β·R is constant; a good curve lies nowhere below it. The larger "
                  "points are runs with a training each, with their own slope −β in grey: click "
                  "one to open it.")
        if any(map(has_curve, summaries)):
            words += " Thin lines: other runs that are one training for every β."
    else:
        words += ("Blue: the lower convex envelope of the finished models; grey: through each one, "
                  "the line of slope −β on which D + β·R is constant; ringed: the model shown. "
                  "Click a point to open it.")
        if any(map(has_curve, summaries)):
            words += " Thin lines: runs that are one training for every β."
    if any(s.config.beta == 0 for s in summaries):
        words += (" At β = 0 the decoder gets no noise: the rate is that of the narrowest Gaussian "
                  "the model allows (log σ² = −12)" + ("." if line else
                  ", and the curve leaves these models out."))
    return words


def places(summaries: Sequence[Summary]) -> str:
    """Runs and where they lie, for those beyond the axes; in markdown."""
    named = [f"{plain(s.run_id)} (R = {s.last['test_rate']:.1f}, D = "
             f"{s.last['test_distortion']:.1f})" for s in summaries[:MOST_NAMED]]
    more = len(summaries) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])
