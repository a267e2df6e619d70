"""The run folder: the only channel between training and everything that looks at it.

    checkpoints/<run_id>/
        config.json                 TrainConfig
        status.json                 Status: state, process, progress, last message
        metrics.jsonl               one line an epoch
        model.safetensors           weights, float32
        latents.npz                 the test set's posteriors and pictures, for the first paint
        beta_curve.npz              a β-conditioned run at every β: `curve.BetaCurve`
        training_state.safetensors  weights, Adam's moments and the step; gone once finished
        train.log                   what the process printed, if it was started in the background

Every file is written under a temporary name, flushed to the disk and renamed, so a process killed
at any moment leaves whole files. Nothing here unpickles, and nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import re
import socket
import stat
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import filelock
import numpy as np
import psutil
import safetensors
import safetensors.numpy

from vae_core.config import TrainConfig
from vae_core.measure.beta_curve import BetaCurve
from vae_core.runs.schema import curve_damage, latents_damage, metrics_damage, tensors_damage

CONFIG, STATUS, METRICS = "config.json", "status.json", "metrics.jsonl"
WEIGHTS, LATENTS, TRAINING_STATE = "model.safetensors", "latents.npz", "training_state.safetensors"
BETA_CURVE = "beta_curve.npz"
LOG, LOCK = "train.log", ".lock"

LATENTS_KEYS = ("mu", "log_var", "distortion", "rate", "label", "originals", "reconstructions",
                "samples")
State = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
HEARTBEAT_SECONDS = 1.0
MOST_UNPACKED = 1 << 30  # bytes of an .npz: several times the largest that a training writes
LONGEST_NUMBER = 1e15  # in status.json, seconds among them; nothing there is higher
SILENT_SECONDS = 60.0  # a process on another machine that was silent for so long counts as dead
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class RunError(ValueError):
    """A run folder that can't be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Status:
    """Where a run stands; `state` as written, see `Run.status` for what is true now."""

    state: State
    epoch: int = 0
    step: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    pid: int = 0
    process_started: float = 0.0
    host: str = ""
    heartbeat: float = 0.0
    queued_at: float = 0.0

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Status:
        """The status behind a status.json; ValueError names the value that can't be one."""
        kinds = {"float": (int, float), "int": int, "str": str, "State": str,
                 "float | None": (int, float, type(None))}
        fields = {field.name: field.type for field in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in fields:
                raise ValueError(f"{name!r} is unknown")
            known = value in get_args(State) if name == "state" else \
                isinstance(value, kinds[fields[name]]) and not isinstance(value, bool)
            number = isinstance(value, (int, float))
            if not known or (number and not 0 <= value < LONGEST_NUMBER):
                raise ValueError(f"{name} can't be {repr(value)[:80]}")
        return cls(**values)

    def of_this_process(self, **changes: Any) -> Status:
        """The status with this process's identity and a fresh heartbeat."""
        return dataclasses.replace(self, pid=os.getpid(), host=socket.gethostname(),
                                   process_started=psutil.Process().create_time(),
                                   heartbeat=time.time(), **changes)

    @property
    def silence(self) -> float:
        """Seconds since the process gave its last sign of life."""
        return max(0.0, time.time() - self.heartbeat)

    def process_alive(self) -> bool:
        """Whether the process that wrote this still runs; a reused pid doesn't count."""
        silent = abs(time.time() - self.heartbeat)
        if self.host != socket.gethostname():
            return silent < SILENT_SECONDS
        try:
            process = psutil.Process(self.pid)
            # A step of the clock moves the start times of all processes: a fresh sign counts too.
            same = abs(process.create_time() - self.process_started) < 2.0 or \
                silent < 10 * HEARTBEAT_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class Run:
    """One run folder, read anew at every access.

    Raises (every reader): RunError, naming the file, what is wrong with it and what to do.
    """

    folder: Path

    @property
    def run_id(self) -> str:
        return self.folder.name

    def path(self, name: str) -> Path:
        return self.folder / name

    def config(self) -> TrainConfig:
        try:
            return TrainConfig.from_dict(self._json(CONFIG))
        except RunError:
            raise
        except (ValueError, TypeError) as error:
            raise self._broken(CONFIG, str(error)) from error

    def status(self) -> Status:
        """The status, with `interrupted` where a queued or running process no longer lives."""
        try:
            status = Status.from_dict(self._json(STATUS))
        except RunError:
            raise
        except (TypeError, ValueError) as error:
            raise self._broken(STATUS, str(error)) from error
        if status.state in ("queued", "running") and not status.process_alive():
            return dataclasses.replace(status, state="interrupted", seconds_left=None)
        return status

    def metrics(self) -> list[dict[str, float]]:
        """One dict an epoch, oldest first; empty before the first epoch ends."""
        if not self.path(METRICS).exists():
            return []
        content = self._bytes(METRICS)
        try:
            rows = [json.loads(line) for line in content.decode().splitlines()]
        except (ValueError, RecursionError) as error:
            raise self._broken(METRICS, f"invalid JSON: {error}") from error
        if why := metrics_damage(rows):
            raise self._broken(METRICS, why)
        return rows

    def latents(self) -> dict[str, np.ndarray]:
        """mu, log_var (n, latent_dim); distortion, rate (n,), nats; label (n,), −1 for none;
        originals, reconstructions, samples (k, pixels), uint8, or float32 of real data."""
        arrays = self._arrays(LATENTS, LATENTS_KEYS)
        if why := latents_damage(arrays, self.config()):
            raise self._broken(LATENTS, why)
        return arrays

    def beta_curve(self) -> BetaCurve:
        """What a β-conditioned run that is finished measures at each β."""
        names = [field.name for field in dataclasses.fields(BetaCurve)]
        curve = BetaCurve(**self._arrays(BETA_CURVE, names))
        if why := curve_damage(curve, self.config()):
            raise self._broken(BETA_CURVE, why)
        return curve

    def weights(self) -> dict[str, np.ndarray]:
        tensors = self._tensors(WEIGHTS)
        if why := tensors_damage(tensors):
            raise self._broken(WEIGHTS, why)
        return tensors

    def training_state(self) -> dict[str, np.ndarray]:
        return self._tensors(TRAINING_STATE)

    def write_config(self, config: TrainConfig) -> None:
        """Write a run's first file, in a folder that is made if need be."""
        self.create()
        self.write(CONFIG, _dump(config.to_dict()))

    def write_status(self, status: Status) -> None:
        self.write(STATUS, _dump(dataclasses.asdict(status)))

    def write_metrics(self, rows: list[dict[str, float]]) -> None:
        self.write(METRICS, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def write_tensors(self, name: str, tensors: dict[str, np.ndarray]) -> None:
        self.write(name, safetensors.numpy.save(tensors))

    def write_latents(self, arrays: dict[str, np.ndarray]) -> None:
        self._write_arrays(LATENTS, arrays)

    def write_beta_curve(self, curve: BetaCurve) -> None:
        self._write_arrays(BETA_CURVE, vars(curve))

    def _write_arrays(self, name: str, arrays: dict[str, np.ndarray]) -> None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        self.write(name, buffer.getvalue())

    def write(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole or not at all; the folder must be there."""
        target = self.path(name)
        temporary = self.path(f".{name}.{uuid.uuid4().hex[:8]}")
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            if not self.folder.is_dir():
                raise RunError(f"The folder {self.folder} isn't there any more: its training "
                               "ends.") from error
            raise RunError(f"{target} can't be written ({error.strerror}): free some space or "
                           "choose another checkpoints folder; what was saved before is kept."
                           ) from error

    def create(self) -> None:
        """Make the folder where there is none, and clear what killed processes left half-written.

        Raises:
            RunError: it can't be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in (CONFIG, STATUS, METRICS, WEIGHTS, LATENTS, BETA_CURVE,
                         TRAINING_STATE):
                for scrap in self.folder.glob(f".{name}.*"):
                    scrap.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def claim(self) -> None:
        """Make the folder, which must not be there: of two that want a name, one gets it.

        Raises:
            RunError: the name is taken, or the folder can't be made.
        """
        try:
            self.folder.mkdir(parents=True)
        except FileExistsError as error:
            raise RunError(f"Run {self.run_id!r} exists already: choose another name, or resume it."
                           ) from error
        except OSError as error:
            raise self._unwritable(error) from error

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from training into this folder, until this one ends.

        Raises:
            RunError: another one holds it.
        """
        lock = filelock.FileLock(self.path(LOCK))
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout as error:
            raise RunError(f"Run {self.run_id!r} is being trained by another process: stop that "
                           "one first.") from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _unwritable(self, error: OSError) -> RunError:
        return RunError(f"{self.folder} can't be written ({error.strerror}): free some space, or "
                        "choose another checkpoints folder.")

    def _bytes(self, name: str) -> bytes:
        try:
            # A pipe or a device in its place would be waited for, or read without end.
            if not stat.S_ISREG(self.path(name).stat().st_mode):
                raise self._broken(name, "it isn't a file")
            return self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise RunError(f"Run {self.run_id!r} has no {name}: train it again, or remove the "
                           f"folder {self.folder}.") from error
        except OSError as error:
            raise self._broken(name, str(error.strerror)) from error

    def _json(self, name: str) -> dict[str, Any]:
        written = self._bytes(name)
        try:
            content = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise self._broken(name, f"invalid JSON: {error}") from error
        if not isinstance(content, dict):
            raise self._broken(name, f"a JSON object is expected, not {type(content).__name__}")
        return content

    def _tensors(self, name: str) -> dict[str, np.ndarray]:
        content = self._bytes(name)
        try:
            return safetensors.numpy.load(content)
        except (safetensors.SafetensorError, KeyError, ValueError, TypeError) as error:
            raise self._broken(name, str(error)) from error

    def _arrays(self, name: str, wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """These arrays of an .npz; what else lies in it isn't unpacked."""
        content = self._bytes(name)
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise self._broken(name, "it isn't an .npz archive, or not a whole one")
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                missing = [key for key in wanted if key not in arrays.files]
                # A few kilobytes of zip can unpack to all the memory there is.
                size = 0 if missing else sum(
                    arrays.zip.getinfo(f"{key}.npy").file_size for key in wanted)
                if not missing and size <= MOST_UNPACKED:
                    return {key: arrays[key] for key in wanted}
        except Exception as error:  # whatever a damaged zip makes the readers raise, it is damage
            raise self._broken(name, str(error)) from error
        raise self._broken(name, f"it has no {missing[0]}" if missing else
                           f"it unpacks to {size:,} bytes, more than the {MOST_UNPACKED:,} allowed")

    def _broken(self, name: str, why: str) -> RunError:
        return RunError(f"{self.path(name)} is damaged ({why}): train run {self.run_id!r} again, "
                        "or restore the file from a copy.")


def _dump(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=2) + "\n").encode()


def open_run(folder: Path | str) -> Run:
    """The run in a folder that exists.

    Raises:
        RunError: no such folder, naming those that lie beside it.
    """
    folder = Path(folder)
    if _is_run(folder):
        return Run(folder)
    if folder.is_dir() and (inside := [run.run_id for run in find_runs(folder)]):
        raise RunError(f"{folder.resolve()} is no run, but a folder of runs: name one of "
                       f"{', '.join(inside)} in it.")
    beside = [run.run_id for run in find_runs(folder.parent)]
    raise RunError(f"There is no run {folder}: {folder.parent} has "
                   f"{', '.join(beside) if beside else 'no runs'}.")


def _is_run(folder: Path) -> bool:
    return (folder / CONFIG).exists() or (folder / STATUS).exists()


def find_runs(checkpoints: Path | str) -> list[Run]:
    """Every run folder below, damaged ones included, by name."""
    checkpoints = Path(checkpoints)
    if not checkpoints.is_dir():
        return []
    return [Run(folder) for folder in sorted(checkpoints.iterdir())
            if _is_run(folder)]


@dataclass(frozen=True)
class Summary:
    """What a list shows of a run; of a damaged one only what is wrong with it."""

    run: Run
    config: TrainConfig | None = None
    status: Status | None = None
    last: dict[str, float] | None = None  # the newest line of metrics.jsonl
    trained: bool = True  # by itself; else it is one β of another run: see `freeze.freeze_run`
    problem: str = ""

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def state(self) -> str:
        return "damaged" if self.problem else self.status.state


def summarize(run: Run) -> Summary:
    """Read a run for a list; never raises RunError, but keeps its sentence in `problem`."""
    try:
        metrics = run.metrics()
        return Summary(run, run.config(), run.status(), metrics[-1] if metrics else None,
                       trained=not metrics or metrics[0]["epoch"] == 1)
    except RunError as error:
        return Summary(run, problem=str(error))


def check_run_id(run_id: str) -> str:
    """The name itself.

    Raises:
        ValueError: it can't be a folder's name.
    """
    if not RUN_ID.fullmatch(run_id):
        raise ValueError(f"run id {run_id!r} is not allowed: use 1 to 100 letters, digits, '.', "
                         "'_' or '-', beginning with a letter or digit.")
    return run_id


def free_run_id(checkpoints: Path | str, wanted: str) -> str:
    """The wanted name, or the first of wanted-2, wanted-3, … that isn't taken."""
    name, number = wanted, 1
    while (Path(checkpoints) / name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name
