"""The lower convex envelope: below every point, convex, falling, its corners points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.measure.beta_curve import lower_envelope

nats = st.integers(0, 400).map(lambda quarter: quarter / 4)  # exact in binary: no tolerance needed
planes = st.lists(st.tuples(nats, nats), min_size=1, max_size=30).map(
    lambda pairs: tuple(np.array(pairs, dtype=float).T))


def envelope_at(r: np.ndarray, rate: np.ndarray, distortion: np.ndarray) -> np.ndarray:
    """E(r) of `lower_envelope` over the points (rate, distortion), in nats; shaped as r.

    Infinite left of the lowest rate, which no mixture reaches; level right of the last corner.
    """
    corners = lower_envelope(rate, distortion)
    if not len(corners):
        return np.full(np.shape(r), np.inf)
    return np.interp(r, np.asarray(rate)[corners], np.asarray(distortion)[corners], left=np.inf)


@given(planes)
def test_it_lies_below_every_point_and_touches_its_corners(plane):
    rate, distortion = plane
    height = envelope_at(rate, rate, distortion)
    assert (height <= distortion + 1e-9).all()
    corners = lower_envelope(rate, distortion)
    np.testing.assert_array_equal(height[corners], distortion[corners])


@given(planes)
def test_it_is_convex_and_falls(plane):
    rate, distortion = plane
    corners = lower_envelope(rate, distortion)
    slopes = np.diff(distortion[corners]) / np.diff(rate[corners])
    assert (slopes < 0).all()
    assert (np.diff(slopes) > 0).all()


@given(planes)
def test_it_spans_from_the_lowest_rate_to_the_lowest_distortion(plane):
    rate, distortion = plane
    corners = lower_envelope(rate, distortion)
    assert rate[corners[0]] == rate.min()
    assert distortion[corners[-1]] == distortion.min()
    assert envelope_at(rate.max() + 1, rate, distortion) == distortion.min()
    assert envelope_at(rate.min() - 1, rate, distortion) == np.inf


@given(planes, st.floats(0.01, 100))
def test_for_every_beta_a_corner_has_the_lowest_loss(plane, beta):
    rate, distortion = plane
    loss = distortion + beta * rate
    corners = lower_envelope(rate, distortion)
    assert loss[corners].min() == pytest.approx(loss.min(), abs=1e-9)


@given(planes)
def test_no_mixture_of_two_models_lies_below_it(plane):
    rate, distortion = plane
    middle = (rate[:, None] + rate) / 2
    mixed = (distortion[:, None] + distortion) / 2
    height = envelope_at(middle.ravel(), rate, distortion)
    assert (height <= mixed.ravel() + 1e-9).all()


@given(planes, st.randoms(use_true_random=False))
def test_the_order_of_the_models_is_of_no_account(plane, random):
    rate, distortion = plane
    order = list(range(len(rate)))
    random.shuffle(order)
    here, there = lower_envelope(rate, distortion), lower_envelope(rate[order], distortion[order])
    np.testing.assert_array_equal(rate[here], rate[order][there])


def test_the_optima_of_a_gaussian_source_are_all_corners():
    """D(R) = e^(−2R), the rate–distortion function of N(0, 1), is strictly convex."""
    rate = np.linspace(0, 3, 31)
    distortion = np.exp(-2 * rate)
    above = distortion + 0.2
    corners = lower_envelope(np.concatenate([above * 0 + rate, rate]),
                             np.concatenate([above, distortion]))
    np.testing.assert_array_equal(corners, 31 + np.arange(31))


def test_points_within_an_edge_and_repeated_ones_are_no_corners():
    assert list(lower_envelope(np.array([0.0, 1, 2, 2, 3]), np.array([4.0, 3, 2, 2, 5]))) == [0, 2]


def test_no_model_no_envelope():
    assert len(lower_envelope(np.array([]), np.array([]))) == 0
    assert envelope_at(1.0, np.array([]), np.array([])) == np.inf


@pytest.mark.parametrize("rate, distortion, word", [
    ([1.0, 2.0], [1.0], "one length"), ([1.0], [np.nan], "finite"), ([np.inf], [1.0], "finite")])
def test_what_has_no_place_in_the_plane_is_said(rate, distortion, word):
    with pytest.raises(ValueError, match=word):
        lower_envelope(np.array(rate), np.array(distortion))
