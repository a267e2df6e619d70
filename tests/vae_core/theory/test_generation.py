"""z ~ p(z), x ~ p(x|z): the draws have the mean and the variance that the decoder says."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.theory.generation import generate

LIKELIHOODS = ["bernoulli", "gaussian-fixed", "gaussian-shared", "gaussian-per-pixel"]


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_variance_is_that_of_many_draws(make_model, likelihood):
    model = make_model(likelihood=likelihood, sigma=0.3)
    out = model.decode(torch.randn(2, generator=torch.Generator().manual_seed(0))).detach()
    many = model.likelihood.sample(out.expand(4000, -1), generator=torch.Generator().manual_seed(1))
    expected = many.detach().var(0)
    assert model.likelihood.variance(out).shape == expected.shape
    found = model.likelihood.variance(out).detach()
    assert (found / expected).mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_mean_of_the_draws_comes_as_near_as_their_variance_says(make_model, likelihood):
    model = make_model(likelihood=likelihood)
    for num in (1, 10, 1000):
        found = generate(model, num, seed=3)
        assert found.x.shape == (num, 784)
        assert found.rmse / found.expected_rmse == pytest.approx(1, abs=5 / math.sqrt(2 * 784))
    torch.testing.assert_close(found.mean, model.decode_mean(found.z))


def test_the_codes_come_from_the_prior_and_repeat(make_model):
    model = make_model(latent_dim=3)
    z = torch.stack([generate(model, 1, seed).z for seed in range(1000)])
    assert z.mean().abs() < 0.1 and (z.var(0) - 1).abs().max() < 0.2
    assert generate(model, 2, 5).x.equal(generate(model, 2, 5).x)


def test_no_draws_are_refused(make_model):
    with pytest.raises(ValueError, match="num = 0 is not allowed: sample at least 1"):
        generate(make_model(), 0)
