"""Whether a run may start under a name, whether it may resume, and who may train into its folder.

This is the one place of these rules and their sentences, for the command line, jobs and pages.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import filelock

from vae_core.runs.run import LOCK, STATUS, TRAINING_STATE, WEIGHTS, Run, RunError, summarize
from vae_core.runs.status import ACTIVE

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_run_id(run_id: str) -> str:
    """The name itself. Raises ValueError: it can't be a folder's name."""
    if not RUN_ID.fullmatch(run_id):
        raise ValueError(f"run id {run_id!r} is not allowed: use 1 to 100 letters, digits, '.', "
                         "'_' or '-', beginning with a letter or digit.")
    return run_id


def free_run_id(checkpoints: Path | str, wanted: str) -> str:
    """The wanted name, or the first of wanted-2, wanted-3, … that is free."""
    name, number = wanted, 1
    while (Path(checkpoints) / name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def check_start(run: Run) -> None:
    """A run may start unless it would overwrite weights or is being trained; one that failed before
    it wrote weights may start again.
    Raises RunError: it may not."""
    if run.path(WEIGHTS).exists() or summarize(run).state in ACTIVE:
        raise _taken(run)


def check_resume(run: Run) -> bool:
    """Whether the run continues from a saved state; if not, it starts again, as it was killed
    before it saved one.
    Raises RunError: it is finished, or is being trained."""
    state = run.status().state if run.path(STATUS).exists() else "interrupted"
    if state in ACTIVE:
        raise RunError(f"Run {run.run_id!r} is {state}: stop it before you resume it.")
    if state == "finished":
        raise RunError(f"Run {run.run_id!r} is finished: train under another name to go on.")
    return run.path(TRAINING_STATE).exists()


def claim(run: Run) -> None:
    """Make the run's folder; of several processes that claim a name, one gets it.
    Raises RunError: the name is taken, or the folder can't be made."""
    try:
        run.folder.mkdir(parents=True)
    except FileExistsError as error:
        raise _taken(run) from error
    except OSError as error:
        raise run.unwritable(error) from error


def claim_variant(checkpoints: Path, wanted: str) -> Run:
    """The run of the first of wanted, wanted-2, … that is free, with its folder made."""
    while True:
        run = Run(checkpoints / free_run_id(checkpoints, wanted))
        try:
            claim(run)
            return run
        except RunError:
            if not run.folder.exists():  # else another process claimed the name meanwhile
                raise


@contextlib.contextmanager
def held(run: Run) -> Iterator[None]:
    """Keep every other process from training into the run's folder while this one does.
    Raises RunError: another one holds it."""
    lock = filelock.FileLock(run.path(LOCK))
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout as error:
        raise RunError(f"Run {run.run_id!r} is being trained by another process: stop that one "
                       "first.") from error
    except OSError as error:
        raise run.unwritable(error) from error
    try:
        yield
    finally:
        lock.release()


def _taken(run: Run) -> RunError:
    return RunError(f"Run {run.run_id!r} exists already: resume it, or choose another name or "
                    "another checkpoints folder.")
