"""What must hold (DESIGN §5), on models whose every quantity has a closed form.

The linear-Gaussian model p(z) = N(0, I), p(x|z) = N(Wz + b, σ²I) is probabilistic PCA (Tipping &
Bishop 1999): p(x) = N(b, WWᵀ + σ²I), p(z|x) = N(M⁻¹Wᵀ(x − b), σ²M⁻¹) with M = WᵀW + σ²I.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from vae_core.measure.test_set import estimate_log_px, per_example
from vae_core.model.vae import VAE, Posterior, elbo_terms, gaussian_rate
from vae_core.numerics import LOG_VAR_MAX, LOG_VAR_MIN

PIXELS, SIGMA = 6, 0.5


def raw_log_var(log_var: torch.Tensor) -> torch.Tensor:
    """What the encoder must say for q(z|x) to have this log σ²: the soft clamp undone."""
    inverse_softplus = lambda value: value.expm1().log()  # noqa: E731
    log_var = log_var.double()
    below = inverse_softplus(log_var - LOG_VAR_MIN)
    return (LOG_VAR_MAX - inverse_softplus(LOG_VAR_MAX - LOG_VAR_MIN - below)).float()


class LinearEncoder(nn.Module):
    """q(z|x) = N(Ax + c, diag exp(log_var)), the same variance for every x."""

    def __init__(self, a: torch.Tensor, c: torch.Tensor, log_var: torch.Tensor):
        super().__init__()
        self.a, self.c = nn.Parameter(a), nn.Parameter(c)
        self.raw = raw_log_var(log_var)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mu = x @ self.a.T + self.c
        return torch.cat((mu, self.raw.expand_as(mu)), dim=-1)


class Case(NamedTuple):
    model: VAE
    x: torch.Tensor
    log_px: torch.Tensor  # (n,), closed form
    true_posterior: MultivariateNormal


@pytest.fixture
def make_case(make_model):
    """A linear-Gaussian VAE; `tilt` moves q(z|x) away from p(z|x), 0 leaves it exact."""
    def make(tilt: float = 0.0, orthogonal: bool = True, num: int = 5) -> Case:
        generator = torch.Generator().manual_seed(7)
        w = torch.randn(PIXELS, 2, generator=generator)
        if orthogonal:  # then M is diagonal, and q(z|x), which is diagonal too, can be exact
            w = torch.linalg.qr(w).Q * torch.tensor([1.5, 0.7])
        b = torch.rand(PIXELS, generator=generator)
        m = w.T @ w + SIGMA**2 * torch.eye(2)
        a = torch.linalg.solve(m, w.T)
        covariance = SIGMA**2 * torch.linalg.inv(m)

        model = make_model(likelihood="gaussian-fixed", sigma=SIGMA)
        model.encoder = LinearEncoder(a * (1 - tilt), -(a @ b) * (1 - tilt) + tilt,
                                      covariance.diagonal().log() + tilt)
        model.decoder = nn.Linear(2, PIXELS)
        model.decoder.weight.data, model.decoder.bias.data = w, b

        evidence = MultivariateNormal(b, w @ w.T + SIGMA**2 * torch.eye(PIXELS))
        torch.manual_seed(8)
        x = evidence.sample((num,))
        return Case(model, x, evidence.log_prob(x),
                    MultivariateNormal((x - b) @ a.T, covariance.expand(num, 2, 2)))

    return make


def kl_to_true_posterior(case: Case) -> torch.Tensor:
    """KL(q(z|x) ‖ p(z|x)), (n,), by torch."""
    mu, log_var = case.model.encode(case.x)
    return kl_divergence(MultivariateNormal(mu, log_var.exp().diag_embed()), case.true_posterior)


@torch.no_grad()
def monte_carlo_elbo(case: Case, draws: int = 20_000) -> tuple[torch.Tensor, torch.Tensor]:
    """The ELBO and its standard error, (n,) each."""
    x = case.x.repeat(draws, 1)
    eps = torch.randn(len(x), 2, generator=torch.Generator().manual_seed(1))
    elbo = elbo_terms(case.model, x, eps).elbo.view(draws, -1)
    return elbo.mean(0), elbo.std(0) / draws**0.5


@pytest.mark.parametrize("orthogonal", [True, False])
@pytest.mark.parametrize("tilt", [0.0, 0.2, 0.5])
def test_log_px_is_the_elbo_plus_the_gap_to_the_posterior(make_case, tilt, orthogonal):
    case = make_case(tilt, orthogonal)
    elbo, error = monte_carlo_elbo(case)
    gap = kl_to_true_posterior(case)
    assert ((elbo + gap - case.log_px).abs() <= 4 * error + 1e-4).all()
    if tilt or not orthogonal:
        assert (gap > 5 * error).all()  # the identity was put to a test


@pytest.mark.parametrize("orthogonal", [True, False])
def test_importance_sampling_finds_the_evidence(make_case, orthogonal):
    case = make_case(tilt=0.15, orthogonal=orthogonal)
    found = estimate_log_px(case.model, case.x, num_samples=20_000)
    torch.testing.assert_close(found, case.log_px, atol=0.02, rtol=0)


@pytest.mark.parametrize("num_samples", [1, 2, 17])
def test_with_the_exact_posterior_any_number_of_samples_is_exact(make_case, num_samples):
    case = make_case(tilt=0.0)
    found = estimate_log_px(case.model, case.x, num_samples)
    torch.testing.assert_close(found, case.log_px, atol=1e-3, rtol=0)


def test_the_iwae_bounds_rise_from_the_elbo_to_the_evidence(make_case):
    """ELBO = IWAE_1 ≤ IWAE_2 ≤ … ≤ log p(x) in expectation, here over 4,000 repetitions."""
    case = make_case(tilt=0.4, num=3)
    x = case.x.repeat(4_000, 1)
    bounds, errors = [], []
    for num_samples in (1, 2, 3, 5, 10, 50):
        found = estimate_log_px(case.model, x, num_samples, seed=num_samples, batch_size=len(x))
        found = found.view(-1, 3)
        bounds.append(found.mean(0))
        errors.append(found.std(0) / len(found) ** 0.5)
    elbo, error = monte_carlo_elbo(case)
    assert ((bounds[0] - elbo).abs() <= 4 * (errors[0] ** 2 + error**2).sqrt()).all()
    for low, high, below, above in zip(bounds, bounds[1:], errors, errors[1:], strict=False):
        assert (high - low > 2 * (below**2 + above**2).sqrt()).all()
    assert (bounds[-1] <= case.log_px + 4 * errors[-1]).all()


def test_quadrature_and_importance_sampling_agree_on_a_nonlinear_model(make_model, unit_x):
    """log ∫ p(x|z) N(z; 0, I) dz on a fine grid over the 2-D latent."""
    model = make_model(activation="tanh")
    x = unit_x[:3].round()
    axis = torch.linspace(-6, 6, 81)
    z = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        log_joint = model.likelihood.log_prob(x[:, None], model.decode(z)) \
            + Normal(0.0, 1.0).log_prob(z).sum(-1)
    quadrature = log_joint.logsumexp(1) + 2 * math.log(axis[1] - axis[0])
    found = estimate_log_px(model, x, num_samples=20_000)
    torch.testing.assert_close(found, quadrature, atol=0.05, rtol=0)


def test_the_expected_rate_is_mutual_information_plus_marginal_kl():
    """E_x KL(q(z|x) ‖ p) = I(x; z) + KL(q(z) ‖ p), by quadrature over three 1-D posteriors."""
    posterior = Posterior(torch.tensor([-1.0, 0.3, 2.0]).double(),
                          torch.tensor([-1.0, 0.2, -2.0]).double())
    z = torch.linspace(-12, 12, 40_001, dtype=torch.float64)
    q = Normal(posterior.mu[:, None], (0.5 * posterior.log_var).exp()[:, None])
    log_qz_given_x = q.log_prob(z)
    log_qz = log_qz_given_x.logsumexp(0) - math.log(3)
    log_pz = Normal(0.0, 1.0).log_prob(z)
    width = z[1] - z[0]
    information = (log_qz_given_x.exp() * (log_qz_given_x - log_qz)).sum(1).mean() * width
    marginal = (log_qz.exp() * (log_qz - log_pz)).sum() * width
    torch.testing.assert_close(gaussian_rate(posterior).mean(), information + marginal)


def test_evaluation_finds_the_closed_form_elbo(make_case):
    """D and R of each example as evaluation reports them: −D − R + gap = log p(x)."""
    case = make_case(tilt=0.3)
    each = per_example(case.model, case.x, num_samples=4_000)
    found = -(each.distortion + each.rate) + kl_to_true_posterior(case)
    torch.testing.assert_close(found, case.log_px, atol=0.15, rtol=0)
