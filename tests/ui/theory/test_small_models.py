"""The theory page's sections on maps of the normal, on the manifold and on the likelihood."""

from __future__ import annotations

import json
import math
import re

import pytest

from ui.theory import likelihood, likelihood_beta, manifold, pushforward, training
from ui.theory.manifold_charts import TURN
from vae_core.data.synthetic import NOISE

PAGE = "theory"


@pytest.fixture(autouse=True)
def quick(monkeypatch, request):
    """Trainings of a few steps; digits that tests make."""
    monkeypatch.setitem(pushforward.RECIPE, "epochs", 2)
    monkeypatch.setitem(pushforward.RECIPE, "warmup_epochs", 1)
    monkeypatch.setitem(pushforward.RECIPE, "train_limit", 1000)
    monkeypatch.setattr(pushforward, "COUNTED", 20_000)
    monkeypatch.setitem(likelihood.RECIPE, "epochs", 4)
    monkeypatch.setitem(likelihood_beta.RECIPE, "batch_size", 20)
    monkeypatch.setattr(likelihood.models, "test_set",
                        lambda name: request.getfixturevalue("splits").train)


def metrics(page) -> dict[str, str]:
    return {metric.label: metric.value.replace("−", "-") for metric in page.metric}


def charts(page) -> dict[str, dict]:
    return {chart.key: json.loads(chart.proto.spec) for chart in page.get("plotly_chart")}


# From normal to anything


def test_the_map_is_measured_against_its_closed_form(open_page):
    page = open_page(section="pushforward", map="0.4")
    assert page.slider(key="map").value == 0.4
    found = metrics(page)
    assert float(found["t + (1 − 0.9 t) √(π/2)"]) == \
        pytest.approx(0.4 + 0.64 * math.sqrt(math.pi / 2), abs=1e-4)
    assert float(found["Mean of ‖f(z)‖, drawn"]) == \
        pytest.approx(0.4 + 0.64 * math.sqrt(math.pi / 2), abs=0.02)
    page.slider(key="map").set_value(1.0).run()
    assert float(metrics(page)["Mean of ‖f(z)‖, drawn"]) == pytest.approx(1.1253, abs=0.003)


@pytest.mark.parametrize("name", pushforward.SETS)
def test_a_model_is_trained_on_the_set_of_the_url(open_page, name):
    page = open_page(section="pushforward", toy=name)
    assert not page.error and not page.exception
    found = metrics(page)
    assert float(found["∫ p(x) dx over the picture"]) == pytest.approx(1, abs=0.02)
    kurtosis = [float(found[label]) for label in (
        "… by the sum over z", "Excess kurtosis of x₁, from p(x)", "… of 20,000 draws")]
    assert kurtosis[1:] == pytest.approx([kurtosis[0]] * 2, abs=0.15)
    assert {key for key in charts(page) if key.startswith("toy-")} == {
        f"toy-{part}" for part in ("prior", "decoded", "aggregate", "density", "drawn",
                                   "marginal")}


def test_a_model_is_trained_once(open_page, monkeypatch):
    from vae_core.theory import training as training_module

    page = open_page(section="pushforward")
    assert len(training._kept()) == 1
    monkeypatch.setattr(training_module, "train_live", None)
    page.slider(key="map").set_value(0.5).run()
    assert not page.exception and len(training._kept()) == 1


# The manifold


@pytest.mark.parametrize("name", manifold.SHEETS)
def test_moved_points_come_back_to_the_sheet(open_page, name):
    page = open_page(section="manifold", sheet=name)
    space = charts(page)["sheet-space"]
    assert float(metrics(page)["Noise along the normal, σ"]) == NOISE
    frames = {frame["name"]: frame for frame in space["frames"]}
    steps = space["layout"]["sliders"][0]["steps"]
    for step, offset in zip(steps, manifold.OFFSETS, strict=True):
        said = re.fullmatch(r"(−?[\d.]+): ([\d.]+) off the sheet, reconstructed ([\d.]+)",
                            step["label"])
        assert float(said[1].replace("−", "-")) == pytest.approx(offset, abs=1e-9)
        assert float(said[2]) == pytest.approx(abs(offset), abs=1e-3)
        assert float(said[3]) < 0.2 * NOISE
        assert step["args"][0] == [step["label"]] and step["label"] in frames
    shown = [trace for trace in space["data"] if trace.get("name") == "moved off the sheet"]
    first = frames[steps[manifold.FIRST]["label"]]
    assert shown[0]["x"] == first["data"][1]["x"]


def test_the_space_holds_data_sheet_bubbles_and_points(open_page):
    page = open_page(section="manifold")
    space = charts(page)["sheet-space"]
    assert {trace.get("name") for trace in space["data"] if trace.get("showlegend", True)} == {
        "decoded plane", "data", "q(z|x) within 2σ, decoded", "moved off the sheet",
        "reconstruction"}
    labels = [b["label"] for b in space["layout"]["updatemenus"][0]["buttons"]]
    assert labels == ["turn", "pause"]
    assert len(space["layout"]["updatemenus"][0]["buttons"][0]["args"][0]) == TURN


def test_without_a_model_one_sentence_stands_there(open_page, monkeypatch, tmp_path):
    monkeypatch.setattr(manifold, "BUNDLED", tmp_path)
    page = open_page(section="manifold")
    assert "no finished model of swiss-roll" in page.info[0].value and not page.exception


# The likelihood


@pytest.mark.parametrize("kind", likelihood.KINDS)
def test_each_likelihood_is_measured_and_drawn(open_page, kind):
    page = open_page(section="likelihood", px=kind)
    assert not page.error and len(page.get("imgs") or page.get("image")) == 6
    found = metrics(page)
    claimed, made = (float(found[label]) for label in (
        "Noise claimed, √ mean Var[x|z]", "Error made, √ mean (x − E[x|z])²"))
    assert float(found["Error / claim"]) == pytest.approx(made / claimed, abs=0.01)
    if kind == "squared-error":
        assert claimed == pytest.approx(math.sqrt(0.5), abs=1e-4)


def test_sigma_and_beta_are_one_knob(open_page):
    page = open_page(section="likelihood", sd="0.5")
    found = metrics(page)
    assert float(found["β of the squared error, 2σ²"]) == 0.5
    assert float(found["Gradient, in units of the squared error's"]) == pytest.approx(2, abs=1e-4)
    assert float(found["1/(2σ²)"]) == 2
    assert float(found["What is left of the gradient after that"]) < 1e-5
    assert float(found["(n/2) log π"]) == pytest.approx(98 * math.log(math.pi), abs=1e-4)
    assert found["−log N(x; x̂, ½I) − ‖x − x̂‖²"] == found["(n/2) log π"]
    here = next(t for t in charts(page)["knob-plane"]["data"] if t.get("name") == "this σ, β = 1")
    assert (here["x"], here["y"]) == ([0.5], [1.0])


def test_both_knobs_are_trained_to_the_same_weights(open_page, monkeypatch):
    page = open_page(section="likelihood", sd="0.5")
    assert page.toggle(key="both-knobs").value is False
    page.toggle(key="both-knobs").set_value(True).run()
    found = metrics(page)
    assert re.fullmatch(r"0|\d\.\d·10-?⁻[6-9]", found["Largest difference of a weight"])
    for label in ("Squared error of both", "Rate of both (nats)"):
        first, second = map(float, found[label].split(" · "))
        assert second == pytest.approx(first, rel=1e-3)
    curves = next(chart for chart in charts(page).values() if len(chart["data"]) == 4)
    assert len(curves["data"][0]["x"]) == len(curves["data"][1]["x"])
    kept = len(training._kept())
    monkeypatch.setattr("vae_core.theory.likelihood_beta.twin_trainings", None)
    page.run()
    assert not page.exception and len(training._kept()) == kept == 2
