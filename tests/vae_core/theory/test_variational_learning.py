"""Expectation–maximisation on the ELBO: monotone, and up to the closed-form maximum likelihood."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.theory import variational_learning

NOISE, MEAN_SQUARE = 0.8, 2.5


def test_the_elbo_equals_its_definition_on_data():
    x = torch.randn(2000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    q, w = variational_learning.exact_posterior(0.7, NOISE), 1.1
    normal = torch.distributions.Normal
    mu, sigma = q.gain * x, torch.full_like(x, math.sqrt(q.var))
    rate = torch.distributions.kl_divergence(normal(mu, sigma), normal(0.0, 1.0))
    eps, weight = np.polynomial.hermite_e.hermegauss(9)
    z = mu[:, None] + sigma[:, None] * torch.tensor(eps)
    inner = normal(w * z, NOISE).log_prob(x[:, None]) @ torch.tensor(weight / weight.sum())
    assert variational_learning.mean_elbo(q, w, NOISE, x.square().mean().item()) == pytest.approx(
        (inner - rate).mean().item(), abs=1e-6)


@pytest.mark.parametrize("w", [0.1, 0.9, 2.0])
def test_the_bound_touches_at_the_exact_posterior_and_nowhere_exceeds(w):
    q, others = variational_learning.exact_posterior(w, NOISE), np.linspace(0, 3, 61)
    assert variational_learning.mean_elbo(q, w, NOISE, MEAN_SQUARE) == pytest.approx(
        variational_learning.mean_log_px(w, NOISE, MEAN_SQUARE), abs=1e-12)
    assert (variational_learning.mean_elbo(q, others, NOISE, MEAN_SQUARE)
            <= variational_learning.mean_log_px(others, NOISE, MEAN_SQUARE) + 1e-12).all()


def test_the_m_step_is_the_bounds_maximum():
    q = variational_learning.exact_posterior(0.4, NOISE)
    w = variational_learning.best_w(q, MEAN_SQUARE)
    top = variational_learning.mean_elbo(q, w, NOISE, MEAN_SQUARE)
    assert (variational_learning.mean_elbo(q, w + np.array([-1e-3, 1e-3]), NOISE, MEAN_SQUARE) < top).all()


def test_the_climb_is_monotone_and_ends_at_maximum_likelihood():
    way = variational_learning.climb(0.3, NOISE, MEAN_SQUARE, steps=40)
    heights = way.path[:, 1]
    assert (np.diff(heights) >= -1e-14).all() and len(heights) == 2 * 40 + 1
    best = variational_learning.maximum_likelihood(NOISE, MEAN_SQUARE)
    assert best == pytest.approx(math.sqrt(MEAN_SQUARE - NOISE**2))
    assert way.w[-1] == pytest.approx(best, abs=1e-6)
    assert way.tight[-1] == pytest.approx(
        variational_learning.mean_log_px(best, NOISE, MEAN_SQUARE), abs=1e-9)
    grid = np.linspace(0, 4, 401)
    assert variational_learning.mean_log_px(best, NOISE, MEAN_SQUARE) >= \
        variational_learning.mean_log_px(grid, NOISE, MEAN_SQUARE).max()


def test_data_without_variance_to_explain_give_weight_zero():
    assert variational_learning.maximum_likelihood(2.0, 1.0) == 0


def test_a_start_on_the_saddle_is_one_sentence():
    with pytest.raises(ValueError, match="saddle point"):
        variational_learning.climb(0, NOISE, MEAN_SQUARE)
