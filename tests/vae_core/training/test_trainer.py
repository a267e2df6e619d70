"""The training loop: the same twice, the same after a stop, and a sentence when it can't go on."""

from __future__ import annotations

import dataclasses
import errno
import logging
import os
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

from tests.conftest import ROOT, make_images, stop_after
from vae_core.data.dataset import Splits
from vae_core.measure import test_set
from vae_core.measure.test_set import PICTURES, evaluate, per_example
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.conditioning import freeze
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import LATENTS, TRAINING_STATE, WEIGHTS, Run, RunError
from vae_core.runs.status import Status
from vae_core.training import objectives, trainer
from vae_core.training import step as step_module
from vae_core.training.schedules import beta_range
from vae_core.training.step import Step, autocast
from vae_core.training.trainer import TrainingFailed, train


def timeless(run: Run) -> list[dict[str, float]]:
    """A run's metrics without the time they took."""
    return [{key: value for key, value in row.items() if key != "seconds"}
            for row in run.metrics()]


def assert_same(one: Run, other: Run) -> None:
    """Weights, metrics and latents are equal bit for bit."""
    assert timeless(one) == timeless(other)
    for first, second in ((one.weights(), other.weights()), (one.latents(), other.latents())):
        assert first.keys() == second.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes(), name


# What a training leaves


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_model_trains_to_its_end_and_evaluates(train_run, splits, architecture, likelihood):
    run = train_run(architecture=architecture, likelihood=likelihood, latent_dim=3)
    status = run.status()
    assert (status.state, status.epoch, status.step, status.total_steps) == ("finished", 2, 8, 8)
    assert not run.path(TRAINING_STATE).exists()
    found = evaluate(load_model(run), splits.test, num_samples=16)
    last = run.metrics()[-1]
    # The last row is measured as evaluation measures: the same draws, the same figures.
    for name in ("distortion", "rate", "elbo"):
        assert last[f"test_{name}"] == pytest.approx(getattr(found, name), abs=0.02)
    assert last["active_units"] == found.active_units


def test_the_metrics_have_a_row_for_each_epoch(train_run):
    rows = train_run(epochs=3, beta=2, reconstruction_weight=0.5).metrics()
    assert [(row["epoch"], row["step"]) for row in rows] == [(1, 4), (2, 8), (3, 12)]
    assert sorted(row["seconds"] for row in rows) == [row["seconds"] for row in rows]
    for row in rows:
        for split in ("train", "test"):
            distortion, rate = row[f"{split}_distortion"], row[f"{split}_rate"]
            assert row[f"{split}_elbo"] == -(distortion + rate)
            assert row[f"{split}_loss"] == pytest.approx(0.5 * distortion + 2 * rate, rel=1e-6)


@pytest.mark.parametrize("changes", [dict(beta=2.0), dict(beta=2.0, warmup_epochs=1)], ids=str)
def test_an_epochs_figures_weigh_every_example_alike(train_run, monkeypatch, changes):
    """129 examples in batches of 128: the last one counts as one of 129, not as half."""
    steps, update = [], Step.__call__

    def watched(self, x, eps, beta, learning_rate):
        numbers = update(self, x, eps, beta, learning_rate)
        steps.append((len(x), *numbers.tolist()))
        return numbers

    monkeypatch.setattr(Step, "__call__", watched)
    data = Splits(make_images(129, 1), make_images(40, 2))
    [row] = train_run(data=data, batch_size=128, epochs=1, **changes).metrics()
    (many, *first), (one, *last) = steps
    assert (many, one) == (128, 1)
    distortion, rate = ((128 * first[k] + last[k]) / 129 for k in (0, 1))
    assert row["train_distortion"] == pytest.approx(distortion, rel=1e-6)
    assert row["train_rate"] == pytest.approx(rate, rel=1e-6)
    assert row["train_loss"] == pytest.approx(distortion + 2 * rate, rel=1e-6)
    assert abs(first[0] - last[0]) > 1  # else the mean of the two would do


def test_the_latents_are_those_of_the_test_set(train_run, splits):
    run = train_run()
    latents = run.latents()
    model = load_model(run)
    found = model.encode(test_set.test_x(model, splits.test))
    np.testing.assert_allclose(latents["mu"], found.mu.detach(), atol=1e-5)
    np.testing.assert_allclose(latents["log_var"], found.log_var.detach(), atol=1e-5)
    assert latents["label"].tolist() == splits.test.labels.tolist()
    assert latents["distortion"].shape == latents["rate"].shape == (len(splits.test),)
    for name in ("originals", "reconstructions", "samples"):
        assert latents[name].shape == (10, 784) and latents[name].dtype == np.uint8
    np.testing.assert_array_equal(latents["originals"], splits.test.x[:10])  # one of each class
    np.testing.assert_allclose(  # decoded from the means
        latents["reconstructions"], 255 * model.decode_mean(found.mu[:10]).detach(), atol=0.51)


@pytest.mark.parametrize("changes", [dict(), dict(beta=0), dict(likelihood="gaussian-fixed")])
def test_the_loss_goes_down(train_run, changes):
    rows = train_run(epochs=12, **changes).metrics()
    assert rows[-1]["train_loss"] < 0.8 * rows[0]["train_loss"]
    assert rows[-1]["test_loss"] < rows[0]["test_loss"]


def test_the_rate_alone_goes_to_zero_and_the_decoder_stays(train_run, make_model):
    run = train_run(reconstruction_weight=0, epochs=40)
    assert run.metrics()[-1]["test_rate"] < 0.02
    untrained = make_model(reconstruction_weight=0, epochs=40).decoder.state_dict()
    weights = run.weights()
    for name, value in untrained.items():
        assert torch.from_numpy(weights[f"decoder.{name}"]).equal(value), name


def test_the_rate_alone_can_be_warmed_up(train_run):
    assert train_run(reconstruction_weight=0, warmup_epochs=1).status().state == "finished"


def test_a_higher_beta_gives_a_lower_rate(train_run):
    rates = [train_run(f"beta{beta}", beta=beta, epochs=15).metrics()[-1]["test_rate"]
             for beta in (0.1, 1, 20)]
    assert rates[0] > rates[1] > rates[2]


def test_one_conditioned_training_gives_a_lower_rate_at_a_higher_beta(train_run, splits):
    model = load_model(train_run(beta_conditioned=True, epochs=40))
    rates = [evaluate(freeze(model, beta), splits.test, num_samples=1).rate
             for beta in (0.01, 0.3, 3, 10)]
    assert rates == sorted(rates, reverse=True) and rates[0] > 2 * rates[-1]


@pytest.mark.parametrize("beta", [0.1, 5])
def test_a_conditioned_run_is_measured_at_its_beta(train_run, splits, beta):
    """Every row, on both data sets, and the latents; the rows of another β are others."""
    run = train_run(beta_conditioned=True, beta=beta, epochs=3)
    last, frozen = run.metrics()[-1], freeze(load_model(run), beta)
    for split, data, draws in (("train", splits.train, 1), ("test", splits.test, 8)):
        each = per_example(frozen, test_set.test_x(frozen, data), draws)
        distortion, rate = each.distortion.mean().item(), each.rate.mean().item()
        assert last[f"{split}_distortion"] == pytest.approx(distortion, rel=1e-4)
        assert last[f"{split}_rate"] == pytest.approx(rate, rel=1e-4)
        assert last[f"{split}_loss"] == pytest.approx(distortion + beta * rate, rel=1e-4)
    assert {row["beta"] for row in run.metrics()} == {beta}
    posterior = frozen.encode(test_set.test_x(frozen, splits.test))
    np.testing.assert_allclose(run.latents()["mu"], posterior.mu.detach(), atol=1e-4)


def test_the_beta_it_is_shown_at_changes_nothing_in_the_training(train_run):
    weights = [train_run(f"beta{beta}", beta_conditioned=True, beta=beta).weights()
               for beta in (0.1, 5)]
    for name, value in weights[0].items():
        assert value.tobytes() == weights[1][name].tobytes(), name


def test_a_conditioned_step_tells_the_model_the_weight_of_its_rate(tiny, splits, tmp_path,
                                                                   monkeypatch):
    """The β of the loss and the one that the model is told are the same, one for each example."""
    told, weighed = [], []
    terms, row = step_module.elbo_terms, objectives.OBJECTIVES["beta-vae"]
    monkeypatch.setattr(step_module, "elbo_terms", lambda model, x, eps, beta: told.append(
        beta) or terms(model, x, eps, beta))
    monkeypatch.setitem(objectives.OBJECTIVES, "beta-vae", dataclasses.replace(
        row, loss=lambda terms, beta, config: (
            isinstance(beta, torch.Tensor) and weighed.append(beta)) or row.loss(
                terms, beta, config)))
    train(tiny(beta_conditioned=True, beta_min=0.5, beta_max=2), Run(tmp_path / "a"), data=splits)
    assert [len(betas) for betas in weighed] == [32, 32, 32, 4] * 2
    assert all(one is other for one, other in zip(told, weighed, strict=True))
    low, high = beta_range(tiny(beta_conditioned=True, beta_min=0.5, beta_max=2))
    assert all(((betas >= low) & (betas <= high)).all() for betas in weighed)


def test_progress_is_told_every_epoch(train_run):
    told = []
    train_run(progress=lambda status, row: told.append((status, row)))
    assert [row["epoch"] for _, row in told if row] == [1, 2]
    assert told[-1][0].state == "finished"
    assert [status.step for status, row in told if row] == [4, 8]
    assert all(status.seconds_left is not None for status, row in told if row)


@pytest.mark.parametrize("num_test", [12, 7])
def test_a_data_set_without_labels_trains(train_run, num_test):
    plain = Splits(*(dataclasses.replace(make_images(num, 1), labels=None)
                     for num in (40, num_test)))
    run = train_run(data=plain)
    assert (run.latents()["label"] == -1).all()
    assert len(run.latents()["originals"]) == min(num_test, PICTURES)


def test_train_limit_takes_the_first_examples(train_run, splits):
    limited = train_run("limited", train_limit=40)
    cut = train_run("cut", data=Splits(splits.train.first(40), splits.test))
    assert_same(limited, cut)
    assert limited.status().total_steps == 4


# The same again


@pytest.mark.parametrize("changes", [
    dict(), dict(architecture="conv", likelihood="gaussian-per-pixel"), dict(beta=0),
    dict(architecture="conv-res")], ids=str)
def test_the_same_seed_gives_the_same_run_and_another_one_another(train_run, changes):
    first, again = train_run("first", **changes), train_run("again", **changes)
    other = train_run("other", seed=1, **changes)
    assert_same(first, again)
    assert timeless(first) != timeless(other)


@pytest.mark.parametrize("changes", [
    dict(), dict(architecture="conv", likelihood="gaussian-shared"),
    dict(schedule="one-cycle", warmup_epochs=1.5, max_grad_norm=10.0),
    dict(reconstruction_weight=0), dict(beta=0, likelihood="gaussian-per-pixel"),
    dict(beta_conditioned=True, beta=3), dict(beta_conditioned=True, architecture="conv"),
    dict(architecture="conv-res"), dict(beta_conditioned=True, architecture="conv-res")], ids=str)
def test_stopped_and_resumed_is_uninterrupted(train_run, changes):
    """Stopped within the second epoch, and again within the third."""
    changes = dict(epochs=3) | changes
    whole = train_run("whole", **changes)
    parts = train_run("parts", should_stop=stop_after(6), **changes)
    assert (parts.status().state, parts.status().step) == ("stopped", 6)
    train_run("parts", resume=True, should_stop=stop_after(3), **changes)
    assert (parts.status().state, parts.status().step) == ("stopped", 9)
    train_run("parts", resume=True, **changes)
    assert parts.status().state == "finished"
    assert_same(whole, parts)


@pytest.mark.parametrize("step", [1, 3, 4, 7])
def test_any_step_is_good_for_a_stop(train_run, step):
    parts = train_run("parts", should_stop=stop_after(step))
    assert parts.status().step == step
    train_run("parts", resume=True)
    assert_same(train_run("whole"), parts)


def test_a_killed_training_goes_on_from_the_last_state(train_run, monkeypatch):
    """Killed after epoch 2, when only epoch 1's state had been written: epoch 2 is done again."""
    class Killed(BaseException):
        pass

    def kill_after_epoch_2(_, row):
        if row and row["epoch"] == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "STATE_SECONDS", -1.0)
        save = trainer.save_training_state
        patch.setattr(trainer, "save_training_state", lambda *args, step, **rest:
                      step == 8 or save(*args, step=step, **rest))
        with pytest.raises(Killed):
            train_run("killed", epochs=4, progress=kill_after_epoch_2)
    killed = train_run("killed", epochs=4, resume=True)
    assert_same(train_run("whole", epochs=4), killed)


def test_a_state_from_before_the_loss_was_logged_is_resumed(train_run):
    parts = train_run("parts", should_stop=stop_after(6))
    state = parts.training_state()
    parts.write_tensors(TRAINING_STATE, state | {"terms": state["terms"][:, :3].copy()})
    train_run("parts", resume=True)
    whole = train_run("whole")
    for name, value in whole.weights().items():
        assert value.tobytes() == parts.weights()[name].tobytes(), name
    for one, other in zip(timeless(whole), timeless(parts), strict=True):
        assert one == pytest.approx(other, rel=1e-6)


def test_a_finished_run_cannot_be_resumed(train_run):
    train_run()
    with pytest.raises(RunError, match=r"no training_state.safetensors to resume from"):
        train_run(resume=True)


# What goes wrong


def poison(monkeypatch, at_call: int, value: float) -> None:
    """From this step on the distortion is multiplied by value."""
    terms, calls = step_module.elbo_terms, iter(range(1, 10**9))

    def poisoned(model, x, eps, beta):
        found = terms(model, x, eps, beta)
        return found._replace(distortion=found.distortion * value) \
            if next(calls) >= at_call else found

    monkeypatch.setattr(step_module, "elbo_terms", poisoned)


@pytest.mark.parametrize(("value", "what"), [
    (float("nan"), "became NaN or infinite"), (float("inf"), "became NaN or infinite"),
    (1e6, r"gradient exploded \(norm")])
def test_numbers_gone_bad_stop_with_a_sentence_and_keep_the_weights(
        train_run, splits, monkeypatch, value, what):
    one_epoch = train_run("one-epoch", epochs=1)
    poison(monkeypatch, at_call=6, value=value)
    with pytest.raises(TrainingFailed, match=rf"stopped at step 6: .*{what}.* weights of epoch 1 "
                                             r"are kept; lower learning_rate \(now 0.005\)"):
        train_run("bad", epochs=3)
    bad = Run(one_epoch.folder.parent / "bad")
    assert bad.status().state == "failed" and "step 6" in bad.status().message
    assert evaluate(load_model(bad), splits.test, 2).elbo < 0
    for name, value in one_epoch.weights().items():
        np.testing.assert_array_equal(bad.weights()[name], value)


def test_a_gradient_that_is_clipped_may_be_long(train_run, monkeypatch):
    poison(monkeypatch, at_call=6, value=1e6)
    run = train_run("clipped", epochs=3, max_grad_norm=100)
    assert run.status().state == "finished"


def test_a_stop_after_bad_numbers_keeps_the_last_good_state(train_run, monkeypatch):
    poison(monkeypatch, at_call=6, value=float("nan"))
    with pytest.raises(TrainingFailed, match="step 6"):
        train_run(should_stop=stop_after(7))


def test_a_huge_learning_rate_stops_with_a_sentence(train_run):
    with pytest.raises(TrainingFailed, match=r"step \d+: .*learning_rate \(now 10\), raise sigma"):
        train_run(learning_rate=10.0, likelihood="gaussian-fixed", sigma=0.01, epochs=100,
                  num_layers=6, hidden_dim=32)


def test_weights_that_measure_nan_are_not_kept(train_run, monkeypatch):
    """The loss is finite at the last step, and its update ruins the weights."""
    update = Step.__call__

    def ruin(self, x, eps, beta, learning_rate):
        numbers = update(self, x, eps, beta, learning_rate)
        if len(x) == 4:  # the epoch's last, smaller batch
            with torch.no_grad():
                self.model.decoder[-1].bias.fill_(float("nan"))
        return numbers

    monkeypatch.setattr(Step, "__call__", ruin)
    with pytest.raises(TrainingFailed):
        train_run(epochs=1)


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_sentence_and_what_was_saved_opens(train_run, monkeypatch, caplog):
    whole = train_run("whole", epochs=1)

    def fill_the_disk(_, row):
        if row:
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(RunError, match=r"can't be written \(No space left on device\)") as error:
        train_run("full", epochs=3, progress=fill_the_disk)
    monkeypatch.undo()
    assert "\n" not in str(error.value)
    run = Run(whole.folder.parent / "full")
    assert len(run.metrics()) == 1
    for name, value in whole.weights().items():
        np.testing.assert_array_equal(run.weights()[name], value)
    train_run("full", epochs=3, resume=True)
    assert_same(train_run("never-full", epochs=3), run)


def test_a_folder_that_is_removed_is_said_once(train_run, tmp_path, caplog):
    with pytest.raises(RunError, match="isn't there any more"):
        train_run("gone", progress=lambda _, row: row and shutil.rmtree(tmp_path / "gone"))
    assert not caplog.text


@pytest.mark.slow
def test_a_real_limit_on_file_size_is_one_sentence(tmp_path):
    """RLIMIT_FSIZE, set once the first epoch is written: what a quota does."""
    script = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from tests.conftest import TINY, make_images
        from vae_core.config import TrainConfig
        from vae_core.data.dataset import Splits
        from vae_core.runs.run import Run, RunError
        from vae_core.training.trainer import train

        def limit(status, row):
            if row:
                resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        try:
            train(TrainConfig(**TINY), Run(Path(sys.argv[1])), progress=limit,
                  data=Splits(make_images(100, 1), make_images(40, 2)))
        except RunError as error:
            print(error)
    """)
    run = Run(tmp_path / "limited")
    done = subprocess.run([sys.executable, "-c", script, run.folder], cwd=ROOT, text=True,
                          capture_output=True)
    assert done.stderr == "" and done.stdout.count("\n") == 1
    assert f"{WEIGHTS} can't be written (File too large)" in done.stdout
    assert run.status().state == "failed" and run.status().message in done.stdout
    assert len(run.metrics()) == 1
    load_model(run)
    assert len(run.latents()["mu"]) == 40
    assert not [path for path in run.folder.iterdir() if path.name.startswith(".")]


def test_a_step_that_will_not_compile_falls_back_and_says_so(train_run, monkeypatch, caplog):
    def refuse(function):
        def compiled(*_):
            raise RuntimeError("no compiler here\nand many lines more")
        return compiled

    monkeypatch.setattr(torch, "compile", refuse)
    with caplog.at_level(logging.WARNING):
        compiled = train_run("compiled", compile=True)
    assert caplog.messages == [
        "compile = true failed here (no compiler here): training without it."]
    assert_same(train_run("eager"), compiled)


@pytest.mark.parametrize("message", ["", "torch.compile is not supported here"])
def test_a_compiler_that_raises_in_other_ways_falls_back_too(train_run, monkeypatch, message):
    def refuse(function):
        def compiled(*_):
            raise AssertionError
        if message:
            raise RuntimeError(message)
        return compiled

    monkeypatch.setattr(torch, "compile", refuse)
    assert train_run(compile=True).status().state == "finished"


def test_bf16_trains_and_falls_back_where_there_is_none(train_run, tiny, caplog):
    run = train_run(precision="bf16", epochs=6)
    rows = run.metrics()
    assert rows[-1]["train_loss"] < rows[0]["train_loss"]
    assert {value.dtype for value in run.weights().values()} == {np.dtype("float32")}
    with autocast(tiny(precision="bf16"), torch.device("mps")):
        assert "precision = 'bf16' isn't available on" in caplog.text


def test_the_step_uses_the_rate_and_beta_of_its_step(tiny, splits, tmp_path, monkeypatch):
    used, update = [], Step.__call__
    monkeypatch.setattr(Step, "__call__", lambda self, x, eps, beta, rate: used.append(
        (beta, rate)) or update(self, x, eps, beta, rate))
    config = tiny(warmup_epochs=1, beta=2, schedule="cosine", learning_rate=1e-3)
    train(config, Run(tmp_path / "a"), data=splits)
    assert [beta for beta, _ in used] == [0.5, 1, 1.5, 2, 2, 2, 2, 2]
    rates = [rate for _, rate in used]
    assert rates[0] == pytest.approx(1e-3) and sorted(rates, reverse=True) == rates


def test_a_status_is_written_while_training(train_run, monkeypatch):
    """The heartbeat: with no wait between two, every step writes one, with the time left."""
    monkeypatch.setattr(trainer, "HEARTBEAT_SECONDS", -1.0)
    seen: list[Status] = []
    train_run(progress=lambda status, _: seen.append(status))
    assert [status.step for status in seen] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert all(status.pid == os.getpid() and status.process_alive() for status in seen[:-1])
    assert seen[-1].state == "finished"


def test_while_training_the_latents_are_a_part_and_in_the_end_all(train_run, monkeypatch):
    monkeypatch.setattr(trainer, "LIVE_POINTS", 15)
    sizes = []

    def look(status, row):
        if row:
            run = Run(folder)
            assert run.path(LATENTS).exists()
            sizes.append(len(run.latents()["mu"]))

    folder = train_run("before", epochs=1).folder.parent / "run"
    train_run(progress=look)
    assert sizes == [15, 40]
