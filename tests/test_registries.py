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
from vae_core.data import load_dataset
from vae_core.data.registry import DATASETS
from vae_core.data.synthetic import Shape, curve_or_sheet
from vae_core.measure import test_set
from vae_core.measure.importance import log_weights
from vae_core.measure.test_set import evaluate, per_example
from vae_core.model.architectures import ARCHITECTURES, Architecture
from vae_core.model.browser import browser_decoder
from vae_core.model.likelihoods import LIKELIHOODS, Likelihood
from vae_core.model.onnx import write_onnx
from vae_core.model.spec import Linear, NetworkSpec, Residual
from vae_core.model.vae import Posterior
from vae_core.random import seeded
from vae_core.runs.at_beta import freeze_run
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run
from vae_core.training.objectives import OBJECTIVES, Objective


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
    assert session.run(None, {"z": np.zeros((3, 2), np.float32)})[0].shape == \
        splits.test.x[:3].shape


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


@pytest.mark.slow
def test_a_data_set_of_a_known_kind(monkeypatch, train_run, tmp_path, command):
    """Points on a parabola: one row, with the function that draws it."""
    def parabola(factors: np.ndarray) -> np.ndarray:
        return np.concatenate([factors, factors**2], axis=1)

    monkeypatch.setitem(DATASETS, "parabola", curve_or_sheet("Parabola", 2, Shape(
        parabola, (-1.0,), (1.0,))))
    splits = load_dataset("parabola")
    gap = splits.test.x[:, 1] - splits.test.x[:, 0] ** 2
    assert gap.std() < 0.2 and splits.train.factors.shape == (40_000, 1)
    small = type(splits)(splits.train.first(400), splits.test.first(100))
    check_from_end_to_end(train_run, small, tmp_path, data=small, dataset="parabola",
                          likelihood="gaussian-shared")
    said = command("evaluate", tmp_path / "plain", "--json", "--limit", 50, "--num-samples", 2)
    assert (said.code, said.err) == (0, "") and '"dataset": "parabola"' in said.out


def free_bits(terms, beta, config):
    """D + β Σ_d max(λ, R_d), λ = 0.5 nats (Kingma et al. 2016, eq. 16)."""
    return terms.distortion + beta * terms.rate_per_dim.clamp(min=0.5).sum(-1)


@pytest.mark.slow
def test_an_objective_of_the_elbos_terms(monkeypatch, train_run, splits, tmp_path, tiny_mnist):
    """Free bits: one function and one row."""
    with pytest.raises(ValueError, match="objective = 'free-bits' is not allowed"):
        TrainConfig(objective="free-bits")
    monkeypatch.setitem(OBJECTIVES, "free-bits", Objective(
        "Free bits", "D + β Σ max(λ, R_d)", "Kingma et al. 2016, eq. 16", free_bits))
    check_from_end_to_end(train_run, splits, tmp_path, objective="free-bits")

    run = train_run("free", objective="free-bits", beta=50.0, epochs=60)
    assert run.config().objective == "free-bits" and "free-bits" in run.config().default_run_id()
    bound, free = train_run("bound", beta=50.0, epochs=60).metrics()[-1], run.metrics()[-1]
    assert bound["test_rate"] < 0.5 * free["test_rate"]  # what costs nothing is used
    model = load_model(run)
    each = per_example(model, test_set.test_x(model, splits.test), 8)
    assert free["test_loss"] == pytest.approx(
        free_bits(each, 50.0, run.config()).mean().item(), rel=1e-5)
    with pytest.raises(ValueError, match=r"reconstruction_weight = 2\.0 has no effect with "
                                         r"objective = 'free-bits': leave it at 1\.0, or choose"):
        TrainConfig(objective="free-bits", reconstruction_weight=2.0)

    one = Run(tmp_path / "at-4")
    freeze_run(train_run("every", objective="free-bits", beta_conditioned=True), 4.0, one)
    [row] = one.metrics()
    assert row["test_loss"] > row["test_distortion"] + 4 * 0.99  # of 2 dimensions, 0.5 nats each


class ImportanceTerms:
    """What `iwae_loss` takes: the terms that are logged, and log w of each sample."""

    def __init__(self, model, x, eps, beta):
        posterior = Posterior(*model.encode(x, beta))
        self.log_w = log_weights(model, x, posterior, eps, beta)  # (K, batch)
        self.rate = 0.5 * (posterior.mu**2 + posterior.log_var.exp() - posterior.log_var - 1
                           ).sum(-1)
        self.distortion = -(self.log_w.mean(0) + self.rate)


def iwae_loss(terms, beta, config):
    """−log (1/K) Σ_k w_k (Burda et al. 2016, eq. 8)."""
    return math.log(len(terms.log_w)) - terms.log_w.logsumexp(0)


@pytest.mark.slow
def test_an_objective_of_several_samples(monkeypatch, train_run, splits, tmp_path):
    """IWAE: its own terms, from K samples of z an example."""
    monkeypatch.setitem(OBJECTIVES, "iwae", Objective(
        "IWAE", "−log (1/K) Σ w_k", "Burda et al. 2016, eq. 8", iwae_loss, terms=ImportanceTerms,
        num_samples=lambda config: 5))
    run = train_run(objective="iwae", epochs=8)
    rows, model = run.metrics(), load_model(run)
    assert rows[-1]["train_loss"] < rows[0]["train_loss"]
    x = test_set.test_x(model, splits.test)
    eps = torch.randn(5, len(x), 2, generator=seeded(torch.Generator(), 1))
    with torch.no_grad():
        expected = iwae_loss(ImportanceTerms(model, x, eps, None), 1.0, run.config())
    assert rows[-1]["test_loss"] == pytest.approx(expected.mean().item(), rel=1e-5)
    assert rows[-1]["test_loss"] < -rows[-1]["test_elbo"]
    check_from_end_to_end(train_run, splits, tmp_path, objective="iwae")


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_a_tool_and_a_layer_of_the_plane():
    """A module and a row each: opened, clicked, painted and asked for what Python has to send."""
    file = ROOT / "tests" / "static" / "latent_plane" / "toolbox.test.mjs"
    ended = subprocess.run(["node", "--test", file], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
