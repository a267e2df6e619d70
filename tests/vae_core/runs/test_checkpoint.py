"""A model and its optimiser to and from the run folder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.conftest import new_run
from vae_core.config import TrainConfig
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.checkpoint import (
    load_model,
    load_training_state,
    save_training_state,
    save_weights,
)
from vae_core.runs.run import CONFIG, TRAINING_STATE, WEIGHTS, Run, RunError
from vae_core.training.step import Step

CPU = torch.device("cpu")


def changed_state(run: Run, **changes) -> None:
    """The training state with some tensors replaced, or taken out where None."""
    tensors = {name.replace("/", "__"): value for name, value in run.training_state().items()}
    tensors = {name: value for name, value in (tensors | changes).items() if value is not None}
    run.write_tensors(TRAINING_STATE, {name.replace("__", "/"): value
                                       for name, value in tensors.items()})


def load_state(run: Run, make_model):
    model = make_model()
    return load_training_state(model, Step(model.config, model, CPU).optimizer, run)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_come_back_bit_for_bit(tmp_path, make_model, unit_x, architecture, likelihood):
    model = make_model(architecture=architecture, likelihood=likelihood)
    run = new_run(tmp_path / "a")
    run.write_config(model.config)
    save_weights(model, run)
    back = load_model(run)
    assert not back.training
    z = torch.randn(3, 2)
    assert back.decode(z).equal(model.decode(z))
    assert back.encode(unit_x).mu.equal(model.encode(unit_x).mu)


@pytest.mark.parametrize("changes", [{}, {"beta_conditioned": True}], ids=str)
def test_a_config_of_a_giant_takes_no_memory(tmp_path, make_model, monkeypatch, changes):
    """32 layers of 8192 × 8192 weights are 8.6 GB: that they aren't there is found out first."""
    run = new_run(tmp_path / "a")
    save_weights(make_model(**changes), run)
    run.write_config(TrainConfig(hidden_dim=8192, num_layers=16, **changes))
    taken = []
    monkeypatch.setattr(torch.Tensor, "uniform_", lambda tensor, *_, **__: taken.append(
        tensor.device.type) or tensor)
    with pytest.raises(RunError, match=r"doesn't fit config\.json"):
        load_model(run)
    assert set(taken) == {"meta"}


def test_weights_in_double_precision_make_a_model_in_single(finished):
    weights = finished.weights()
    finished.write_tensors(WEIGHTS, {name: value.astype(np.float64)
                                     for name, value in weights.items()})
    model = load_model(finished)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_optimiser_comes_back_bit_for_bit(tmp_path, make_model, unit_x):
    """One more step after the round trip gives what it gives without."""
    run, eps = new_run(tmp_path / "a"), torch.ones(len(unit_x), 2)
    model = make_model()
    step = Step(model.config, model, CPU)
    for _ in range(3):
        step(unit_x, eps, 1.0, 1e-2)
    numbers = torch.arange(16.0).view(4, 4)
    save_training_state(model, step.optimizer, run, step=3, numbers=numbers, first_norm=2.5,
                        seconds=7.25)
    other = make_model(seed=0)
    other_step = Step(other.config, other, CPU)
    state = load_training_state(other, other_step.optimizer, run)
    assert (state.step, state.first_norm, state.seconds) == (3, 2.5, 7.25)
    assert state.numbers.equal(numbers)
    step(unit_x, eps, 1.0, 1e-2)
    other_step(unit_x, eps, 1.0, 1e-2)
    for name, value in model.state_dict().items():
        assert other.state_dict()[name].equal(value), name


def test_weights_of_another_configuration_are_refused(finished, tiny):
    finished.write_config(tiny(latent_dim=5))
    with pytest.raises(RunError, match=r"model.safetensors doesn't fit config.json .*size mismatch"
                       ) as error:
        load_model(finished)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("change", ["missing", "surplus"])
def test_weights_that_lack_one_or_have_one_too_many_are_refused(finished, change):
    weights = finished.weights()
    if change == "missing":
        weights.popitem()
    else:
        weights["encoder.9.weight"] = np.zeros(3, dtype=np.float32)
    finished.write_tensors(WEIGHTS, weights)
    with pytest.raises(RunError, match=r"doesn't fit config.json .*(Missing|Unexpected) key"):
        load_model(finished)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_missing_file_is_named(finished, name):
    finished.path(name).unlink()
    with pytest.raises(RunError, match=rf"Run 'blobs' has no {name}: train it again"):
        load_model(finished)


def test_a_finished_run_has_nothing_to_resume_from(finished, make_model):
    with pytest.raises(RunError, match=r"has no training_state.safetensors to resume from"):
        load_state(finished, make_model)


@pytest.mark.parametrize("change", [
    dict(progress=None), dict(terms=None), dict(progress=np.zeros(2)),
    dict(progress=np.array([np.nan, 0, 0]))], ids=lambda change: next(iter(change)))
def test_a_training_state_that_lacks_something_is_refused(stopped, make_model, change):
    changed_state(stopped, **change)
    with pytest.raises(RunError, match=r"training_state.safetensors is damaged .*train run 'half'"):
        load_state(stopped, make_model)


def test_a_training_state_of_other_weights_is_refused(stopped, make_model):
    changed_state(stopped, **{"model.decoder.0.weight": np.zeros((3, 3), dtype=np.float32)})
    with pytest.raises(RunError, match=r"training_state.safetensors doesn't fit config.json"):
        load_state(stopped, make_model)


def test_a_batch_size_changed_before_resuming_is_one_sentence(stopped, train_run, splits):
    folder = stopped.folder.relative_to(stopped.folder.parent.parent)
    with pytest.raises(RunError, match=TRAINING_STATE):
        train_run(str(folder), resume=True, batch_size=7)


def test_moments_of_another_shape_are_refused(stopped, make_model):
    changed_state(stopped, **{"adam__decoder.0.weight__exp_avg": np.zeros(3, dtype=np.float32)})
    with pytest.raises(RunError, match=TRAINING_STATE):
        load_state(stopped, make_model)
