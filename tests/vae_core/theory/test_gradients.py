"""Two gradient estimators against closed forms; the law of total variance in a VAE."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.random import seeded
from vae_core.theory import gradients

LIKELIHOODS = ("bernoulli", "gaussian-shared")


@pytest.mark.parametrize("dim", [1, 3, 16])
def test_all_gradient_estimators_are_unbiased(dim):
    found = gradients.draw(dim, 40_000, seed=3)
    for values in found:
        assert abs(values.mean() - gradients.exact_gradient()) < \
            4 * gradients.standard_error(values)


@pytest.mark.parametrize("dim", [1, 3, 16])
@pytest.mark.parametrize("offset, sigma", [(1.0, 0.5), (-0.4, 1.3)])
def test_the_variances_have_a_closed_form(dim, offset, sigma):
    found = gradients.draw(dim, 100_000, seed=4, offset=offset, sigma=sigma)
    exact = gradients.variances(dim, offset, sigma)
    for values, variance in zip(found, exact, strict=True):
        spread = math.sqrt(((values - values.mean()) ** 2).var() / len(values))
        assert abs(values.var() - variance) < 5 * spread


def test_the_ratio_of_the_variances_grows_with_the_dimension():
    ratios = [gradients.variances(d).score / gradients.variances(d).reparameterised
              for d in (1, 4, 16, 64)]
    assert ratios == sorted(ratios) and ratios[0] > 20 and ratios[-1] > 20_000


def test_the_exact_gradient_is_autograds():
    mu = torch.full((3,), 1.0, dtype=torch.float64, requires_grad=True)
    eps, weight = np.polynomial.hermite_e.hermegauss(5)
    share = torch.tensor(weight / weight.sum())
    value = sum(-0.5 * (share * (m + 0.5 * torch.tensor(eps)).square()).sum() for m in mu)
    value.backward()
    assert mu.grad[0].item() == pytest.approx(gradients.exact_gradient(1.0))
    assert value.item() == pytest.approx(gradients.mean_f(3))


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_spread_is_the_sum_of_its_parts(make_model, unit_x, likelihood):
    found = gradients.spread(make_model(likelihood=likelihood), unit_x[0], 4000)
    assert found.total == pytest.approx(found.from_z + found.from_x, rel=0.02)
    assert min(found) > 0


def test_without_latent_noise_only_the_likelihood_is_random(make_model, unit_x):
    found = gradients.spread(make_model(beta=0.0), unit_x[0], 500)
    assert found.from_z < 1e-2 * found.from_x


def test_draws_come_from_where_they_say(make_model, unit_x):
    model = make_model()
    found = gradients.resample(model, unit_x[0], 3000, seed=5)
    assert found.means.shape == found.images.shape == (3000, 784)
    assert set(found.images.unique().tolist()) <= {0.0, 1.0}
    assert (found.images.mean(0) - found.mean).abs().max() < 0.05
    mu = model.encode(unit_x[:1]).mu
    torch.testing.assert_close(found.mean, model.decode_mean(mu)[0])
    again = gradients.resample(model, unit_x[0], 3000, seed=5)
    assert torch.equal(found.means, again.means)
    assert not torch.equal(found.means, gradients.resample(model, unit_x[0], 3000, seed=6).means)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_both_gradients_agree_and_the_score_functions_spreads_more(make_model, unit_x, likelihood):
    found = gradients.vae_gradients(make_model(likelihood=likelihood), unit_x[0], 20_000)
    assert found.disagreement < 3
    assert found.variance_ratio > 5  # of an untrained model; thousands of a trained one


def test_the_reparameterised_gradient_is_autograds(make_model, unit_x):
    model, x = make_model(), unit_x[0]
    found = gradients.vae_gradients(model, x, 50, seed=2)
    posterior = model.encode(x[None])
    mu = posterior.mu.detach().requires_grad_()
    eps = torch.randn(50, model.config.latent_dim, generator=seeded(torch.Generator(), 2))
    z = mu + torch.exp(0.5 * posterior.log_var.detach()) * eps
    model.likelihood.log_prob(x, model.decode(z)).mean().backward()
    torch.testing.assert_close(found.reparameterised.mean(0).float(), mu.grad[0], rtol=1e-4,
                               atol=1e-5)


def test_too_few_draws_are_one_sentence(make_model, unit_x):
    for ask, num in ((gradients.resample, 0), (gradients.spread, 1), (gradients.vae_gradients, 1)):
        with pytest.raises(ValueError, match="sample at least"):
            ask(make_model(), unit_x[0], num)
