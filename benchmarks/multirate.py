"""One β-conditioned model against single-β models: J = D + βR on the test set.

    python benchmarks/multirate.py RUN RUN …      compare existing runs
    python benchmarks/multirate.py [--latent-dims 2,16] [--seeds 0,1,2]
        [--betas 0.01,0.1,0.5,1,2,4,10] [--times 3] [--checkpoints FOLDER] [--plot FILE]

The second form trains what is missing: for each latent size and seed a model for each β, and a
β-conditioned one with --times as many epochs. It can be stopped and restarted. Target: J within
0.5 % of the single-β model's at every β in the mean over seeds, and within 1.0 % for each seed.

D is the mean over eight samples of z for each of the 10,000 binarised test images, R in closed
form; binarisation and samples have fixed seeds, so a second evaluation gives the same digits.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import torch
from machine import machine

from vae_core.config import TrainConfig
from vae_core.data import load_split
from vae_core.measure.test_set import FINAL_SAMPLES, active_units, per_example, test_x
from vae_core.model.conditioning import freeze
from vae_core.model.vae import VAE
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run, open_run

# Of the single-β models; other settings have their defaults. z = 2 is the README's model; z = 16 is
# narrower than the README's and multiplies in bf16, so that three seeds take hours, not days.
SETTINGS = {2: dict(hidden_dim=200, num_layers=3, learning_rate=3e-3, batch_size=256, epochs=100),
            16: dict(hidden_dim=256, num_layers=2, learning_rate=2e-3, batch_size=512, epochs=180,
                     precision="bf16")}
SHARED = dict(activation="silu", schedule="one-cycle")
# Ranges beyond the largest β that is compared; gradients far above their usual norm are clipped.
CONDITIONED = {2: dict(beta_conditioned=True, beta_max=50.0, max_grad_norm=1000.0),
               16: dict(beta_conditioned=True, beta_max=20.0, max_grad_norm=1000.0)}
TARGET = 0.5  # %, of J at every β


class Measured(NamedTuple):
    distortion: float
    rate: float
    active: int

    def objective(self, beta: float) -> float:
        """J = D + βR, nats."""
        return self.distortion + beta * self.rate


class Compared(NamedTuple):
    latent_dim: int
    seed: int
    beta: float
    single: Measured
    conditioned: Measured

    @property
    def gap(self) -> float:
        """How much higher J of the conditioned model is, %."""
        return 100 * (self.conditioned.objective(self.beta) / self.single.objective(self.beta)
                      - 1)


def measure(model: VAE) -> Measured:
    data = load_split(model.config.dataset, "test")
    each = per_example(model, test_x(model, data), FINAL_SAMPLES)
    return Measured(each.distortion.mean().item(), each.rate.mean().item(), active_units(each.mu))


def protocol(latent_dims: Iterable[int], seeds: Iterable[int], betas: Iterable[float], times: int,
             checkpoints: Path) -> list[Run]:
    """Every run of the comparison, trained if it is missing."""
    runs = []
    for latent_dim in latent_dims:
        for seed in seeds:
            knobs = dict(latent_dim=latent_dim, seed=seed, **SHARED, **SETTINGS[latent_dim])
            configs = [TrainConfig(beta=beta, **knobs) for beta in betas]
            more = CONDITIONED[latent_dim] | dict(epochs=times * knobs["epochs"])
            configs.append(TrainConfig(**knobs | more))
            runs += [trained(config, checkpoints) for config in configs]
    return runs


def trained(config: TrainConfig, checkpoints: Path) -> Run:
    run = Run(checkpoints / config.default_run_id())
    if not run.folder.exists():
        run.write_config(config)
    if run.config() != config:
        sys.exit(f"{run.folder} has other settings: choose another --checkpoints folder.")
    if run.path("status.json").exists() and run.status().state == "finished":
        return run
    how = ["--resume"] if run.path("training_state.safetensors").exists() else \
        ["--from-config", run.path("config.json")]
    subprocess.run([sys.executable, "-m", "vae_core", "train", "--run-id", run.run_id,
                    "--checkpoints", checkpoints, *how], check=True)
    return run


def comparisons(runs: Iterable[Run]) -> list[Compared]:
    """Each conditioned model with the single-β ones of its size and seed; prints their tables."""
    configs = {run: run.config() for run in runs}
    found = []
    for run, config in configs.items():
        if not config.beta_conditioned:
            continue
        alike = sorted((other for other, c in configs.items() if not c.beta_conditioned and c.beta
                        and config.beta_min <= c.beta <= config.beta_max
                        and all(getattr(c, knob) == getattr(config, knob)
                                for knob in ("latent_dim", "seed", "reconstruction_weight"))),
                       key=lambda other: configs[other].beta)
        print(f"\n`{run.run_id}`, z = {config.latent_dim}, seed {config.seed}, {config.epochs} "
              f"epochs, {run.status().seconds / 60:.0f} min; single-β: "
              f"{', '.join(sorted({f'{configs[o].epochs} epochs' for o in alike}))}, "
              f"{sum(o.status().seconds for o in alike) / 60:.0f} min together\n")
        heading("β | single-β D | R | J | active | conditioned D | R | J | active | J gap")
        model = load_model(run)
        for other in alike:
            beta = configs[other].beta
            pair = measure(load_model(other)), measure(freeze(model, beta))
            one = Compared(config.latent_dim, config.seed, beta, *pair)
            cells = " | ".join(f"{each.distortion:.2f} | {each.rate:.2f} | "
                               f"{each.objective(beta):.2f} | {each.active}" for each in pair)
            print(f"| {beta:g} | {cells} | {one.gap:+.2f} % |", flush=True)
            found.append(one)
    return found


def summarize(found: list[Compared]) -> None:
    """Print means over seeds."""
    print("\nMeans over seeds; active units and gaps of each seed\n")
    heading("z | β | J, single-β | active | J, conditioned | active | J gap | of each seed")
    for (latent_dim, beta), each in by_model(found).items():
        one, ours = ([getattr(c, kind) for c in each] for kind in ("single", "conditioned"))
        cells = " | ".join(f"{mean(m.objective(beta) for m in kind):.2f} | "
                           f"{', '.join(str(m.active) for m in kind)}" for kind in (one, ours))
        gaps = [c.gap for c in each]
        print(f"| {latent_dim} | {beta:g} | {cells} | {mean(gaps):+.2f} % | "
              f"{', '.join(f'{gap:+.2f}' for gap in gaps)} |")
    print(f"\nlargest gap {max(c.gap for c in found):+.2f} %")


def by_model(found: list[Compared]) -> dict[tuple[int, float], list[Compared]]:
    groups: dict[tuple[int, float], list[Compared]] = {}
    for one in sorted(found):
        groups.setdefault((one.latent_dim, one.beta), []).append(one)
    return groups


def heading(columns: str) -> None:
    print(f"| {columns} |")
    print("| ---: " * len(columns.split("|")) + "|")


def plot(found: list[Compared], target: Path) -> None:
    """Every gap over β, one dot per seed and a line through the means, as a PNG by Chromium."""
    import plotly.graph_objects as go
    from browser import launch  # the file beside this one
    from playwright.sync_api import sync_playwright

    figure = go.Figure()
    figure.add_hline(0, line=dict(color="#1A1A1A", width=1))
    figure.add_hline(TARGET, line=dict(color="#858585", width=1, dash="dash"), annotation=dict(
        text=f"target: below {TARGET:g} % in the mean", xanchor="left", x=0, yanchor="bottom",
        font_color="#6A6A6A"))
    for latent_dim, colour in zip(sorted({c.latent_dim for c in found}), ("#0072B2", "#D55E00")):
        ours = [c for c in found if c.latent_dim == latent_dim]
        groups = {beta: each for (dim, beta), each in by_model(ours).items()}
        name = f"z = {latent_dim}"
        figure.add_scatter(x=[c.beta for c in ours], y=[c.gap for c in ours], mode="markers",
                           marker=dict(color=colour, size=9, opacity=0.55), showlegend=False)
        figure.add_scatter(x=list(groups), y=[mean(c.gap for c in each)
                                              for each in groups.values()],
                           mode="lines", line=dict(color=colour, width=2), name=name)
    figure.update_xaxes(type="log", title="β", tickvals=[c.beta for c in found],
                        ticktext=[f"{c.beta:g}" for c in found])
    figure.update_yaxes(title="J, conditioned against single-β models, %", zeroline=False)
    figure.update_layout(template="simple_white", width=900, height=420, font_size=14,
                         margin=dict(l=70, r=20, t=20, b=60),
                         legend=dict(x=0.02, y=0.02, yanchor="bottom"))
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport=dict(width=900, height=420), device_scale_factor=2)
        page.set_content(figure.to_html(full_html=False, config=dict(staticPlot=True)))
        page.wait_for_selector(".js-plotly-plot .legend")
        page.locator(".js-plotly-plot").screenshot(path=str(target))
        browser.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("runs", nargs="*", type=Path, help="run folders (default: train them)")
    arguments.add_argument("--latent-dims", default="2,16")
    arguments.add_argument("--seeds", default="0,1,2")
    arguments.add_argument("--betas", default="0.01,0.1,0.5,1,2,4,10")
    arguments.add_argument("--times", type=int, default=3,
                           help="epochs of the conditioned model per epoch of a single-β one")
    arguments.add_argument("--checkpoints", type=Path, default=Path("multirate-runs"))
    arguments.add_argument("--plot", type=Path, help="a PNG of the gaps")
    given = arguments.parse_args()
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    print(machine())
    numbers = [[kind(text) for text in listed.split(",")] for kind, listed in
               ((int, given.latent_dims), (int, given.seeds), (float, given.betas))]
    found = comparisons([open_run(folder) for folder in given.runs] or
                        protocol(*numbers, given.times, given.checkpoints))
    if not found:
        sys.exit("Nothing to compare: give a β-conditioned run and single-β runs of its latent "
                 "size and seed.")
    summarize(found)
    if given.plot:
        plot(found, given.plot)


if __name__ == "__main__":
    main()
