"""The Explore page as Streamlit draws it; what happens in the browser is in tests/browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, sent_to, unescaped
from vae_core.data import load_dataset
from vae_core.data.dataset import Splits
from vae_core.measure import test_set
from vae_core.runs.at_beta import freeze_run
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import BETA_CURVE, Run

PAGE = "explore"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def plane_data(page: AppTest) -> dict:
    return sent_to(page.get("bidi_component")[0])


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


def test_a_conditioned_run_that_is_not_finished_opens_at_its_beta(open_page, train_run, tmp_path):
    """With a decoder laid out as that of an ordinary run, and no dial."""
    run = train_run("checkpoints/every", beta_conditioned=True, beta=4)
    run.path(BETA_CURVE).unlink()
    freeze_run(run, 4.0, Run(tmp_path / "checkpoints" / "frozen"))
    seen = []
    for name in ("every", "frozen"):
        page = open_page(run=name, beta="2")
        assert page.selectbox(key="run").value == name
        seen.append(plane_data(page))
    assert seen[0]["decoder"] == seen[1]["decoder"]
    assert seen[0]["dial"] is seen[1]["dial"] is None
    assert seen[0]["view"]["beta"] == 4


@pytest.fixture
def every(train_run) -> Run:
    """A finished run for every β from 0.01 to 10, shown at 4."""
    return train_run("checkpoints/every", beta_conditioned=True, beta=4)


def captions(page: AppTest) -> str:
    return "\n".join(unescaped(caption.value) for caption in page.caption)


def test_a_finished_conditioned_run_has_a_dial_at_its_beta(open_page, every):
    page = open_page(run="every")
    data, curve = plane_data(page), every.beta_curve()
    assert data["view"]["beta"] == 4
    assert data["dial"]["beta"] == curve.beta.tolist()
    assert data["dial"]["distortion"] == curve.distortion.tolist()
    assert data["decoder"]["film"]["beta_max"] == 10
    assert "β-conditioned model, trained from β = 0.01 to 10" in captions(page)


@pytest.mark.parametrize("beta", ["", "nonsense", "nan", "inf", "-1", "0", "0.001", "11", "1,2"])
def test_a_beta_that_the_dial_does_not_reach_is_left_to_the_plane_to_say(open_page, every, beta):
    page = open_page(run="every", beta=beta)
    assert plane_data(page)["view"]["beta"] == 4 and "β = 4 ·" in captions(page)
    assert not page.error and not page.warning


def test_figures_and_pin_are_those_of_the_beta_in_the_url(open_page, every, splits):
    curve, z = every.beta_curve(), torch.tensor([0.5, -0.25])
    beta = float(curve.beta[20])
    page = open_page(run="every", beta=f"{beta:.10g}", pin="0.5,-0.25")
    said = captions(page)
    elbo = f"{curve.elbo[20]:.2f}".replace("-", "−")
    assert f"β = {beta:.3g} · " in said
    assert f"distortion {curve.distortion[20]:.2f}, rate {curve.rate[20]:.2f}, ELBO {elbo}" in said
    assert f"Decoded and measured at β = {beta:.3g}" in said
    model = load_model(every)
    mu = model.encode(test_set.test_x(model, splits.test), beta).mu
    nearest = (mu - z).norm(dim=1).sort()
    shown = [(int(re.search(r"test (\d+)", each.value)[1])) for each in page.markdown
             if "· test " in each.value]
    assert shown == nearest.indices[:6].tolist()
    assert [f"distance {d:.3f}" in said for d in nearest.values[:6]] == [True] * 6


def tell(page: AppTest, needs: tuple[str, ...] = (), **settings: str) -> None:
    """As the browser tells what the user has done, and what the open tool needs."""
    page.session_state["plane"]["state"] = {
        "settings": settings, "selected": None, "needs": list(needs), "serial": 7}
    page.run()
    assert not page.exception


def test_the_answer_to_a_report_is_the_last_message_on_the_page(open_page, every):
    page = open_page(run="every")
    assert letters(page)["heard"]["serial"] == 0
    tell(page, tool="image")
    assert list(letters(page))[-1] == "heard"
    assert letters(page)["heard"]["serial"] == 7


def test_what_the_user_does_is_heard_and_does_not_send_the_data_again(open_page, every):
    """The message stays the same, byte for byte."""
    page = open_page(run="every")
    before = page.get("bidi_component")[0].proto.SerializeToString()
    tell(page, ("encoder",), beta="0.5", pin="0.5,-0.25", tool="image")
    assert page.get("bidi_component")[0].proto.SerializeToString() == before
    assert "β = 0.5 ·" in captions(page) and "z = (0.5000, −0.2500)" in captions(page)
    assert "encoder" in letters(page)
    assert page.query_params == {"run": "every"}


def test_what_the_plane_has_told_counts_and_the_query_no_more(open_page, every):
    page = open_page(run="every", beta="2", pin="1,1")
    assert "β = 2 ·" in captions(page) and "z = (1.0000, 1.0000)" in captions(page)
    tell(page)
    assert "β = 4 ·" in captions(page) and "z = (" not in captions(page)


@pytest.mark.parametrize("report", [
    None, 3, "x", [], {}, {"settings": None}, {"settings": [1]}, {"settings": {"pin": 3}},
    {"settings": {"pin": "1", "beta": "x", "image": "-1", "layers": "?", "other": "1"}},
    {"settings": {"path": "x" * 3000}, "selected": 5, "needs": 3, "serial": "x"},
    {"settings": {}, "needs": [["encoder"], 3, "nothing"]}])
def test_a_report_that_makes_no_sense_is_the_state_of_a_new_plane(open_page, every, report):
    page = open_page(run="every")
    page.session_state["plane"]["state"] = report
    page.run()
    assert not page.exception and not page.error
    assert "β = 4 ·" in captions(page) and "z = (" not in captions(page)


@pytest.fixture
def sweep(train_run) -> list[Run]:
    """Three runs that differ in β alone, one of them at 0."""
    return [train_run(f"checkpoints/beta{beta}", beta=beta) for beta in (0, 0.5, 2)]


def test_a_sweep_is_offered_and_turned_through(open_page, sweep, tmp_path):
    page = open_page(run="beta2")
    assert page.toggle(key="sweep").label == "Turn β through the 3 models of this sweep"
    assert plane_data(page)["dial"] is None
    page.toggle(key="sweep").set_value(True).run()
    data = plane_data(page)
    # `finished`, of β = 1, is of the same kind.
    assert data["dial"]["names"] == ["beta0.5", "blobs", "beta2"]
    assert data["view"]["beta"] == 2
    turns = np.array(data["dial"]["turns"])
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), [np.eye(2)] * 3, atol=1e-6)
    np.testing.assert_allclose(turns[2], np.eye(2), atol=1e-12)
    assert "3 models trained separately" in captions(page)


def test_a_pin_in_a_sweep_is_decoded_by_the_nearest_model(open_page, sweep):
    page = open_page(run="beta2", sweep="true", beta="0.6", pin="0.5,-0.25")
    assert "Decoded and measured with beta0.5" in captions(page)
    assert "β = 0.5 ·" in captions(page)


def test_beta_zero_has_no_sweep(open_page, sweep):
    assert not open_page(run="beta0").toggle
    assert plane_data(open_page(run="beta0", sweep="true"))["dial"] is None


def test_what_another_page_left_under_the_name_of_the_switch_does_no_harm(open_page, sweep):
    page = open_page(run="beta2", sweep="MLP · z = 2")
    assert not page.error and plane_data(page)["dial"] is None


def letters(page: AppTest) -> dict[str, dict]:
    found = [sent_to(each) for each in page.get("bidi_component")]
    return {each["name"].split(":")[1]: each for each in found if "name" in each}


def test_images_come_after_the_plane_and_an_encoder_when_a_tool_needs_it(open_page, finished):
    assert set(letters(open_page())) == {"images", "heard"}
    page = open_page(tool="image")
    tell(page, ("encoder",), tool="image")
    found = letters(page)
    assert set(found) == {"images", "encoder", "seen", "heard"}
    assert found["encoder"]["run"] == finished.run_id
    assert found["encoder"]["spec"]["layers"][-1]["out_features"] == 4


def test_the_bound_of_a_picked_image_is_exact_and_its_three_terms_agree(open_page, finished):
    page = open_page(layers="points,truth", tool="image", image="3")
    assert not page.exception and not page.error
    said = {metric.label.split(" ")[0]: float(metric.value.split()[0].replace("−", "-"))
            for metric in page.metric}
    # Kinks of eight ReLU under a broad q cost Gauss–Hermite some digits; see tests/browser for a
    # trained model.
    assert said["log"] == pytest.approx(said["="] + said["+"], abs=0.05)
    truth = letters(page)["truth"]
    assert truth["index"] == 3 and truth["run"] == finished.run_id
    assert truth["low"][0] < truth["high"][0]


@pytest.mark.parametrize("image", ["-1", "1e9", "99999999", "x", "3.5", "٣"])
def test_an_image_that_is_not_there_has_no_posterior_and_no_error(open_page, image):
    page = open_page(layers="truth", tool="image", image=image)
    assert not page.exception and not page.error and not page.metric
    assert "truth" not in letters(page)


def test_an_address_cannot_put_a_picture_or_a_link_on_the_page(open_page):
    page = open_page(run="![x](https://evil.invalid/p.png) [y](https://evil.invalid)")
    text = page.warning[0].value
    assert "![" not in text and "[y]" not in text and "https://" not in text


def test_view_and_colour_come_from_the_url(open_page):
    view = plane_data(open_page(view="grid", color="rate"))["view"]
    assert view["mode"] == "grid" and view["color_by"] == "rate"


def test_a_pin_in_the_url_is_shown_with_its_neighbours(open_page):
    page = open_page(pin="0.5,-1.25")
    assert any("0.5000, −1.2500" in caption.value for caption in page.caption)
    assert sum("RMSE" in caption.value for caption in page.caption) == 6


@pytest.mark.parametrize("pin", ["", "nonsense", "1", "1,2,3", "nan,0", "inf,1", "1e9,0"])
def test_a_pin_that_is_no_place_is_left_to_the_plane_to_say(open_page, pin):
    page = open_page(pin=pin)
    assert not page.warning and not page.error and "z = (" not in captions(page)


@pytest.mark.parametrize("key, instead", [
    ("d1", "z1"), ("d2", "z2"), ("view", "points"), ("color", "label"), ("axes", "dimensions")])
def test_what_the_address_asks_for_in_vain_is_said(open_page, train_run, key, instead):
    train_run("checkpoints/deep", latent_dim=3)
    page = open_page(run="deep", **{key: "z99"})
    said, = (unescaped(warning.value) for warning in page.warning)
    assert said.startswith(f"The URL asks for {key} = 'z99', which isn't available here: ")
    assert said.endswith("is shown.") and (instead in said or key in ("d1", "d2"))


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


def test_a_run_on_points_is_not_shown_as_pictures(open_page, train_run):
    points = load_dataset("ring")
    few = Splits(points.train.first(100), points.test.first(40))
    train_run("checkpoints/points", data=few, dataset="ring", likelihood="gaussian-shared")
    page = open_page(run="points")
    assert "its examples aren't pictures" in unescaped(page.warning[0].value)
    assert "points" not in page.selectbox(key="run").options
