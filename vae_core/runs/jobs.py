"""Training in processes of their own: start, stop, list. No user interface in here.

A job is `python -m vae_core train … --queue`, which waits until no earlier job is left and then
trains. It talks through its run folder alone, so it survives the program that started it.
"""

from __future__ import annotations

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
from vae_core.runs.run import (
    CONFIG,
    LOG,
    STATUS,
    TRAINING_STATE,
    Run,
    RunError,
    Status,
    check_run_id,
    find_runs,
    free_run_id,
)

QUEUE_LOCK = ".training.lock"
POLL_SECONDS = 0.3
NICENESS = 10  # below the page that shows the training
LAUNCH_SECONDS = 30.0
ROOT = Path(__file__).resolve().parents[2]


def start(config: TrainConfig, checkpoints: Path, run_id: str = "") -> Run:
    """Queue a training under run_id, or a free variant of the default name; returns its folder."""
    run = _claim(config, checkpoints, run_id)
    try:
        run.write_config(config)
        _launch(run, ["--claimed"])
    except RunError:
        if not run.path(STATUS).exists():  # nothing began: leave no half-made folder behind
            shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


def _claim(config: TrainConfig, checkpoints: Path, run_id: str) -> Run:
    """A folder of one's own: of the name that was asked for, or the first free default one."""
    if run_id:
        run = Run(checkpoints / check_run_id(run_id))
        run.claim()
        return run
    while True:
        run = Run(checkpoints / free_run_id(checkpoints, config.default_run_id()))
        try:
            run.claim()
            return run
        except RunError:
            if not run.folder.exists():  # else another one took the name in this very moment
                raise


def resume(run: Run) -> None:
    """Queue an interrupted, stopped or failed run again; one with no state yet begins anew."""
    if (state := run.status().state) in ("queued", "running"):
        raise RunError(f"Run {run.run_id!r} is {state}: stop it before you resume it.")
    if state == "finished":
        raise RunError(f"Run {run.run_id!r} is finished: train under another name to go on.")
    _launch(run, ["--resume"] if run.path(TRAINING_STATE).exists() else [])


def stop(run: Run) -> None:
    """Ask a job to end after its step; one that waits in the queue ends at once.

    Raises:
        RunError: it runs on another machine.
    """
    status = run.status()
    if status.state in ("queued", "running"):
        if status.host != socket.gethostname():
            raise RunError(f"Run {run.run_id!r} trains on {status.host}: stop it there.")
        try:
            process = psutil.Process(status.pid)
            process.terminate()
            process.resume()  # one that is suspended would hear of it only when it goes on
        except psutil.NoSuchProcess:
            return  # it ended by itself in the meantime
        except psutil.AccessDenied as error:
            raise RunError(f"Run {run.run_id!r} is trained by another user's process: stop it as "
                           "that user.") from error


def active(checkpoints: Path) -> list[tuple[Run, Status]]:
    """Runs that train or wait, with their status: the training one first, then in the order of the
    queue. A damaged folder, or one that is removed meanwhile, holds up nobody."""
    found = []
    for run in find_runs(checkpoints):
        with contextlib.suppress(RunError):
            found.append((run, run.status()))
    found = [pair for pair in found if pair[1].state in ("running", "queued")]
    return sorted(found, key=lambda pair: (pair[1].state == "queued", pair[1].queued_at))


@contextlib.contextmanager
def turn(run: Run, should_stop: Callable[[], bool]) -> Iterator[bool]:
    """Wait until this job is the first in the queue and no other trains; True when it may.

    False if should_stop said so before. The lock goes with the process, however it ends.
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
                pass  # another one trains; ask again in a moment
        time.sleep(POLL_SECONDS)
    run.write_status(dataclasses.replace(before, state="stopped",
                                         message="Stopped while it waited."))
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
                       f"see that {run.folder} can be written.") from error
    with contextlib.suppress(psutil.Error):  # it may have failed already
        psutil.Process(process.pid).nice(NICENESS)
    # Linux shares the processor among sessions first: a session of its own has a niceness of its
    # own, where the kernel has autogroups and lets us.
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
    said = last_words(run)
    raise RunError(f"The training of {run.run_id!r} couldn't be started"
                   f"{': ' + said if said else ', and said nothing: is the disk full?'}")


def last_words(run: Run) -> str:
    """The last line that the run's process printed, "" if there is none."""
    try:
        lines = run.path(LOG).read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
