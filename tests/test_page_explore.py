"""The Explore page as Streamlit draws it; what happens in the browser is in tests/browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, unescaped
from vae_core.freeze import freeze_run
from vae_core.runs import Run

PAGE = "explore"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def plane_data(page: AppTest) -> dict:
    return json.loads(page.get("bidi_component")[0].proto.mixed.json)


def test_the_first_paint_needs_no_torch(finished):
    script = ("import sys; from streamlit.testing.v1 import AppTest;"
              f"page = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60).run();"
              "assert not page.exception and page.get('bidi_component');"
              "assert 'torch' not in sys.modules")
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, capture_output=True,
                   env=dict(os.environ, VAE_EXPLORER_CHECKPOINTS=str(finished.folder.parent)))


def test_the_chosen_run_goes_to_the_plane(open_page, finished):
    page = open_page()
    assert page.selectbox(key="run").value == finished.run_id
    view = plane_data(page)["view"]
    assert view["title"] == finished.run_id
    assert view["mode"] == "points" and view["color_by"] == "label"
    assert len(view["lattice"]["x"]) == 20


def test_a_conditioned_run_opens_at_its_beta(open_page, train_run, tmp_path):
    """With a decoder laid out as that of an ordinary run: the browser sees no difference."""
    run = train_run("checkpoints/every", beta_conditioned=True, beta=4)
    freeze_run(run, 4.0, Run(tmp_path / "checkpoints" / "frozen"))
    seen = []
    for name in ("every", "frozen"):
        page = open_page(run=name)
        assert page.selectbox(key="run").value == name
        seen.append(plane_data(page))
    assert seen[0]["decoder"] == seen[1]["decoder"]


def test_an_address_cannot_put_a_picture_or_a_link_on_the_page(open_page):
    page = open_page(run="![x](https://evil.invalid/p.png) [y](https://evil.invalid)")
    text = page.warning[0].value
    assert "![" not in text and "[y]" not in text and "https://" not in text


def test_view_and_colour_come_from_the_url(open_page):
    view = plane_data(open_page(view="grid", color="rate"))["view"]
    assert view["mode"] == "grid" and view["color_by"] == "rate"


def test_a_pin_in_the_url_is_shown_with_its_neighbours(open_page):
    page = open_page(pin="0.5,-1.25")
    assert plane_data(page)["view"]["pin"] == [0.5, -1.25]
    assert any("0.5000, −1.2500" in caption.value for caption in page.caption)
    assert sum("RMSE" in caption.value for caption in page.caption) == 6


@pytest.mark.parametrize("pin", ["", "nonsense", "1", "1,2,3", "nan,0", "inf,1", "1e9,0"])
def test_a_pin_that_is_no_place_is_left_out(open_page, pin):
    assert plane_data(open_page(pin=pin))["view"]["pin"] is None


def test_a_run_that_is_not_there_is_said_and_another_opens(open_page):
    page = open_page(run="nonsense")
    assert "There is no run 'nonsense'" in unescaped(page.warning[0].value)
    assert page.get("bidi_component")


@pytest.mark.parametrize("name, content", [
    ("config.json", b"{"), ("config.json", b'{"latent_dims": 2}'), ("status.json", b"[]"),
    ("metrics.jsonl", b"\xff")])
def test_a_damaged_run_is_one_sentence_and_the_others_open(open_page, finished, name, content):
    broken = finished.folder.parent / "broken"
    broken.mkdir()
    for file in finished.folder.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / name).write_bytes(content)
    page = open_page()
    warnings = [unescaped(warning.value) for warning in page.warning]
    assert [text for text in warnings if "broken" in text and name in text]
    assert page.selectbox(key="run").options == [finished.run_id]


@pytest.mark.parametrize("name", ["model.safetensors", "latents.npz"])
def test_truncated_weights_are_one_sentence(open_page, finished, name):
    path = finished.path(name)
    path.write_bytes(path.read_bytes()[:100])
    page = open_page()
    text = unescaped(page.error[0].value)
    assert name in text and "Traceback" not in text


def test_no_runs_at_all_leads_to_the_train_page(open_page, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path / "empty"))
    page = open_page()
    assert "no trained model yet" in page.info[0].value


def test_other_dimensions_are_chosen_and_held(open_page, train_run, tmp_path, monkeypatch):
    train_run("wide", latent_dim=4)
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path))
    page = open_page(run="wide", d1="z2", d2="z4", z1="1.5")
    view = plane_data(page)["view"]
    assert view["dims"] == [1, 3]
    assert view["held"][0] == 1.5
    assert {slider.label for slider in page.slider} == {"z1", "z3"}


def test_a_code_of_one_dimension_has_a_plane_too(open_page, train_run, tmp_path, monkeypatch):
    train_run("line", latent_dim=1)
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path))
    page = open_page(run="line", pin="0.5,0")
    assert plane_data(page)["view"]["dims"] == [0]
    assert any("z = (0.5000)" in caption.value for caption in page.caption)
