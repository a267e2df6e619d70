"""The page on the forces of the loss: the closed form, and each force off."""

from __future__ import annotations

from tests.ui.theory.reading import captions, frames, metrics

PAGE = "theory"


def test_relaxed_posteriors_have_the_rate_in_closed_form(open_page):
    page = open_page(section="forces")
    shown, (figure,) = metrics(page), frames(page)
    assert figure["names"][-1].endswith("rate 2.08 nats") and len(figure["frames"]) > 10
    assert shown["mean rate, measured"] == shown["in closed form"] == "2.0794"
    page.select_slider(key="weight").set_value(30.0).run()
    shown = metrics(page)
    assert shown["mean rate, measured"].lstrip("-") == shown["in closed form"] == "0.0000"
    assert shown["mean σ₁"] == "1.0000" and "collapsed" in captions(page)


def test_each_force_has_a_switch(open_page):
    page = open_page(section="forces")
    pills = page.get("button_group")[0]
    pills.set_value(["reconstruction"]).run()
    assert not page.exception
    assert "shrink to points" in captions(page) and "in closed form" not in metrics(page)
    pills = page.get("button_group")[0]
    pills.set_value([]).run()
    assert not page.exception and "No force" in captions(page)
