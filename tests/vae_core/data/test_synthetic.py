"""Rings, spirals, sheets and clusters: on their shapes, with the noise that they claim to have."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from vae_core import cli
from vae_core.config import TrainConfig
from vae_core.data import load_dataset, load_split
from vae_core.data.dataset import Splits, to_unit
from vae_core.data.registry import DATASETS
from vae_core.data.synthetic import CENTRES, CLUSTER_NOISE, NOISE, SHAPES
from vae_core.measure.test_set import POINTS, evaluation_x
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import LATENTS, Run, RunError
from vae_core.training.batches import Batches
from vae_core.training.trainer import train

SMALL = dict(likelihood="gaussian-shared", hidden_dim=16, num_layers=1, epochs=1, device="cpu",
             threads=1)


@pytest.mark.parametrize("name", [*SHAPES, *CENTRES])
def test_a_set_is_what_its_row_says(name):
    facts, splits = DATASETS[name], load_dataset(name)
    assert not facts.pictures and facts.domain == "real" and facts.shape[:2] == (1, 1)
    for data, num in zip(splits, (facts.num_train, facts.num_test), strict=True):
        assert data.x.shape == (num, facts.shape[2]) and data.x.dtype == torch.float32
        assert (data.shape, data.domain) == (facts.shape, facts.domain)
    assert not torch.equal(splits.train.x[:100], splits.test.x[:100])
    assert torch.equal(splits.train.x, load_split(name, "train").x)


@pytest.mark.parametrize("name", SHAPES)
def test_what_parts_points_from_their_shape_is_the_noise(name):
    train = load_split(name, "train")
    noise = train.x.numpy() - SHAPES[name].embed(train.factors.numpy().astype(float))
    assert np.abs(noise.mean(0)).max() < 4 * NOISE / np.sqrt(len(train))
    np.testing.assert_allclose(noise.std(0), NOISE, rtol=0.04)
    assert train.labels is None


@pytest.mark.parametrize("name", CENTRES)
def test_a_cluster_lies_around_its_centre(name):
    train = load_split(name, "train")
    assert train.labels.unique().tolist() == list(range(len(DATASETS[name].class_names)))
    noise = train.x.numpy() - CENTRES[name][train.labels]
    np.testing.assert_allclose(noise.std(0), CLUSTER_NOISE, rtol=0.04)


def test_points_lie_evenly_along_a_roll():
    """Of a spiral r = t/10 half the length between t0 and t1 is at about the half of t²."""
    angle = load_split("swiss-roll", "train").factors[:, 0].double()
    low, high = SHAPES["swiss-roll"].low[0], SHAPES["swiss-roll"].high[0]
    length = lambda t: (t * (1 + t**2).sqrt() + t.asinh()) / 2  # noqa: E731
    ends = length(torch.tensor([low, high], dtype=torch.float64))
    share = (length(angle) - ends[0]) / (ends[1] - ends[0])
    counts = torch.histc(share, 10, 0, 1) / len(share)
    assert counts.min() > 0.085 and counts.max() < 0.115


def test_real_values_reach_the_likelihood_as_they_are():
    x = load_split("ring", "train").x[:70]
    assert torch.equal(to_unit(x), x) and torch.equal(evaluation_x(x, False), x)
    before = x.clone()
    batches = Batches(x, 32, seed=0, binarized=False, device=torch.device("cpu"))
    seen = torch.cat([batches.at(step, 2)[0] for step in range(3)])
    assert torch.equal(seen[seen[:, 0].argsort()], before[before[:, 0].argsort()])
    assert torch.equal(x, before)


def test_bernoulli_is_refused_and_says_what_to_choose():
    with pytest.raises(ValueError, match="swiss-roll has real values: choose one of gaussian"):
        TrainConfig(dataset="swiss-roll")
    with pytest.raises(ValueError, match="1×3: choose 'conv-res'"):
        TrainConfig(dataset="swiss-roll", architecture="conv", likelihood="gaussian-fixed")


@pytest.fixture
def run(tmp_path) -> Run:
    run = Run(tmp_path / "roll")
    train(TrainConfig(dataset="swiss-roll", **SMALL), run)
    return run


def test_a_run_keeps_points_where_others_keep_pictures(run):
    latents, test = run.latents(), load_split("swiss-roll", "test")
    assert latents["originals"].shape == latents["samples"].shape == (POINTS, 3)
    np.testing.assert_array_equal(latents["originals"], test.x[:POINTS])
    with torch.no_grad():
        expected = load_model(run).decode_mean(torch.from_numpy(latents["mu"][:POINTS]))
    np.testing.assert_allclose(latents["reconstructions"], expected, atol=1e-5)
    assert set(latents["label"]) == {-1}


@pytest.mark.parametrize("damage", [np.full((3, 3), np.nan), np.zeros((3, 3), dtype=np.uint8),
                                    np.zeros((3, 2), dtype=np.float32)])
def test_damaged_points_are_one_sentence(run, damage):
    run.write_latents(run.latents() | {"samples": damage})
    with pytest.raises(RunError, match=f"{LATENTS} is damaged .samples aren't .* 3 finite numbers"):
        run.latents()


def test_a_manifold_is_trained_and_evaluated_by_command(tmp_path, capsys):
    def call(*arguments: object) -> str:
        assert cli.main([str(argument) for argument in arguments]) == 0
        return capsys.readouterr().out

    call("train", "--dataset", "clusters-3d", "--likelihood", "gaussian-shared", "--hidden-dim",
         16, "--epochs", 1, "--checkpoints", tmp_path, "--run-id", "three", "--device", "cpu")
    measured = json.loads(call("evaluate", tmp_path / "three", "--num-samples", 4, "--json"))
    assert np.isfinite(measured["log_px"])


def test_a_manifold_resumes_to_the_same_weights(tmp_path):
    data = load_dataset("ring")
    data = Splits(data.train.first(300), data.test.first(50))
    config = TrainConfig(dataset="ring", **SMALL | dict(epochs=2, batch_size=64))
    whole, parts = Run(tmp_path / "whole"), Run(tmp_path / "parts")
    train(config, whole, data=data)
    train(config, parts, data=data, should_stop=lambda: True)
    train(config, parts, data=data, resume=True)
    for name, value in whole.weights().items():
        np.testing.assert_array_equal(value, parts.weights()[name])


def test_every_manifold_is_in_the_registry():
    assert {name for name, spec in DATASETS.items() if not spec.pictures} == {*SHAPES, *CENTRES}
