"""Evaluation: figures per example, active units, the test set as it is measured."""

from __future__ import annotations

import pytest
import torch

from vae_core.measure import test_set
from vae_core.measure.importance import estimate_log_px
from vae_core.measure.test_set import active_units, evaluate, evaluation_x, per_example
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.vae import elbo_terms


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


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
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


def test_evaluation_asks_for_no_gradient(make_model, unit_x):
    model = make_model()
    assert not per_example(model, unit_x).distortion.requires_grad
    assert not estimate_log_px(model, unit_x, 2).requires_grad


def test_the_test_set_is_binarised_once_and_for_all(splits):
    torch.manual_seed(5)
    first = evaluation_x(splits.test.x, binarized=True)
    torch.manual_seed(6)
    assert first.equal(evaluation_x(splits.test.x, binarized=True))
    assert set(first.unique().tolist()) == {0.0, 1.0}
    grey = evaluation_x(splits.test.x, binarized=False)
    torch.testing.assert_close(grey, splits.test.x.float() / 255)
    assert (first.mean() - grey.mean()).abs() < 0.01
