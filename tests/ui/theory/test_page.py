"""The theory page: its registry, its URLs, and what goes wrong."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT, unescaped
from tests.ui.theory.reading import charts, frames
from ui import theory
from ui.theory import FORMER_NAMES, SECTIONS

PAGE = "theory"
SMALL = ("variational", "divergence", "sampling", "gradients", "forces")
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow)
                                  if name == "pushforward" else name for name in SECTIONS])
def test_every_section_opens_by_its_url(open_page, name):
    page = open_page(section=name)
    assert page.header[0].value == SECTIONS[name].title
    assert page.markdown and not page.exception


def test_an_unknown_section_opens_the_first(open_page):
    page = open_page(section="nonsense")
    assert page.header[0].value == (title := next(iter(SECTIONS.values())).title)
    assert unescaped(page.warning[0].value) == (
        "The URL asks for section = 'nonsense', which isn't available here: "
        f"“{title}” is shown.")


@pytest.mark.parametrize(("former", "name"), [
    ("supports", "divergence"), ("bubbles", "forces"), ("anything", "pushforward"),
    ("naming", "glossary")])
def test_an_old_link_opens_its_section(open_page, former, name):
    assert FORMER_NAMES[former] == name
    if name != "pushforward":  # which trains a model: its registry row is enough here
        page = open_page(section=former)
        assert page.radio(key="section").value == name and not page.exception


def test_a_section_is_added_by_its_file(tmp_path):
    (tmp_path / "zero.py").write_text('SECTION = {"place": 0, "title": "Nothing yet"}')
    (tmp_path / "later.py").write_text(
        'import torch  # never imported for a list\nSECTION = {"place": 2, "title": "B", '
        '"former_names": ("before",)}')
    (tmp_path / "shared.py").write_text("HEIGHT = 3")
    found = theory.find_sections(tmp_path)
    assert list(found) == ["zero", "later"] and found["zero"].title == "Nothing yet"
    assert found["later"].former_names == ("before",)


def test_every_section_has_a_place_of_its_own_and_a_core_of_its_name():
    assert [section.place for section in SECTIONS.values()] == list(range(1, 15))
    core = {path.stem for path in (ROOT / "vae_core" / "theory").glob("*.py")}
    assert set(SECTIONS) - core == {"objectives", "glossary"}  # which compute nothing
    assert core - set(SECTIONS) == {"training"}


def test_a_section_that_is_chosen_goes_into_the_url(open_page):
    page = open_page()
    page.radio(key="section").set_value("glossary").run()
    assert page.header[0].value == SECTIONS["glossary"].title
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


@pytest.mark.parametrize("section", SMALL)
def test_every_section_has_a_formula_a_picture_a_number_and_sources(section, open_page):
    page = open_page(section=section)
    assert page.latex and (charts(page) or frames(page)) and page.metric
    assert "20" in page.caption[0].value  # the sources
    assert not page.error and not page.warning


def test_without_a_model_a_section_leads_to_the_train_page(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path / "none"))
    for name in ("exact", "elbo", "amortization", "generation"):
        page = open_page(section=name)
        assert "There is no finished model" in page.info[0].value


@pytest.mark.parametrize("section, key", [
    ("variational", "posterior"), ("likelihood", "px"), ("manifold", "sheet")])
def test_an_empty_choice_in_the_url_is_the_default(open_page, section, key, monkeypatch):
    page = open_page(section=section, **{key: ""})
    assert not page.exception and not page.error


@pytest.mark.parametrize("section, key", [
    ("generation", "draw"), ("gradients", "digit"), ("gradients", "again")])
def test_an_infinite_number_in_the_url_is_one_sentence(open_page, finished, section, key):
    page = open_page(section=section, **{key: "inf"})
    assert "is infinite" in page.error[0].value


@pytest.mark.parametrize(("section", "key", "wanted", "instead"), [
    ("exact", "image", "500", "78 is used; choose from 0 to 199"),
    ("exact", "model", "z99", "is shown"),
    ("sampling", "dims", "3", "4 is used; choose one of 1, 2, 4, 8, 16, 32"),
    ("forces", "weight", "abc", "1 is used; choose one of 0.1, 0.3, 1, 3, 10, 30"),
    ("divergence", "apart", "nan", "1.5 is used; choose from 0 to 4")])
def test_a_value_that_is_unavailable_is_named(open_page, finished, section, key, wanted,
                                                   instead):
    page = open_page(section=section, **{key: wanted})
    warning = unescaped(page.warning[0].value)
    assert warning.startswith(f"The URL asks for {key} = {wanted!r}, which isn't available here: ")
    assert warning.endswith(f"{instead}.") and not page.exception


@pytest.mark.parametrize(("section", "key", "wanted"), [
    ("exact", "image", "7"), ("sampling", "dims", "8"), ("divergence", "apart", "0.35")])
def test_an_available_value_gives_no_warning(open_page, finished, section, key, wanted):
    page = open_page(section=section, **{key: wanted})
    assert not page.warning and not page.exception


@pytest.mark.parametrize("section", ["exact", "generation", "gradients", "objectives"])
def test_a_damaged_run_is_one_sentence(open_page, finished, section):
    for name in ("model.safetensors", "latents.npz"):
        path = finished.folder / name
        path.write_bytes(path.read_bytes()[:200])
    page = open_page(section=section)
    assert not page.exception and " is damaged (" in unescaped(page.error[0].value)


def test_the_query_is_restored_with_all_its_values(open_page):
    page = open_page(section="forces", forces=["reconstruction", "μ²"])
    assert len(page.pills(key="forces").value) == 2
    page.switch_page("pages/train.py").run()
    page.switch_page("pages/theory.py").run()
    assert page.radio(key="section").value == "forces"
    assert len(page.pills(key="forces").value) == 2
