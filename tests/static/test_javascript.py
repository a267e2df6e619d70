"""The pure parts of the JavaScript, by node's own test runner."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_the_pure_modules():
    files = sorted(map(str, (ROOT / "tests" / "static").rglob("*.test.mjs")))
    ended = subprocess.run(["node", "--test", *files], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout


def test_no_module_outgrows_a_page():
    files = [*(ROOT / "static" / "latent_plane").rglob("*.js"),
             *(ROOT / "static" / "frames").rglob("*.js")]
    for file in files:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 350, file.name
