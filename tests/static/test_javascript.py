"""The JavaScript under static/: its types, and its pure parts by node's own test runner."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

SOURCES = sorted(file for file in (ROOT / "static").rglob("*.js") if "vendor" not in file.parts)
TSC = ROOT / "tests" / "node_modules" / ".bin" / "tsc"
NODE_IS_MISSING = pytest.mark.skipif(
    not shutil.which("node") or not shutil.which("npm"), reason="node and npm aren't installed")


@NODE_IS_MISSING
def test_the_pure_modules():
    files = sorted(map(str, (ROOT / "tests" / "static").rglob("*.test.mjs")))
    ended = subprocess.run(["node", "--test", *files], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout


@NODE_IS_MISSING
def test_types():
    """Strictly, as tests/static/tsconfig.json says."""
    assert TSC.exists(), "the type checker isn't installed: run `npm ci --prefix tests`"
    ended = subprocess.run([TSC, "-p", "tests/static"], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "static")))
def test_a_module_is_a_page_of_lines_of_at_most_100_characters(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 350
    assert [line for line in lines if len(line) > 100] == []


def test_no_module_switches_the_type_checker_off():
    for file in SOURCES:
        assert not re.search(r"@ts-(nocheck|ignore|expect-error)", file.read_text("utf-8")), file
