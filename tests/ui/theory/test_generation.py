"""The page on generation: how fast the mean of samples converges."""

from __future__ import annotations

import pytest

from tests.ui.theory.reading import metrics

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def test_generation_measures_the_pace_at_which_the_mean_is_reached(open_page, finished):
    page = open_page(section="generation", draws="1000")
    assert page.selectbox(key="generator").value == finished.run_id
    assert float(metrics(page)["Ratio"]) == pytest.approx(1, abs=0.15)
    first = page.markdown[-1].value, metrics(page)
    page.button[0].click().run()
    assert page.number_input(key="draw").value == 1
    assert (page.markdown[-1].value, metrics(page)) != first
