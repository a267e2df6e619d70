"""A curve whose every property has a closed form: D = a + √(bβ), R = √(b/β), so dD/dR = −β."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import new_run
from vae_core.measure import beta_curve, test_set
from vae_core.measure.beta_curve import (
    BetaCurve,
    closings,
    elbo_peak,
    highest_beta_below,
    knee,
    knots,
    measure_beta_curve,
)
from vae_core.measure.test_set import active_units, per_example
from vae_core.model.conditioning import freeze

BASE, SCALE = 100.0, 400.0  # a and b


def make_curve(beta, distortion=None, rate_per_dim=None, mu_variance=None) -> BetaCurve:
    """The curve in closed form, in one dimension, or with these values in its place."""
    beta = np.asarray(beta, dtype=float)
    distortion = BASE + np.sqrt(SCALE * beta) if distortion is None else np.asarray(distortion)
    rate_per_dim = np.sqrt(SCALE / beta)[:, None] if rate_per_dim is None else rate_per_dim
    mu_variance = np.ones_like(rate_per_dim) if mu_variance is None else mu_variance
    mu = np.log(beta)[:, None, None] * np.ones((1, 3, rate_per_dim.shape[1]))
    flat = np.zeros(mu.shape[:2])
    return BetaCurve(beta, distortion, rate_per_dim, mu_variance, mu.astype(np.float16),
                     -mu.astype(np.float16), flat, flat, np.array([0, 1, -1]))


betas = st.floats(1e-3, 1e2)


@given(betas, st.floats(1.001, 1e4))
def test_knots_keep_both_ends_and_are_dense(low, ratio):
    beta = knots(low, low * ratio)
    assert (beta[0], beta[-1]) == (low, low * ratio)
    steps = np.diff(np.log10(beta))
    assert len(beta) >= 25 and steps.min() > 0 and steps.max() <= 0.19
    assert steps.min() > steps.max() / 8


@given(st.sampled_from([0.001, 0.01, 0.1]), st.sampled_from([10, 20, 50, 100]))
def test_round_beta_are_among_the_knots(low, high):
    beta = knots(low, high).tolist()
    for each in (0.01, 0.02, 0.04, 0.05, 0.1, 0.2, 0.4, 0.5, 1, 2, 4, 5, 10, 20, 40, 50):
        assert each in beta or not low <= each <= high


def test_rate_and_elbo_add_up_and_units_are_counted():
    curve = make_curve([1.0, 2.0], [10.0, 20.0], np.array([[3.0, 1.0], [2.0, 0.0]]),
                       np.array([[1.0, 0.02], [1.0, 0.01]]))
    assert curve.rate.tolist() == [4, 2]
    assert curve.elbo.tolist() == [-14, -22]
    assert curve.active_units.tolist() == [2, 1]  # more than 0.01, not as much


@given(betas, st.floats(-5, 5), st.floats(-5, 5))
def test_between_knots_parabolas_in_log_beta_are_exact_and_codes_lie_on_lines(beta, a, b):
    curve = make_curve(knots(0.01, 10))
    inside = math.log(min(max(beta, 0.01), 10))
    parabola = a * np.log(curve.beta) ** 2 + b * np.log(curve.beta)
    assert curve.at(beta, parabola) == pytest.approx(a * inside ** 2 + b * inside, abs=1e-8)
    assert curve.at(beta, np.log(curve.beta)[:, None])[0] == pytest.approx(inside, abs=1e-5)
    np.testing.assert_allclose(curve.at(beta, curve.mu), inside, atol=5e-3)  # half precision
    assert curve.at(beta, curve.mu).shape == (3, 1)


@given(st.floats(0.011, 9.9))
def test_the_objective_of_an_ideal_curve_is_right_to_a_hundredth_of_a_percent(beta):
    """J = D + βR = a + 2√(bβ); straight lines between the knots would be 0.1 % too high."""
    curve = make_curve(knots(0.01, 10))
    found = curve.at(beta, curve.distortion) + beta * curve.at(beta, curve.rate)
    assert found == pytest.approx(BASE + 2 * math.sqrt(SCALE * beta), rel=1e-4)


def test_two_knots_are_a_curve_too():
    curve = make_curve([1.0, 4.0], [2.0, 4.0])
    np.testing.assert_allclose(curve.at([0.5, 1.0, 2.0, 4.0, 9.0], curve.distortion),
                               [2, 2, 3, 4, 4])


def test_values_are_exact_at_the_knots():
    curve = make_curve(knots(0.01, 10))
    for k, beta in enumerate(curve.beta):
        assert curve.at(beta, curve.rate) == pytest.approx(curve.rate[k], rel=1e-12)
        np.testing.assert_allclose(curve.at(beta, curve.mu), curve.mu[k], atol=1e-5)


@given(st.floats(0.005, 0.3), st.floats(4, 50))
def test_the_elbo_of_an_ideal_curve_peaks_at_one(low, high):
    assert elbo_peak(make_curve(knots(low, high))) == pytest.approx(1, rel=0.01)


def test_a_peak_at_an_end_is_the_end():
    assert elbo_peak(make_curve(knots(2, 10))) == 2
    assert elbo_peak(make_curve(knots(0.01, 0.5))) == 0.5


@given(st.floats(-1.9, 0.9))
def test_a_parabolas_peak_is_found_between_the_knots(place):
    beta = knots(0.01, 10)
    curve = make_curve(beta, np.log(beta / 10 ** place) ** 2, np.zeros((len(beta), 1)))
    assert elbo_peak(curve) == pytest.approx(10 ** place, rel=1e-6)


@given(betas, st.floats(4, 1e3), st.floats(0.1, 10))
def test_the_knee_has_the_slope_of_the_chord(low, ratio, stretch):
    """−dD/dR = β = ΔD/ΔR = √(low·high), in whichever units both are given."""
    beta = knots(low, low * ratio)
    assert knee(make_curve(beta)) == pytest.approx(low * math.sqrt(ratio), rel=0.02)
    ideal = make_curve(beta)
    stretched = make_curve(beta, stretch * ideal.distortion, ideal.rate_per_dim / stretch)
    assert knee(stretched) == pytest.approx(knee(ideal), rel=1e-6)


def test_a_straight_curve_has_a_knee_within_its_range():
    beta = knots(0.1, 10)
    assert 0.1 <= knee(make_curve(beta, np.log(beta), -np.log(beta)[:, None])) <= 10


@given(st.lists(st.floats(0.02, 9), max_size=4), st.floats(0.5, 6))
def test_a_dimension_closes_where_its_variance_passes_the_threshold(places, power):
    """Var = 0.01·(β_d/β)^p crosses 0.01 at β_d; a last dimension stays open."""
    beta = knots(0.01, 10)
    variance = np.stack([*(0.01 * (place / beta) ** power for place in places),
                         np.ones_like(beta)], axis=1)
    found = closings(make_curve(beta, rate_per_dim=np.ones_like(variance), mu_variance=variance))
    assert sorted(d for _, d in found) == list(range(len(places)))
    assert [b for b, _ in found] == sorted(b for b, _ in found)
    for b, d in found:
        assert b == pytest.approx(places[d], rel=1e-6)


def test_what_opens_again_or_was_never_open_does_not_close():
    variance = np.array([[1.0, 0.0, 1.0], [0.001, 0.0, 0.001], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    found = closings(make_curve([1, 2, 4, 8], rate_per_dim=np.ones((4, 3)), mu_variance=variance))
    assert [d for _, d in found] == [2] and 4 < found[0][0] < 8


@given(st.floats(0.011, 9.9))
def test_the_highest_beta_below_a_distortion_meets_it(beta):
    curve = make_curve(knots(0.01, 10))
    limit = BASE + math.sqrt(SCALE * beta)
    found = highest_beta_below(curve, limit)
    assert found == pytest.approx(beta, rel=2e-3)
    assert limit - 1e-6 < curve.at(found, curve.distortion) <= limit


def test_the_highest_beta_below_what_is_out_of_reach():
    curve = make_curve(knots(0.01, 10))
    assert highest_beta_below(curve, 101.9) is None
    assert highest_beta_below(curve, 1e6) == 10
    assert highest_beta_below(curve, float(curve.distortion[0])) == pytest.approx(0.01)


def test_of_two_stretches_below_a_distortion_the_higher_counts():
    curve = make_curve([1, 2, 4, 8], [3.0, 1.0, 3.0, 5.0])
    found = highest_beta_below(curve, 2.0)
    assert 2 < found < 4 and curve.at(found, curve.distortion) == pytest.approx(2)
    assert highest_beta_below(curve, 0.5) is None


# Measured


def test_a_curve_has_at_each_beta_what_the_frozen_model_measures(bent, splits):
    model = bent(beta_min=0.05, beta_max=20)
    curve = measure_beta_curve(model, splits.test)
    np.testing.assert_array_equal(curve.beta, knots(0.05, 20))
    x = test_set.test_x(model, splits.test)
    for k in (0, 7, -1):
        each = per_example(freeze(model, float(curve.beta[k])), x, beta_curve.NUM_SAMPLES)
        assert curve.distortion[k] == pytest.approx(each.distortion.mean().item(), rel=1e-5)
        assert curve.rate[k] == pytest.approx(each.rate.mean().item(), rel=1e-5)
        assert curve.active_units[k] == active_units(each.mu)
        np.testing.assert_allclose(curve.mu[k], each.mu.numpy(), atol=2e-3, rtol=2e-3)
        np.testing.assert_allclose(curve.point_rate[k], each.rate.numpy(), rtol=2e-3)


def test_a_curve_keeps_fewer_points_of_a_larger_code(bent, splits, monkeypatch):
    monkeypatch.setattr(beta_curve, "MOST_NUMBERS", 30)
    curve = measure_beta_curve(bent(latent_dim=3), splits.test)
    assert curve.mu.shape == (len(curve.beta), 10, 3) and len(curve.label) == 10


def test_a_curve_of_huge_distortions_can_be_read_again(bent, splits, tmp_path):
    """784 pixels under σ = 0.01 cost more than half precision can hold."""
    model, run = bent(likelihood="gaussian-fixed", sigma=0.01), new_run(tmp_path / "sharp")
    curve = measure_beta_curve(model, splits.test)
    assert curve.point_distortion.min() > np.finfo(np.float16).max
    run.write_config(model.config)
    run.write_beta_curve(curve)
    back = run.beta_curve()
    np.testing.assert_allclose(back.point_distortion.mean(axis=1), curve.distortion, rtol=1e-5)
    assert back.mu.dtype == np.float16
