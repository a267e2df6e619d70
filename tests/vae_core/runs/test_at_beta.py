"""A β-conditioned run exported at one β: an ordinary finished run, whole or not at all."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vae_core.measure import test_set
from vae_core.measure.test_set import evaluate
from vae_core.model.conditioning import freeze
from vae_core.runs.at_beta import freeze_run, load_at
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import TRAINING_STATE, Run, RunError, summarize


@pytest.fixture
def conditioned(train_run) -> Run:
    return train_run("multirate", beta_conditioned=True, beta=2, epochs=4)


@pytest.fixture(autouse=True)
def tiny_images(tiny_mnist) -> None:
    """What is measured is measured on the tiny images."""


def test_a_frozen_run_is_an_ordinary_finished_one(conditioned, tiny, tmp_path, splits):
    run = Run(tmp_path / "frozen")
    freeze_run(conditioned, 4.0, run)
    assert run.config() == tiny(beta=4, epochs=4)
    assert not any(word in run.path("config.json").read_text() for word in ("true,", "multirate"))
    summary = summarize(run)
    assert (summary.problem, summary.state, summary.status.epoch) == ("", "finished", 4)
    [row] = run.metrics()
    found = evaluate(load_model(run), splits.test, num_samples=8)
    assert (row["beta"], row["step"], row["active_units"]) == (4, 16, found.active_units)
    for name in ("distortion", "rate", "elbo"):
        assert row[f"test_{name}"] == pytest.approx(getattr(found, name), abs=1e-3)
    assert row["test_loss"] == pytest.approx(row["test_distortion"] + 4 * row["test_rate"],
                                             rel=1e-6)
    assert not run.path(TRAINING_STATE).exists()


def test_a_frozen_runs_latents_are_those_at_its_beta(conditioned, tmp_path, splits):
    run = Run(tmp_path / "frozen")
    freeze_run(conditioned, 4.0, run)
    model, latents = load_model(conditioned), run.latents()
    mu = model.encode(test_set.test_x(model, splits.test), 4.0).mu.detach()
    np.testing.assert_allclose(latents["mu"], mu, atol=1e-5)
    assert not np.allclose(latents["mu"], conditioned.latents()["mu"], atol=1e-3)


def test_frozen_at_the_runs_own_beta_nothing_changes(conditioned, tmp_path):
    run = Run(tmp_path / "frozen")
    freeze_run(conditioned, 2.0, run)
    for name, value in conditioned.latents().items():
        atol = 1 if value.dtype == np.uint8 else 1e-3  # a grey value may be rounded otherwise
        np.testing.assert_allclose(run.latents()[name].astype(float), value, atol=atol)
    [row], last = run.metrics(), conditioned.metrics()[-1]
    assert row | {"seconds": 0} == pytest.approx(last | {"seconds": 0}, rel=1e-4)


def test_a_run_that_fails_to_freeze_leaves_nothing(conditioned, tmp_path):
    with pytest.raises(ValueError, match="outside"):
        freeze_run(conditioned, 40.0, Run(tmp_path / "frozen"))
    conditioned.write_config(dataclasses.replace(conditioned.config(), latent_dim=3))
    with pytest.raises(RunError, match="doesn't fit"):
        freeze_run(conditioned, 4.0, Run(tmp_path / "frozen"))
    assert not (tmp_path / "frozen").exists()


@pytest.mark.parametrize("failure", [RunError("full"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("step", ["write_latents", "write_status", "write_config"])
def test_a_half_written_run_is_taken_away(conditioned, tmp_path, monkeypatch, step, failure):
    def fail(*_):
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(Run, step, fail)
        with pytest.raises(type(failure)):
            freeze_run(conditioned, 4.0, Run(tmp_path / "frozen"))
    assert not (tmp_path / "frozen").exists()
    freeze_run(conditioned, 4.0, Run(tmp_path / "frozen"))


def test_a_folder_that_is_there_is_neither_written_over_nor_taken_away(conditioned, tmp_path):
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen" / "kept").write_text("mine")
    with pytest.raises(RunError, match="exists already"):
        freeze_run(conditioned, 4.0, Run(tmp_path / "frozen"))
    assert (tmp_path / "frozen" / "kept").read_text() == "mine"


# One model at one β


def test_a_conditioned_runs_model_is_frozen_at_the_chosen_or_its_own_beta(conditioned):
    assert load_at(conditioned, 4.0).config == freeze(load_model(conditioned), 4.0).config
    assert load_at(conditioned).config.beta == 2 and load_at(conditioned).film is None


def test_an_ordinary_run_has_its_own_beta_alone(finished):
    for beta in (None, 1.0):
        assert load_at(finished, beta).config == finished.config()
    with pytest.raises(ValueError, match="isn't β-conditioned and holds for 1 alone"):
        load_at(finished, 4.0)
