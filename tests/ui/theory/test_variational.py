"""The page on variational inference and on expectation–maximisation."""

from __future__ import annotations

import pytest

from tests.ui.theory.reading import frames, metrics, number

PAGE = "theory"


@pytest.mark.parametrize("name", ["tilted", "banana", "two modes"])
def test_log_px_is_elbo_plus_kl_for_each_q(name, open_page):
    page = open_page(section="variational", posterior=name)
    table = page.dataframe[0].value
    log_px = number(metrics(page)["log p(x), quadrature"])
    assert table["ELBO + KL(q‖p)"].sub(log_px).abs().max() < 1e-4
    assert (table["KL(q‖p)"] >= 0).all() and len(table) == 4
    if name == "tilted":
        shown = metrics(page)
        assert shown["mean field: σ²"] == shown["1/Λ₁₁, closed form"] == "0.2000"
        assert shown["log p(x), closed form"] == shown["log p(x), quadrature"]


def test_the_ascent_and_the_stairs_can_be_played(open_page):
    ascent, climb = frames(open_page(section="variational"))
    for figure in (ascent, climb):
        assert len(figure["frames"]) == len(figure["names"]) > 10
        assert all(len(frame) == len(figure["moving"]) == 2 for frame in figure["frames"])
    assert climb["names"][:3] == ["E 1", "M 1", "E 2"] and ascent["names"][-1] == "300"


def test_expectation_maximisation_ends_at_maximum_likelihood(open_page):
    shown = metrics(open_page(section="variational"))
    assert shown["w after 30 steps"] == shown["maximum likelihood"] == "1.5000"
    assert shown["ELBO after 30 steps"] == shown["log p(x) there"]
