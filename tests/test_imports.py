"""Imports run downwards, the core knows no user interface, and the first paint needs no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "vae_core"
# Each may import what stands above it. What TrainConfig takes its choices from stands above it: the
# registries of data sets, likelihoods and architectures, which know its type alone.
ORDER = ["numerics", "data.registry", "model", "model.spec", "model.likelihoods",
         "model.architectures", "config", "data.dataset", "data.mnist", "data.torchvision_sets",
         "data.synthetic", "data",
         "measure", "measure.lattice", "measure.beta_curve", "measure.embeddings",
         "model.networks", "model.film", "model.vae", "model.onnx",
         "measure.ppca", "measure.exact", "measure.gaps", "training", "training.objectives",
         "training.schedules", "training.batches", "runs", "runs.schema", "runs.run",
         "measure.envelope", "runs.checkpoint", "measure.test_set",
         "theory", "theory.generation", "theory.variational", "theory.variational_learning",
         "theory.divergence", "theory.sampling", "theory.gradients", "theory.forces",
         "theory.gradients_vae", "theory.pushforward_ring", "theory.pushforward",
         "theory.manifold", "theory.likelihood", "theory.amortization", "theory.exact",
         "model.conditioning", "training.trainer", "theory.training", "theory.likelihood_beta",
         "theory.elbo", "model.browser", "runs.jobs", "cli", "__main__"]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(CORE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in CORE.rglob("*.py") if path != CORE / "__init__.py"}


def imported(path: Path) -> set[str]:
    """Every module a file imports, anywhere in it but for its types alone."""
    found = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("name", MODULES)
def test_the_core_knows_no_user_interface(name):
    roots = {module.split(".")[0] for module in imported(MODULES[name])}
    assert not roots & {"streamlit", "plotly", "ui", "pages", "app"}


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_downwards(name):
    assert name in ORDER, f"vae_core/{name} has no place in the order: give it one"
    inner = {module.removeprefix("vae_core.") for module in imported(MODULES[name])
             if module.startswith("vae_core.")} & set(MODULES)
    for other in inner - {name}:
        assert ORDER.index(other) < ORDER.index(name), f"{name} imports {other}"


def test_nothing_outside_imports_the_command_line():
    for folder in ("ui", "pages"):
        for path in (ROOT / folder).glob("*.py"):
            assert not {"vae_core.cli", "vae_core.training.trainer"} & imported(path), path


@pytest.mark.parametrize("module", [
    "vae_core.config", "vae_core.runs.run", "vae_core.runs.jobs", "vae_core.cli",
    "vae_core.model.browser", "vae_core.model.conditioning", "ui.runs"])
def test_no_torch_before_it_is_needed(module):
    if module.startswith("ui."):
        pytest.importorskip("streamlit")
    assert loaded_by(f"import {module}", "torch", "torchvision", "onnx") == []


def test_mnist_is_read_without_torchvision():
    """Which takes two seconds to import: nobody who trains on MNIST should wait for it."""
    code = "from vae_core.data import load_dataset; load_dataset('mnist')"
    assert loaded_by(code, "torchvision", "torch._dynamo") == []


def loaded_by(code: str, *modules: str) -> list[str]:
    """Which of these modules are there in a fresh process after the code has been run."""
    code += f"; import sys; print([m for m in {modules} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout)
