"""Training in separate processes: start, stop, resume, list.

A job is `python -m vae_core train … --queue`, which waits for all earlier jobs and then trains. Its
only channel is its run folder, so it survives the program that started it.
"""

import contextlib
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import psutil

from vae_core.config import TrainConfig
from vae_core.runs.lifecycle import check_resume, check_run_id, claim, claim_variant
from vae_core.runs.run import CONFIG, LOG, STATUS, Run, RunError, find_runs
from vae_core.runs.status import ACTIVE, Status

QUEUE_LOCK = ".training.lock"
POLL_SECONDS = 0.3
NICENESS = 10  # below the page that shows the training
LAUNCH_SECONDS = 30.0
ROOT = Path(__file__).resolve().parents[2]


def start(config: TrainConfig, checkpoints: Path, run_id: str = "") -> Run:
    """Queue a training under run_id, or under a free variant of the default name.
    Raises ValueError: run_id is taken or not allowed, or the process couldn't be started."""
    if run_id:
        run = Run(checkpoints / check_run_id(run_id))
        claim(run)
    else:
        run = claim_variant(checkpoints, config.default_run_id())
    try:
        run.write_config(config)
        _launch(run, ["--claimed"])
    except RunError:
        if not run.path(STATUS).exists():  # nothing began: leave no partial folder behind
            shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


def resume(run: Run) -> None:
    """Queue an interrupted, stopped or failed run again.
    Raises RunError: see `lifecycle.check_resume`; or the process couldn't be started."""
    _launch(run, ["--resume"] if check_resume(run) else [])


def stop(run: Run) -> None:
    """Ask a job to stop after its step; a queued one stops at once.
    Raises RunError: it runs on another machine."""
    status = run.status()
    if status.state in ACTIVE:
        if status.host != socket.gethostname():
            raise RunError(f"Run {run.run_id!r} trains on {status.host}: stop it there.")
        try:
            process = psutil.Process(status.pid)
            process.terminate()
            process.resume()  # a suspended process receives the signal only when it continues
        except psutil.NoSuchProcess:
            return  # it exited in the meantime
        except psutil.AccessDenied as error:
            raise RunError(f"Run {run.run_id!r} is trained by another user's process: stop it as "
                           "that user.") from error


def active(checkpoints: Path) -> list[tuple[Run, Status]]:
    """Running and queued runs with their status: the running one first, then in the order of the
    queue. Folders that are damaged, or removed meanwhile, are skipped."""
    pairs = []
    for run in find_runs(checkpoints):
        with contextlib.suppress(RunError):
            pairs.append((run, run.status()))
    pairs = [pair for pair in pairs if pair[1].state in ACTIVE]
    return sorted(pairs, key=lambda pair: (pair[1].state == "queued", pair[1].queued_at))


@contextlib.contextmanager
def turn(run: Run, should_stop: Callable[[], bool]) -> Iterator[bool]:
    """Wait until this job is first in the queue and no other trains; then True.

    False if should_stop returned true before. The lock is released however the process exits.
    """
    checkpoints = run.folder.parent
    lock = filelock.FileLock(checkpoints / QUEUE_LOCK)
    before = run.status() if run.path(STATUS).exists() else Status("stopped")
    run.write_status(dataclasses.replace(before, state="queued", queued_at=time.time(),
                                         message="").of_this_process())
    while not should_stop():
        if not run.path(STATUS).exists():
            raise RunError(f"The folder {run.folder} isn't there any more: nothing is trained.")
        waiting = [other for other, status in active(checkpoints) if status.state == "queued"]
        if not waiting or waiting[0].folder == run.folder:
            try:
                with lock.acquire(blocking=False):
                    yield True
                return
            except filelock.Timeout:
                pass  # another job trains; try again after POLL_SECONDS
        time.sleep(POLL_SECONDS)
    run.write_status(dataclasses.replace(before, state="stopped",
                                         message="Stopped while queued."))
    yield False


def _launch(run: Run, extra: list[str]) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]))
    command = [sys.executable, "-m", "vae_core", "train", "--from-config", str(run.path(CONFIG)),
               "--run-id", run.run_id, "--checkpoints", str(run.folder.parent), "--queue", *extra]
    try:
        with open(run.path(LOG), "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True, env=environment)
    except OSError as error:
        raise RunError(f"The training of {run.run_id!r} couldn't be started ({error.strerror}): "
                       f"check that {run.folder} can be written.") from error
    with contextlib.suppress(psutil.Error):  # it may have exited already
        psutil.Process(process.pid).nice(NICENESS)
    # With autogroups Linux schedules sessions before processes, and a session has its own niceness.
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/autogroup").write_text(str(NICENESS))
    deadline = time.monotonic() + LAUNCH_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(RunError):  # no status.json yet
            if run.status().pid == process.pid:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    line = last_log_line(run)
    raise RunError(f"The training of {run.run_id!r} couldn't be started"
                   f"{': ' + line if line else ' and left no log output; check disk space.'}")


def last_log_line(run: Run) -> str:
    """The last line that the run's process printed, "" if there is none."""
    try:
        lines = run.path(LOG).read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
