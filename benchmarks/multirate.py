"""One β-conditioned run against runs dedicated to one β each: J = D + βR on the test set.

    python benchmarks/multirate.py RUN RUN …      compare runs that are there
    python benchmarks/multirate.py [--latent-dims 2,16] [--seeds 0,1,2]
        [--betas 0.01,0.1,0.5,1,2,4,10] [--epochs 100] [--times 3] [--checkpoints FOLDER]

The second form trains whatever isn't there yet: for each latent size and seed one run for each β
with the settings of the README's table, and one conditioned run of --times as many epochs. It can
be stopped and started again. Wanted: J within 0.5 % of the dedicated run's at every β in the mean
over seeds, and within 1.0 % in each.

D is the mean over eight draws of z for each of the 10,000 binarised test images, R in closed form;
binarisation and draws have fixed seeds, so a second evaluation gives the same digits.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import torch

from vae_core.checkpoint import load_model
from vae_core.config import TrainConfig
from vae_core.data import load_split
from vae_core.evaluation import FINAL_SAMPLES, active_units, per_example, test_x
from vae_core.freeze import freeze
from vae_core.runs import Run, open_run
from vae_core.vae import VAE

# As in the README; what isn't named here is the default.
SETTINGS = {2: dict(hidden_dim=200, num_layers=3, learning_rate=3e-3),
            16: dict(hidden_dim=448, num_layers=2, learning_rate=2e-3)}
SHARED = dict(activation="silu", batch_size=256, schedule="one-cycle")
# Ranges beyond the largest β that is compared; a gradient far above its usual norm is shortened.
CONDITIONED = {2: dict(beta_conditioned=True, beta_max=50.0, max_grad_norm=1000.0),
               16: dict(beta_conditioned=True, beta_max=20.0, max_grad_norm=1000.0)}


class Measured(NamedTuple):
    distortion: float
    rate: float
    active: int

    def objective(self, beta: float) -> float:
        """J = D + βR, nats."""
        return self.distortion + beta * self.rate


def measure(model: VAE) -> Measured:
    data = load_split(model.config.dataset, "test")
    each = per_example(model, test_x(model, data), FINAL_SAMPLES)
    return Measured(each.distortion.mean().item(), each.rate.mean().item(), active_units(each.mu))


def protocol(latent_dims: Iterable[int], seeds: Iterable[int], betas: Iterable[float], epochs: int,
             times: int, checkpoints: Path) -> list[Run]:
    """Every run of the comparison, trained if it isn't there."""
    runs = []
    for latent_dim in latent_dims:
        for seed in seeds:
            knobs = dict(latent_dim=latent_dim, seed=seed, **SHARED, **SETTINGS[latent_dim])
            configs = [TrainConfig(beta=beta, epochs=epochs, **knobs) for beta in betas]
            configs.append(TrainConfig(epochs=times * epochs, **knobs | CONDITIONED[latent_dim]))
            runs += [trained(config, checkpoints) for config in configs]
    return runs


def trained(config: TrainConfig, checkpoints: Path) -> Run:
    run = Run(checkpoints / config.default_run_id())
    if not run.folder.exists():
        run.write_config(config)
    if run.config() != config:
        sys.exit(f"{run.folder} was trained with other knobs: choose another --checkpoints folder.")
    if run.path("status.json").exists() and run.status().state == "finished":
        return run
    how = ["--resume"] if run.path("training_state.safetensors").exists() else \
        ["--from-config", run.path("config.json")]
    subprocess.run([sys.executable, "-m", "vae_core", "train", "--run-id", run.run_id,
                    "--checkpoints", checkpoints, *how], check=True)
    return run


def table(runs: Iterable[Run]) -> None:
    """Print the comparison of each conditioned run with the dedicated ones of its size and seed."""
    configs = {run: run.config() for run in runs}
    worst = float("-inf")
    for run, config in configs.items():
        if not config.beta_conditioned:
            continue
        alike = [other for other, c in configs.items() if not c.beta_conditioned and c.beta
                 and all(getattr(c, knob) == getattr(config, knob)
                         for knob in ("latent_dim", "seed", "reconstruction_weight"))]
        print(f"\n`{run.run_id}`, z = {config.latent_dim}, seed {config.seed}, {config.epochs} "
              f"epochs, {run.status().seconds / 60:.0f} min; dedicated: "
              f"{', '.join(sorted({f'{configs[o].epochs} epochs' for o in alike}))}, "
              f"{sum(o.status().seconds for o in alike) / 60:.0f} min together\n")
        print("| β | dedicated D | R | J | active | conditioned D | R | J | active | J gap |")
        print("| ---: " * 10 + "|")
        model = load_model(run)
        for other in sorted(alike, key=lambda other: configs[other].beta):
            beta = configs[other].beta
            if not config.beta_min <= beta <= config.beta_max:
                continue
            pair = measure(load_model(other)), measure(freeze(model, beta))
            one, ours = (each.objective(beta) for each in pair)
            gap = 100 * (ours / one - 1)
            worst = max(worst, gap)
            cells = " | ".join(f"{each.distortion:.2f} | {each.rate:.2f} | {j:.2f} | {each.active}"
                               for each, j in zip(pair, (one, ours)))
            print(f"| {beta:g} | {cells} | {gap:+.2f} % |", flush=True)
    print(f"\nlargest gap {worst:+.2f} %")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("runs", nargs="*", type=Path, help="run folders (default: train them)")
    arguments.add_argument("--latent-dims", default="2,16")
    arguments.add_argument("--seeds", default="0,1,2")
    arguments.add_argument("--betas", default="0.01,0.1,0.5,1,2,4,10")
    arguments.add_argument("--epochs", type=int, default=100, help="of a dedicated run")
    arguments.add_argument("--times", type=int, default=3, help="conditioned epochs per dedicated")
    arguments.add_argument("--checkpoints", type=Path, default=Path("multirate-runs"))
    given = arguments.parse_args()
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
          f"{platform.python_version()}, torch {torch.__version__}")
    numbers = [[kind(text) for text in listed.split(",")] for kind, listed in
               ((int, given.latent_dims), (int, given.seeds), (float, given.betas))]
    table([open_run(folder) for folder in given.runs] or
          protocol(*numbers, given.epochs, given.times, given.checkpoints))


if __name__ == "__main__":
    main()
