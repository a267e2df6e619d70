"""The page on three objectives: a run of each kind, or a sentence."""

from __future__ import annotations

import pytest

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


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
    assert [info.value for info in page.info] == ["There is no such model here."] * 2
