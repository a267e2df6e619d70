"""What the README says is there: its links, its models, its flags and its example."""

from __future__ import annotations

import re
import shlex

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
    named = set(re.findall(r"^\| `([^`]+)` \|", README, re.M)) - {"vae_core/"}
    assert named >= {run.run_id for run in find_runs(ROOT / "checkpoints")}
    assert {name for name in named if name.startswith("mnist")} == {
        run.run_id for run in find_runs(ROOT / "checkpoints")}


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
