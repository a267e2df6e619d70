"""Probabilistic PCA against torch's multivariate normal, and its fit against its own conditions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal

from tests.ppca import PPCA, fit_ppca


def drawn(pixels: int, latent_dim: int, seed: int) -> PPCA:
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(pixels, latent_dim, generator=generator, dtype=torch.float64)
    b = torch.randn(pixels, generator=generator, dtype=torch.float64)
    return PPCA(w, b, 0.05 + torch.rand(1, generator=generator).item())


def samples(model: PPCA, num: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    pixels, latent_dim = model.w.shape
    z = torch.randn(num, latent_dim, generator=generator, dtype=torch.float64)
    noise = torch.randn(num, pixels, generator=generator, dtype=torch.float64)
    return z @ model.w.T + model.b + model.var_x**0.5 * noise


@given(pixels=st.integers(3, 9), latent_dim=st.integers(1, 2), seed=st.integers(0, 99))
def test_log_px_is_that_of_the_whole_covariance(pixels, latent_dim, seed):
    model = drawn(pixels, latent_dim, seed)
    x = samples(model, 5)
    covariance = model.w @ model.w.T + model.var_x * torch.eye(pixels, dtype=torch.float64)
    torch.testing.assert_close(model.log_px(x),
                               MultivariateNormal(model.b, covariance).log_prob(x))


@given(latent_dim=st.integers(1, 3), seed=st.integers(0, 99))
def test_posterior_obeys_bayes(latent_dim, seed):
    """log p(z|x) + log p(x) = log p(x|z) + log p(z) at any z."""
    model = drawn(5, latent_dim, seed)
    x = samples(model, 4)
    eye = torch.eye(5, dtype=torch.float64)
    z = torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed)).double()
    mean, covariance = model.posterior(x)
    left = MultivariateNormal(mean, covariance).log_prob(z) + model.log_px(x)
    prior = MultivariateNormal(torch.zeros_like(z), eye[:latent_dim, :latent_dim])
    right = MultivariateNormal(model.w @ z + model.b, model.var_x * eye).log_prob(x) \
        + prior.log_prob(z)
    torch.testing.assert_close(left, right)


def test_fit_finds_what_the_data_come_from():
    true = drawn(6, 2, seed=3)
    found = fit_ppca(samples(true, 50_000), 2)
    torch.testing.assert_close(found.w @ found.w.T, true.w @ true.w.T, atol=0.1, rtol=0.05)
    torch.testing.assert_close(found.b, true.b, atol=0.05, rtol=0)
    assert found.var_x == pytest.approx(true.var_x, rel=0.02)


def test_no_step_away_from_the_fit_makes_the_data_likelier():
    x = samples(drawn(5, 2, seed=1), 300)
    best = fit_ppca(x, 2)
    generator = torch.Generator().manual_seed(0)
    for _ in range(30):
        other = PPCA(best.w + 0.03 * torch.randn(best.w.shape, generator=generator).double(),
                     best.b + 0.03 * torch.randn(best.b.shape, generator=generator).double(),
                     best.var_x * (1 + 0.1 * torch.randn(1, generator=generator).item()))
        assert other.log_px(x).mean() < best.log_px(x).mean()


@pytest.mark.parametrize("latent_dim", [0, 5, -1])
def test_a_latent_size_that_has_no_fit_is_refused(latent_dim):
    with pytest.raises(ValueError, match=f"latent_dim = {latent_dim} is not allowed: .* 1 to 4"):
        fit_ppca(torch.rand(20, 5), latent_dim)


def test_data_without_noise_are_refused():
    plane = torch.rand(50, 2) @ torch.rand(2, 5)
    with pytest.raises(ValueError, match=r"50 examples.* no more than latent_dim = 2 directions"):
        fit_ppca(plane.double(), 2)
    fit_ppca(plane.double(), 1)
