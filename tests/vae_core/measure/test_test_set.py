"""Evaluation: figures per example, active units, importance sampling in bounded memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.conftest import new_run
from vae_core.measure import test_set
from vae_core.measure.beta_curve import knots
from vae_core.measure.test_set import (
    active_units,
    beta_curve,
    estimate_log_px,
    evaluate,
    per_example,
)
from vae_core.model.conditioning import freeze
from vae_core.training.objectives import elbo_terms


def test_active_units_are_those_whose_mean_varies():
    generator = torch.Generator().manual_seed(0)
    sizes = torch.tensor([2.0, 0.5, 0.11, 0.09, 0.01, 0.0])  # variances 4, .25, .0121, .0081, …
    mu = torch.randn(20_000, 6, generator=generator) * sizes + torch.arange(6.0)
    assert active_units(mu) == 3


def test_a_constant_far_from_zero_is_not_active():
    assert active_units(torch.full((50, 3), 7.0)) == 0


def test_figures_of_each_example_do_not_depend_on_the_batch_size(make_model, unit_x):
    model = make_model()
    whole = per_example(model, unit_x, num_samples=2)
    for batch_size in (1, 7, len(unit_x)):
        parts = per_example(model, unit_x, num_samples=2, batch_size=batch_size)
        for one, other in zip(whole, parts, strict=True):
            torch.testing.assert_close(one, other)


def test_the_rate_of_each_example_is_the_sum_over_dimensions(make_model, unit_x):
    each = per_example(make_model(latent_dim=3), unit_x)
    assert each.rate_per_dim.shape == (len(unit_x), 3)
    torch.testing.assert_close(each.rate, each.rate_per_dim.sum(1))


def test_distortion_is_the_mean_over_draws(make_model, unit_x):
    """200 draws against 200 others of the objective's own: within their spread."""
    model = make_model()
    found = per_example(model, unit_x, num_samples=200).distortion
    torch.manual_seed(9)
    with torch.no_grad():
        draws = torch.stack([elbo_terms(model, unit_x, torch.randn(len(unit_x), 2)).distortion
                             for _ in range(200)])
    error = draws.std(0) * (2 / 200) ** 0.5
    assert ((found - draws.mean(0)).abs() <= 4.5 * error).all()


@pytest.mark.parametrize("samples_per_pass", [1, 3, 16, 50, 10_000])
def test_samples_per_pass_changes_nothing(make_model, unit_x, samples_per_pass):
    model = make_model()
    expected = estimate_log_px(model, unit_x, 50)
    found = estimate_log_px(model, unit_x, 50, samples_per_pass)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-4)


def test_memory_is_bounded_whatever_the_number_of_samples(make_model, unit_x, monkeypatch):
    """No decode sees more than batch_size · samples_per_pass codes."""
    model, seen = make_model(), []
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda z: seen.append(z.shape[:-1].numel()) or decode(z))
    estimate_log_px(model, unit_x, num_samples=501, samples_per_pass=4, batch_size=10)
    assert max(seen) == 40
    assert sum(seen) == 501 * len(unit_x)
    seen.clear()
    estimate_log_px(model, unit_x, num_samples=601)  # by itself it holds about 10,000 decodes
    assert max(seen) <= 10_000 and sum(seen) == 601 * len(unit_x)


def test_the_estimate_repeats_and_follows_its_seed(make_model, unit_x):
    model = make_model()
    first, again, other = (estimate_log_px(model, unit_x, 5, seed=seed) for seed in (0, 0, 1))
    assert first.equal(again) and not first.equal(other)


@pytest.mark.parametrize("num_samples", [0, -3])
def test_too_few_samples_are_refused(make_model, unit_x, num_samples):
    with pytest.raises(ValueError, match=f"num_samples = {num_samples} is not allowed"):
        estimate_log_px(make_model(), unit_x, num_samples)


def test_an_impossible_example_gives_minus_infinity_and_no_nan(make_model, unit_x, monkeypatch):
    model = make_model()
    monkeypatch.setattr(model.likelihood, "log_prob",
                        lambda x, out: torch.full(out.shape[:-1], -math.inf))
    assert (estimate_log_px(model, unit_x, 5, samples_per_pass=2) == -math.inf).all()


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian-fixed", "gaussian-shared",
                                        "gaussian-per-pixel"])
@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_evaluate_says_what_it_measured(make_model, splits, architecture, likelihood):
    model = make_model(architecture=architecture, likelihood=likelihood)
    found = evaluate(model, splits.test, num_samples=20)
    assert found.num_test == len(splits.test) and found.num_samples == 20
    assert found.elbo == -(found.distortion + found.rate)
    assert found.rate == pytest.approx(sum(found.rate_per_dim), rel=1e-5)
    assert found.elbo < found.log_px  # by the rate's slack: the encoder is untrained
    assert found.observation_model == model.config.observation_model
    assert 0 <= found.active_units <= 2


@pytest.mark.parametrize("beta", [0, 1])
def test_evaluate_takes_binary_images_where_training_did(make_model, splits, beta):
    binary = test_set.test_x(make_model(beta=beta, binarization="dynamic"), splits.test)
    grey = test_set.test_x(make_model(beta=beta, binarization="none"), splits.test)
    assert set(binary.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(grey, splits.test.x / 255)


def test_a_curve_has_at_each_beta_what_the_frozen_model_measures(bent, splits):
    model = bent(beta_min=0.05, beta_max=20)
    curve = beta_curve(model, splits.test)
    np.testing.assert_array_equal(curve.beta, knots(0.05, 20))
    x = test_set.test_x(model, splits.test)
    for k in (0, 7, -1):
        each = per_example(freeze(model, float(curve.beta[k])), x, test_set.CURVE_SAMPLES)
        assert curve.distortion[k] == pytest.approx(each.distortion.mean().item(), rel=1e-5)
        assert curve.rate[k] == pytest.approx(each.rate.mean().item(), rel=1e-5)
        assert curve.active_units[k] == active_units(each.mu)
        np.testing.assert_allclose(curve.mu[k], each.mu.numpy(), atol=2e-3, rtol=2e-3)
        np.testing.assert_allclose(curve.point_rate[k], each.rate.numpy(), rtol=2e-3)


def test_a_curve_keeps_fewer_points_of_a_larger_code(bent, splits, monkeypatch):
    monkeypatch.setattr(test_set, "CURVE_NUMBERS", 30)
    curve = beta_curve(bent(latent_dim=3), splits.test)
    assert curve.mu.shape == (len(curve.beta), 10, 3) and len(curve.label) == 10


def test_evaluation_asks_for_no_gradient(make_model, unit_x):
    model = make_model()
    assert not per_example(model, unit_x).distortion.requires_grad
    assert not estimate_log_px(model, unit_x, 2).requires_grad


def test_a_curve_of_huge_distortions_can_be_read_again(bent, splits, tmp_path):
    """784 pixels under σ = 0.01 cost more than half precision can hold: the file was 'damaged'."""
    model, run = bent(likelihood="gaussian-fixed", sigma=0.01), new_run(tmp_path / "sharp")
    curve = beta_curve(model, splits.test)
    assert curve.point_distortion.min() > np.finfo(np.float16).max
    run.write_config(model.config)
    run.write_beta_curve(curve)
    back = run.beta_curve()
    np.testing.assert_allclose(back.point_distortion.mean(axis=1), curve.distortion, rtol=1e-5)
    assert back.mu.dtype == np.float16
