"""Measure every committed run on the binarised MNIST test set; prints the README's table.

    python benchmarks/checkpoints.py [--num-samples 100] [--checkpoints checkpoints]

Each run is evaluated once on all 10,000 test images: the binarisation and the noise have fixed
seeds, so a second evaluation gives the same digits. log p(x) is by importance sampling.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from machine import machine

from vae_core.data import load_split
from vae_core.measure.test_set import evaluate
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import find_runs


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--num-samples", type=int, default=100)
    arguments.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    given = arguments.parse_args()
    print(f"{machine()}; K = {given.num_samples}\n")
    print("| run | β | distortion | rate | ELBO | log p(x) ≥ | active units | MB | trained in |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for run in sorted(find_runs(given.checkpoints), key=lambda run: (
            run.config().latent_dim, run.config().architecture, run.config().beta)):
        config = run.config()
        result = evaluate(load_model(run), load_split(config.dataset, "test"), given.num_samples)
        size = sum(file.stat().st_size for file in run.folder.iterdir()) / 1e6
        print(f"| `{run.run_id}` | {config.beta:g} | {result.distortion:.2f} | {result.rate:.2f} | "
              f"{result.elbo:.2f} | {result.log_px:.2f} | {result.active_units} of "
              f"{config.latent_dim} | {size:.1f} | {config.epochs} epochs, "
              f"{run.status().seconds / 60:.0f} min |", flush=True)


if __name__ == "__main__":
    main()
