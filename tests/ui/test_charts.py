"""Embeddings as plotly is given them: every point once, in its class's colour."""

from __future__ import annotations

import numpy as np
import pytest

from ui.charts import CLASSES, embedding


@pytest.mark.parametrize("dark", [False, True])
def test_every_point_is_drawn_once_in_its_class_colour(dark):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 500)).astype(np.float32)
    label = rng.integers(-1, 10, 500)
    figure = embedding(x, y, label, tuple("abcdefghij"), ((-4, 4), (-4, 4)), ("z1", "z2"),
                       dark=dark)
    assert sum(len(trace.x) for trace in figure.data) == 500
    for trace in figure.data[1:]:
        value = "abcdefghij".index(trace.name)
        assert trace.marker.color == CLASSES[dark][value]
        np.testing.assert_array_equal(trace.x, x[label == value])
    assert figure.data[0].name == "no label"
    assert figure.layout.yaxis.scaleanchor == "x"
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(-1, 1), (-2, 2), (-3, 3)]


def test_class_colours_are_those_of_the_latent_plane():
    from tests.conftest import ROOT
    palette = (ROOT / "static" / "shared" / "palette.js").read_text()
    for colours in CLASSES.values():
        assert all(colour in palette for colour in colours)
