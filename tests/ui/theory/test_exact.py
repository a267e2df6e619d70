"""The page on exact inference: its terms add up, and a local optimum is named."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.theory.reading import frames, metrics, numbers
from ui.theory.exact import STEPS, better_optimum

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def test_the_elbo_and_the_divergence_add_up(open_page):
    page = open_page(section="exact", image="3")
    found = metrics(page)
    (log_px,), (total,) = (numbers(found[label]) for label in
                           ("log p(x), on a grid", "ELBO + KL, computed independently"))
    assert total == pytest.approx(log_px, abs=0.02)
    (figure,) = frames(page)
    assert len(page.get("plotly_chart")) == 1
    assert len(figure["frames"]) == len(figure["names"]) == STEPS + 1 == figure["first"] + 1
    assert figure["names"][0].startswith("0: ELBO −") and figure["view"]["image"]["src"]


def test_a_local_optimum_is_named_where_the_two_ascents_differ():
    path = {"elbo": np.array([-190.0, -180.0])}
    assert better_optimum({"best_elbo": -179.5, "path": path}) == ""
    assert "ends 28.0 nats higher" in better_optimum({"best_elbo": -152.0, "path": path})
