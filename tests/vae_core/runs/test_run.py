"""The run folder: whole files or none, and one sentence for whatever is wrong with one."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
import shutil
import socket

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import new_run
from vae_core.config import TrainConfig
from vae_core.measure.beta_curve import BetaCurve
from vae_core.runs import run as run_module
from vae_core.runs.run import (
    BETA_CURVE,
    CONFIG,
    LATENTS,
    METRICS,
    STATUS,
    TRAINING_STATE,
    WEIGHTS,
    Run,
    RunError,
    Status,
    find_runs,
    open_run,
    summarize,
)
from vae_core.runs.schema import METRICS_KEYS

READERS = {CONFIG: Run.config, STATUS: Run.status, METRICS: Run.metrics, LATENTS: Run.latents,
           WEIGHTS: Run.weights, TRAINING_STATE: Run.training_state}


def refusal(run: Run, name: str) -> str:
    """The sentence a damaged file is answered with; it names run and file, and says what to do."""
    with pytest.raises(RunError) as error:
        READERS[name](run)
    sentence = str(error.value)
    assert run.run_id in sentence and name in sentence
    assert "again" in sentence
    assert "Traceback" not in sentence and 'File "' not in sentence
    return sentence


# Round trips


def test_config_and_status_come_back(tmp_path):
    run = new_run(tmp_path / "a")
    config, status = TrainConfig(beta=0.3, compile=True), Status("finished", epoch=3, seconds=1.5)
    run.write_config(config)
    run.write_status(status)
    assert run.config() == config and run.status() == status


def test_metrics_come_back_and_are_none_at_first(tmp_path):
    run = new_run(tmp_path / "a")
    assert run.metrics() == []
    rows = [dict.fromkeys(METRICS_KEYS, value) for value in (1.23456789012345, 2)]
    run.write_metrics(rows)
    assert run.metrics() == rows
    assert len(run.path(METRICS).read_text().splitlines()) == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_tensors_come_back_bit_for_bit(tmp_path, dtype, shape):
    run = new_run(tmp_path / "a")
    array = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    run.write_tensors(TRAINING_STATE, {"w": array})
    back = run.training_state()["w"]
    assert back.dtype == dtype and back.shape == shape
    np.testing.assert_array_equal(back, array)


def test_latents_come_back_bit_for_bit(finished, tmp_path):
    latents = finished.latents()
    copy = new_run(tmp_path / "copy")
    copy.write_config(finished.config())
    copy.write_latents(latents)
    assert copy.latents().keys() == latents.keys()
    for name, array in copy.latents().items():
        assert array.dtype == latents[name].dtype
        np.testing.assert_array_equal(array, latents[name])


@pytest.mark.parametrize("change", [
    {"mu": np.zeros(3)}, {"rate": np.zeros(2)}, {"log_var": np.zeros((40, 3))}, {"label": None},
    {"mu": np.full((40, 2), np.nan)}, {"mu": np.zeros((40, 16)), "log_var": np.zeros((40, 16))},
    {"label": np.full(40, 10)}, {"label": np.full(40, -2)}, {"label": np.zeros(40)},
    {"originals": np.zeros((0, 784), np.uint8)}, {"samples": np.zeros((3, 100), np.uint8)}])
def test_latents_that_do_not_fit_together_are_refused(finished, change):
    arrays = {name: array for name, array in (finished.latents() | change).items()
              if array is not None}
    finished.write_latents(arrays)
    with pytest.raises(RunError, match=r"latents\.npz is damaged"):
        finished.latents()


def make_curve(num: int = 3, points: int = 4, dims: int = 2, **change) -> BetaCurve:
    random = np.random.default_rng(0).random
    arrays = dict(beta=np.geomspace(0.1, 10, num), distortion=random(num),
                  rate_per_dim=random((num, dims)), mu_variance=random((num, dims)),
                  mu=random((num, points, dims)).astype(np.float16),
                  log_var=random((num, points, dims)).astype(np.float16),
                  point_distortion=random((num, points)), point_rate=random((num, points)),
                  label=np.arange(points) - 1)
    return BetaCurve(**arrays | change)


def test_a_curve_comes_back_bit_for_bit(finished):
    curve = make_curve()
    finished.write_beta_curve(curve)
    for name, array in vars(finished.beta_curve()).items():
        assert array.dtype == getattr(curve, name).dtype
        np.testing.assert_array_equal(array, getattr(curve, name))


@pytest.mark.parametrize("change", [
    {"beta": np.array([0.1, 10, 1])}, {"beta": np.array([0.0, 1, 10])}, {"distortion": np.zeros(2)},
    {"mu": np.zeros((3, 4, 3))}, {"log_var": np.zeros((3, 5, 2))}, {"beta": np.array(1.0)},
    {"point_rate": np.full((3, 4), np.nan)}, {"label": np.full(4, 10)}, {"label": np.zeros(4)},
    {"rate_per_dim": np.zeros((3, 2), int)}, {"label": np.array(1)},
    {"beta": np.array([0.1, 1, 10], np.longdouble)}, {"beta": np.geomspace(1e-300, 1e300, 3)},
    {"beta": np.array([1, np.nextafter(1, 2), 10])}, {"beta": np.array([1, 2, 20.0])},
    {"mu_variance": np.full((3, 2), -1.0)}, {"rate_per_dim": np.full((3, 2), -1.0)},
    {"distortion": np.full(3, 1e300)}, {"mu": np.full((3, 4, 2), np.inf, np.float16)},
    vars(make_curve(points=0))], ids=lambda change: " ".join(change))
def test_a_curve_that_does_not_fit_together_is_refused(finished, change):
    finished.write_beta_curve(make_curve(**change))
    with pytest.raises(RunError, match=r"beta_curve\.npz is damaged"):
        finished.beta_curve()


def test_a_curve_that_is_missing_or_lacks_a_part_is_refused(finished):
    with pytest.raises(RunError, match=r"has no beta_curve\.npz"):
        finished.beta_curve()
    finished.write(BETA_CURVE, npz(beta=np.ones(2)))
    with pytest.raises(RunError, match=r"beta_curve\.npz is damaged \(it has no distortion"):
        finished.beta_curve()


# Writing


@pytest.mark.parametrize("fails", ["os.fsync", "pathlib.Path.replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(finished, monkeypatch, fails):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = {path.name: path.read_bytes() for path in finished.folder.iterdir()}
    monkeypatch.setattr(fails, full)
    for write in (lambda: finished.write_config(TrainConfig(beta=9)),
                  lambda: finished.write_tensors(WEIGHTS, {"w": np.zeros(3)})):
        with pytest.raises(RunError, match=r"can't be written \(No space left on device\): free"):
            write()
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in finished.folder.iterdir()} == before


def test_a_process_killed_before_the_rename_leaves_the_old_file(finished, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setattr("pathlib.Path.replace", die)
    with pytest.raises(Killed):
        finished.write_config(TrainConfig(beta=9))
    monkeypatch.undo()
    assert finished.config().beta == 1
    assert [run.run_id for run in find_runs(finished.folder.parent)] == [finished.run_id]
    assert not summarize(finished).problem


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, run_module.Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: order.append("flushed") or fsync(fd))
    monkeypatch.setattr("pathlib.Path.replace",
                        lambda self, target: order.append("named") or replace(self, target))
    Run(tmp_path / "a").write_config(TrainConfig())
    assert order == ["flushed", "named"]


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(RunError, match="can't be written"):
        Run(tmp_path / "taken" / "run").write_config(TrainConfig())


# Damage


@pytest.mark.parametrize("name", [CONFIG, STATUS, LATENTS, WEIGHTS, TRAINING_STATE])
def test_a_missing_file_is_named(stopped, name):
    stopped.path(name).unlink()
    assert f"has no {name}" in refusal(stopped, name)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_truncated_file_is_refused(stopped, name, share):
    content = stopped.path(name).read_bytes()
    stopped.write(name, content[:int(len(content) * share)])
    if name == METRICS and not content[int(len(content) * share):].strip():
        pytest.skip("nothing but the last line's end was cut off")
    refusal(stopped, name)


@pytest.mark.parametrize("name", [CONFIG, STATUS, LATENTS, WEIGHTS, TRAINING_STATE])
def test_an_empty_file_is_refused(stopped, name):
    stopped.write(name, b"")
    refusal(stopped, name)


@pytest.mark.parametrize("name", READERS)
def test_a_folder_in_the_place_of_a_file_is_refused(stopped, name):
    stopped.path(name).unlink()
    stopped.path(name).mkdir()
    refusal(stopped, name)


@pytest.mark.parametrize("name", [CONFIG, STATUS])
@pytest.mark.parametrize("content", ["[1, 2]", "3", "null", '"running"'])
def test_json_of_another_type_is_refused(finished, name, content):
    finished.write(name, content.encode())
    assert "a JSON object is expected" in refusal(finished, name)


@pytest.mark.parametrize("content", [
    '{"beta": -1}', '{"beta": "1"}', '{"btea": 1}', '{"epochs": 1e999}', '{"dataset": ["mnist"]}',
    pytest.param('{"epochs": %s}' % ("1" * 400), id="huge")])
def test_a_config_that_is_json_but_wrong_is_refused(finished, content):
    finished.write(CONFIG, content.encode())
    refusal(finished, CONFIG)


def test_an_unknown_key_in_a_config_is_answered_with_the_nearest(finished):
    finished.write(CONFIG, b'{"latentdim": 2}')
    assert "did you mean 'latent_dim'?" in refusal(finished, CONFIG)


@pytest.mark.parametrize("content", [
    {}, {"state": "finished", "colour": 1},
    {"state": "dancing"},
    {"state": 5},
    {"state": "running", "pid": "x", "host": "HERE"},
    {"state": "running", "pid": -1, "host": "HERE"},
    {"state": "running", "pid": 1, "host": "HERE", "process_started": "x"},
    {"state": "running", "host": "x", "heartbeat": "q"},
    {"state": "running", "host": "x", "heartbeat": 10 ** 400}], ids=str)
def test_a_status_that_is_json_but_wrong_is_refused(finished, content):
    finished.write(STATUS, json.dumps(content).replace("HERE", socket.gethostname()).encode())
    refusal(finished, STATUS)


@pytest.mark.parametrize("content", [
    '{"epoch": 1}\n{"epoch"', "nonsense",
    "5\n",
    '{"colour": 5}\n'])
def test_metrics_that_are_wrong_are_refused(finished, content):
    finished.write(METRICS, content.encode())
    refusal(finished, METRICS)


@pytest.mark.parametrize("change", [
    {"epoch": True}, {"epoch": 10 ** 400}, {"epoch": -1}, {"active_units": float("nan")},
    {"seconds": float("inf")}, {"test_rate": 10 ** 400}, {"beta": "1"}], ids=str)
def test_figures_that_can_be_none_are_refused(finished, change):
    finished.write_metrics([finished.metrics()[0] | change])
    refusal(finished, METRICS)


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(stopped, name):
    stopped.path(name).unlink()
    os.mkfifo(stopped.path(name))
    assert "it isn't a file" in refusal(stopped, name)


@pytest.mark.parametrize("value", [np.float32("nan"), np.float32("inf"), np.int64(1), np.True_])
def test_weights_that_are_no_finite_numbers_are_refused(finished, value):
    weights = finished.weights()
    name = next(iter(weights))
    finished.write_tensors(WEIGHTS, weights | {name: np.full(weights[name].shape, value)})
    assert f"{name} has values that aren't finite numbers" in refusal(finished, WEIGHTS)


@pytest.mark.parametrize("name", [CONFIG, STATUS, METRICS])
def test_json_nested_without_end_is_refused(finished, name):
    finished.write(name, b"[" * 200_000)
    refusal(finished, name)


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_an_archive_that_would_fill_the_memory_is_not_unpacked(finished, monkeypatch):
    monkeypatch.setattr(run_module, "MOST_UNPACKED", 10_000)
    unpacked = []
    read = np.lib.npyio.NpzFile.__getitem__
    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__",
                        lambda archive, key: unpacked.append(key) or read(archive, key))
    assert "more than the 10,000 allowed" in refusal(finished, LATENTS)
    assert not unpacked


def test_what_else_lies_in_an_archive_is_not_unpacked(finished, monkeypatch):
    finished.write_latents(finished.latents() | {"extra": np.zeros(1 << 20, np.uint8)})
    monkeypatch.setattr(run_module, "MOST_UNPACKED", 1 << 20)
    assert "extra" not in finished.latents()


def test_a_pickle_is_never_loaded(finished, tmp_path):
    """An object array whose pickle would leave a file behind."""
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    finished.write(LATENTS, npz(**finished.latents() | {"mu": np.array([Trap()], dtype=object)}))
    assert "allow_pickle" in refusal(finished, LATENTS)
    assert not (tmp_path / "sprung").exists()


def test_a_plain_array_in_the_place_of_the_latents_is_refused(finished):
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    finished.write(LATENTS, buffer.getvalue())
    refusal(finished, LATENTS)


def test_weights_of_a_type_numpy_lacks_are_refused(finished):
    header = json.dumps({"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    finished.write(WEIGHTS, len(header).to_bytes(8, "little") + header + bytes(4))
    refusal(finished, WEIGHTS)


def unharmed(run: Run, name: str) -> None:
    """The reader reads, or refuses with a RunError; anything else fails the test."""
    try:
        READERS[name](run)
    except RunError as error:
        assert name in str(error)


@pytest.mark.parametrize("name", READERS)
@given(content=st.binary(max_size=300))
def test_random_bytes_never_raise_anything_else(stopped, name, content):
    stopped.path(name).write_bytes(content)
    unharmed(stopped, name)


@pytest.mark.parametrize("name", [WEIGHTS, LATENTS])
@given(data=st.data())
def test_a_changed_byte_never_raises_anything_else(finished, name, data):
    content = safetensors.numpy.save({"w": np.arange(6.0)}) if name == WEIGHTS else \
        npz(mu=np.arange(6.0), label=np.arange(3))
    position = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    finished.path(name).write_bytes(content[:position] + bytes([byte]) + content[position + 1:])
    unharmed(finished, name)


JSON = st.recursive(st.none() | st.booleans() | st.integers(-10, 10) | st.floats() | st.text(),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@given(content=st.dictionaries(
    st.sampled_from([field.name for field in dataclasses.fields(TrainConfig)]) | st.text(), JSON))
def test_any_json_object_as_a_config_is_read_or_refused(finished, content):
    finished.path(CONFIG).write_text(json.dumps(content))
    unharmed(finished, CONFIG)


def test_a_folder_that_is_removed_is_not_made_again(finished):
    shutil.rmtree(finished.folder)
    with pytest.raises(RunError, match="isn't there any more"):
        finished.write_status(Status("running"))
    assert not finished.folder.exists()


def test_what_a_killed_process_left_half_written_is_cleared(finished):
    scrap = finished.path(f".{WEIGHTS}.0123abcd")
    scrap.write_bytes(b"half")
    other = finished.path(".mine")
    other.write_bytes(b"kept")
    finished.create()
    assert not scrap.exists() and other.exists() and finished.path(WEIGHTS).exists()


# Finding


def test_find_runs_takes_every_run_folder_and_nothing_else(finished, tmp_path):
    checkpoints = finished.folder.parent
    Run(checkpoints / "a-first").write_config(TrainConfig())
    new_run(checkpoints / "z-damaged").write(STATUS, b"nonsense")
    (checkpoints / "empty").mkdir()
    (checkpoints / "file.txt").write_text("no run")
    assert [run.run_id for run in find_runs(checkpoints)] == ["a-first", "blobs", "z-damaged"]
    assert find_runs(tmp_path / "nowhere") == []
    assert find_runs(checkpoints / "file.txt") == []


def test_open_run_names_those_that_lie_beside(finished, tmp_path):
    assert open_run(str(finished.folder)).config() == finished.config()
    with pytest.raises(RunError, match=r"There is no run .*blob: .* has blobs\."):
        open_run(finished.folder.parent / "blob")
    with pytest.raises(RunError, match="has no runs"):
        open_run(tmp_path / "nowhere" / "blob")


def test_a_folder_of_runs_is_not_taken_for_a_run(finished, tmp_path, monkeypatch):
    """To train it again, or to remove it, as a damaged run is answered, would lose every run."""
    monkeypatch.chdir(finished.folder.parent)
    for folder in (finished.folder.parent, ""):
        with pytest.raises(RunError, match="isn't a run but a folder of runs: name one of blobs"):
            open_run(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match=r"There is no run .*empty"):
        open_run(tmp_path / "empty")


def test_a_summary_keeps_the_problem_and_raises_nothing(finished):
    assert (summarize(finished).state, summarize(finished).problem) == ("finished", "")
    assert summarize(finished).last == finished.metrics()[-1]
    for name in (CONFIG, STATUS, METRICS):
        kept = finished.path(name).read_bytes()
        finished.write(name, b"{")
        assert summarize(finished).state == "damaged" and name in summarize(finished).problem
        finished.write(name, kept)
