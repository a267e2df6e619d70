"""Status: the progress of a run and the process that trains it, as status.json keeps them."""

from __future__ import annotations

import dataclasses
import os
import socket
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

import psutil

State = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
ACTIVE = ("queued", "running")  # the states that need a process
HEARTBEAT_SECONDS = 1.0
LARGEST_NUMBER = 1e15  # in status.json, seconds among them
SILENT_SECONDS = 60.0  # without a heartbeat, after which a process on another machine is dead


@dataclass(frozen=True)
class Status:
    """The state of a run as written; see `Run.status` for the state now."""

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
        """The status of a status.json; ValueError names the value that isn't allowed."""
        kinds = {"float": (int, float), "int": int, "str": str, "State": str,
                 "float | None": (int, float, type(None))}
        fields = {field.name: field.type for field in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in fields:
                raise ValueError(f"{name!r} is unknown")
            known = value in get_args(State) if name == "state" else \
                isinstance(value, kinds[fields[name]]) and not isinstance(value, bool)
            number = isinstance(value, (int, float))
            if not known or (number and not 0 <= value < LARGEST_NUMBER):
                raise ValueError(f"{name} can't be {repr(value)[:80]}")
        return cls(**values)

    def of_this_process(self, **changes: Any) -> Status:
        """The status with this process's identity and a fresh heartbeat."""
        return dataclasses.replace(self, pid=os.getpid(), host=socket.gethostname(),
                                   process_started=psutil.Process().create_time(),
                                   heartbeat=time.time(), **changes)

    @property
    def silence(self) -> float:
        """Seconds since the last heartbeat."""
        return max(0.0, time.time() - self.heartbeat)

    def process_alive(self) -> bool:
        """Whether the process that wrote this still runs; a reused pid doesn't count."""
        silent = abs(time.time() - self.heartbeat)
        if self.host != socket.gethostname():
            return silent < SILENT_SECONDS
        try:
            process = psutil.Process(self.pid)
            # Setting the clock shifts the start times of all processes: a fresh heartbeat counts.
            same = abs(process.create_time() - self.process_started) < 2.0 or \
                silent < 10 * HEARTBEAT_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
