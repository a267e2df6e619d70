"""log p(x) = ELBO + KL by three rules, and the gaps of Cremer et al. where they are known."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from tests.ppca import PPCA
from tests.vae_core.measure.test_exact import LIKELIHOODS, linear_model, sharpened
from vae_core.measure.exact import log_px
from vae_core.measure.gaps import gaps, kl_to_posterior, optimal_gaussian, quadrature_elbo
from vae_core.model.vae import Posterior, elbo_terms, gaussian_rate


def around(ppca: PPCA, x: torch.Tensor, tilt: float) -> Posterior:
    """A q near the true posterior, as narrow and a little off."""
    mean, covariance = ppca.posterior(x)
    spread = covariance.diagonal()
    return Posterior((mean + tilt * spread.sqrt()).float(),
                     (spread.log() + tilt).float().expand_as(mean))


def mean_field_gap(covariance: torch.Tensor) -> float:
    """KL of the best diagonal Gaussian from N(·, Σ): its variances are 1/(Σ⁻¹)_dd.

    ½ [Σ_d log (Σ⁻¹)_dd + log |Σ|]  (Bishop 2006, §10.1.2)
    """
    precision = torch.linalg.inv(covariance)
    return 0.5 * (precision.diagonal().log().sum() + torch.logdet(covariance)).item()


@pytest.mark.parametrize("tilt", [0.0, 0.3, -0.8])
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_elbo_and_kl_of_a_linear_model(make_model, latent_dim, tilt):
    model, ppca, x = linear_model(make_model, latent_dim, sigma=0.4)
    q = around(ppca, x, tilt)
    mean, covariance = ppca.posterior(x)
    expected = kl_divergence(
        MultivariateNormal(q.mu.double(), q.log_var.double().exp().diag_embed()),
        MultivariateNormal(mean, covariance))
    torch.testing.assert_close(kl_to_posterior(model, x, q), expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(quadrature_elbo(model, x, q).double(), ppca.log_px(x) - expected,
                               atol=1e-3, rtol=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_log_px_is_the_elbo_plus_the_kl(make_model, unit_x, likelihood):
    """Each by its own rule, on a decoder that isn't linear and an encoder that is off."""
    model = sharpened(make_model(likelihood=likelihood, sigma=1.0, activation="tanh"))
    x = unit_x[:3].round()
    narrow = Posterior(log_px(model, x).mode, torch.full((3, 2), -4.0))
    centre = optimal_gaussian(model, x, steps=15, start=narrow).posterior
    q = Posterior(centre.mu + 0.5 * torch.exp(0.5 * centre.log_var), centre.log_var + 0.4)
    kl = kl_to_posterior(model, x, q)
    assert (kl > 0.05).all()
    torch.testing.assert_close(quadrature_elbo(model, x, q, num_nodes=20) + kl,
                               log_px(model, x).log_px, atol=1e-2, rtol=0)


def test_the_quadrature_elbo_is_the_one_that_evaluation_samples(make_model, unit_x):
    model = make_model(activation="tanh")
    x = unit_x[:5].round()
    with torch.no_grad():
        draws = torch.stack([elbo_terms(model, x, torch.randn(5, 2)).elbo for _ in range(2_000)])
    error = draws.std(0) / len(draws) ** 0.5
    assert ((quadrature_elbo(model, x) - draws.mean(0)).abs() <= 4.5 * error).all()


def test_its_rate_is_exact(make_model, unit_x):
    """A decoder without z: the ELBO is log p(x|z) less the closed-form rate."""
    model = make_model()
    model.decoder[-1].weight.data.zero_()
    x, q = unit_x[:4], Posterior(torch.randn(4, 2), torch.randn(4, 2))
    expected = model.likelihood.log_prob(x, model.decoder[-1].bias) - gaussian_rate(q).sum(1)
    torch.testing.assert_close(quadrature_elbo(model, x, q, num_nodes=2), expected.detach(),
                               rtol=1e-5, atol=1e-4)


def test_the_ascent_finds_the_best_diagonal_gaussian(make_model):
    """Of a tilted posterior: its mean, and variances 1/(Σ⁻¹)_dd, from a poor start."""
    model, ppca, x = linear_model(make_model, 2, sigma=0.5, tilt=1.5)
    mean, covariance = ppca.posterior(x)
    found = optimal_gaussian(model, x, steps=200)
    assert found.mu.shape == found.log_var.shape == (201, len(x), 2)
    assert (found.elbo.diff(dim=0) >= 0).all()
    torch.testing.assert_close(found.posterior.mu.double(), mean, atol=5e-3, rtol=0)
    torch.testing.assert_close(found.posterior.log_var.double()[0],
                               -torch.linalg.inv(covariance).diagonal().log(), atol=5e-3, rtol=0)
    split = gaps(model, x, steps=200)
    assert mean_field_gap(covariance) > 0.01
    torch.testing.assert_close(split.approximation_gap,
                               torch.full_like(split.elbo, mean_field_gap(covariance)),
                               atol=2e-3, rtol=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_gaps_add_up_and_none_is_negative(make_model, unit_x, likelihood):
    model = sharpened(make_model(likelihood=likelihood, sigma=1.0, activation="tanh"))
    x = unit_x[:3].round()
    found = gaps(model, x, steps=30)
    torch.testing.assert_close(found.elbo, quadrature_elbo(model, x).double())
    assert (found.amortization_gap >= 0).all() and (found.approximation_gap > -1e-2).all()
    torch.testing.assert_close(found.inference_gap,
                               found.approximation_gap + found.amortization_gap)


def test_a_start_that_is_already_best_stays(make_model):
    model, ppca, x = linear_model(make_model, 1, sigma=0.5)
    start = around(ppca, x, tilt=0.0)
    found = optimal_gaussian(model, x, steps=3, start=start)
    torch.testing.assert_close(found.posterior.mu, start.mu, atol=1e-4, rtol=1e-4)
    assert (found.elbo[-1].double() - ppca.log_px(x)).abs().max() < 1e-3


def test_an_encoder_in_the_wrong_mode_is_the_encoders_fault(make_model):
    """p(x|z) = N(x; z² + z/5, σ²) has two modes. The best Gaussian sits on the better one, and
    misses no more than the other's mass."""
    model, _, _ = linear_model(make_model, 1, sigma=0.1)

    class Square(torch.nn.Linear):
        def forward(self, z):
            return (z.square() + 0.2 * z).expand(-1, 6)

    model.decoder = Square(1, 6)
    x = torch.full((1, 6), 2.0)
    with_both = gaps(model, x, steps=100)
    assert with_both.approximation_gap.item() <= math.log(2) + 0.05
    left = optimal_gaussian(model, x, start=Posterior(torch.tensor([[-1.5]]),
                                                      torch.tensor([[-6.0]])))
    right = optimal_gaussian(model, x, start=Posterior(torch.tensor([[1.3]]),
                                                       torch.tensor([[-6.0]])))
    assert left.posterior.mu < 0 < right.posterior.mu
    best = max(left.elbo[-1].item(), right.elbo[-1].item())
    assert with_both.best_elbo.item() >= best - 1e-2


@pytest.mark.parametrize("call", [quadrature_elbo, kl_to_posterior, optimal_gaussian, gaps])
@pytest.mark.parametrize("changes", [dict(latent_dim=3), dict(beta=0)], ids=str)
def test_what_has_no_grid_is_refused(make_model, unit_x, call, changes):
    with pytest.raises(ValueError, match="choose"):
        call(make_model(**changes), unit_x[:1])
