"""Distortion and rate against closed forms, torch.distributions and Monte Carlo."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_core.model.vae import Posterior, elbo_terms, gaussian_rate

POSTERIORS = [(0.0, 0.0), (1.0, 0.0), (0.0, -2.0), (-0.7, 1.2), (3.0, -5.0)]


@pytest.fixture
def posterior() -> Posterior:
    return Posterior(*torch.tensor(POSTERIORS).unbind(1))


def test_the_rate_is_torchs(posterior):
    q = Normal(posterior.mu, (0.5 * posterior.log_var).exp())
    torch.testing.assert_close(gaussian_rate(posterior), kl_divergence(q, Normal(0.0, 1.0)))


def test_the_rate_is_its_monte_carlo_estimate(posterior):
    """E_q[log q(z) − log p(z)] over 200,000 draws, within 4 standard errors."""
    q = Normal(posterior.mu, (0.5 * posterior.log_var).exp())
    torch.manual_seed(0)
    z = q.sample((200_000,))
    difference = q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    error = difference.std(0) / len(z) ** 0.5
    assert ((difference.mean(0) - gaussian_rate(posterior)).abs() <= 4 * error + 1e-6).all()


def test_the_rate_is_zero_at_the_prior_and_positive_elsewhere(posterior):
    rate = gaussian_rate(posterior)
    assert rate[0] == 0 and (rate[1:] > 0).all()


def test_the_rate_keeps_the_posteriors_shape():
    assert gaussian_rate(Posterior(torch.zeros(4, 3), torch.ones(4, 3))).shape == (4, 3)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian-per-pixel"])
def test_the_terms_are_sums_over_pixels_and_dimensions(make_model, unit_x, likelihood):
    """Not means: the KL would otherwise outweigh the reconstruction by the number of pixels."""
    model = make_model(latent_dim=3, likelihood=likelihood)
    eps = torch.randn(len(unit_x), 3, generator=torch.Generator().manual_seed(0))
    terms = elbo_terms(model, unit_x, eps)
    mu, log_var = model.encode(unit_x)
    out = model.decode(mu + (0.5 * log_var).exp() * eps)
    pixels = []
    for i in range(unit_x.shape[1]):
        each = out[:, i:i + 1] if likelihood == "bernoulli" else out[:, [i, i + unit_x.shape[1]]]
        pixels.append(-model.likelihood.log_prob(unit_x[:, i:i + 1], each))
    torch.testing.assert_close(terms.distortion, torch.stack(pixels).sum(0), rtol=1e-4, atol=1e-2)
    expected = kl_divergence(Normal(mu, (0.5 * log_var).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(terms.rate, expected)
    torch.testing.assert_close(terms.elbo, -(terms.distortion + terms.rate))


def test_the_plain_autoencoder_draws_no_noise(make_model, unit_x):
    model = make_model(beta=0)
    eps = torch.randn(2, len(unit_x), 2, generator=torch.Generator().manual_seed(0))
    first, second = (elbo_terms(model, unit_x, each).distortion for each in eps)
    assert first.equal(second)
    torch.testing.assert_close(
        first, -model.likelihood.log_prob(unit_x, model.decode(model.encode(unit_x).mu)))


def test_a_vae_does_draw_noise(make_model, unit_x):
    model = make_model()
    eps = torch.randn(2, len(unit_x), 2, generator=torch.Generator().manual_seed(0))
    first, second = (elbo_terms(model, unit_x, each).distortion for each in eps)
    assert not first.equal(second)


def test_the_gradient_of_the_rate_is_its_closed_form(make_model, unit_x):
    """d/dμ = μ and d/d log σ² = ½(σ² − 1)."""
    mu = torch.tensor([[0.5, -1.0]], requires_grad=True)
    log_var = torch.tensor([[0.3, -2.0]], requires_grad=True)
    gaussian_rate(Posterior(mu, log_var)).sum().backward()
    torch.testing.assert_close(mu.grad, mu.detach())
    torch.testing.assert_close(log_var.grad, 0.5 * (log_var.detach().exp() - 1))
