"""The ring's radius, and p(x) of a decoder: sums against closed forms and against draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.model.vae import VAE
from vae_core.theory import pushforward
from vae_core.theory.pushforward import (
    density,
    draw,
    draw_aggregate,
    excess_kurtosis,
    mixture,
    moments_of_draws,
    moments_on_grid,
    normal_density,
    ring_map,
    ring_radius,
)


@pytest.fixture
def model() -> VAE:
    """Untrained, with a decoder that is steep enough to bend the plane."""
    torch.manual_seed(0)
    config = TrainConfig(dataset="ring", likelihood="gaussian-fixed", sigma=0.3, hidden_dim=16,
                         activation="tanh")
    model = VAE(config, DATASETS["ring"].shape).eval()
    for parameter in model.decoder.parameters():
        parameter.data *= 2
    return model


def linear_model(scale: float, sigma: float) -> VAE:
    """x = scale·z + noise: p(x) = N(0, (scale² + sigma²) I)."""
    config = TrainConfig(dataset="ring", likelihood="gaussian-fixed", sigma=sigma)
    model = VAE(config, DATASETS["ring"].shape).eval()
    model.decoder = torch.nn.Sequential(torch.nn.Linear(2, 2))
    model.decoder[0].weight.data = scale * torch.eye(2)
    model.decoder[0].bias.data.zero_()
    return model


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_rings_radius_has_its_closed_form(share):
    z = np.random.default_rng(0).standard_normal((200_000, 2))
    radius, closed = np.linalg.norm(ring_map(z, share), axis=1), ring_radius(share)
    assert radius.mean() == pytest.approx(closed.mean, abs=4 * closed.spread / math.sqrt(len(z)))
    assert radius.std() == pytest.approx(closed.spread, rel=0.01)
    grid = np.linspace(0, 7, 20_001)
    mass, mean, variance, _ = moments_on_grid(grid, closed.density(grid))
    assert (mass, mean) == pytest.approx((1, closed.mean), abs=1e-5)
    assert math.sqrt(variance) == pytest.approx(closed.spread, abs=1e-5)


def test_the_map_keeps_every_direction():
    z = np.random.default_rng(0).standard_normal((100, 2))
    x = ring_map(z, 1.0)
    np.testing.assert_allclose(np.arctan2(*x.T), np.arctan2(*z.T))
    np.testing.assert_allclose(ring_map(z, 0.0), z)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1 + np.linalg.norm(z, axis=1) / 10)


def test_a_linear_decoder_leaves_a_gaussian():
    """p(x) and the kurtosis against the closed form of linear-Gaussian data."""
    mix = mixture(linear_model(0.8, 0.6), nodes=200)
    axis = np.linspace(-4, 4, 81)
    expected = np.outer(*[normal_density(axis, 0, 1.0)] * 2)  # 0.8² + 0.6² = 1
    np.testing.assert_allclose(density(mix, axis, axis), expected, atol=1e-6)
    assert excess_kurtosis(mix, 0) == pytest.approx(0, abs=1e-3)


def test_the_mass_is_one_and_the_kurtosis_that_of_draws_and_of_the_grid(model):
    mix = mixture(model, nodes=200)
    axis = np.linspace(-6, 6, 401)
    p = density(mix, axis, axis)
    assert p.sum() * (axis[1] - axis[0]) ** 2 == pytest.approx(1, abs=1e-4)
    x = draw(model, 200_000).x.astype(float)
    for dim in (0, 1):
        marginal = p.sum(1 - dim) * (axis[1] - axis[0])
        mass, *_, kurtosis = moments_on_grid(axis, marginal)
        assert mass == pytest.approx(1, abs=1e-4)
        assert kurtosis == pytest.approx(excess_kurtosis(mix, dim), abs=1e-3)
        assert moments_of_draws(x[:, dim])[3] == pytest.approx(kurtosis, abs=0.05)


def test_the_sum_has_converged(model):
    axis = np.linspace(-4, 4, 41)
    coarse, fine = (density(mixture(model, nodes), axis, axis) for nodes in (200, 400))
    np.testing.assert_allclose(coarse, fine, atol=1e-4)


def test_draws_are_repeated_and_the_aggregate_is_one_draw_an_example(model):
    first, again = draw(model, 50), draw(model, 50)
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.x, draw(model, 50, seed=1).x)
    assert np.abs(first.x - first.mean).std() == pytest.approx(0.3 * math.sqrt(1 - 2 / math.pi),
                                                               rel=0.3)
    x = torch.randn(4000, 2)
    with torch.no_grad():
        mu, log_var = model.encode(x)
    z = draw_aggregate(model, x)
    np.testing.assert_allclose(z.mean(0), mu.mean(0), atol=0.1)
    expected = mu.var(0) + log_var.exp().mean(0)
    np.testing.assert_allclose(z.var(0), expected, rtol=0.1)


def test_models_that_cannot_be_summed_are_refused():
    config = dict(dataset="ring", hidden_dim=4)
    for changes, sentence in (
            (dict(latent_dim=3, likelihood="gaussian-fixed"), "the model has 3"),
            (dict(likelihood="gaussian-per-pixel"), "a Gaussian with one σ")):
        model = VAE(TrainConfig(**config, **changes), DATASETS["ring"].shape)
        with pytest.raises(ValueError, match=sentence):
            pushforward.mixture(model)
