"""The command line: every command, and one sentence with exit code 2 for every error."""

from __future__ import annotations

import json
import signal

import numpy as np
import onnxruntime
import pytest
import torch

from tests.conftest import wait_for
from vae_core import cli
from vae_core.config import CONDITIONED_ONLY, TrainConfig, knobs
from vae_core.measure.test_set import evaluate
from vae_core.model.conditioning import freeze
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import (
    CONFIG,
    METRICS,
    STATUS,
    TRAINING_STATE,
    WEIGHTS,
    Run,
    RunError,
    Status,
    find_runs,
)
from vae_core.training import trainer

TINY = ["--hidden-dim", 8, "--num-layers", 1, "--batch-size", 32, "--device", "cpu",
        "--threads", 1, "--learning-rate", 0.005]
FIGURES = {"distortion", "rate", "elbo", "log_px", "active_units", "num_test"}
EXACT_FIGURES = {"log_px_exact", "log_px_exact_error", "inference_gap"}


@pytest.fixture
def train(command, tiny_mnist, tmp_path):
    """`train` on the tiny images, into tmp_path/runs."""
    fixed = ("train", "--checkpoints", tmp_path / "runs", *TINY)
    return lambda *arguments: command(*fixed, *arguments)


# Help


@pytest.mark.parametrize("name", ["train", "sweep"])
def test_help_has_every_knob_with_its_range_and_default(command, name):
    said = command(name, "--help")
    assert said.code == 0 and said.err == ""
    text = " ".join(said.out.split())
    for field, (_, _, knob) in knobs().items():
        if (name, field) != ("sweep", "beta"):
            assert f"--{field.replace('_', '-')}" in text
            assert " ".join(knob.help.split())[:30] in text
    assert text.count("default") >= len(knobs()) - 1


def test_every_flag_of_every_command_has_a_help_text():
    commands = next(action for action in cli.parser()._actions if action.choices)
    assert set(commands.choices) >= {"train", "sweep", "evaluate", "export", "list"}
    for name, one in commands.choices.items():
        for action in one._actions:
            if action.option_strings:
                assert action.help, (name, action.option_strings)


# What the commands do


def test_train_leaves_a_finished_run(train, tmp_path):
    said = train("--epochs", 2, "--run-id", "a", "--beta", 2, "--latent-dim", 3, "--seed", 5)
    assert said.code == 0 and said.err == ""
    run = Run(tmp_path / "runs" / "a")
    config = run.config()
    assert (config.beta, config.latent_dim, config.seed, config.epochs) == (2.0, 3, 5, 2)
    assert run.status().state == "finished" and len(run.metrics()) == 2
    assert "epoch    2" in said.out and "finished after epoch 2 of 2" in said.out
    load_model(run)


def test_train_names_the_run_by_its_knobs(train, tmp_path):
    assert train("--epochs", 1, "--beta", 0.5).code == 0
    assert [run.run_id for run in find_runs(tmp_path / "runs")] == ["mnist-mlp-z2-beta0.5"]


@pytest.mark.parametrize("changes", [  # the two exclude each other
    dict(), dict(beta_conditioned=False, warmup_epochs=1.5)],
    ids=["conditioned", "warmed up"])
def test_every_knob_arrives(command, tmp_path, monkeypatch, changes):
    got = []
    monkeypatch.setattr(cli, "_run", lambda config, run, **_: got.append(config) or 0)
    others = dict(dataset="kmnist", beta=0.25, latent_dim=7, hidden_dim=9, architecture="conv",
                  epochs=6, learning_rate=0.02, likelihood="gaussian-shared", binarization="none",
                  sigma=0.4, reconstruction_weight=0.5, warmup_epochs=0.0, num_layers=3, channels=5,
                  activation="tanh", beta_conditioned=True, beta_min=0.2, beta_max=20.0,
                  beta_focus=0.5, objective="beta-vae", batch_size=11, schedule="cosine",
                  max_grad_norm=3.0, train_limit=17, seed=4, device="cpu", precision="bf16",
                  compile=True, threads=2)
    others |= changes
    assert set(others) == set(knobs())
    if not others["beta_conditioned"]:
        others = {name: value for name, value in others.items() if name not in CONDITIONED_ONLY}
    flags = []
    for name, value in others.items():
        flag = name.replace("_", "-")
        flags += [f"--no-{flag}"] if value is False else \
            [f"--{flag}", *([] if value is True else [value])]
    assert command("train", "--checkpoints", tmp_path, *flags).code == 0
    assert got == [TrainConfig(**others)]


def test_from_config_takes_the_knobs_from_a_file(command, tiny_mnist, tiny, tmp_path):
    file = tmp_path / "knobs.json"
    file.write_text(json.dumps(tiny(beta=3, epochs=1).to_dict()))
    said = command("train", "--from-config", file, "--checkpoints", tmp_path, "--run-id", "a")
    assert said.code == 0
    assert Run(tmp_path / "a").config() == tiny(beta=3, epochs=1)


def test_resume_goes_on(command, tiny_mnist, stopped, train_run):
    said = command("train", "--resume", "--run-id", "half", "--checkpoints", stopped.folder.parent)
    assert said.code == 0 and "finished after epoch 2 of 2" in said.out
    whole = train_run("whole").weights()
    assert all(np.array_equal(value, whole[name]) for name, value in stopped.weights().items())


def test_sweep_trains_one_run_for_each_beta(command, tiny_mnist, tmp_path):
    said = command("sweep", "--betas", "0,0.5,4", "--prefix", "z2", "--epochs", 1, "--checkpoints",
                   tmp_path, *TINY)
    assert said.code == 0
    runs = find_runs(tmp_path)
    assert [run.run_id for run in runs] == ["z2-beta0", "z2-beta0.5", "z2-beta4"]
    assert [run.config().beta for run in runs] == [0, 0.5, 4]
    assert {run.status().state for run in runs} == {"finished"}


def test_evaluate_prints_an_object(command, tiny_mnist, finished, splits):
    said = command("evaluate", finished.folder, "--json", "--num-samples", 20)
    found = json.loads(said.out)
    assert said.code == 0 and said.err == "" and said.out.count("\n") == 1
    assert set(found) >= FIGURES
    assert found["num_test"] == len(splits.test) and found["num_samples"] == 20
    assert found["elbo"] == -(found["distortion"] + found["rate"]) < found["log_px"] < 0
    assert found["elbo"] == pytest.approx(finished.metrics()[-1]["test_elbo"], abs=0.02)
    limited = command("evaluate", finished.folder, "--json", "--num-samples", 2, "--limit", 7)
    assert json.loads(limited.out)["num_test"] == 7


def test_evaluate_prints_a_table(command, tiny_mnist, finished):
    said = command("evaluate", finished.folder, "--num-samples", 2)
    assert {line.split()[0] for line in said.out.splitlines()} >= FIGURES


def test_evaluate_exact_adds_the_evidence(command, tiny_mnist, finished):
    said = command("evaluate", finished.folder, "--exact", "--json", "--limit", 12)
    plain = command("evaluate", finished.folder, "--json", "--limit", 12)
    found, without = json.loads(said.out), json.loads(plain.out)
    assert said.code == 0 and said.err == "" and said.out.count("\n") == 1
    assert set(found) - set(without) == EXACT_FIGURES and not set(without) - set(found)
    assert found["inference_gap"] == found["log_px_exact"] - found["elbo"] > 0
    assert 0 <= found["log_px_exact_error"] < 0.01
    assert found["elbo"] < found["log_px"] < found["log_px_exact"]
    table = command("evaluate", finished.folder, "--exact", "--limit", 2, "--num-samples", 2)
    assert {line.split()[0] for line in table.out.splitlines()} >= FIGURES | EXACT_FIGURES


@pytest.mark.parametrize("changes, words", [
    (dict(latent_dim=3), ("latent_dim = 3", "choose another model")),
    (dict(beta=0), ("beta = 0", "choose a model with beta above 0"))], ids=str)
def test_evaluate_exact_of_what_has_no_grid_is_one_sentence(command, tiny_mnist, train_run,
                                                            changes, words):
    run = train_run(epochs=1, **changes)
    assert command("evaluate", run.folder, "--exact", "--json").is_one_sentence(*words)


@pytest.mark.slow
def test_evaluate_exact_says_where_it_does_not_converge(command, tiny_mnist, finished,
                                                        monkeypatch):
    monkeypatch.setattr("vae_core.measure.exact.RADII", (1.0,))
    said = command("evaluate", finished.folder, "--exact", "--limit", 2, "--num-samples", 2)
    assert said.is_one_sentence("doesn't converge for 2 of 2 test examples", "leave --exact out")


# One β of a conditioned run


@pytest.fixture
def multirate(train_run) -> Run:
    return train_run("multirate", beta_conditioned=True, beta=2, epochs=3)


def test_train_conditions_on_beta_with_one_switch(train, tmp_path):
    assert train("--epochs", 1, "--beta-conditioned").code == 0
    [run] = find_runs(tmp_path / "runs")
    assert run.run_id == "mnist-mlp-z2-multirate"
    assert run.config().beta_conditioned and load_model(run).film is not None


def test_evaluate_measures_a_conditioned_run_at_a_beta(command, tiny_mnist, multirate, splits):
    model = load_model(multirate)
    rest = ["--json", "--num-samples", 5]
    for arguments, beta in (([], 2.0), (["--beta", 2], 2.0), (["--beta", 0.01], 0.01)):
        said = command("evaluate", multirate.folder, *arguments, *rest)
        found, expected = json.loads(said.out), evaluate(freeze(model, beta), splits.test, 5)
        assert (said.code, said.err, found["beta"]) == (0, "", beta)
        assert found["rate"] == pytest.approx(expected.rate, rel=1e-4)
        assert found["log_px"] == pytest.approx(expected.log_px, rel=1e-4)


def test_evaluate_prints_the_whole_curve(command, tiny_mnist, multirate):
    said = command("evaluate", multirate.folder, "--curve", "--json")
    rows, kept = json.loads(said.out), multirate.beta_curve()
    assert [row["beta"] for row in rows] == pytest.approx(kept.beta)
    for name in ("distortion", "rate", "elbo", "active_units"):
        assert [row[name] for row in rows] == pytest.approx(getattr(kept, name), rel=1e-4), name
    assert len(command("evaluate", multirate.folder, "--curve").out.splitlines()) == 1 + len(rows)


@pytest.mark.parametrize("how", [("--num-samples", 2), ("--curve",)])
def test_of_one_image_active_units_are_warned_of(command, tiny_mnist, multirate, caplog,
                                                        how):
    assert command("evaluate", multirate.folder, "--limit", 1, *how).code == 0
    assert "Active units need at least two images" in caplog.text
    caplog.clear()
    assert command("evaluate", multirate.folder, "--limit", 2, *how).code == 0
    assert not caplog.text


def test_a_list_is_json_though_a_run_measured_nan(command, finished):
    finished.write_metrics([finished.metrics()[-1] | {"test_elbo": float("nan")}])
    said = command("list", "--json", "--checkpoints", finished.folder.parent)
    row, = json.loads(said.out, parse_constant=pytest.fail)
    assert row["elbo"] is None and not row["problem"]


def test_a_negative_limit_of_a_curve_is_refused(command, tiny_mnist, multirate):
    said = command("evaluate", multirate.folder, "--curve", "--limit", -5)
    assert said.is_one_sentence("--limit -5 is not allowed")


def test_an_ordinary_run_has_no_curve(command, tiny_mnist, finished):
    said = command("evaluate", finished.folder, "--curve")
    assert said.is_one_sentence("has no curve", "β = 1 alone", "--beta-conditioned")


@pytest.mark.parametrize("by_name", [True, False])
def test_export_freezes_one_beta_into_an_ordinary_run(command, tiny_mnist, multirate, tmp_path,
                                                      by_name):
    folder = tmp_path / "frozen-4" if by_name else tmp_path / "elsewhere" / "four"
    where = ["--run-id", "frozen-4"] if by_name else ["--to", folder]
    said = command("export", multirate.folder, "--beta", 4, *where)
    assert (said.code, said.err) == (0, "") and said.out == f"{folder}: multirate at β = 4.\n"
    assert Run(folder).config().beta == 4 and not Run(folder).config().beta_conditioned
    [row] = [row for row in json.loads(command("list", "--json", "--checkpoints",
                                               folder.parent).out) if row["run_id"] == folder.name]
    assert (row["state"], row["beta"], row["problem"]) == ("finished", 4, None)
    one, other = (json.loads(command("evaluate", *arguments, "--json", "--num-samples", 5).out)
                  for arguments in ([folder], [multirate.folder, "--beta", 4]))
    one.pop("run_id"), other.pop("run_id")
    assert one == other


def test_export_without_a_beta_takes_the_runs_own(command, tiny_mnist, multirate, tmp_path):
    assert command("export", multirate.folder, "--run-id", "own").code == 0
    assert Run(tmp_path / "own").config().beta == 2


def test_export_overwrites_nothing(command, tiny_mnist, multirate):
    before = multirate.path(WEIGHTS).read_bytes()
    said = command("export", multirate.folder, "--beta", 4, "--run-id", "multirate")
    assert said.is_one_sentence("exists already", "another")
    assert multirate.path(WEIGHTS).read_bytes() == before


@pytest.mark.parametrize("name", ["a/b", ".hidden", ""])
def test_export_to_what_can_be_no_run_is_one_sentence(command, multirate, name):
    said = command("export", multirate.folder, "--beta", 4, "--run-id", name)
    assert said.is_one_sentence(f"run id {name!r} is not allowed")


@pytest.mark.parametrize("arguments", [["evaluate", "--json"], ["export", "--run-id", "x"],
                                       ["export", "--onnx", "x.onnx"]], ids=" ".join)
def test_a_beta_that_a_run_does_not_have_is_one_sentence(command, tiny_mnist, multirate, finished,
                                                         tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    name, *rest = arguments
    for beta in ("40", "0.001", "0", "nan"):
        said = command(name, multirate.folder, "--beta", beta, *rest)
        assert said.is_one_sentence(f"β = {beta} is outside", "from 0.01 to 10")
    said = command(name, finished.folder, "--beta", 4, *rest)
    assert said.is_one_sentence("isn't β-conditioned")
    assert not (tmp_path / "x").exists() and not (tmp_path / "x.onnx").exists()


def test_an_ordinary_run_can_be_measured_at_its_own_beta(command, tiny_mnist, finished):
    said = [command("evaluate", finished.folder, *beta, "--json", "--num-samples", 5).out
            for beta in ([], ["--beta", finished.config().beta])]
    assert said[0] and said[0] == said[1]


def test_an_ordinary_run_is_not_frozen(command, tiny_mnist, finished):
    said = command("export", finished.folder, "--run-id", "x")
    assert said.is_one_sentence("isn't β-conditioned")


def test_evaluate_exact_of_a_curve_is_one_sentence(command, tiny_mnist, multirate):
    said = command("evaluate", multirate.folder, "--exact", "--curve")
    assert said.is_one_sentence("--curve and --exact", "leave one of the two out")


def test_evaluate_exact_takes_a_conditioned_run_at_a_beta(command, tiny_mnist, multirate):
    found = [json.loads(command("evaluate", multirate.folder, "--exact", "--json", "--limit", 5,
                                "--beta", beta).out) for beta in (0.01, 2)]
    assert all(each["inference_gap"] > 0 for each in found)
    assert found[0]["log_px_exact"] != found[1]["log_px_exact"]


@pytest.mark.slow
@pytest.mark.parametrize("beta", [None, 0.3])
def test_onnx_of_a_conditioned_run_is_that_of_one_beta(command, multirate, tmp_path, beta):
    chosen = [] if beta is None else ["--beta", beta]
    assert command("export", multirate.folder, "--onnx", tmp_path / "x.onnx", *chosen).code == 0
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx", providers=["CPUExecutionProvider"])
    z = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    expected = load_model(multirate).decode_mean(torch.from_numpy(z), beta).detach()
    np.testing.assert_allclose(session.run(None, {"z": z})[0], expected, atol=1e-4)


def test_list_prints_an_array(command, finished, stopped):
    said = command("list", "--checkpoints", finished.folder.parent, "--json")
    blobs, half = json.loads(said.out)
    assert blobs == {"run_id": "blobs", "dataset": "mnist", "beta": 1.0, "latent_dim": 2,
                     "state": "finished", "elbo": finished.metrics()[-1]["test_elbo"],
                     "problem": None}
    assert (half["run_id"], half["state"]) == ("half", "stopped")


def test_list_shows_a_damaged_run_too(command, finished, stopped):
    finished.write(CONFIG, b"{")
    rows = {row["run_id"]: row for row in json.loads(
        command("list", "--checkpoints", finished.folder.parent, "--json").out)}
    assert rows["blobs"]["state"] == "damaged" and CONFIG in rows["blobs"]["problem"]
    assert rows["half"]["problem"] is None
    table = command("list", "--checkpoints", finished.folder.parent)
    assert table.code == 0 and "damaged" in table.out and "is damaged (invalid JSON" in table.out


def test_list_of_nothing_says_so(command, tmp_path):
    assert "has no runs yet" in command("list", "--checkpoints", tmp_path).out
    assert command("list", "--checkpoints", tmp_path, "--json").out == "[]\n"


def test_list_names_an_interrupted_run(command, stopped):
    stopped.write_status(Status("running", pid=2**22 - 1))
    [row] = json.loads(command("list", "--checkpoints", stopped.folder.parent, "--json").out)
    assert row["state"] == "interrupted"


# Errors: one sentence each


@pytest.mark.parametrize(("arguments", "words"), [
    ([], ["COMMAND"]),
    (["fly"], ["fly", "train"]),
    (["train", "--dataset", "mnits"], ["dataset = 'mnits'", "Did you mean 'mnist'?"]),
    (["train", "--epochs", "-5"], ["epochs = -5", "from 1 to 100,000"]),
    (["train", "--epochs=0"], ["epochs = 0"]),
    (["train", "--epochs", "1.5"], ["'1.5' isn't a whole number"]),
    (["train", "--beta", "high"], ["'high' isn't a number"]),
    (["train", "--beta", "nan"], ["beta = nan is not allowed"]),
    (["train", "--epochs"], ["expected one argument"]),
    (["train", "--colour", "red"], ["--colour"]),
    (["train", "--run-id", "../x"], ["run id '../x' is not allowed"]),
    (["train", "--beta", "0", "--reconstruction-weight", "0"], ["nothing to minimise"]),
    (["train", "--warmup-epochs", "30"], ["warmup_epochs = 30 is longer than epochs = 20"]),
    (["train", "--resume"], ["--resume needs --run-id"]),
    (["train", "--resume", "--run-id", "a", "--beta", "2"], ["--resume takes the knobs", "--beta"]),
    (["train", "--resume", "--run-id", "nowhere"], ["There is no run", "nowhere"]),
    (["train", "--from-config", "nowhere.json"], ["nowhere.json can't be read"]),
    (["sweep"], ["--betas"]),
    (["sweep", "--betas", "one,two"], ["--betas 'one,two' isn't a list of numbers"]),
    (["sweep", "--betas", "1,,2"], ["--betas '1,,2' isn't"]),
    (["sweep", "--betas", ""], ["--betas '' isn't"]),
    (["sweep", "--betas", "1,-2"], ["beta = -2.0 is not allowed"]),
    (["sweep", "--betas", "1", "--prefix", "a/b"], ["run id 'a/b-beta1' is not allowed"]),
    (["evaluate", "nowhere/run"], ["There is no run nowhere/run"]),
    (["evaluate", "a", "--limit", "-1"], ["--limit -1 is not allowed"]),
    (["evaluate", "a", "--limit", "x"], ["--limit", "x"]),
    (["evaluate", "a", "--num-samples", "0"], ["--num-samples 0 is not allowed"]),
    (["evaluate"], ["DIR/NAME"]),
    (["export", "nowhere/run", "--onnx", "x.onnx"], ["There is no run nowhere/run"]),
    (["export", "nowhere/run"], ["--onnx", "--run-id", "--to"]),
    (["export", "nowhere/run", "--onnx", "x.onnx", "--run-id", "a"], ["--run-id", "--onnx"]),
    (["export", "nowhere/run", "--run-id", "a", "--beta", "4"], ["There is no run nowhere/run"]),
    (["export", "a", "--onnx", "x.onnx", "--beta", "high"], ["'high' isn't a number"]),
    (["evaluate", "a", "--beta", "high"], ["'high' isn't a number"]),
    (["train", "--beta-conditioned", "--beta", "0"], ["beta = 0", "beta_min = 0.01"]),
    (["train", "--beta-conditioned", "--beta-min", "2"], ["beta = 1, at which", "give a beta"]),
    (["train", "--beta-min", "0.5"], ["--beta-min is for", "add --beta-conditioned"]),
    (["sweep", "--betas", "1,2", "--beta-focus", "0.1"], ["--beta-focus is for"]),
    (["train", "--beta-conditioned", "--warmup-epochs", "2"], ["warmup_epochs = 2", "contradict"]),
    (["sweep", "--betas", "1,2", "--beta-conditioned"], ["--beta-conditioned", "use train"]),
], ids=lambda value: " ".join(map(str, value)))
def test_what_cannot_be_is_one_sentence(command, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert command(*arguments).is_one_sentence(*words)
    assert not list(tmp_path.iterdir())  # and nothing is left behind


@pytest.mark.parametrize(("content", "words"), [
    ("{", ["can't be read as JSON"]), ('{"btea": 1}', ["did you mean 'beta'?"]),
    ('{"beta": "x"}', ["beta = 'x' is not allowed"]),
    pytest.param("5", ["object"]),
    pytest.param("[1]", ["object"]),
    pytest.param('["beta"]', ["object"])])
def test_a_wrong_file_of_knobs_is_one_sentence(command, tmp_path, content, words):
    file = tmp_path / "knobs.json"
    file.write_text(content)
    assert command("train", "--from-config", file).is_one_sentence(*words)


def test_an_enormous_number_is_one_sentence(command):
    assert command("train", "--epochs", "1" * 400).is_one_sentence("epochs")


def test_a_file_for_a_checkpoints_folder_is_one_sentence(command, tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert command("train", "--checkpoints", tmp_path / "file").is_one_sentence("can't be written")


def test_a_run_that_exists_is_not_trained_over(command, finished):
    before = finished.path(WEIGHTS).read_bytes()
    for arguments in (["train", "--run-id", "blobs"], ["sweep", "--betas", "1", "--prefix", "x"]):
        if arguments[0] == "sweep":
            finished.folder.rename(finished.folder.parent / "x-beta1")
        said = command(*arguments, "--checkpoints", finished.folder.parent)
        assert said.is_one_sentence("exists already", "another")
    assert (finished.folder.parent / "x-beta1" / WEIGHTS).read_bytes() == before


@pytest.mark.parametrize("betas", ["1,1", "1,1.0000001"])
def test_two_betas_of_one_name_are_refused(command, tmp_path, monkeypatch, betas):
    monkeypatch.setattr(cli, "_run", lambda *_, **__: 0)
    assert command("sweep", "--betas", betas, "--checkpoints", tmp_path).is_one_sentence("beta1")


@pytest.mark.parametrize("damage", ["truncated weights", "invalid JSON", "missing config",
                                    "missing weights", "weights of another config"])
@pytest.mark.parametrize("name", ["evaluate", "export"])
def test_a_damaged_run_is_one_sentence(command, tiny_mnist, tiny, finished, tmp_path, name, damage):
    if damage == "truncated weights":
        finished.write(WEIGHTS, finished.path(WEIGHTS).read_bytes()[:500])
    elif damage == "invalid JSON":
        finished.write(CONFIG, b'{"beta": ')
    elif damage == "weights of another config":
        finished.write_config(tiny(latent_dim=4))
    else:
        finished.path(CONFIG if "config" in damage else WEIGHTS).unlink()
    rest = ["--json"] if name == "evaluate" else ["--onnx", tmp_path / "x.onnx"]
    said = command(name, finished.folder, *rest)
    assert said.is_one_sentence("blobs", WEIGHTS if "weights" in damage else CONFIG, "again")


@pytest.mark.parametrize("name", [CONFIG, TRAINING_STATE])
def test_a_damaged_run_is_not_resumed(command, tiny_mnist, stopped, name):
    stopped.write(name, stopped.path(name).read_bytes()[:40])
    said = command("train", "--resume", "--run-id", "half", "--checkpoints", stopped.folder.parent)
    assert said.is_one_sentence(name, "is damaged")


@pytest.mark.parametrize("content", ["5\n", '{"colour": 5}\n'])
def test_list_outlives_metrics_that_are_wrong(command, finished, content):
    finished.write(METRICS, content.encode())
    assert "damaged" in command("list", "--checkpoints", finished.folder.parent).out


def test_a_finished_run_stays_finished_when_it_cannot_be_resumed(command, tiny_mnist, finished):
    said = command("train", "--resume", "--run-id", "blobs", "--checkpoints",
                   finished.folder.parent)
    assert said.is_one_sentence("blobs", "finished")
    assert finished.status().state == "finished"


def test_a_run_that_trains_is_not_resumed_as_well(command, tiny_mnist, stopped):
    stopped.write_status(Status("running").of_this_process())
    said = command("train", "--resume", "--run-id", "half", "--checkpoints", stopped.folder.parent)
    assert said.is_one_sentence("half", "running")


def test_a_run_killed_while_it_loaded_can_be_resumed(command, tiny_mnist, tiny, tmp_path):
    run = Run(tmp_path / "early")
    run.write_config(tiny())
    run.write_status(Status("running", pid=2**22 - 1, message="Loading…"))
    said = command("train", "--resume", "--run-id", "early", "--checkpoints", tmp_path)
    assert said.code == 0 and run.status().state == "finished"


def test_a_failed_run_says_how_far_it_came(train, tmp_path, monkeypatch):
    said = train("--run-id", "bad", "--learning-rate", 10, "--likelihood", "gaussian-fixed",
                 "--sigma", 0.01, "--epochs", 100, "--num-layers", 6)
    assert said.code == 2 and "Training stopped at step" in said.err
    status = Run(tmp_path / "runs" / "bad").status()
    assert status.state == "failed" and status.step > 0


def test_a_write_that_fails_is_one_sentence(train, tmp_path, monkeypatch):
    write = Run.write

    def fail(self, name, content):
        if name == WEIGHTS:
            raise RunError(f"{name} can't be written (No space left on device).")
        write(self, name, content)

    monkeypatch.setattr(Run, "write", fail)
    assert train("--run-id", "full").is_one_sentence(f"{WEIGHTS} can't be written")
    assert Run(tmp_path / "runs" / "full").status().state == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["nowhere/x.onnx", "."])
def test_an_onnx_file_that_cannot_be_written_is_one_sentence(command, finished, tmp_path, path):
    said = command("export", finished.folder, "--onnx", tmp_path / path)
    assert said.is_one_sentence("can't be written", "choose another file")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step(train, tmp_path, monkeypatch, number):
    """It comes while the first epoch is written down; the step after it is the last."""
    end_epoch = trainer._Training._end_epoch
    monkeypatch.setattr(trainer._Training, "_end_epoch",
                        lambda self: end_epoch(self) or signal.raise_signal(number))
    said = train("--run-id", "a", "--epochs", 3)
    status = Run(tmp_path / "runs" / "a").status()
    assert (said.code, said.err) == (0, "") and "stopped after epoch 1 of 3" in said.out
    assert (status.state, status.step) == ("stopped", 4)


def test_a_second_ctrl_c_ends_at_once(train, tmp_path, monkeypatch):
    end_epoch = trainer._Training._end_epoch
    monkeypatch.setattr(trainer._Training, "_end_epoch", lambda self: end_epoch(self) or [
        signal.raise_signal(signal.SIGINT) for _ in range(2)])
    said = train("--run-id", "a", "--epochs", 3)
    assert (said.code, said.err) == (130, "Interrupted.\n")
    assert Run(tmp_path / "runs" / "a").path(TRAINING_STATE).exists()


def test_ctrl_c_in_a_sweep_ends_the_sweep(command, tiny_mnist, tmp_path, monkeypatch):
    def interrupted(config, run, *, should_stop, **_):
        signal.raise_signal(signal.SIGINT)
        assert should_stop()
        return Status("stopped")

    monkeypatch.setattr(trainer, "train", interrupted)
    command("sweep", "--betas", "1,2,3", "--checkpoints", tmp_path, *TINY)
    assert len(find_runs(tmp_path)) == 1


# In real processes, on the real MNIST


LONG = ["--train-limit", 1000, "--epochs", 4, *TINY]


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, dict]:
    """Filled by the first test that trains LONG without a stop; the others compare with it."""
    return {}


@pytest.fixture
def long_weights(uninterrupted, process, tmp_path) -> dict[str, np.ndarray]:
    if not uninterrupted:
        assert process("train", *LONG, "--run-id", "whole", "--checkpoints", tmp_path).code == 0
        uninterrupted["weights"] = Run(tmp_path / "whole").weights()
    return uninterrupted["weights"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_keeps_the_run_and_resume_finishes_it(spawn, process, long_weights, tmp_path,
                                                       number):
    run = Run(tmp_path / "a")
    running = spawn("train", *LONG, "--run-id", "a", "--checkpoints", tmp_path)
    wait_for(lambda: run.path(STATUS).exists() and run.metrics())
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert err == ""
    status = run.status()
    if number == signal.SIGKILL:
        assert running.returncode == -signal.SIGKILL and status.state == "interrupted"
    else:
        assert running.returncode == 0 and status.state == "stopped"
        assert "stopped after epoch" in out
    assert 0 < status.step < status.total_steps
    load_model(run)
    assert len(run.latents()["mu"]) == 2000

    said = process("train", "--resume", "--run-id", "a", "--checkpoints", tmp_path)
    assert (said.code, said.err) == (0, "")
    assert run.status().state == "finished" and not run.path(TRAINING_STATE).exists()
    assert [row["epoch"] for row in run.metrics()] == [1, 2, 3, 4]
    assert len(run.latents()["mu"]) == 10_000
    for name, value in run.weights().items():
        assert value.tobytes() == long_weights[name].tobytes(), name


@pytest.mark.slow
def test_the_commands_work_as_processes(process, tmp_path):
    """train, evaluate, list and export, each a process of its own, as the README shows them."""
    said = process("train", "--dataset", "mnist", "--latent-dim", 2, "--beta", 1, "--epochs", 2,
                   "--seed", 0, "--run-id", "a", "--checkpoints", tmp_path, "--train-limit", 500,
                   "--hidden-dim", 8)
    assert (said.code, said.err) == (0, "")
    said = process("evaluate", tmp_path / "a", "--json", "--num-samples", 5, "--limit", 300)
    found = json.loads(said.out)
    assert said.code == 0 and set(found) >= FIGURES and found["num_test"] == 300
    [row] = json.loads(process("list", "--checkpoints", tmp_path, "--json").out)
    assert (row["run_id"], row["state"], row["beta"], row["latent_dim"]) == ("a", "finished", 1, 2)
    said = process("export", tmp_path / "a", "--onnx", tmp_path / "a.onnx")
    assert said.code == 0 and said.out.count("\n") == 1
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx", providers=["CPUExecutionProvider"])
    [images] = session.run(None, {"z": np.zeros((3, 2), dtype=np.float32)})
    assert images.shape == (3, 784)


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_from_a_process(process, tmp_path):
    """RLIMIT_FSIZE, so small that config and status can be written and a model can't."""
    script = ("import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); "
              "from vae_core.cli import main; sys.exit(main())")
    said = process("train", *TINY, "--run-id", "a", "--checkpoints", tmp_path,
                   prefix=("-c", script))
    assert said.is_one_sentence("can't be written (File too large)")
    run = Run(tmp_path / "a")
    assert run.status().state == "failed" and run.config().hidden_dim == 8


def test_an_error_of_a_process_is_one_sentence(process):
    assert process("train", "--dataset", "mnits").is_one_sentence("Did you mean 'mnist'?")


def test_a_run_is_not_trained_over_through_its_own_config(command, tiny_mnist, finished):
    before = finished.path(WEIGHTS).read_bytes()
    said = command("train", "--from-config", finished.path(CONFIG), "--run-id", "blobs",
                   "--checkpoints", finished.folder.parent)
    assert said.is_one_sentence("exists already")
    assert finished.path(WEIGHTS).read_bytes() == before


@pytest.mark.parametrize(("value", "words"), [
    (np.nan, ["aren't finite numbers", "again"]), (1e25, ["evaluates to NaN", "train it again"])])
def test_corrupted_weights_are_one_sentence(command, tiny_mnist, finished, value, words):
    weights = {name: np.full_like(each, value) for name, each in finished.weights().items()}
    finished.write_tensors(WEIGHTS, weights)
    assert command("evaluate", finished.folder, "--json").is_one_sentence(*words)


def test_a_sweep_that_was_stopped_goes_on(command, tiny_mnist, tmp_path):
    tiny = ("--hidden-dim", 4, "--num-layers", 1, "--epochs", 1, "--batch-size", 50)
    rest = ("--prefix", "x", "--checkpoints", tmp_path, *tiny)
    assert command("sweep", "--betas", "1", *rest).code == 0
    before = (tmp_path / "x-beta1" / WEIGHTS).stat().st_mtime_ns
    assert command("sweep", "--betas", "1,2", *rest).is_one_sentence("'x-beta1' exists already")
    assert command("sweep", "--betas", "1,2", "--resume", *rest).code == 0
    assert (tmp_path / "x-beta1" / WEIGHTS).stat().st_mtime_ns == before
    assert Run(tmp_path / "x-beta2").status().state == "finished"
