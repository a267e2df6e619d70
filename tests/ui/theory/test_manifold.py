"""The page on the manifold: moved points come back to the sheet."""

from __future__ import annotations

import re

import pytest

from tests.ui.theory.reading import frames, metrics
from ui.theory import manifold
from vae_core.data.synthetic import NOISE

PAGE = "theory"


@pytest.mark.parametrize("name", manifold.SHEETS)
def test_moved_points_come_back_to_the_sheet(open_page, name):
    page = open_page(section="manifold", sheet=name)
    (space,) = frames(page)
    assert float(metrics(page)["Noise along the normal, σ"]) == NOISE
    assert len(space["frames"]) == len(space["names"])
    for text, offset in zip(space["names"], manifold.OFFSETS, strict=True):
        found = re.fullmatch(r"(−?[\d.]+): ([\d.]+) off the sheet, reconstruction ([\d.]+)", text)
        assert float(found[1].replace("−", "-")) == pytest.approx(offset, abs=1e-9)
        assert float(found[2]) == pytest.approx(abs(offset), abs=1e-3)
        assert float(found[3]) < 0.2 * NOISE
    moved = next(k for k, trace in enumerate(space["traces"])
                 if trace.get("name") == "moved off the sheet")
    first = space["frames"][manifold.FIRST][space["moving"].index(moved)]
    assert space["first"] == manifold.FIRST and space["traces"][moved]["p"] == first["p"]


def test_the_space_holds_data_sheet_posteriors_and_points(open_page):
    (space,) = frames(open_page(section="manifold"))
    assert [trace["name"] for trace in space["traces"] if "name" in trace] == [
        "decoded plane", "data", "q(z|x) within 2σ, decoded", "moved off the sheet",
        "reconstruction"]
    assert space["view"]["kind"] == "space"
    for trace in space["traces"]:
        assert max(map(max, trace.get("faces", [[0]]))) < len(trace["p"])


def test_without_a_model_one_sentence_stands_there(open_page, monkeypatch, tmp_path):
    monkeypatch.setattr(manifold, "BUNDLED", tmp_path)
    page = open_page(section="manifold")
    assert "no finished model of swiss-roll" in page.info[0].value and not page.exception
