"""Which runs Trade-off compares: those that share axes, sweeps over β, companions; their table."""

import math
import re
from collections.abc import Sequence
from typing import Any

from ui.model import has_curve
from ui.sweep import by_beta, measured, shared_settings
from vae_core.config import TrainConfig
from vae_core.runs.run import Summary

_DEFAULT = TrainConfig()


def listed(summaries: Sequence[Summary], dataset: str, observations: str) -> list[Summary]:
    """The runs that may share axes: one data set, one observation model."""
    return [s for s in summaries if not s.problem and s.config.dataset == dataset
            and s.config.observation_model == observations]


def kind(config: TrainConfig) -> str:
    return f"{config.architecture} · z = {config.latent_dim}"


def companions(summary: Summary, summaries: Sequence[Summary]) -> list[Summary]:
    """The finished single-β runs that a β-conditioned one is compared with, by β: same data and
    training images, densities, latent size, architecture and weight of D. A β-conditioned model
    that is frozen at one β isn't one of them."""
    same = ("dataset", "train_limit", "latent_dim", "architecture", "reconstruction_weight")
    found = [s for s in summaries if measured(s) and s.state == "finished" and s.trained
             and not s.config.beta_conditioned
             and s.config.observation_model == summary.config.observation_model
             and all(getattr(s.config, name) == getattr(summary.config, name) for name in same)]
    return sorted(found, key=lambda s: (s.config.beta, s.run_id))


def families(summaries: Sequence[Summary]) -> dict[str, dict[float, Summary]]:
    """Measured runs that differ in β alone, by what they share. First β-conditioned models with a
    curve, the one with the most runs to compare it with ahead; then sweeps of two and more.

    Each maps β, rising, to its run: see `ui.sweep.by_beta`.
    """
    groups: dict[tuple, list[Summary]] = {}
    for summary in summaries:
        alone = summary.run_id if has_curve(summary) else ""  # every curve can be chosen
        groups.setdefault((alone, *shared_settings(summary.config).items()), []).append(summary)

    def rank(group: list[Summary]) -> tuple[bool, int]:
        if any(map(has_curve, group)):
            return False, -len(companions(group[0], summaries))
        return True, -len({s.config.beta for s in group})

    ordered = sorted(groups.values(), key=rank)
    names = _names([group[0].config for group in ordered])
    names = [f"{name} · {group[0].run_id}" if names.count(name) > 1 else name
             for name, group in zip(names, ordered, strict=True)]
    return {name: by_beta(group) for name, group in zip(names, ordered, strict=True)}


def _names(configs: Sequence[TrainConfig]) -> list[str]:
    """A name each: the network and, among equal networks, what differs and isn't the default."""
    shared = [shared_settings(config) for config in configs]
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
        f" · β-conditioned, {beta_range(config)}" if config.beta_conditioned else "")


def beta_range(config: TrainConfig) -> str:
    return f"{config.beta_min:g}–{config.beta_max:g}"


def today(name: str) -> str:
    """The name of a family in an older link, as it is now."""
    return re.sub(r"β ([\d.e+-]+–[\d.e+-]+), one run", r"β-conditioned, \1", name)


def _setting(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {f'{value:.10g}' if isinstance(value, float) else value}"


def start_beta(betas: Sequence[float]) -> float:
    """β = 1, or what lies nearest to it on the logarithmic scale."""
    return min(betas, key=lambda b: abs(math.log(b)) if b > 0 else math.inf)


# Columns of the table that come from the configuration; the file has every other knob after them.
_SHOWN = ("beta", "latent_dim", "architecture", "hidden_dim", "epochs")


def table(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    """One row a listed run, measured or not, by network and β: figures, then knobs; unrounded.

    A β-conditioned model is one row, measured at the β that it opens at, with its range.
    """
    rows, some = [], any(s.config.beta_conditioned for s in summaries)
    for s in sorted(summaries, key=lambda s: (kind(s.config), s.config.hidden_dim, s.config.beta)):
        last = s.last or {}
        rows.append({
            "run_id": s.run_id, "state": s.state, "beta": s.config.beta,
            **({"beta_range": beta_range(s.config) if s.config.beta_conditioned else ""}
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
