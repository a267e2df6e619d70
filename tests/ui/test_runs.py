"""The list of runs: read again when a file changes, or a process may have died."""

from __future__ import annotations

import dataclasses

import pytest

from ui import runs
from vae_core.runs.run import Run, summarize


@pytest.fixture
def folder(finished, monkeypatch):
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(finished.folder.parent))
    return finished.folder.parent


def test_a_run_is_read_again_only_when_its_files_change(folder, finished, monkeypatch):
    reads = []
    monkeypatch.setattr(runs, "summarize", lambda run: reads.append(run) or summarize(run))
    assert runs.all_runs() == runs.all_runs() == [summarize(finished)]
    assert len(reads) == 1
    finished.write_metrics(finished.metrics()[:1])
    assert runs.all_runs()[0].last["epoch"] == 1
    finished.path("config.json").unlink()
    assert "has no config.json" in runs.all_runs()[0].problem


def test_a_process_that_dies_is_seen_though_no_file_changes(folder, finished, monkeypatch):
    running = dataclasses.replace(finished.status(), state="running").of_this_process()
    finished.write_status(running)
    assert runs.all_runs()[0].state == "running"
    monkeypatch.setattr("vae_core.runs.run.Status.process_alive", lambda status: False)
    assert runs.all_runs()[0].state == "interrupted"


def test_what_opens_without_being_asked_for_is_not_in_the_link():
    assert runs.explore(runs.DEFAULT_RUN) == {}
    assert runs.explore("mine") == {"run": "mine"}
    assert runs.default_run(["a", runs.ELSE_RUN]) == runs.ELSE_RUN
    assert runs.default_run(["b", "a"]) == "b"


def test_runs_are_in_the_order_of_their_numbers(tmp_path):
    names = ["beta10", "beta4", "beta0.5", "alpha"]
    ordered = runs.in_order([summarize(Run(tmp_path / name)) for name in names])
    assert [summary.run_id for summary in ordered] == ["alpha", "beta0.5", "beta4", "beta10"]
