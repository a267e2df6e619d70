"""The page on the ELBO: three numbers that agree, and a bound that holds."""

from __future__ import annotations

import pytest

from tests.ui.theory.reading import metrics, numbers

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def test_the_three_derivations_agree(open_page):
    page = open_page(section="elbo", example="2")
    values = {label: numbers(value) for label, value in metrics(page).items()}
    (from_kl,), (from_terms, error), (jensen,), (log_px,) = values.values()
    assert abs(from_terms - jensen) < 4 * error + 0.02
    assert from_kl == pytest.approx(jensen, abs=0.05) and jensen <= log_px + 0.01


@pytest.mark.slow
def test_the_bound_holds_during_training(open_page, monkeypatch, splits):
    monkeypatch.setattr("ui.theory.elbo.WATCHED", 3)
    page = open_page(section="elbo", watch="true")
    assert len(page.get("plotly_chart")) == 2
    assert numbers(page.caption[-1].value)[0] >= 0
