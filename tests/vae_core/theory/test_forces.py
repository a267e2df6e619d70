"""The forces on posterior bubbles: against autograd, the exact posterior, reverse water-filling."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from vae_core.model.vae import Posterior, gaussian_rate
from vae_core.theory import forces
from vae_core.theory.forces import ALL, NOISE_VAR, PULL, RECONSTRUCTION, SIZE

SUBSETS = [s for n in range(4) for s in itertools.combinations(ALL, n)]
X, LABEL = forces.clusters()


@pytest.fixture(scope="module")
def place():
    rng = np.random.default_rng(0)
    return (rng.normal(size=(7, 2)), rng.uniform(0.2, 1.5, (7, 2)), rng.normal(size=(7, 3)),
            rng.normal(size=(3, 2)))


@pytest.mark.parametrize("switched_on", SUBSETS, ids=lambda s: "+".join(s) or "none")
def test_forces_are_minus_the_losss_gradient(place, switched_on):
    mu, sigma, x, decoder = (torch.tensor(a, requires_grad=True) for a in place)
    terms = 0 * (mu.sum() + sigma.sum())
    if RECONSTRUCTION in switched_on:
        terms = terms + ((x - mu @ decoder.T).square().sum()
                         + (sigma.square() * decoder.square().sum(0)).sum()) / (2 * NOISE_VAR)
    if PULL in switched_on:
        terms = terms + 0.5 * 1.7 * mu.square().sum()
    if SIZE in switched_on:
        terms = terms + 0.5 * 1.7 * (sigma.square() - sigma.square().log() - 1).sum()
    terms.backward()
    assert forces.loss(*place, 1.7, switched_on).sum() == pytest.approx(terms.item(), rel=1e-12)
    for found in (forces.force(*place, 1.7, switched_on),
                  forces.difference_quotient(*place, 1.7, switched_on)):
        np.testing.assert_allclose(found.mu, -mu.grad, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(found.sigma, -sigma.grad, rtol=1e-6, atol=1e-6)


def test_the_distortion_is_the_expected_one(place):
    mu, sigma, x, decoder = place
    eps = np.random.default_rng(1).normal(size=(100_000, 1, 2))
    z = mu + sigma * eps
    sampled = ((x - z @ decoder.T) ** 2).sum(-1) / (2 * NOISE_VAR)
    error = sampled.std(0) / np.sqrt(len(eps))
    assert (np.abs(forces.loss(*place, 1.0, (RECONSTRUCTION,)) - sampled.mean(0))
            < 5 * error).all()


def test_pull_and_size_are_the_rate(place):
    mu, sigma, *_ = place
    exact = gaussian_rate(Posterior(torch.tensor(mu), torch.tensor(2 * np.log(sigma)))).sum(-1)
    np.testing.assert_allclose(forces.rate(mu, sigma), exact, rtol=1e-12)
    np.testing.assert_allclose(forces.loss(*place, 1.0, (PULL, SIZE)), exact, rtol=1e-12)


@pytest.mark.parametrize("beta", [0.1, 1.0, 5.0])
def test_forces_vanish_at_rest_which_is_the_exact_posterior_at_beta_one(beta):
    mu, sigma = forces.rest(2.0, 0.7, beta)
    left = forces.force(np.array([mu]), np.array([sigma]), np.array([2.0]), np.array([[0.7]]), beta)
    assert abs(left.mu[0]) < 1e-12 and abs(left.sigma[0]) < 1e-12
    if beta == 1:
        precision = 1 + 0.7**2 / NOISE_VAR
        assert sigma**2 == pytest.approx(1 / precision)
        assert mu == pytest.approx(0.7 * 2 / NOISE_VAR / precision)


def test_the_best_decoder_has_the_least_distortion():
    mu, sigma = forces.start(X)
    best = forces.best_decoder(mu, sigma, X)
    least = forces.loss(mu, sigma, X, best, 1.0, (RECONSTRUCTION,)).mean()
    for step in np.eye(4).reshape(4, 2, 2) * 1e-3:
        for sign in (1, -1):
            assert forces.loss(mu, sigma, X, best + sign * step, 1.0,
                               (RECONSTRUCTION,)).mean() > least


def test_clusters_have_exactly_the_variances_asked_for():
    x, label = forces.clusters(40, (3.0, 0.5))
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(x.T @ x / 40, np.diag([3.0, 0.5]), atol=1e-12)
    assert np.bincount(label).tolist() == [10] * 4


@pytest.mark.parametrize("beta", [1.0, 3.0, 10.0, 30.0])
def test_relaxed_bubbles_have_the_rate_of_reverse_water_filling(beta):
    motion = forces.relax(X, *forces.start(X), beta)
    assert motion.converged
    assert motion.rate[-1] == pytest.approx(forces.relaxed_rate((4, 1), beta), abs=1e-6)
    sigma = [forces.relaxed_sigma(v, beta) for v in (4, 1)]
    np.testing.assert_allclose(motion.sigma[-1], np.broadcast_to(sigma, (48, 2)), atol=1e-4)
    kept = np.maximum(np.array([4, 1]) - beta * NOISE_VAR, 0)
    np.testing.assert_allclose((motion.decoder**2).sum(0), kept, atol=1e-4)


def test_a_large_beta_makes_every_bubble_the_prior():
    motion = forces.relax(X, *forces.start(X), 30.0)
    np.testing.assert_allclose(motion.mu[-1], 0, atol=1e-5)
    np.testing.assert_allclose(motion.sigma[-1], 1, atol=1e-5)


def test_the_loss_never_rises_on_the_way():
    motion = forces.relax(X, *forces.start(X), 1.0, steps=300)
    values = [forces.loss(mu, sigma, X, forces.best_decoder(mu, sigma, X), 1.0).mean()
              for mu, sigma in zip(motion.mu, motion.sigma)]
    assert (np.diff(values) <= 1e-12).all()


def test_what_single_forces_do():
    mu, sigma = forces.start(X)
    alone = forces.relax(X, mu, sigma, 1.0, (RECONSTRUCTION,))
    assert not alone.converged and alone.sigma[-1].min() < forces.POINT
    assert np.abs(alone.mu[-1]).max() > 1.5 * np.abs(mu).max()
    apart = forces.relax(X, mu, sigma, 1.0, (RECONSTRUCTION, SIZE), steps=1000)
    assert np.abs(apart.mu[-1]).max() > 10
    np.testing.assert_allclose(forces.relax(X, mu, sigma, 1.0, (PULL,)).mu[-1], 0, atol=1e-5)
    sized = forces.relax(X, mu, sigma, 1.0, (SIZE,))
    np.testing.assert_allclose(sized.sigma[-1], 1, atol=1e-5)
    np.testing.assert_array_equal(sized.mu[-1], mu)
    assert len(forces.relax(X, mu, sigma, 1.0, ()).mu) == 1


def test_frames_run_from_the_first_step_to_the_last():
    motion = forces.relax(X, *forces.start(X), 3.0)
    steps = forces.frames(motion, 30)
    assert steps[0] == 0 and steps[-1] == len(motion.mu) - 1
    assert 10 < len(steps) <= 30 and (np.diff(steps) > 0).all()


def test_a_lone_bubble_drifts_to_its_rest():
    mu, sigma = np.array([[-1.0], [2.8]]), np.array([[0.25], [1.6]])
    way = forces.drift(mu, sigma, np.array([2.0]), np.array([[1.0]]), 1.0)
    np.testing.assert_allclose(np.stack([way.mu[-1], way.sigma[-1]], -1)[:, 0],
                               [forces.rest(2.0, 1.0, 1.0)] * 2, atol=1e-6)
