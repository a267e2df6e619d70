"""The page on estimating p(x): the prior fails where q does not."""

from __future__ import annotations

from tests.ui.theory.reading import metrics, number

PAGE = "theory"


def test_many_dimensions_defeat_the_prior_and_not_q(open_page):
    page = open_page(section="sampling", dims="32")
    shown = metrics(page)
    exact = number(shown["log p(x), closed form"])
    assert number(shown["z from the prior"]) < exact - 50
    assert abs(number(shown["z from q"]) - exact) < 0.05
    page.select_slider(key="dims").set_value(1).run()
    shown = metrics(page)
    assert abs(number(shown["z from the prior"]) - number(shown["log p(x), closed form"])) < 0.05
