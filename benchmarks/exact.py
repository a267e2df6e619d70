"""log p(x) by quadrature against importance sampling and the ELBO; the time for the test set.

    python benchmarks/exact.py [--run checkpoints/mnist-mlp-z2-beta1] [--limit 10000]
        [--repeats 3] [--threads 2] [--num-samples 100,1000] [--reference 200] [--gaps 100]

Target: 10,000 test images in at most 15 s on two cores. Prints wall time and CPU time: on one
thread their difference is the share of other processes.

The reference is the same rule with a hundredth of the tolerance. For the first --gaps images the
gap is split (Cremer et al. 2018), and log p(x), ELBO and KL are compared as three computations.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from machine import machine

from vae_core.data import load_split
from vae_core.measure.exact import TOLERANCE, log_px
from vae_core.measure.gaps import gaps, kl_to_posterior, quadrature_elbo
from vae_core.measure.importance import estimate_log_px
from vae_core.measure.test_set import FINAL_SAMPLES, per_example, test_x
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import open_run


def timed(what: str, call: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    print(f"{what}: {time.perf_counter() - wall:.1f} s, CPU {time.process_time() - cpu:.1f} s "
          f"(load {os.getloadavg()[0]:.1f})", flush=True)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--run", type=Path, default=Path("checkpoints/mnist-mlp-z2-beta1"))
    arguments.add_argument("--limit", type=int, default=0, help="only the first N images")
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--num-samples", default="100,1000", help="of importance sampling")
    arguments.add_argument("--reference", type=int, default=200, help="images")
    arguments.add_argument("--gaps", type=int, default=100, help="images")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    print(f"{machine()}, {given.threads} threads")
    model = load_model(open_run(given.run))
    x = test_x(model, load_split(model.config.dataset, "test").first(given.limit))

    for _ in range(given.repeats):
        exact = timed(f"log_px, {len(x):,} images", lambda: log_px(model, x))
    settled = int((exact.error <= TOLERANCE).sum())
    print(f"log p(x) {exact.log_px.mean():.4f} nats; error estimate: mean "
          f"{exact.error.mean():.4f}, largest {exact.error.max():.4f}; {settled:,} of {len(x):,} "
          "within the tolerance")

    each = per_example(model, x, FINAL_SAMPLES)
    print(f"ELBO {-(each.distortion + each.rate).mean():.3f}")
    for num_samples in (int(text) for text in given.num_samples.split(",")):
        found = timed(f"importance sampling, K = {num_samples}",
                      lambda k=num_samples: estimate_log_px(model, x, k))
        short = exact.log_px - found
        print(f"  log p(x) ≥ {found.mean():.3f}, {short.mean():.3f} too low; by more than 1 nat "
              f"for {100 * (short > 1).double().mean():.1f} % of the images, at most "
              f"{short.max():.1f}")

    some = x[:given.reference]
    finest = timed(f"reference, {len(some)} images", lambda: log_px(model, some, TOLERANCE / 100))
    error = (exact.log_px[:len(some)] - finest.log_px).abs()
    print(f"  against it: mean {error.mean():.1e}, largest {error.max():.1e} nats")

    some = x[:given.gaps]
    split = timed(f"gaps, {len(some)} images", lambda: gaps(model, some))
    total, approximation, amortization = (gap.mean() for gap in (
        split.inference_gap, split.approximation_gap, split.amortization_gap))
    print(f"  inference gap {total:.3f} = approximation {approximation:.3f} + amortization "
          f"{amortization:.3f}")
    kl = timed(f"KL(q ‖ p(z|x)), {len(some)} images", lambda: kl_to_posterior(model, some))
    rest = exact.log_px[:len(some)] - quadrature_elbo(model, some) - kl
    print(f"  log p(x) − ELBO − KL: largest {rest.abs().max():.1e} nats")


if __name__ == "__main__":
    main()
