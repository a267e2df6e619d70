"""The page on maps of a Gaussian: closed forms, and a model that is trained once."""

from __future__ import annotations

import math

import pytest

from tests.ui.theory.reading import charts, metrics
from ui.theory import parts, pushforward

PAGE = "theory"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Training runs of a few steps."""
    for name, value in (("epochs", 2), ("warmup_epochs", 1), ("train_limit", 1000)):
        monkeypatch.setitem(pushforward.RECIPE, name, value)
    monkeypatch.setattr(pushforward, "COUNTED", 20_000)


def test_the_map_is_measured_against_its_closed_form(open_page):
    page = open_page(section="pushforward", map="0.4")
    assert page.slider(key="map").value == 0.4
    found = metrics(page)
    assert float(found["t + (1 − 0.9 t) √(π/2)"]) == \
        pytest.approx(0.4 + 0.64 * math.sqrt(math.pi / 2), abs=1e-4)
    assert float(found["Mean of ‖f(z)‖, sampled"]) == \
        pytest.approx(0.4 + 0.64 * math.sqrt(math.pi / 2), abs=0.02)
    page.slider(key="map").set_value(1.0).run()
    assert float(metrics(page)["Mean of ‖f(z)‖, sampled"]) == pytest.approx(1.1253, abs=0.003)


@pytest.mark.parametrize("name", pushforward.SETS)
def test_a_model_is_trained_on_the_set_of_the_url(open_page, name):
    page = open_page(section="pushforward", toy=name)
    assert not page.error and not page.exception
    found = metrics(page)
    assert float(found["∫ p(x) dx over the figure"]) == pytest.approx(1, abs=0.02)
    kurtosis = [float(found[label]) for label in (
        "… by the sum over z", "Excess kurtosis of x₁, from p(x)", "… of 20,000 samples")]
    assert kurtosis[1:] == pytest.approx([kurtosis[0]] * 2, abs=0.15)
    assert {key for key in charts(page) if key.startswith("toy-")} == {
        f"toy-{part}" for part in ("prior", "decoded", "aggregate", "density", "drawn",
                                   "marginal")}


def test_a_model_is_trained_once(open_page, monkeypatch):
    from vae_core.theory import training as training_module

    page = open_page(section="pushforward")
    assert len(parts._kept()) == 1
    monkeypatch.setattr(training_module, "train_live", None)
    page.slider(key="map").set_value(0.5).run()
    assert not page.exception and len(parts._kept()) == 1
