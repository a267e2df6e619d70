"""Training in processes of their own: start, stop, list. No user interface in here.

A job is `python -m vae_core train … --queue`, which waits until no earlier job is left and then
trains. It talks through its run folder alone, so it survives the program that started it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import psutil

from vae_core.config import TrainConfig
from vae_core.runs import (
    CONFIG,
    LOG,
    TRAINING_STATE,
    Run,
    RunError,
    Status,
    check_run_id,
    find_runs,
    free_run_id,
)

LOCK = ".training.lock"
POLL_SECONDS = 0.3
NICENESS = 10  # below the page that shows the training
LAUNCH_SECONDS = 30.0
ROOT = Path(__file__).resolve().parent.parent


def start(config: TrainConfig, checkpoints: Path, run_id: str = "") -> Run:
    """Queue a training under run_id, or a free variant of the default name; returns its folder."""
    name = check_run_id(run_id) if run_id else free_run_id(checkpoints, config.default_run_id())
    run = Run(checkpoints / name)
    if run.path(CONFIG).exists():
        raise RunError(f"Run {name!r} exists already: choose another name, or resume it.")
    run.write_config(config)
    _launch(run, [])
    return run


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
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself in the meantime
            psutil.Process(status.pid).terminate()


def active(checkpoints: Path) -> list[Run]:
    """Runs that train or wait: the training one first, then in the order of the queue."""
    found = [(run.status(), run) for run in _readable(find_runs(checkpoints))]
    found = [(status, run) for status, run in found if status.state in ("running", "queued")]
    found.sort(key=lambda pair: (pair[0].state == "queued", pair[0].queued_at))
    return [run for _, run in found]


@contextlib.contextmanager
def turn(run: Run, should_stop: Callable[[], bool]) -> Iterator[bool]:
    """Wait until this job is the first in the queue and no other trains; True when it may.

    False if should_stop said so before. The lock goes with the process, however it ends.
    """
    checkpoints = run.folder.parent
    lock = filelock.FileLock(checkpoints / LOCK)
    run.write_status(Status("queued", queued_at=time.time()).of_this_process())
    while not should_stop():
        waiting = [other for other in active(checkpoints) if other.status().state == "queued"]
        if not waiting or waiting[0].folder == run.folder:
            try:
                with lock.acquire(blocking=False):
                    yield True
                return
            except filelock.Timeout:
                pass  # another one trains; ask again in a moment
        time.sleep(POLL_SECONDS)
    run.write_status(Status("stopped", message="Stopped before it began.").of_this_process())
    yield False


def _launch(run: Run, extra: list[str]) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]))
    command = [sys.executable, "-m", "vae_core", "train", "--from-config", str(run.path(CONFIG)),
               "--run-id", run.run_id, "--checkpoints", str(run.folder.parent), "--queue", *extra]
    with open(run.path(LOG), "ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, env=environment)
    with contextlib.suppress(psutil.NoSuchProcess):  # it may have failed already
        psutil.Process(process.pid).nice(NICENESS)
    deadline = time.monotonic() + LAUNCH_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(RunError):  # no status.json yet
            if run.status().pid == process.pid:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    said = run.path(LOG).read_text(errors="replace").strip().splitlines()
    raise RunError(f"The training of {run.run_id!r} couldn't be started"
                   f"{': ' + said[-1] if said else ''}; {run.path(LOG)} says more.")


def _readable(runs: list[Run]) -> Iterator[Run]:
    for run in runs:
        with contextlib.suppress(RunError):  # a damaged folder holds up nobody
            run.status()
            yield run
