"""The page on likelihoods: predicted noise, and σ and β as one hyperparameter."""

from __future__ import annotations

import math
import re

import pytest

from tests.ui.theory.reading import charts, metrics
from ui.theory import likelihood, parts

PAGE = "theory"


@pytest.fixture(autouse=True)
def quick(monkeypatch, splits):
    """Training runs of a few steps; digits that tests make."""
    monkeypatch.setitem(likelihood.RECIPE, "epochs", 4)
    monkeypatch.setitem(likelihood.PAIR_RECIPE, "batch_size", 20)
    monkeypatch.setattr(likelihood, "test_set", lambda name: splits.train)


@pytest.mark.parametrize("kind", likelihood.KINDS)
def test_each_likelihood_is_measured_and_drawn(open_page, kind):
    page = open_page(section="likelihood", px=kind)
    assert not page.error and len(page.get("imgs") or page.get("image")) == 6
    found = metrics(page)
    predicted, actual = (float(found[label]) for label in (
        "Predicted noise, √ mean Var[x|z]", "Actual error, √ mean (x − E[x|z])²"))
    assert float(found["Error / prediction"]) == pytest.approx(actual / predicted, abs=0.01)
    if kind == "squared-error":
        assert predicted == pytest.approx(math.sqrt(0.5), abs=1e-4)


def test_sigma_and_beta_are_one_hyperparameter(open_page):
    page = open_page(section="likelihood", sd="0.5")
    found = metrics(page)
    assert float(found["β of the squared error, 2σ²"]) == 0.5
    assert float(found["Gradient, in units of the squared error's"]) == pytest.approx(2, abs=1e-4)
    assert float(found["1/(2σ²)"]) == 2
    assert float(found["Relative residual of the gradient"]) < 1e-5
    assert float(found["(n/2) log π"]) == pytest.approx(98 * math.log(math.pi), abs=1e-4)
    assert found["−log N(x; x̂, ½I) − ‖x − x̂‖²"] == found["(n/2) log π"]
    here = next(t for t in charts(page)["sigma-beta"]["data"] if t.get("name") == "this σ, β = 1")
    assert (here["x"], here["y"]) == ([0.5], [1.0])


def test_both_runs_end_at_the_same_weights(open_page, monkeypatch):
    page = open_page(section="likelihood", sd="0.5")
    assert page.toggle(key="both-knobs").value is False
    page.toggle(key="both-knobs").set_value(True).run()
    found = metrics(page)
    assert re.fullmatch(r"0|\d\.\d·10-?⁻[6-9]", found["Largest difference between weights"])
    for label in ("Squared error of both", "Rate of both (nats)"):
        first, second = map(float, found[label].split(" · "))
        assert second == pytest.approx(first, rel=1e-3)
    curves = next(chart for chart in charts(page).values() if len(chart["data"]) == 4)
    assert len(curves["data"][0]["x"]) == len(curves["data"][1]["x"])
    kept = len(parts._kept())
    monkeypatch.setattr("vae_core.theory.likelihood.paired_runs", None)
    page.run()
    assert not page.exception and len(parts._kept()) == kept == 2
