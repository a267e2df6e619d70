"""The glossary: names lead to entries, and what it says of vae_core is true."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from tests.conftest import ROOT
from ui.theory import glossary
from vae_core.config import TrainConfig
from vae_core.model import vae

PAGE = "theory"


@pytest.mark.parametrize(("wanted", "here"), [
    ("recognition model", "encoder, approximate posterior"), ("free energy", "ELBO"),
    ("h(X)", "posterior mean"), ("KL loss", "rate"), ("q(z|x)", "true posterior"),
    ("MARGINAL likelihood", "evidence"), ("inverse temperature", "β"), ("μ", "posterior mean"),
    ("θ", "decoder's parameters"), ("D_KL", "rate"), ("amortization", "amortisation"),
    ("reparameterization", "reparameterisation"), ("KL divergence", "rate"),
    ("KL(q(z|x)‖p", "rate"), ("KL(q‖p)", "rate"), ("KL(q||p)", "rate"), ("x̂", "decoded image"),
    ("x̃", "decoded image"), ("ℓ(x, x̂)", "loss"), ("latent space", "code, latent variable"),
    ("q_φ(z|x)", "encoder, approximate posterior")])
def test_a_name_leads_to_its_entry(wanted, here):
    found = [row[0] for row in glossary.matching(wanted)]
    if wanted == "q(z|x)":
        assert here not in found and "encoder, approximate posterior" in found
    else:
        assert here in found


def test_a_single_letter_stands_by_itself():
    assert {row[0] for row in glossary.matching("L")} == {"ELBO", "distortion"}
    assert "reparameterisation" not in {row[0] for row in glossary.matching("q")}  # it has a √
    assert {row[0] for row in glossary.matching("x̂")} == {"decoded image", "loss"}


def test_every_word_is_looked_for(open_page):
    assert len(glossary.matching("")) == len(glossary.NAMES)
    page = open_page(section="glossary", name="network recognition")
    assert "1 of" in page.caption[0].value
    page = open_page(section="glossary", name="zzz <b>")
    assert "isn't in any of the" in page.info[0].value and not page.table


# Of modules outside of theory/, which has modules of the same names.
WHERE = {path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts)
         for path in (ROOT / "vae_core").rglob("*.py") if path.parent.name != "theory"}
HOMES = {"VAE": vae.VAE, "Posterior": vae.Posterior, "ElboTerms": vae.ElboTerms,
         "TrainConfig": TrainConfig}


@pytest.mark.parametrize("row", glossary.NAMES, ids=lambda row: row[0])
def test_what_is_said_to_be_in_vae_core_is_there(row):
    """Of `Owner.name`, the owner is a class or a module; bare words are variables."""
    for owner, name in re.findall(r"(\w+)\.(\w+)", row[-1]):
        home = HOMES.get(owner) or importlib.import_module(WHERE[owner])
        assert hasattr(home, name) or name in inspect.getsource(home), f"{owner}.{name}"
