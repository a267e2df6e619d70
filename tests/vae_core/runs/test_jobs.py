"""Jobs: processes that queue, train one after the other, stop and resume."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import filelock
import psutil
import pytest

from tests.conftest import new_run, wait_for
from vae_core.config import TrainConfig
from vae_core.runs import jobs
from vae_core.runs.run import CONFIG, LOG, TRAINING_STATE, Run, RunError, Status, find_runs


@pytest.fixture
def checkpoints(tmp_path):
    """A folder for jobs' runs; whatever still trains in it at the end is ended."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    yield folder
    for _, status in jobs.active(folder):
        if status.host == socket.gethostname() and status.pid != os.getpid():
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(status.pid).kill()


@pytest.fixture
def small(tiny) -> TrainConfig:
    return tiny(train_limit=200, epochs=1)


@pytest.fixture
def endless(tiny) -> TrainConfig:
    return tiny(train_limit=200, epochs=100_000)


def state(run: Run) -> str:
    return run.status().state


def queued(checkpoints, name: str, at: float) -> Run:
    """A run in the queue, of this very process."""
    run = new_run(checkpoints / name)
    run.write_config(TrainConfig())
    run.write_status(Status("queued", queued_at=at).of_this_process())
    return run


# The queue, without a process


def test_the_one_that_trains_comes_first_then_the_queue_in_order(checkpoints):
    late, early = queued(checkpoints, "a", at=20.0), queued(checkpoints, "b", at=10.0)
    training, done = new_run(checkpoints / "c"), new_run(checkpoints / "d")
    training.write_status(Status("running", queued_at=15.0).of_this_process())
    done.write_status(Status("finished"))
    new_run(checkpoints / "e").write(CONFIG, b"damaged, with no status")
    assert [run for run, _ in jobs.active(checkpoints)] == [training, early, late]
    states = [status.state for _, status in jobs.active(checkpoints)]
    assert states == ["running", "queued", "queued"]
    assert jobs.active(checkpoints / "nowhere") == []


def test_a_turn_comes_at_once_where_nobody_waits(checkpoints):
    run = new_run(checkpoints / "a")
    with jobs.turn(run, lambda: False) as may_begin:
        assert may_begin
        with pytest.raises(filelock.Timeout):  # and nobody else's can begin
            lock = filelock.FileLock(checkpoints / jobs.QUEUE_LOCK, is_singleton=False)
            lock.acquire(blocking=False)


def test_a_turn_waits_for_the_earlier_ones(checkpoints, monkeypatch):
    earlier, run = queued(checkpoints, "early", at=1.0), new_run(checkpoints / "a")
    looks = []

    def should_stop() -> bool:
        looks.append(state(run))
        if len(looks) == 3:
            earlier.write_status(Status("stopped"))
        return False

    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.0)
    with jobs.turn(run, should_stop) as may_begin:
        assert may_begin
    assert looks == ["queued"] * 3


def test_a_dead_one_in_the_queue_holds_up_nobody(checkpoints):
    dead = new_run(checkpoints / "dead")
    dead.write_config(TrainConfig())
    dead.write_status(Status("queued", pid=2**22 - 1, host=socket.gethostname(), queued_at=1.0))
    with jobs.turn(new_run(checkpoints / "a"), lambda: False) as may_begin:
        assert may_begin


def test_a_turn_that_is_stopped_says_so(checkpoints):
    queued(checkpoints, "early", at=1.0)
    run, asked = new_run(checkpoints / "a"), iter([False, True])
    with jobs.turn(run, lambda: next(asked)) as may_begin:
        assert not may_begin
    assert state(run) == "stopped" and run.status().message == "Stopped while queued."


def test_stopping_what_does_not_run_does_nothing(finished):
    jobs.stop(finished)
    assert state(finished) == "finished"


def test_a_suspended_process_hears_of_the_stop(checkpoints):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        run = new_run(checkpoints / "a")
        run.write_status(Status("running", pid=process.pid, host=socket.gethostname(),
                                heartbeat=time.time()))
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
        jobs.stop(run)
        assert process.wait(timeout=30) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()


def test_a_pid_of_another_machine_is_not_stopped_here(checkpoints):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        run = new_run(checkpoints / "a")
        run.write_status(Status("running", pid=bystander.pid, host="elsewhere",
                                heartbeat=time.time()))
        with pytest.raises(RunError, match="trains on elsewhere: stop it there"):
            jobs.stop(run)
        with pytest.raises(subprocess.TimeoutExpired):
            bystander.wait(timeout=1)
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize(("now", "what"), [("running", "is running: stop it"),
                                           ("queued", "is queued: stop it"),
                                           ("finished", "is finished: train under another name")])
def test_what_cannot_be_resumed_is_refused(stopped, now, what):
    stopped.write_status(Status(now).of_this_process())
    with pytest.raises(RunError, match=what):
        jobs.resume(stopped)


def test_a_name_that_is_taken_or_no_name_is_refused(finished, small):
    with pytest.raises(RunError, match=r"Run 'blobs' exists already: .* choose another name"):
        jobs.start(small, finished.folder.parent, finished.run_id)
    with pytest.raises(ValueError, match=r"run id '../x' is not allowed"):
        jobs.start(small, finished.folder.parent, "../x")


def test_of_two_that_start_one_name_one_does(checkpoints, small, monkeypatch):
    launched, results, both = [], [], threading.Barrier(2)
    monkeypatch.setattr(jobs, "_launch", lambda run, extra: launched.append(run.run_id))

    def start(name: str) -> None:
        both.wait()
        try:
            results.append(jobs.start(small, checkpoints, name).run_id)
        except RunError as error:
            results.append(str(error))

    for name in ("same", ""):
        launched.clear()
        results.clear()
        threads = [threading.Thread(target=start, args=(name,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(launched) == len(set(launched)) == (1 if name else 2), results


def test_a_queued_run_whose_folder_is_removed_does_not_come_back(checkpoints):
    run, asked = new_run(checkpoints / "a"), iter(range(100))
    queued(checkpoints, "early", at=1.0)

    def remove() -> bool:
        if next(asked) == 1:
            shutil.rmtree(run.folder)
        return False

    with pytest.raises(RunError, match="isn't there any more"), jobs.turn(run, remove):
        raise AssertionError("it may not begin")
    assert not run.folder.exists()


# In processes


@pytest.mark.parametrize(("script", "said"), [
    ("echo 'A traceback, say'; echo 'Nothing works today.' >&2; exit 2", ": Nothing works today."),
    ("exit 2", " and left no log output; check disk space.")])
def test_a_job_that_cannot_start_says_why(checkpoints, small, tmp_path, monkeypatch, script, said):
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(jobs.sys, "executable", str(broken))
    with pytest.raises(RunError) as error:
        jobs.start(small, checkpoints, "a")
    assert str(error.value) == f"The training of 'a' couldn't be started{said}"
    assert not (checkpoints / "a").exists()


def test_a_damaged_run_cannot_be_resumed_and_says_why(stopped):
    stopped.write(CONFIG, b"{")
    with pytest.raises(RunError, match=r"couldn't be started: .*config.json is damaged .*invalid"):
        jobs.resume(stopped)


@pytest.mark.slow
def test_two_jobs_run_one_after_the_other(checkpoints, small):
    first = jobs.start(small, checkpoints)
    second = jobs.start(small, checkpoints)
    assert [run.run_id for run in (first, second)] == ["mnist-mlp-z2-beta1", "mnist-mlp-z2-beta1-2"]
    waited = overlap = False
    while {state(first), state(second)} & {"queued", "running"}:
        # The second may not have begun before the first is done; read in this order.
        now = state(second)
        overlap |= now == "running" and state(first) == "running"
        waited |= now == "queued"
        time.sleep(0.02)
    assert waited and not overlap
    assert (state(first), state(second)) == ("finished", "finished")
    assert [len(run.metrics()) for run in (first, second)] == [1, 1]
    wait_for(lambda: "1 of 1" in second.path(LOG).read_text())  # it comes after the status


@pytest.mark.slow
def test_jobs_stop_in_the_queue_and_while_they_train_and_resume(checkpoints, small, endless):
    training = jobs.start(endless, checkpoints, "training")
    waiting = jobs.start(small, checkpoints, "waiting")
    wait_for(lambda: training.metrics())
    assert (state(training), state(waiting)) == ("running", "queued")
    pid = training.status().pid
    assert psutil.Process(pid).nice() >= jobs.NICENESS
    group = Path(f"/proc/{pid}/autogroup")
    assert not group.exists() or group.read_text().strip().endswith(f"nice {jobs.NICENESS}")

    jobs.stop(waiting)
    wait_for(lambda: state(waiting) == "stopped")
    assert waiting.status().message == "Stopped while queued."
    assert not waiting.path(TRAINING_STATE).exists()

    jobs.resume(waiting)  # it has no state yet: it begins anew, when its turn comes
    assert state(waiting) == "queued"
    jobs.stop(training)
    wait_for(lambda: state(training) == "stopped")
    steps = training.status().step
    assert steps > 0 and training.path(TRAINING_STATE).exists()
    wait_for(lambda: state(waiting) == "finished")

    jobs.resume(training)
    wait_for(lambda: state(training) == "running" and training.status().step > steps)
    jobs.stop(training)
    wait_for(lambda: state(training) == "stopped")
    assert jobs.active(checkpoints) == []
    assert [run.run_id for run in find_runs(checkpoints)] == ["training", "waiting"]
