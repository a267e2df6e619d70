"""Which processes count as alive, and what a run's status says once they aren't."""

from __future__ import annotations

import dataclasses
import socket
import subprocess
import sys
import time

import psutil
import pytest

from vae_core.runs.status import Status


def dead_pid() -> int:
    """A pid that was, and is no more."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_dead_process_makes_a_run_interrupted(finished, state):
    alive = Status(state, seconds_left=9.0).of_this_process()
    finished.write_status(alive)
    assert finished.status() == alive
    finished.write_status(dataclasses.replace(alive, pid=dead_pid()))
    assert finished.status().state == "interrupted"
    assert finished.status().seconds_left is None


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_reused_pid_makes_a_run_interrupted(finished, state):
    alive = Status(state).of_this_process()
    finished.write_status(dataclasses.replace(
        alive, process_started=psutil.Process().create_time() - 3600, heartbeat=1.0))
    assert finished.status().state == "interrupted"


def test_a_step_of_the_clock_interrupts_nothing(finished):
    """It moves every process's start time; the heartbeat is as fresh as before."""
    alive = Status("running").of_this_process()
    finished.write_status(dataclasses.replace(alive, process_started=alive.process_started + 5))
    assert finished.status().state == "running"


def test_a_process_that_ended_and_was_not_waited_for_is_dead(finished):
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    try:
        process = psutil.Process(zombie.pid)
        alive = Status("running").of_this_process()
        finished.write_status(dataclasses.replace(alive, pid=zombie.pid,
                                                  process_started=process.create_time()))
        deadline = time.monotonic() + 20
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert finished.status().state == "interrupted"
    finally:
        zombie.wait()


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_state_that_needs_no_process_stays(finished, state):
    finished.write_status(Status(state, pid=dead_pid(), host=socket.gethostname()))
    assert finished.status().state == state


@pytest.mark.parametrize(("ago", "state"), [(5, "running"), (3600, "interrupted")])
def test_on_another_machine_the_heartbeat_tells(finished, ago, state):
    finished.write_status(Status("running", pid=dead_pid(), host="elsewhere",
                                 heartbeat=time.time() - ago))
    assert finished.status().state == state
