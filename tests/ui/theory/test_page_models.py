"""The theory page, and its sections on trained models and on names."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT, unescaped
from ui.theory import SECTIONS, glossary
from ui.theory.exact import wrong_place
from vae_core.config import TrainConfig
from vae_core.model import elbo, vae

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def metrics(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow)
                                  if name == "pushforward" else name for name in SECTIONS])
def test_every_section_opens_by_its_url(open_page, name):
    page = open_page(section=name)
    assert page.header[0].value == SECTIONS[name]
    assert page.markdown and not page.exception


def test_a_section_that_is_none_opens_the_first(open_page):
    assert open_page(section="nonsense").header[0].value == next(iter(SECTIONS.values()))


def test_a_section_that_is_chosen_goes_into_the_url(open_page):
    page = open_page()
    page.radio(key="section").set_value("glossary").run()
    assert page.header[0].value == SECTIONS["glossary"]
    assert page.query_params["section"] in ("glossary", ["glossary"])


def test_no_section_imports_torch_before_its_text_is_shown():
    code = f"import importlib, sys; [importlib.import_module(f'ui.theory.{{n}}') for n in " \
        f"{list(SECTIONS)}]; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stdout + done.stderr


def test_every_control_has_a_url_parameter_of_its_own():
    """Widgets that are bound to the URL, in the modules of all sections and what they share."""
    calls = [node for path in (ROOT / "ui" / "theory").glob("*.py")
             for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    options = [{word.arg: word.value for word in call.keywords} | {"called": call.func}
               for call in calls]
    keys = [each["key"].value for each in options
            if ("bind" in each and isinstance(each["key"], ast.Constant))
            or getattr(each["called"], "attr", "") == "choose_number"]
    keys += [call.args[0].value for call in calls
             if isinstance(call.func, ast.Attribute) and call.func.attr == "choose_model"]
    assert len(keys) > 20 and sorted(keys) == sorted(set(keys)) and "section" not in keys


# generation


def test_generation_measures_the_pace_at_which_the_mean_is_reached(open_page, finished):
    page = open_page(section="generation", draws="1000")
    assert page.selectbox(key="generator").value == finished.run_id
    assert float(metrics(page)["Ratio"]) == pytest.approx(1, abs=0.15)
    first = page.markdown[-1].value, metrics(page)
    page.button[0].click().run()
    assert page.number_input(key="draw").value == 1
    assert (page.markdown[-1].value, metrics(page)) != first


# objectives


def test_objectives_shows_a_run_of_each_kind(open_page, train_run):
    train_run("checkpoints/points", beta=0)
    train_run("checkpoints/rates", reconstruction_weight=0)
    page = open_page(section="objectives")
    assert [text.value for text in page.markdown if " · loss " in text.value] == [
        "**Reconstruction alone** · loss D", "**Rate alone** · loss R", "**Both** · loss D + β R"]
    assert len(page.get("plotly_chart")) == 3 and not page.info


def test_objectives_says_which_kind_is_missing(open_page):
    page = open_page(section="objectives")
    assert len(page.get("plotly_chart")) == 1
    assert [info.value for info in page.info] == ["No such model is here."] * 2


# naming


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
    assert "isn't among the" in page.info[0].value and not page.table


# Of modules outside of theory/, which has modules of the same names.
WHERE = {path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts)
         for path in (ROOT / "vae_core").rglob("*.py") if path.parent.name != "theory"}
HOMES = {"VAE": vae.VAE, "Posterior": vae.Posterior, "ElboTerms": elbo.ElboTerms,
         "TrainConfig": TrainConfig}


@pytest.mark.parametrize("row", glossary.NAMES, ids=lambda row: row[0])
def test_what_is_said_to_be_in_vae_core_is_there(row):
    """Of `Owner.name`, the owner is a class or a module; bare words are variables."""
    for owner, name in re.findall(r"(\w+)\.(\w+)", row[-1]):
        home = HOMES.get(owner) or importlib.import_module(WHERE[owner])
        assert hasattr(home, name) or name in inspect.getsource(home), f"{owner}.{name}"


# exact, elbo, amortization


def numbers(text: str) -> list[float]:
    return [float(each.replace("−", "-")) for each in re.findall(r"[−-]?\d+\.\d+", text)]


def test_exact_finds_the_elbo_and_its_divergence_to_add_up(open_page):
    page = open_page(section="exact", image="3")
    found = metrics(page)
    (log_px,), (total,) = (numbers(found[label]) for label in
                           ("log p(x), over the plane", "ELBO + KL, computed apart from it"))
    assert total == pytest.approx(log_px, abs=0.02)
    assert len(page.get("plotly_chart")) == 2


def test_elbo_has_one_number_three_times(open_page):
    page = open_page(section="elbo", example="2")
    values = {label: numbers(value) for label, value in metrics(page).items()}
    (from_kl,), (from_terms, error), (jensen,), (log_px,) = values.values()
    assert abs(from_terms - jensen) < 4 * error + 0.02
    assert from_kl == pytest.approx(jensen, abs=0.05) and jensen <= log_px + 0.01


@pytest.mark.slow
def test_elbo_trains_and_the_bound_holds(open_page, monkeypatch, splits):
    monkeypatch.setattr("ui.theory.elbo.WATCHED", 3)
    page = open_page(section="elbo", watch="true")
    assert len(page.get("plotly_chart")) == 2
    assert numbers(page.caption[-1].value)[0] >= 0


def test_amortization_counts_and_measures(open_page, finished):
    page = open_page(section="amortization", images="8")
    found = metrics(page)
    assert found["Parameters: encoder, one each"].endswith("· 32")
    assert numbers(found["Mean amortization gap (nats)"])[0] >= 0


def test_without_a_model_a_section_leads_to_the_train_page(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path / "none"))
    for name in ("exact", "elbo", "amortization", "generation"):
        page = open_page(section=name)
        assert "There is no finished model" in page.info[0].value


def test_a_wrong_place_is_said_where_the_two_ascents_differ():
    path = {"elbo": np.array([-190.0, -180.0])}
    assert wrong_place({"best_elbo": -179.5, "path": path}) == ""
    assert "one ends 28.0 nats higher" in wrong_place({"best_elbo": -152.0, "path": path})


# what an address may ask for, and runs that are damaged


@pytest.mark.parametrize("section, key", [
    ("variational", "posterior"), ("likelihood", "px"), ("manifold", "sheet")])
def test_an_empty_choice_in_the_address_is_the_default(open_page, section, key, monkeypatch):
    page = open_page(section=section, **{key: ""})
    assert not page.exception and not page.error


@pytest.mark.parametrize("section, key", [
    ("generation", "draw"), ("gradients", "digit"), ("gradients", "again")])
def test_an_infinite_number_in_the_address_is_one_sentence(open_page, finished, section, key):
    page = open_page(section=section, **{key: "inf"})
    assert "is infinite" in page.error[0].value


@pytest.mark.parametrize(("section", "key", "wanted", "instead"), [
    ("exact", "image", "500", "78 is taken; choose from 0 to 199"),
    ("exact", "model", "z99", "is shown"),
    ("sampling", "dims", "3", "4 is taken; choose one of 1, 2, 4, 8, 16, 32"),
    ("forces", "weight", "abc", "1 is taken; choose one of 0.1, 0.3, 1, 3, 10, 30"),
    ("divergence", "apart", "nan", "1.5 is taken; choose from 0 to 4")])
def test_what_the_address_asks_for_in_vain_is_said(open_page, finished, section, key, wanted,
                                                   instead):
    page = open_page(section=section, **{key: wanted})
    said = unescaped(page.warning[0].value)
    assert said.startswith(f"{key} = {wanted!r} in the address can't be had here: ")
    assert said.endswith(f"{instead}.") and not page.exception


@pytest.mark.parametrize(("section", "key", "wanted"), [
    ("exact", "image", "7"), ("sampling", "dims", "8"), ("divergence", "apart", "0.35")])
def test_what_the_address_asks_for_is_had_in_silence(open_page, finished, section, key, wanted):
    page = open_page(section=section, **{key: wanted})
    assert not page.warning and not page.exception


@pytest.mark.parametrize("section", ["exact", "generation", "gradients", "objectives"])
def test_a_damaged_run_is_one_sentence(open_page, finished, section):
    for name in ("model.safetensors", "latents.npz"):
        path = finished.folder / name
        path.write_bytes(path.read_bytes()[:200])
    page = open_page(section=section)
    assert not page.exception and " is damaged (" in unescaped(page.error[0].value)


def test_the_address_comes_back_with_all_its_values(open_page):
    page = open_page(section="forces", forces=["reconstruction", "μ²"])
    assert len(page.pills(key="forces").value) == 2
    page.switch_page("pages/train.py").run()
    page.switch_page("pages/theory.py").run()
    assert page.radio(key="section").value == "forces"
    assert len(page.pills(key="forces").value) == 2
