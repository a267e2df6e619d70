"""Inference with a known decoder and EM: against closed forms, quadrature and torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.theory import variational
from vae_core.theory.variational import (
    MODELS,
    START,
    Gaussian,
    ascend,
    elbo,
    elbo_gradient,
    forward_kl,
    match_moments,
    on_plane,
    reverse_kl,
    solve_linear,
)

NOISE, MEAN_SQUARE = 0.8, 2.5  # of the model that EM learns
PLANES = {name: on_plane(model) for name, model in MODELS.items()}
TURNED = Gaussian(np.array([0.3, -0.7]), np.array([[0.6, 0.0], [-0.4, 0.5]]))


def as_torch(q: Gaussian) -> torch.distributions.MultivariateNormal:
    return torch.distributions.MultivariateNormal(torch.tensor(q.mu),
                                                  scale_tril=torch.tensor(q.scale))


@pytest.mark.parametrize("name", MODELS)
def test_the_joint_is_prior_times_likelihood(name):
    model, z = MODELS[name], np.random.default_rng(0).normal(size=(50, 2))
    g = z @ np.array(model.linear) + np.einsum("ni,ij,nj->n", z, model.quadratic, z)
    normal = torch.distributions.Normal
    expected = normal(0.0, 1.0).log_prob(torch.tensor(z)).sum(-1) + \
        normal(torch.tensor(g), model.noise).log_prob(torch.tensor(model.x))
    np.testing.assert_allclose(model.log_joint(z), expected, rtol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_the_score_is_the_joints_slope(name):
    model, z = MODELS[name], np.random.default_rng(1).normal(size=(20, 2))
    for d, step in enumerate(1e-5 * np.eye(2)):
        quotient = (model.log_joint(z + step) - model.log_joint(z - step)) / 2e-5
        np.testing.assert_allclose(model.score(z)[:, d], quotient, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_quadrature_does_not_depend_on_the_grid(name):
    other = on_plane(MODELS[name], reach=8.0, cells=800)
    assert PLANES[name].log_px == pytest.approx(other.log_px, abs=1e-8)
    np.testing.assert_allclose(PLANES[name].covariance, other.covariance, atol=1e-8)


def test_the_tilted_evidence_and_posterior_have_closed_forms():
    model, plane, answer = MODELS["tilted"], PLANES["tilted"], solve_linear(MODELS["tilted"])
    var_x = 2 + model.noise**2
    evidence = torch.distributions.Normal(0.0, math.sqrt(var_x)).log_prob(torch.tensor(model.x))
    assert answer.log_px == pytest.approx(evidence.item(), abs=1e-6)
    assert plane.log_px == pytest.approx(answer.log_px, abs=1e-10)
    np.testing.assert_allclose(np.diag(plane.covariance), answer.marginal_var, rtol=1e-9)


def test_mean_field_cannot_tilt():
    model, answer = MODELS["tilted"], solve_linear(MODELS["tilted"])
    q = ascend(model).last
    np.testing.assert_allclose(np.diag(q.covariance), answer.mean_field_var, rtol=1e-6)
    np.testing.assert_allclose(answer.mean_field_var, [0.2, 0.2])
    assert answer.log_px - elbo(model, q) == pytest.approx(answer.mean_field_gap, abs=1e-9)
    full = ascend(model, mean_field=False).last
    np.testing.assert_allclose(full.covariance, PLANES["tilted"].covariance, atol=1e-5)
    assert elbo(model, full) == pytest.approx(answer.log_px, abs=1e-9)


def test_a_nonlinear_decoder_is_refused():
    with pytest.raises(ValueError, match="quadratic must be 0"):
        solve_linear(MODELS["banana"])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("q", [START, TURNED], ids=["start", "turned"])
def test_log_px_is_elbo_plus_reverse_kl(name, q):
    total = elbo(MODELS[name], q) + reverse_kl(PLANES[name], q)
    assert total == pytest.approx(PLANES[name].log_px, abs=1e-6)


def test_the_elbo_equals_its_monte_carlo_estimate():
    model, dist = MODELS["banana"], as_torch(TURNED)
    torch.manual_seed(0)
    z = dist.sample((200_000,))
    values = model.log_joint(z.numpy()) - dist.log_prob(z).numpy()
    error = values.std() / math.sqrt(len(values))
    assert abs(values.mean() - elbo(model, TURNED)) < 4 * error
    assert TURNED.entropy() == pytest.approx(dist.entropy().item(), abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_the_elbos_gradient_is_its_slope(name):
    model, (to_mu, to_scale) = MODELS[name], elbo_gradient(MODELS[name], TURNED)
    for place, slope in [((0,), to_mu[0]), ((1,), to_mu[1]), ((0, 0), to_scale[0, 0]),
                         ((1, 0), to_scale[1, 0]), ((1, 1), to_scale[1, 1])]:
        values = []
        for step in (1e-5, -1e-5):
            mu, scale = TURNED.mu.copy(), TURNED.scale.copy()
            (mu if len(place) == 1 else scale)[place] += step
            values.append(elbo(model, Gaussian(mu, scale)))
        assert slope == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("mean_field", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_the_ascent_never_falls_and_ends_where_no_slope_is_left(name, mean_field):
    way = ascend(MODELS[name], mean_field=mean_field)
    assert (np.diff(way.elbo) >= 0).all() and way.elbo[-1] <= PLANES[name].log_px + 1e-12
    to_mu, to_scale = elbo_gradient(MODELS[name], way.last)
    if mean_field:
        assert way.last.scale[1, 0] == 0
        to_scale = np.diag(to_scale)
    assert max(np.abs(to_mu).max(), np.abs(to_scale).max()) < 2e-3


def test_forward_kl_is_least_at_matched_moments():
    plane, best = PLANES["banana"], match_moments(PLANES["banana"])
    least = forward_kl(plane, best)
    for mu, scale in [((0.05, 0), 1), ((0, -0.05), 1), ((0, 0), 1.05), ((0, 0), 0.95)]:
        assert forward_kl(plane, Gaussian(best.mu + mu, best.scale * scale)) > least
    np.testing.assert_allclose(match_moments(plane, mean_field=False).covariance,
                               plane.covariance, rtol=1e-10)


def test_one_mode_of_two_costs_about_log_two():
    way = ascend(MODELS["two modes"], mean_field=False)
    missing = PLANES["two modes"].log_px - way.elbo[-1]
    assert math.log(2) < missing < math.log(2) + 0.03
    assert reverse_kl(PLANES["two modes"], match_moments(PLANES["two modes"])) > 5


def test_the_elbo_equals_its_definition_on_data():
    x = torch.randn(2000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    q, w = variational.exact_posterior(0.7, NOISE), 1.1
    normal = torch.distributions.Normal
    mu, sigma = q.gain * x, torch.full_like(x, math.sqrt(q.var))
    rate = torch.distributions.kl_divergence(normal(mu, sigma), normal(0.0, 1.0))
    eps, weight = np.polynomial.hermite_e.hermegauss(9)
    z = mu[:, None] + sigma[:, None] * torch.tensor(eps)
    inner = normal(w * z, NOISE).log_prob(x[:, None]) @ torch.tensor(weight / weight.sum())
    assert variational.mean_elbo(q, w, NOISE, x.square().mean().item()) == pytest.approx(
        (inner - rate).mean().item(), abs=1e-6)


@pytest.mark.parametrize("w", [0.1, 0.9, 2.0])
def test_the_bound_touches_at_the_exact_posterior_and_nowhere_exceeds(w):
    q, others = variational.exact_posterior(w, NOISE), np.linspace(0, 3, 61)
    assert variational.mean_elbo(q, w, NOISE, MEAN_SQUARE) == pytest.approx(
        variational.mean_log_px(w, NOISE, MEAN_SQUARE), abs=1e-12)
    assert (variational.mean_elbo(q, others, NOISE, MEAN_SQUARE)
            <= variational.mean_log_px(others, NOISE, MEAN_SQUARE) + 1e-12).all()


def test_the_m_step_is_the_bounds_maximum():
    q = variational.exact_posterior(0.4, NOISE)
    w = variational.best_w(q, MEAN_SQUARE)
    top = variational.mean_elbo(q, w, NOISE, MEAN_SQUARE)
    assert (variational.mean_elbo(q, w + np.array([-1e-3, 1e-3]), NOISE, MEAN_SQUARE) < top).all()


def test_the_climb_is_monotone_and_ends_at_maximum_likelihood():
    way = variational.climb(0.3, NOISE, MEAN_SQUARE, steps=40)
    heights = way.path[:, 1]
    assert (np.diff(heights) >= -1e-14).all() and len(heights) == 2 * 40 + 1
    best = variational.maximum_likelihood(NOISE, MEAN_SQUARE)
    assert best == pytest.approx(math.sqrt(MEAN_SQUARE - NOISE**2))
    assert way.w[-1] == pytest.approx(best, abs=1e-6)
    assert way.tight[-1] == pytest.approx(
        variational.mean_log_px(best, NOISE, MEAN_SQUARE), abs=1e-9)
    grid = np.linspace(0, 4, 401)
    assert variational.mean_log_px(best, NOISE, MEAN_SQUARE) >= \
        variational.mean_log_px(grid, NOISE, MEAN_SQUARE).max()


def test_data_without_variance_to_explain_give_weight_zero():
    assert variational.maximum_likelihood(2.0, 1.0) == 0


def test_a_start_on_the_saddle_is_one_sentence():
    with pytest.raises(ValueError, match="saddle point"):
        variational.climb(0, NOISE, MEAN_SQUARE)
