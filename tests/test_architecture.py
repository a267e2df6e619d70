"""docs/architecture.md against the code: its files, its names, its tree, and one direction."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_imports import REGISTRIES, imported

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
# `file` · `name`, `name`
CLAIMS = [(path, name) for path, names in re.findall(r"`([\w./]+)` · ((?:`\w+`(?:, )?)+)", PAGE)
          for name in re.findall(r"\w+", names)]
STOPS = [re.findall(r"`([\w/]+\.(?:py|js))`", line)
         for line in re.findall(r"^\| \d+ \|.*", SECTIONS["From file to pixel"], re.M)]
PYTHON = sorted({(number, path) for number, files in enumerate(STOPS, 1) for path in files
                 if path.endswith(".py")})


def names_in(path: Path) -> set[str]:
    """What a module defines at its top level."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(re.findall(r"^(?:export )?(?:async )?(?:class|function\*?|const) (\w+)", text,
                              re.M))
    names = set()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_every_file_and_folder_is_there():
    paths = [path for path in re.findall(r"`([\w./]+)`", PAGE)
             if "/" in path or path.endswith((".py", ".js"))]
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path, name", sorted(set(CLAIMS)))
def test_every_name_is_defined_in_its_file(path, name):
    assert name in names_in(ROOT / path)


def test_the_payload_has_the_dial():
    from ui.model import ModelView

    assert callable(ModelView.dial) and "ModelView.dial" in PAGE


def test_there_are_ten_stops_from_python_to_the_browser():
    assert len(STOPS) == 10
    in_browser = [any(path.endswith(".js") for path in files) for files in STOPS]
    assert in_browser == [False] * 8 + [True] * 2


@pytest.mark.parametrize("number, path", PYTHON)
def test_a_stop_imports_none_that_comes_later(number, path):
    """Of another folder; the registries, from which the configuration reads, may be imported."""
    def module(path: str) -> str:
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    folder = module(path).rsplit(".", 1)[0] if path.startswith("vae_core/") else "ui"
    earlier = {other for stop, other in PYTHON if stop <= number}
    later = {module(other) for stop, other in PYTHON if stop > number and other not in earlier}
    found = {name for name in later & imported(ROOT / path)
             if name.removeprefix("vae_core.") not in REGISTRIES
             and not name.startswith((f"{folder}.", f"{module(path)}."))}
    assert not found


def test_what_draws_a_pixel_knows_no_plane():
    """In the browser the plane imports what paints for it, never the other way round."""
    waiting = [ROOT / path for path in STOPS[-1]]
    reached = set()
    while waiting:
        path = waiting.pop()
        reached.add(path)
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        others = {(path.parent / name).resolve()
                  for name in re.findall(r'^(?:import|export) [^;]*?from "(\.[^"]+)"', text, re.M)}
        waiting += others - reached
    assert len(reached) > len(STOPS[-1])
    assert not reached & {ROOT / path for path in STOPS[-2] if path.endswith(".js")}


def test_the_tree_has_every_folder_and_no_other():
    """To the second level; the folders of runs aside."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone")
    files = [Path(line) for line in listed.stdout.splitlines()]
    runs = {path.parent for path in files if path.name == "config.json"}
    folders = {Path(*path.parts[:depth]) for path in files if path.parent not in runs
               for depth in (1, 2) if len(path.parts) > depth}
    folders |= {Path(run.parts[0]) for run in runs}
    tree, parent = set(), None
    for indent, name in re.findall(r"^( *)([\w.]+)/ +\S", SECTIONS["The tree"], re.M):
        parent = parent if indent else Path(name)
        tree.add(parent / name if indent else parent)
    assert tree == folders
