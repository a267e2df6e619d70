"""What the browser's JavaScript computes with a described network, by node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from vae_core.model.browser import browser_decoder, browser_encoder
from vae_core.model.vae import VAE

SCRIPT = ROOT / "tests" / "static" / "networks.mjs"


class Case(NamedTuple):
    """One network, and what it is given.

    beta: where a β-conditioned one is taken; None leaves it where it begins.
    x: an image whose log-density a decoder gives, if there is one.
    """

    side: str
    spec: dict[str, Any]
    weights: np.ndarray
    inputs: np.ndarray
    beta: float | None = None
    x: np.ndarray | None = None


def in_javascript(cases: Sequence[Case], more: Path | None = None) -> list[list[dict[str, Any]]]:
    """For each case, and each of its inputs: {mu, sigma}, or {mean, deviation, logProb}.

    more: a JavaScript module whose `register(LIKELIHOODS)` is called before.
    """
    if not shutil.which("node"):
        pytest.skip("node isn't installed")
    written = [{"side": case.side, "spec": case.spec, "beta": case.beta,
                "weights": base64.b64encode(case.weights.tobytes()).decode(),
                "inputs": np.asarray(case.inputs).tolist(),
                "x": None if case.x is None else np.asarray(case.x).tolist()} for case in cases]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.json"
        path.write_text(json.dumps(written), encoding="utf-8")
        ended = subprocess.run(["node", SCRIPT, path, *([more] if more else [])],
                               capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def run_decoder(spec: dict[str, Any], weights: np.ndarray, z: np.ndarray) -> np.ndarray:
    """(n, latent_dim) → the mean images, (n, pixels)."""
    [answers] = in_javascript([Case("decoder", spec, weights, z)])
    return np.array([answer["mean"] for answer in answers])


def arrays(model: VAE) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in model.state_dict().items()}


@torch.no_grad()
def assert_equal_in_javascript(models: dict[str, VAE], betas: Sequence[float] = (),
                               more: Path | None = None) -> None:
    """Decoder, likelihood and encoder of each model are torch's within 1e-4, at each of the betas
    too where it is β-conditioned."""
    generator = torch.Generator().manual_seed(0)
    cases, expected = [], []
    for name, model in models.items():
        z = 2 * torch.randn(3, model.config.latent_dim, generator=generator)
        x = torch.rand(2, int(np.prod(model.shape)), generator=generator)
        decoder, encoder = (export(model.config, arrays(model))
                            for export in (browser_decoder, browser_encoder))
        for beta in (None, *(betas if model.config.beta_conditioned else ())):
            # In double precision: 1 − b, near 0, has few digits left in single.
            q, out = model.encode(x, beta), model.decode(z, beta).double()
            sigma = (0.5 * q.log_var).exp() * (not model.config.deterministic)  # a point: σ = 0
            cases += [Case("decoder", *decoder, z.numpy(), beta, x[0].numpy()),
                      Case("encoder", *encoder, x.numpy(), beta)]
            expected += [
                (name, beta, {"mean": model.likelihood.mean(out),
                              "deviation": model.likelihood.variance(out).sqrt(),
                              "logProb": model.likelihood.log_prob(x[0], out)}),
                (name, beta, {"mu": q.mu, "sigma": sigma})]
    for (name, beta, figures), answers in zip(expected, in_javascript(cases, more), strict=True):
        for figure, value in figures.items():
            np.testing.assert_allclose(
                [answer[figure] for answer in answers], value, atol=1e-4,
                rtol=1e-5 if figure == "logProb" else 0, err_msg=f"{name} {beta} {figure}")
