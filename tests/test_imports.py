"""Imports run downwards, the core knows no user interface, and the first paint needs no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "vae_core"
# Folders and top-level files: each imports only from those before it and from itself.
ORDER = ["numerics", "random", "data", "config", "model", "measure", "runs", "training", "theory",
         "cli", "__main__"]
# The registries, which TrainConfig reads its choices from, may be imported from anywhere. At import
# they need nothing but data and each other.
REGISTRIES = {"model.spec", "model.likelihoods", "model.architectures", "training.objectives"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(CORE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in CORE.rglob("*.py") if path != CORE / "__init__.py"}


def imported(path: Path, at_import: bool = False) -> set[str]:
    """Every module a file imports, anywhere in it or as it is imported itself."""
    found = set()
    tree = ast.parse(path.read_text())
    for node in executed(tree) if at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in names if name.removeprefix("vae_core.") in MODULES}
            found |= names if names == modules else names | {node.module}
    return found


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: none in functions or under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.Lambda)) or (
                isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            continue
        yield child
        yield from executed(child)


def inner(path: Path, at_import: bool = False) -> set[str]:
    """The modules of the core that a file imports."""
    return {module.removeprefix("vae_core.") for module in imported(path, at_import)
            if module.startswith("vae_core.")} & set(MODULES) - {name_of(path)}


def rank(module: str) -> int:
    folder = module.split(".")[0]
    assert folder in ORDER, f"vae_core/{folder} has no place in the order: give it one"
    return ORDER.index(folder)


@pytest.mark.parametrize("name", MODULES)
def test_the_core_knows_no_user_interface(name):
    roots = {module.split(".")[0] for module in imported(MODULES[name])}
    assert not roots & {"streamlit", "plotly", "ui", "pages", "app"}


@pytest.mark.parametrize("name", sorted(MODULES.keys() - REGISTRIES))
def test_imports_run_downwards(name):
    for other in inner(MODULES[name]) - REGISTRIES:
        assert rank(other) <= rank(name), f"{name} imports {other}"


@pytest.mark.parametrize("name", sorted(REGISTRIES))
def test_a_registry_needs_little_at_import(name):
    for other in inner(MODULES[name], at_import=True) - REGISTRIES:
        assert rank(other) < ORDER.index("config"), f"{name} imports {other}"


def test_no_module_imports_itself_by_way_of_others():
    needs = {name: inner(path, at_import=True) for name, path in MODULES.items()}
    while leaves := {name for name, others in needs.items() if not others}:
        needs = {name: others - leaves for name, others in needs.items() if name not in leaves}
    assert not needs, f"cycle among {sorted(needs)}"


def test_nothing_outside_imports_the_command_line():
    for folder in ("ui", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not {"vae_core.cli", "vae_core.training.trainer"} & imported(path), path


@pytest.mark.parametrize("module", [
    "vae_core.config", "vae_core.data", "vae_core.measure.beta_curve", "vae_core.runs.run",
    "vae_core.runs.jobs", "vae_core.cli", "vae_core.model.browser", "vae_core.model.conditioning",
    "ui.runs"])
def test_no_torch_before_it_is_needed(module):
    if module.startswith("ui."):
        pytest.importorskip("streamlit")
    assert loaded_by(f"import {module}", "torch", "torchvision", "onnx") == []


def test_mnist_is_read_without_torchvision():
    """Which takes two seconds to import: nobody who trains on MNIST should wait for it."""
    code = "from vae_core.data import load_dataset; load_dataset('mnist')"
    assert loaded_by(code, "torchvision", "torch._dynamo") == []


def loaded_by(code: str, *modules: str) -> list[str]:
    """Which of these modules are loaded in a fresh process after the code has run."""
    code += f"; import sys; print([m for m in {modules} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout)
