"""What the README says is there: its links, models and flags; its example and benchmarks run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from vae_core.cli import parser
from vae_core.config import knob_table
from vae_core.runs.run import find_runs

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("#")[0] for line in README.replace("\\\n", " ").splitlines()
            if line.startswith("python -m vae_core ")]


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_table_has_every_committed_run_and_no_other():
    named = set(re.findall(r"^\| `([^`]+)` \|", README, re.M))
    assert named == {run.run_id for run in find_runs(ROOT / "checkpoints")}


def test_the_committed_runs_open_and_stay_small():
    total = 0
    for run in find_runs(ROOT / "checkpoints"):
        assert run.status().state == "finished"
        assert run.metrics()[-1]["epoch"] == run.config().epochs
        assert len(run.latents()["mu"]) == 10_000
        total += sum(file.stat().st_size for file in run.folder.iterdir())
    assert total < 45e6


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command):
    parser().parse_args(shlex.split(command)[3:])


def test_the_table_of_knobs_is_of_today():
    assert knob_table() in (ROOT / "docs" / "knobs.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs_and_has_the_shapes_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    names = {}
    exec(code, names)
    said = re.findall(r"^(\w+) = .*#.*?\((\d[^)]*)\)", code, re.M)
    assert [name for name, _ in said] == ["posterior", "images", "log_px"]
    for name, shape in said:
        value = names[name].mu if name == "posterior" else names[name]
        assert tuple(value.shape) == tuple(int(n) for n in shape.split(",") if n.strip())
    assert names["images"].min() >= 0 and names["images"].max() <= 1
    assert -200 < names["log_px"].mean() < -100


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(set(re.findall(r"`python (benchmarks/\w+\.py)", README))))
def test_a_benchmark_starts_from_a_clone(script):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    started = subprocess.run([sys.executable, script, "--help"], cwd=ROOT, env=clean,
                             capture_output=True, text=True)
    assert (started.returncode, started.stderr) == (0, "")
