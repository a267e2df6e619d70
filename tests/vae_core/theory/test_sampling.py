"""Estimates of log p(x) by sampling: against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.theory.sampling import LinearModel, estimate, relative_variance

MODEL = LinearModel(w=1.0, noise=0.5)
DIMS, NUM = (1, 2, 5), (1, 10, 1000)


def weights(z: np.ndarray, x: float, sigma: float | None, mean: float) -> np.ndarray:
    normal = torch.distributions.Normal
    z = torch.tensor(z)
    log_weight = normal(MODEL.w * z, MODEL.noise).log_prob(torch.tensor(x))
    if sigma is not None:
        log_weight += normal(0.0, 1.0).log_prob(z) - normal(mean, sigma).log_prob(z)
    return torch.exp(log_weight).numpy()


def test_the_evidence_equals_torchs():
    x = np.array([0.3, -1.2, 2.0])
    exact = torch.distributions.MultivariateNormal(
        torch.zeros(3, dtype=torch.float64),
        torch.eye(3, dtype=torch.float64) * (MODEL.w**2 + MODEL.noise**2))
    assert MODEL.log_px(x) == pytest.approx(exact.log_prob(torch.tensor(x)).item(), abs=1e-10)


def test_a_rotation_changes_nothing():
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    x, decoder = rng.normal(size=4), turn * MODEL.w
    exact = torch.distributions.MultivariateNormal(
        torch.zeros(4, dtype=torch.float64),
        torch.tensor(decoder @ decoder.T + MODEL.noise**2 * np.eye(4)))
    assert MODEL.log_px(x) == pytest.approx(exact.log_prob(torch.tensor(x)).item(), abs=1e-9)


@pytest.mark.parametrize("inflation", [None, 1.2])
def test_estimates_of_px_are_unbiased_with_the_variance_in_closed_form(inflation):
    found = estimate(MODEL, (1, 2), (100,), 3000, inflation, seed=1)
    for at, dim in enumerate((1, 2)):
        ratio = np.exp(found.log_px[:, at, 0] - found.exact[at])
        expected = math.sqrt(relative_variance(MODEL, dim, inflation) / 100)
        assert abs(ratio.mean() - 1) < 4 * expected / math.sqrt(3000)
        assert ratio.std() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("inflation", [None, 1.2])
def test_the_weights_variance_equals_quadrature(inflation):
    x = MODEL.typical_x()
    if inflation is None:
        mean, sigma, drawn_from = 0.0, None, 1.0
    else:
        mean, sigma = MODEL.gain * x, inflation * math.sqrt(MODEL.post_var)
        drawn_from = sigma
    eps = np.linspace(-10, 10, 20_001)
    share = np.exp(-0.5 * eps**2) / math.sqrt(2 * math.pi) * (eps[1] - eps[0])
    w = weights(mean + drawn_from * eps, x, sigma, mean)
    first, second = (share * w).sum(), (share * w**2).sum()
    assert math.log(first) == pytest.approx(MODEL.log_px(np.array([x])), abs=1e-6)
    assert relative_variance(MODEL, 3, inflation) == pytest.approx(
        (second / first**2) ** 3 - 1, rel=1e-5)


def test_the_exact_posterior_needs_one_sample():
    found = estimate(MODEL, DIMS, NUM, 20, inflation=1.0)
    np.testing.assert_allclose(found.log_px, found.exact[:, None] + 0 * found.log_px, atol=1e-5)
    assert relative_variance(MODEL, 7, 1.0) == pytest.approx(0)
    np.testing.assert_allclose(found.effective, 1000, rtol=1e-4)


def test_the_prior_is_worse_in_every_dimension_and_far_too_low_in_many():
    dims = (1, 8, 32)
    prior, post = (estimate(LinearModel(), dims, (2048,), 30, i) for i in (None, 1.2))
    assert (np.median(prior.error, 0) > 3 * np.median(post.error, 0)).all()
    assert np.median(prior.log_px[:, 2, 0]) < prior.exact[2] - 50
    assert np.median(prior.effective[:, 2]) < 2 < 200 < np.median(post.effective[:, 2])


def test_a_q_too_narrow_is_one_sentence():
    with pytest.raises(ValueError, match="too small"):
        estimate(MODEL, DIMS, NUM, 2, inflation=0.7)
    with pytest.raises(ValueError, match="too small"):
        relative_variance(MODEL, 2, 0.5)
