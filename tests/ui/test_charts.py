"""The figures as plotly is given them: places, slopes, what can be clicked, colours."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from ui.charts import (
    BETA_ZERO,
    CLASSES,
    RATE_ONLY,
    Mark,
    RateLine,
    RatePoints,
    embedding,
    outside,
    plane_range,
    rate_distortion_plane,
)
from vae_core.measure.envelope import envelope_at

BETAS = [0.0, 0.1, 1.0, 4.0, math.inf]


@pytest.fixture
def points() -> RatePoints:
    return RatePoints(
        name=tuple(f"run{i}" for i in range(5)),
        rate=np.array([80.0, 12.0, 6.0, 2.0, 0.0]),
        distortion=np.array([120.0, 128.0, 132.0, 150.0, 540.0]), weight=np.array(BETAS),
        kind=("mlp · z = 2",) * 4 + ("conv · z = 2",),
        finished=np.array([True, True, False, True, True]), hover=("",) * 5)


@pytest.fixture
def line() -> RateLine:
    beta = np.geomspace(0.01, 10, 31)
    return RateLine("one run", beta, 20 / np.sqrt(beta), 100 + 20 * np.sqrt(beta), beta,
                    np.full(31, 2))


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def markers(figure):
    return [trace for trace in figure.data if trace.customdata is not None]


@pytest.mark.parametrize("dark", [False, True])
def test_every_model_has_one_marker_with_its_name(points, dark):
    figure = rate_distortion_plane(points, plane_range(points), "run2", dark)
    found = {data[0]: (x, y) for trace in markers(figure)
             for data, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)}
    assert found == {name: (rate, distortion) for name, rate, distortion in
                     zip(points.name, points.rate, points.distortion, strict=True)}
    assert all(trace.hoverinfo == "skip" for trace in figure.data if trace.customdata is None)


def test_the_axes_are_fitted_to_finite_betas_unless_all_are_wanted(points):
    assert outside(points, plane_range(points)).tolist() == [True, False, False, False, True]
    assert not outside(points, plane_range(points, show_all=True)).any()


def test_models_without_a_place_on_the_ramp_set_the_axes_if_they_are_alone(points):
    zero = RatePoints(("a",), points.rate[:1], points.distortion[:1], points.weight[:1], ("k",),
                      points.finished[:1], ("",))
    (left, right), (low, high) = plane_range(zero)
    assert left < 80 < right and low < 120 < high
    rate_distortion_plane(zero, plane_range(zero))


def test_segments_have_slope_minus_beta(points):
    segments, = traces(rate_distortion_plane(points, plane_range(points)), "slope −β")
    x, y = (np.array(v, dtype=float).reshape(-1, 3)[:, :2]
            for v in (segments.x, segments.y))
    np.testing.assert_allclose(x.mean(axis=1), points.rate)
    np.testing.assert_allclose(y.mean(axis=1), points.distortion)
    slopes = np.diff(y)[:4, 0] / np.diff(x)[:4, 0]
    np.testing.assert_allclose(slopes, [-beta for beta in BETAS[:4]], atol=1e-9)
    assert np.diff(x)[4, 0] == 0  # the rate alone: upright


def test_lines_of_equal_elbo_keep_the_sum(points):
    figure = rate_distortion_plane(points, plane_range(points))
    lines, = traces(figure, "equal ELBO")
    total = np.array(lines.x, dtype=float) + np.array(lines.y, dtype=float)
    np.testing.assert_allclose(total.reshape(-1, 3)[:, 0], total.reshape(-1, 3)[:, 1])
    sums = {f"ELBO −{value:g}" for value in total[::3]}
    assert figure.layout.annotations
    assert {note.text for note in figure.layout.annotations} <= sums
    for note in figure.layout.annotations:
        assert note.x + note.y == pytest.approx(float(note.text.removeprefix("ELBO −")))


def test_where_the_rings_numbers_stand_is_no_label(points, line):
    ranges = plane_range(points, line=line)
    low, high = ranges[1]
    notes = [note for note in rate_distortion_plane(points, ranges, line=line).layout.annotations
             if note.text.startswith("ELBO")]
    assert notes and max(note.y for note in notes) < high - 0.18 * (high - low)


def test_a_mark_at_the_right_is_named_below_the_line(points, line):
    """Above and to its left the label would lie over the line, which rises there."""
    (left, right), (low, high) = ranges = plane_range(points, line=line)
    marks = [Mark(left + 0.3 * (right - left), 0.5 * (low + high), "mark left"),
             Mark(left + 0.7 * (right - left), 0.8 * low + 0.2 * high, "mark right")]
    figure = rate_distortion_plane(points, ranges, line=line, marks=marks)
    note = {note.text: note for note in figure.layout.annotations}
    assert note["mark left"].ay < 0 and note["mark left"].xanchor == "left"
    assert note["mark right"].ay > 0 and note["mark right"].xanchor == "right"


def test_the_envelope_is_of_finished_models_with_a_rate_of_their_own(points):
    """run0 has β = 0, run2 isn't finished, run4 lies beyond the axes."""
    line, = traces(rate_distortion_plane(points, plane_range(points)), "envelope")
    assert list(line.x) == [2, 12]
    line, = traces(rate_distortion_plane(points, plane_range(points, show_all=True)), "envelope")
    assert list(line.x) == [0, 2, 12]


def test_a_model_much_worse_than_the_sweep_does_not_widen_the_axes(points):
    poor = dataclasses.replace(points, distortion=points.distortion + np.array([0, 0, 0, 100, 0]))
    assert outside(poor, plane_range(poor, sweep=["run1", "run2"]))[3]
    assert not outside(poor, plane_range(poor))[3]
    assert not outside(poor, plane_range(poor, sweep=["run3"]))[3]
    assert not outside(poor, plane_range(poor, sweep=["gone"]))[3]


def test_the_drawn_envelope_is_that_of_the_frontier(points):
    everything = plane_range(points, show_all=True)
    line, = traces(rate_distortion_plane(points, everything), "envelope")
    counted = (points.weight > 0) & points.finished
    np.testing.assert_allclose(
        line.y, envelope_at(line.x, points.rate[counted], points.distortion[counted]))


def test_colour_says_beta_and_symbol_network_and_state(points):
    figure = rate_distortion_plane(points, plane_range(points))
    ramp, zero, rate_only = markers(figure)
    np.testing.assert_allclose(ramp.marker.color, np.log10(BETAS[1:4]))
    assert (zero.marker.color, rate_only.marker.color) == (BETA_ZERO, RATE_ONLY)
    assert list(ramp.marker.symbol) == ["circle", "circle-open", "circle"]
    assert list(rate_only.marker.symbol) == ["square"]
    legend = {trace.name for trace in figure.data if trace.showlegend is not False}
    assert legend == {"mlp · z = 2", "conv · z = 2", "β = 0: autoencoder", "rate alone: β → ∞",
                      "hollow: not finished"}
    assert list(figure.layout.coloraxis.colorbar.ticktext) == ["0.1", "1", "4"]


def test_only_a_known_model_is_ringed(points):
    ring, = traces(rate_distortion_plane(points, plane_range(points), "run3"), "shown")
    assert (ring.x[0], ring.y[0]) == (2, 150)
    assert not traces(rate_distortion_plane(points, plane_range(points), "gone"), "shown")


def test_one_model_is_a_plane_too(points):
    one = RatePoints(("a",), points.rate[2:3], points.distortion[2:3], points.weight[2:3], ("k",),
                     points.finished[2:3], ("",))
    figure = rate_distortion_plane(one, plane_range(one), "a")
    assert not traces(figure, "envelope")
    axis = figure.layout.coloraxis
    assert axis.cmin < 0 < axis.cmax


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
    palette = (ROOT / "static" / "latent_plane" / "canvas" / "palette.js").read_text()
    for colours in CLASSES.values():
        assert all(colour in palette for colour in colours)


def test_a_line_takes_the_envelopes_place_and_carries_its_betas(points, line):
    line = dataclasses.replace(line, distortion=line.distortion + 60)  # away from the models
    figure = rate_distortion_plane(points, plane_range(points, line=line), line=line)
    (curve,), (places,) = traces(figure, "curve"), traces(figure, "places")
    np.testing.assert_allclose(curve.marker.color, np.log10(line.beta))
    assert [data[0] for data in places.customdata] == [""] * 31
    np.testing.assert_allclose([data[1] for data in places.customdata], line.beta)
    np.testing.assert_allclose([data[2] for data in places.customdata],
                               -(line.rate + line.distortion))
    assert not traces(figure, "envelope")
    under, = traces(figure, "one run")
    assert under.mode == "lines" and under.hoverinfo == curve.hoverinfo == "skip"
    ramp = markers(figure)[-3]
    assert list(figure.data).index(curve) < list(figure.data).index(ramp)  # dots on the line


def test_beside_a_model_the_line_cannot_be_clicked(points, line):
    on_it = dataclasses.replace(points, rate=np.append(points.rate[:-1], line.rate[20]),
                                distortion=np.append(points.distortion[:-1], line.distortion[20]))
    places, = traces(rate_distortion_plane(on_it, plane_range(on_it, line=line), line=line),
                     "places")
    betas = {data[1] for data in places.customdata}
    assert float(line.beta[20]) not in betas and len(betas) > 20


def test_the_ramp_of_a_line_has_its_decades_as_ticks(points, line):
    axis = rate_distortion_plane(points, plane_range(points), line=line).layout.coloraxis
    assert (axis.cmin, axis.cmax) == (pytest.approx(-2), pytest.approx(1))
    assert list(axis.colorbar.ticktext) == ["0.01", "0.1", "1", "10"]


def test_a_line_alone_is_a_plane_too(line):
    none = RatePoints((), np.zeros(0), np.zeros(0), np.zeros(0), (), np.zeros(0, bool), ())
    (left, right), (low, high) = plane_range(none, line=line)
    assert left < line.rate.min() and right > line.rate.max()
    assert low < line.distortion.min() and high > line.distortion.max()
    figure = rate_distortion_plane(none, ((left, right), (low, high)), line=line)
    assert len(traces(figure, "curve")) == 1


def test_the_axes_hold_the_line_and_what_it_is_compared_with(points, line):
    short = dataclasses.replace(line, rate=line.rate / 20, distortion=line.distortion + 25)
    ranges = plane_range(points, sweep=["run0", "run1", "run4"], line=short)
    assert outside(points, ranges).tolist() == [True, False, False, False, True]
    assert not outside(points, plane_range(points, show_all=True, line=short)).any()


def test_other_lines_are_thin_and_cannot_be_clicked(points, line):
    figure = rate_distortion_plane(points, plane_range(points), others=[line])
    thin, = traces(figure, "one run")
    assert thin.customdata is None and thin.hoverinfo == "skip" and traces(figure, "envelope")


def test_the_labels_of_marks_stand_apart(points, line):
    marks = [Mark(20 + 0.1 * k, 120 + 0.2 * k, f"mark {k}") for k in range(6)]
    ranges = plane_range(points, line=line)
    figure = rate_distortion_plane(points, ranges, line=line, marks=marks)
    notes = [note for note in figure.layout.annotations if note.text.startswith("mark")]
    assert {(note.x, note.y) for note in notes} == {(m.rate, m.distortion) for m in marks}
    (low, high) = ranges[1]
    heights = sorted(440 * (note.y - low) / (high - low) - note.ay for note in notes)
    assert (np.diff(heights) > 18.9).all()
    assert traces(figure, "marks")[0].customdata is None


def test_without_a_weight_of_the_distortion_the_line_has_one_colour(points, line):
    upright = dataclasses.replace(line, weight=np.full(31, math.inf))
    curve, = traces(rate_distortion_plane(points, plane_range(points), line=upright), "curve")
    assert curve.marker.color == RATE_ONLY
