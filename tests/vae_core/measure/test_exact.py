"""Quadrature over z against probabilistic PCA, against a plain fine lattice, and in bounds."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import MultivariateNormal

from tests.ppca import PPCA
from vae_core.measure import exact
from vae_core.measure.exact import log_joint, log_px, posterior_on_grid
from vae_core.measure.importance import estimate_log_px
from vae_core.model.conditioning import freeze
from vae_core.model.vae import VAE, Posterior

LIKELIHOODS = ["bernoulli", "gaussian-fixed", "gaussian-shared", "gaussian-per-pixel"]
PIXELS = 6


class FixedEncoder(nn.Module):
    """Says the same of every x: where `log_px` looks first doesn't decide what it finds."""

    def __init__(self, latent_dim: int):
        super().__init__()
        self.register_buffer("out", torch.zeros(2 * latent_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out.expand(len(x), -1)


def linear_model(make_model, latent_dim: int, sigma: float, seed: int = 0, num: int = 4,
                 scale: float = 1.0, tilt: float = 0.0) -> tuple[VAE, PPCA, torch.Tensor]:
    """A VAE with a linear decoder, which is a PPCA, and data drawn from it; tilt correlates z."""
    generator = torch.Generator().manual_seed(seed)
    w, b = (scale * torch.randn(PIXELS, latent_dim, generator=generator),
            torch.randn(PIXELS, generator=generator))
    w[:, -1] += tilt * w[:, 0]
    model = make_model(likelihood="gaussian-fixed", sigma=sigma, latent_dim=latent_dim)
    model.encoder, model.decoder = FixedEncoder(latent_dim), nn.Linear(latent_dim, PIXELS)
    model.decoder.weight.data, model.decoder.bias.data = w, b
    x = torch.randn(num, latent_dim, generator=generator) @ w.T + b \
        + sigma * torch.randn(num, PIXELS, generator=generator)
    return model, PPCA(w.double(), b.double(), sigma**2), x


def sharpened(model: VAE, by: float = 3.0) -> VAE:
    """An untrained decoder hardly moves with z; this one does, and so posteriors are narrower."""
    with torch.no_grad():
        for layer in model.decoder:
            if hasattr(layer, "weight"):
                layer.weight.mul_(by)
    return model


@torch.no_grad()
def plain_sum(model: VAE, x: torch.Tensor, radius: float, step: float) -> torch.Tensor:
    """log ∫ p(x|z) p(z) dz over one lattice for all, by the likelihood's own log_prob."""
    axis = torch.arange(-radius, radius, step) + step / 2
    dims = model.config.latent_dim
    z = torch.cartesian_prod(*[axis] * dims).view(-1, dims)
    rows = torch.cat([log_joint(model, x[:, None], some) for some in z.split(5_000)], 1)
    return rows.double().logsumexp(1) + dims * math.log(step)


# log p(x)


@settings(max_examples=25)
@given(latent_dim=st.integers(1, 2), sigma=st.floats(0.05, 3), seed=st.integers(0, 999))
def test_quadrature_finds_the_evidence_of_a_linear_model(make_model, latent_dim, sigma, seed):
    model, ppca, x = linear_model(make_model, latent_dim, sigma, seed)
    found = log_px(model, x)
    torch.testing.assert_close(found.log_px, ppca.log_px(x), atol=1e-4, rtol=1e-6)
    assert (found.error <= exact.TOLERANCE).all()


def test_a_posterior_a_hundred_times_narrower_than_the_first_lattice_is_found(make_model):
    """h = 0.1 and σ of p(z|x) below 0.001; the encoder knows nothing."""
    model, ppca, x = linear_model(make_model, 2, sigma=0.01, scale=10.0)
    assert ppca.posterior(x)[1].diagonal().sqrt().max() < 1e-3
    torch.testing.assert_close(log_px(model, x).log_px, ppca.log_px(x), atol=1e-2, rtol=0)


@pytest.mark.parametrize("distance", [4.9, 7.3, pytest.param(60.0, marks=pytest.mark.slow)])
def test_the_box_is_widened_to_where_the_mass_is(make_model, distance):
    model, ppca, _ = linear_model(make_model, 2, sigma=0.1)
    x = (ppca.w @ torch.tensor([distance, -1.0]).double() + ppca.b).float()[None]
    found = log_px(model, x)
    torch.testing.assert_close(found.log_px, ppca.log_px(x), atol=1e-2, rtol=0)
    mean = ppca.posterior(x)[0]
    assert ((found.low < mean) & (mean < found.high)).all()


def test_mass_beyond_the_widest_box_gives_an_infinite_error(make_model):
    model, ppca, near = linear_model(make_model, 1, sigma=0.1)  # one dimension: quick
    far = (ppca.w @ torch.tensor([150.0]).double() + ppca.b).float()[None]
    error = log_px(model, torch.cat((near, far))).error
    assert error[-1] == math.inf and (error[:-1] <= exact.TOLERANCE).all()


def test_a_collapsed_decoder_leaves_the_likelihood(make_model, unit_x):
    """p(x|z) without z: log p(x) = log p(x|z), and the posterior is the prior."""
    model = make_model()
    last = model.decoder[-1]
    last.weight.data.zero_()
    last.bias.data.normal_(generator=torch.Generator().manual_seed(0))
    found = log_px(model, unit_x.round())
    expected = model.likelihood.log_prob(unit_x.round(), last.bias.detach())
    torch.testing.assert_close(found.log_px.float(), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_every_likelihood_agrees_with_a_plain_lattice(make_model, unit_x, likelihood, latent_dim):
    model = sharpened(make_model(likelihood=likelihood, latent_dim=latent_dim, sigma=2.0,
                                 activation="tanh"))
    x = unit_x[:2].round()
    found = log_px(model, x)
    expected = plain_sum(model, x, radius=5, step=0.04)
    torch.testing.assert_close(found.log_px, expected, atol=1e-2, rtol=0)


@pytest.mark.parametrize("changes", [dict(activation="relu"), dict(architecture="conv")], ids=str)
def test_importance_sampling_agrees_within_its_error(make_model, unit_x, changes):
    model = sharpened(make_model(**changes), by=2)
    x = unit_x[:3].round()
    estimates = torch.stack([estimate_log_px(model, x, 5_000, seed=seed) for seed in range(4)])
    error = estimates.std(0) / 2 + 1e-3
    assert ((estimates.mean(0) - log_px(model, x).log_px).abs() <= 5 * error).all()


def test_many_examples_and_one_by_one_are_the_same(make_model, unit_x, monkeypatch):
    model, x = sharpened(make_model(activation="tanh")), unit_x[:9].round()
    together = log_px(model, x)
    alone = torch.cat([log_px(model, one[None]).log_px for one in x])
    torch.testing.assert_close(together.log_px, alone, atol=1e-4, rtol=0)
    monkeypatch.setattr(exact, "_PAIRS", 150)
    monkeypatch.setattr(exact, "_EXAMPLES", 4)
    for one, other in zip(together, log_px(model, x), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=0)


@pytest.mark.parametrize("side, points", [(1.0, 16), (0.5, 4), (2.5, 20)])
def test_the_tiles_change_nothing(make_model, unit_x, monkeypatch, side, points):
    model, x = sharpened(make_model(activation="tanh")), unit_x[:5].round()
    expected = log_px(model, x).log_px
    monkeypatch.setattr(exact, "SIDE", side)
    monkeypatch.setattr(exact, "POINTS", points)
    torch.testing.assert_close(log_px(model, x).log_px, expected, atol=1e-3, rtol=0)


def test_the_error_estimate_covers_the_error(make_model):
    """With too few points allowed, the estimate says so."""
    model, ppca, x = linear_model(make_model, 2, sigma=0.15, num=20)
    coarse = log_px(model, x, max_points=0)
    assert (coarse.error > exact.TOLERANCE).any()
    assert ((coarse.log_px - ppca.log_px(x)).abs() <= coarse.error + 1e-4).all()


def test_memory_is_bounded(make_model, unit_x, monkeypatch):
    """No decode sees more than a tile, and no product more than a tile by the examples."""
    model, seen = make_model(), []
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda z: seen.append(len(z)) or decode(z))
    log_px(model, unit_x)
    assert max(seen) <= 4 * 2 * exact.RADII[0] * exact.POINTS  # the border of the box


def test_nan_weights_end_and_show(make_model, unit_x):
    model = make_model()
    model.decoder[-1].bias.data.fill_(math.nan)
    assert log_px(model, unit_x[:2]).log_px.isnan().all()


def test_a_conditioned_model_is_taken_at_its_own_beta(bent, unit_x):
    model = bent(beta=2)
    torch.testing.assert_close(log_px(model, unit_x[:3]).log_px,
                               log_px(freeze(model, 2), unit_x[:3]).log_px, atol=1e-3, rtol=0)


@pytest.mark.parametrize("call", [log_px, posterior_on_grid])
@pytest.mark.parametrize("changes, words", [
    (dict(latent_dim=3), "latent_dim = 3 is too many .* needs 1 or 2: choose another model"),
    (dict(beta=0), "beta = 0 leaves .* choose a model with beta above 0")], ids=str)
def test_what_has_no_grid_is_refused(make_model, unit_x, call, changes, words):
    with pytest.raises(ValueError, match=words):
        call(make_model(**changes), unit_x)


# p(z|x)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_the_posterior_of_a_linear_model(make_model, latent_dim):
    model, ppca, x = linear_model(make_model, latent_dim, sigma=0.3)
    grid = posterior_on_grid(model, x, num=60)
    assert grid.log_density.shape == (len(x), *[60] * latent_dim)
    means, covariance = ppca.posterior(x)
    modes = log_px(model, x).mode
    for axes, log_density, mean, mode in zip(grid.axes, grid.log_density, means, modes):
        z = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
        expected = MultivariateNormal(mean, covariance).log_prob(z)
        torch.testing.assert_close(log_density, expected, atol=1e-3, rtol=1e-4)
        cell = axes.diff(dim=1)[:, 0].prod()
        assert (log_density.exp().sum() * cell).item() == pytest.approx(1, abs=1e-4)
        assert ((mode - mean).abs() <= 0.05 + 1e-6).all()  # half of the first lattice's step
    torch.testing.assert_close(grid.log_integral, ppca.log_px(x), atol=1e-4, rtol=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_a_posterior_integrates_to_one(make_model, unit_x, likelihood):
    model = sharpened(make_model(likelihood=likelihood, sigma=1.0, activation="tanh"))
    x = unit_x[:2].round()
    grid = posterior_on_grid(model, x)
    torch.testing.assert_close(grid.log_integral, log_px(model, x).log_px, atol=1e-3, rtol=1e-6)


def test_a_window_shows_its_share_of_the_plane(make_model):
    """The half-plane left of the posterior's mean holds half of the mass."""
    model, ppca, x = linear_model(make_model, 2, sigma=0.3, num=1)
    mean = ppca.posterior(x)[0][0]
    grid = posterior_on_grid(model, x, 200, low=torch.tensor([mean[0] - 4, mean[1] - 4]),
                             high=torch.tensor([mean[0], mean[1] + 4]))
    share = (grid.log_integral - log_px(model, x).log_px).exp()
    assert share.item() == pytest.approx(0.5, abs=1e-3)
    assert grid.axes[0, 0].max() < mean[0]


# The exponential family


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_natural_parameters_are_the_likelihood(make_model, unit_x, likelihood):
    """T(x)·η(z) − A(z) = log p(x|z) for every x with every z."""
    model = make_model(likelihood=likelihood)
    z = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        out = model.decode(z)
        eta, normaliser = model.likelihood.natural(out)
        found = model.likelihood.statistics(unit_x[:5]) @ eta.T - normaliser
        expected = model.likelihood.log_prob(unit_x[:5, None], out)
    torch.testing.assert_close(found.float(), expected, rtol=1e-5, atol=1e-3)


def test_the_encoder_is_only_a_hint(make_model):
    """A q that is sure and wrong changes no evidence."""
    model, ppca, x = linear_model(make_model, 2, sigma=0.2)
    wrong = Posterior(torch.full((len(x), 2), 3.5), torch.full((len(x), 2), -11.0))
    model.encode = lambda x: wrong
    torch.testing.assert_close(log_px(model, x).log_px, ppca.log_px(x), atol=1e-4, rtol=0)
