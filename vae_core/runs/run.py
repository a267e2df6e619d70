"""The run folder: the only channel between training and everything that looks at it.

    checkpoints/<run_id>/
        config.json                 TrainConfig
        status.json                 `status.Status`: state, process, progress, last message
        metrics.jsonl               one line an epoch
        model.safetensors           weights, float32
        latents.npz                 the test set's posteriors and images, for the first paint
        beta_curve.npz              a β-conditioned run at every β: `beta_curve.BetaCurve`
        training_state.safetensors  weights, Adam's moments and the step; gone once finished
        train.log                   what the process printed, if it was started in the background

Every file is written under a temporary name, flushed to the disk and renamed, so a process killed
at any moment leaves whole files. Nothing here unpickles, and nothing here imports torch.
"""

import contextlib
import dataclasses
import io
import json
import os
import stat
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors
import safetensors.numpy

from vae_core.config import TrainConfig
from vae_core.measure.beta_curve import BetaCurve
from vae_core.runs.schema import curve_damage, latents_damage, metrics_damage, tensors_damage
from vae_core.runs.status import ACTIVE, Status

CONFIG, STATUS, METRICS = "config.json", "status.json", "metrics.jsonl"
WEIGHTS, LATENTS, TRAINING_STATE = "model.safetensors", "latents.npz", "training_state.safetensors"
BETA_CURVE = "beta_curve.npz"
LOG, LOCK = "train.log", ".lock"

LATENTS_KEYS = ("mu", "log_var", "distortion", "rate", "label", "originals", "reconstructions",
                "samples")
MOST_UNPACKED = 1 << 30  # bytes of an .npz: several times the largest that a training writes

Parsed = TypeVar("Parsed")


class RunError(ValueError):
    """A run folder that can't be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Run:
    """One run folder, read at every access.

    Raises (every reader): RunError, naming the file, what is wrong with it and what to do.
    """

    folder: Path

    @property
    def run_id(self) -> str:
        return self.folder.name

    def path(self, name: str) -> Path:
        return self.folder / name

    def has(self, *names: str) -> bool:
        return all(self.path(name).exists() for name in names)

    def stamps(self, *names: str) -> tuple[int, ...]:
        """When each of these files was written last, ns; 0 where there is none."""
        return tuple(path.stat().st_mtime_ns if path.exists() else 0
                     for path in map(self.path, names))

    def config(self) -> TrainConfig:
        return self._parsed(CONFIG, TrainConfig.from_dict)

    def status(self) -> Status:
        """The status; `interrupted` if a queued or running process has exited."""
        status = self._parsed(STATUS, Status.from_dict)
        if status.state in ACTIVE and not status.process_alive():
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
        """The curve of a finished β-conditioned run."""
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
        """Write a file atomically; the folder must exist."""
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
                               "stops.") from error
            raise RunError(f"{target} can't be written ({error.strerror}): free some space or "
                           "choose another checkpoints folder; what was saved before is kept."
                           ) from error

    def create(self) -> None:
        """Make the folder if it doesn't exist, and remove temporary files of killed processes.
        Raises RunError: it can't be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in (CONFIG, STATUS, METRICS, WEIGHTS, LATENTS, BETA_CURVE,
                         TRAINING_STATE):
                for scrap in self.folder.glob(f".{name}.*"):
                    scrap.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> RunError:
        """The sentence for a folder that can't be written."""
        return RunError(f"{self.folder} can't be written ({error.strerror}): free some space, or "
                        "choose another checkpoints folder.")

    def _bytes(self, name: str) -> bytes:
        try:
            # Reading a pipe or a device in its place might never end.
            if not stat.S_ISREG(self.path(name).stat().st_mode):
                raise self._broken(name, "it isn't a file")
            return self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise RunError(f"Run {self.run_id!r} has no {name}: train it again, or remove the "
                           f"folder {self.folder}.") from error
        except OSError as error:
            raise self._broken(name, str(error.strerror)) from error

    def _parsed(self, name: str, make: Callable[[dict[str, Any]], Parsed]) -> Parsed:
        """What `make` builds of a file's JSON object."""
        written = self._bytes(name)
        try:
            content = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise self._broken(name, f"invalid JSON: {error}") from error
        if not isinstance(content, dict):
            raise self._broken(name, f"a JSON object is expected, not {type(content).__name__}")
        try:
            return make(content)
        except (TypeError, ValueError) as error:
            raise self._broken(name, str(error)) from error

    def _tensors(self, name: str) -> dict[str, np.ndarray]:
        content = self._bytes(name)
        try:
            return safetensors.numpy.load(content)
        except (safetensors.SafetensorError, KeyError, ValueError, TypeError) as error:
            raise self._broken(name, str(error)) from error

    def _arrays(self, name: str, wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """These arrays of an .npz; others in it aren't unpacked."""
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
        except Exception as error:  # whatever the readers raise on a damaged zip, it is damage
            raise self._broken(name, str(error)) from error
        raise self._broken(name, f"it has no {missing[0]}" if missing else
                           f"it unpacks to {size:,} bytes, more than the {MOST_UNPACKED:,} allowed")

    def _broken(self, name: str, why: str) -> RunError:
        return RunError(f"{self.path(name)} is damaged ({why}): train run {self.run_id!r} again, "
                        "or restore the file from a copy.")


def _dump(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=2) + "\n").encode()


def open_run(folder: Path | str) -> Run:
    """The run in an existing folder.
    Raises RunError: no such folder; the message names the runs beside it."""
    folder = Path(folder)
    if _is_run(folder):
        return Run(folder)
    if folder.is_dir() and (inside := [run.run_id for run in find_runs(folder)]):
        raise RunError(f"{folder.resolve()} isn't a run but a folder of runs: name one of "
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
    return [Run(folder) for folder in sorted(checkpoints.iterdir()) if _is_run(folder)]


@dataclass(frozen=True)
class Summary:
    """A run as an entry of a list; of a damaged run only what is wrong with it."""

    run: Run
    config: TrainConfig | None = None
    status: Status | None = None
    last: dict[str, float] | None = None  # the newest line of metrics.jsonl
    trained: bool = True  # else it is one β of another run: see `at_beta.freeze_run`
    problem: str = ""

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def state(self) -> str:
        return "damaged" if self.problem else self.status.state


def summarize(run: Run) -> Summary:
    """Read a run for a list; never raises RunError, but stores its message in `problem`."""
    try:
        metrics = run.metrics()
        return Summary(run, run.config(), run.status(), metrics[-1] if metrics else None,
                       trained=not metrics or metrics[0]["epoch"] == 1)
    except RunError as error:
        return Summary(run, problem=str(error))
