"""Where a trained VAE is random: the law of total variance, and two gradients that agree."""

from __future__ import annotations

import pytest
import torch

from vae_core.random import seeded
from vae_core.theory import gradients_vae

LIKELIHOODS = ("bernoulli", "gaussian-shared")


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_spread_is_the_sum_of_its_parts(make_model, unit_x, likelihood):
    found = gradients_vae.spread(make_model(likelihood=likelihood), unit_x[0], 4000)
    assert found.total == pytest.approx(found.from_z + found.from_x, rel=0.02)
    assert min(found) > 0


def test_without_latent_noise_only_the_likelihood_is_random(make_model, unit_x):
    found = gradients_vae.spread(make_model(beta=0.0), unit_x[0], 500)
    assert found.from_z < 1e-2 * found.from_x


def test_draws_come_from_where_they_say(make_model, unit_x):
    model = make_model()
    found = gradients_vae.resample(model, unit_x[0], 3000, seed=5)
    assert found.means.shape == found.images.shape == (3000, 784)
    assert set(found.images.unique().tolist()) <= {0.0, 1.0}
    assert (found.images.mean(0) - found.mean).abs().max() < 0.05
    mu = model.encode(unit_x[:1]).mu
    torch.testing.assert_close(found.mean, model.decode_mean(mu)[0])
    again = gradients_vae.resample(model, unit_x[0], 3000, seed=5)
    assert torch.equal(found.means, again.means)
    assert not torch.equal(found.means, gradients_vae.resample(model, unit_x[0], 3000, seed=6).means)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_both_gradients_agree_and_the_score_functions_spreads_more(make_model, unit_x, likelihood):
    found = gradients_vae.gradients(make_model(likelihood=likelihood), unit_x[0], 20_000)
    assert found.disagreement < 3
    assert found.variance_ratio > 5  # of an untrained model; thousands of a trained one


def test_the_reparameterised_gradient_is_autograds(make_model, unit_x):
    model, x = make_model(), unit_x[0]
    found = gradients_vae.gradients(model, x, 50, seed=2)
    posterior = model.encode(x[None])
    mu = posterior.mu.detach().requires_grad_()
    eps = torch.randn(50, model.config.latent_dim, generator=seeded(torch.Generator(), 2))
    z = mu + torch.exp(0.5 * posterior.log_var.detach()) * eps
    model.likelihood.log_prob(x, model.decode(z)).mean().backward()
    torch.testing.assert_close(found.reparameterised.mean(0).float(), mu.grad[0], rtol=1e-4,
                               atol=1e-5)


def test_too_few_draws_are_one_sentence(make_model, unit_x):
    for ask, num in ((gradients_vae.resample, 0), (gradients_vae.spread, 1), (gradients_vae.gradients, 1)):
        with pytest.raises(ValueError, match="draw at least"):
            ask(make_model(), unit_x[0], num)
