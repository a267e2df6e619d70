"""The program grows by registries: a new row, a few lines, works from end to end."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import onnxruntime
import pytest
import torch

from tests.conftest import ROOT
from tests.networks import assert_equal_in_javascript, run_decoder
from vae_core.config import TrainConfig
from vae_core.measure.test_set import evaluate
from vae_core.model.architectures import ARCHITECTURES, Architecture
from vae_core.model.browser import browser_decoder
from vae_core.model.likelihoods import LIKELIHOODS, Likelihood
from vae_core.model.onnx import write_onnx
from vae_core.model.spec import Linear, NetworkSpec, Residual
from vae_core.runs.checkpoint import load_model


def check_from_end_to_end(train_run, splits, tmp_path, more=None, **changes) -> None:
    """Train, evaluate, export, decode in the browser; conditioned on β too."""
    for conditioned in (False, True):
        run = train_run(f"run-{conditioned}", beta_conditioned=conditioned, epochs=3, **changes)
        losses = [row["test_loss"] for row in run.metrics()]
        assert losses[-1] < losses[0]
        model = load_model(run)
        found = evaluate(model, splits.test, num_samples=4)
        assert math.isfinite(found.elbo) and found.elbo <= found.log_px + 1
        assert_equal_in_javascript({str(changes): model}, betas=(0.01, 10.0), more=more)
    path = tmp_path / "decoder.onnx"
    write_onnx(load_model(train_run("plain", **changes)), path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.run(None, {"z": np.zeros((3, 2), np.float32)})[0].shape == (3, 784)


@pytest.mark.slow
def test_an_architecture_of_known_layers(monkeypatch, train_run, splits, tmp_path):
    """Dense layers with a skip connection: one function and one row."""
    def dense_res(config: TrainConfig, shape, outputs_per_value) -> NetworkSpec:
        pixels, width = math.prod(shape), config.hidden_dim

        def stack(side: str, ins: int, outs: int):
            return (Linear(name=f"{side}.first", in_features=ins, out_features=width,
                           activation="silu"),
                    Residual(body=(Linear(name=f"{side}.body", in_features=width,
                                          out_features=width),), activation="tanh"),
                    Linear(name=f"{side}.last", in_features=width, out_features=outs))

        return NetworkSpec(stack("encoder", pixels, 2 * config.latent_dim),
                           stack("decoder", config.latent_dim, outputs_per_value * pixels))

    monkeypatch.setitem(ARCHITECTURES, "dense-res", Architecture("Residual MLP", dense_res))
    check_from_end_to_end(train_run, splits, tmp_path, architecture="dense-res")


class Laplace(Likelihood):
    """p(x|z) = Π_i exp(−|x_i − μ_i|/s)/2s, with s = config.sigma."""

    title = "Laplace"
    knobs = ("sigma",)

    def __init__(self, config: TrainConfig):
        super().__init__(config)
        self.scale = config.sigma

    @classmethod
    def browser(cls, config, weights):
        return {"name": "laplace", "scale": config.sigma}

    def log_prob(self, x, out):
        return -((x - out).abs() / self.scale + math.log(2 * self.scale)).sum(-1)

    def mean(self, out):
        return out

    def variance(self, out):
        return torch.full_like(out, 2 * self.scale**2)

    def sample(self, out, generator=None):
        uniform = torch.empty_like(out).uniform_(-0.5, 0.5, generator=generator)
        return out - self.scale * uniform.sign() * torch.log1p(-2 * uniform.abs())


LAPLACE = """
export function register(likelihoods) {
  likelihoods.laplace = ({ scale }, pixels) => ({
    outputs: pixels,
    mean: (out, into) => { into.set(out); return into; },
    deviation: (out, into) => into.fill(Math.SQRT2 * scale),
    sample: (out, into, random) => into.forEach((_, i) => {
      const u = random.uniform() - 0.5;
      into[i] = out[i] - scale * Math.sign(u) * Math.log1p(-2 * Math.abs(u));
    }) ?? into,
    logProb: (x, out) => x.reduce(
      (sum, value, i) => sum - Math.abs(value - out[i]) / scale - Math.log(2 * scale), 0),
  });
}
"""


@pytest.mark.slow
def test_a_likelihood(monkeypatch, train_run, splits, tmp_path):
    """A class with its row, and a function in JavaScript."""
    monkeypatch.setitem(LIKELIHOODS, "laplace", Laplace)
    more = tmp_path / "laplace.mjs"
    more.write_text(LAPLACE, encoding="utf-8")
    assert TrainConfig(likelihood="laplace", dataset="swiss-roll").observation_model == "Laplace"
    check_from_end_to_end(train_run, splits, tmp_path, more, likelihood="laplace", sigma=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_learns(train_run, splits, architecture):
    run = train_run(architecture=architecture, channels=4, epochs=8, latent_dim=2)
    rows = run.metrics()
    assert rows[-1]["test_elbo"] > rows[0]["test_elbo"] + 20
    spec, weights = browser_decoder(run.config(), run.weights())
    z = torch.randn(3, 2)
    np.testing.assert_allclose(run_decoder(spec, weights, z.numpy()),
                               load_model(run).decode_mean(z).detach(), atol=1e-4)


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_a_tool_and_a_layer_of_the_plane():
    """A module and a row each: opened, clicked, painted and asked for what Python has to send."""
    file = ROOT / "tests" / "static" / "latent_plane" / "toolbox.test.mjs"
    ended = subprocess.run(["node", "--test", file], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
