"""What a likelihood assumes: the squared error's σ, σ and β as one, and the learned σ."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.theory import likelihood as likelihood_module
from vae_core.theory.likelihood import (
    SQUARED_ERROR_SIGMA,
    difference,
    linear_optimum,
    paired_runs,
    squared_error,
    squared_error_beta,
    squared_error_config,
)
from vae_core.theory.training import train_live

PAIR = dict(likelihood="gaussian-fixed", latent_dim=2, hidden_dim=16, num_layers=1, epochs=3,
            batch_size=20, learning_rate=1e-2, device="cpu", threads=1, schedule="one-cycle")
LINEAR = dict(dataset="clusters-3d", likelihood="gaussian-fixed", device="cpu", threads=1)


@pytest.mark.parametrize("likelihood", ["gaussian-fixed", "bernoulli"])
def test_the_squared_error_is_a_gaussian_up_to_a_constant(make_model, unit_x, likelihood):
    found = likelihood_module.squared_error_constant(make_model(likelihood=likelihood), unit_x)
    assert found.mean == pytest.approx(found.closed_form, abs=1e-9)
    assert found.closed_form == pytest.approx(392 * math.log(math.pi))
    assert found.spread < 1e-9


@pytest.mark.parametrize("sigma, beta", [(0.1, 1.0), (0.5, 0.3), (2.0, 4.0)])
def test_sigma_and_beta_are_one_hyperparameter(make_model, unit_x, sigma, beta):
    model = make_model(likelihood="gaussian-fixed")
    found = likelihood_module.gradient_pair(model, unit_x, sigma, beta)
    factor = 1 / (2 * sigma**2)
    assert found.factor == pytest.approx(factor, rel=1e-5)
    assert found.deviation(factor) < 1e-5
    assert squared_error_beta(sigma, beta) / (2 * SQUARED_ERROR_SIGMA**2) == \
        pytest.approx(2 * sigma**2 * beta)


def test_the_gradient_is_that_of_the_loss_itself(make_model, unit_x):
    """Against a difference quotient in one weight, with β and σ as they are."""
    model = make_model(likelihood="gaussian-fixed")
    found = likelihood_module.gradient_pair(model, unit_x[:8], sigma=0.3, beta=2.0)
    name, step = "decoder.0.weight", 1e-3
    offset = sum(p.numel() for n, p in model.named_parameters() if n.startswith("encoder"))
    eps = torch.randn(8, 2, generator=likelihood_module.seeded(torch.Generator(), 0)).double()
    model.double()
    weight = model.get_parameter(name)

    def value(change: float) -> float:
        weight.data[0, 0] += change
        posterior = model.encode(unit_x[:8].double())
        mean = model.decoder(posterior.mu + (0.5 * posterior.log_var).exp() * eps)
        weight.data[0, 0] -= change
        squared = (unit_x[:8] - mean).square().sum(-1)
        mu, log_var = posterior
        rate = 0.5 * (mu**2 + log_var.exp() - log_var - 1).sum(-1)
        return (squared / (2 * 0.3**2) + 2.0 * rate).mean().item()

    quotient = (value(step) - value(-step)) / (2 * step)
    assert found.first[offset].item() == pytest.approx(quotient, rel=1e-4)


def test_other_likelihoods_have_no_equivalent(make_model, unit_x):
    with pytest.raises(ValueError, match="'bernoulli' learns its noise or has none"):
        likelihood_module.gradient_pair(make_model(), unit_x, 0.1, 1.0)


def test_the_linear_optimum_depends_on_beta_sigma_squared_alone():
    values = np.array([3.0, 1.0, 0.2])
    first, second = (linear_optimum(values, *pair) for pair in ((0.5, 1.0), (1.0, 0.25)))
    assert (first.rate, first.squared_error) == (second.rate, second.squared_error)
    assert first.active == 2
    assert first.rate == pytest.approx(0.5 * math.log(12) + 0.5 * math.log(4))
    assert first.squared_error == pytest.approx(0.25 + 0.25 + 0.2)
    grid = linear_optimum(values, np.ones((4, 1)), np.ones((1, 5)))
    assert grid.rate.shape == (4, 5)


def test_probabilistic_pca_is_its_case_beta_one():
    """At β = 1 and σ² = the mean left-out eigenvalue, D + R is −log p(x) of pPCA (Tipping &
    Bishop 1999)."""
    values, kept = np.array([3.0, 1.0, 0.3, 0.2, 0.1]), 2
    sigma = math.sqrt(values[kept:].mean())
    found = linear_optimum(np.r_[values[:kept], np.full(3, sigma**2)], sigma, 1.0)
    assert found.active == kept
    distortion = found.squared_error / (2 * sigma**2) + 5 / 2 * math.log(2 * math.pi * sigma**2)
    log_px = -0.5 * (5 * math.log(2 * math.pi) + np.log(values[:kept]).sum()
                     + 3 * math.log(sigma**2) + 5)
    assert distortion + found.rate == pytest.approx(-log_px)


def test_a_linear_vae_trained_arrives_at_the_optimum():
    torch.manual_seed(0)
    scale = torch.tensor([1.5, 0.8, 0.3])
    x = torch.randn(4000, 3) * scale
    x = (x - x.mean(0)).float()
    config = TrainConfig(**LINEAR, sigma=0.5, beta=1.5, epochs=60, batch_size=200, hidden_dim=16,
                         num_layers=1, activation="tanh", learning_rate=0.02,
                         schedule="one-cycle")
    model = train_live(config, x, DATASETS["clusters-3d"].shape)
    best = linear_optimum(likelihood_module.eigenvalues(x), 0.5, 1.5)
    from vae_core.measure.test_set import per_example

    each = per_example(model, x, num_samples=8)
    squared = 2 * 0.5**2 * (each.distortion.mean() - 1.5 * math.log(2 * math.pi * 0.25))
    assert each.rate.mean().item() == pytest.approx(float(best.rate), rel=0.1)
    assert squared.item() == pytest.approx(float(best.squared_error), rel=0.1)


def test_the_shared_sigma_with_the_least_distortion_is_the_error(make_model, unit_x):
    """At σ = the measured error the distortion's slope in σ is 0 and claimed equals measured."""
    model = make_model(likelihood="gaussian-shared")
    measured = likelihood_module.fit(model, unit_x).actual
    generator = likelihood_module.seeded(torch.Generator(), 0)

    def distortion(sigma: float) -> float:
        model.likelihood.log_var_x.data.fill_(2 * math.log(sigma))
        with torch.no_grad():
            posterior = model.encode(unit_x)
            generator.manual_seed(likelihood_module.seeded(torch.Generator(), 0).initial_seed())
            eps = torch.randn(posterior.mu.shape, generator=generator)
            out = model.decode(model.reparameterize(posterior, eps))
            return -model.likelihood.log_prob(unit_x, out).mean().item()

    values = [distortion(measured * factor) for factor in (0.97, 1.0, 1.03)]
    assert values[1] == min(values)
    model.likelihood.log_var_x.data.fill_(2 * math.log(measured))
    found = likelihood_module.fit(model, unit_x)
    assert found.predicted == pytest.approx(found.actual, rel=0.01)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian-fixed", "gaussian-shared",
                                        "gaussian-per-pixel"])
def test_samples_have_the_variance_that_is_claimed(make_model, unit_x, likelihood):
    model = make_model(likelihood=likelihood, sigma=0.4)
    found = likelihood_module.fit(model, unit_x.repeat(5, 1))
    assert found.x.shape == found.mean.shape == found.sample.shape == (200, 784)
    drawn = (found.sample - found.mean).square().mean().sqrt().item()
    assert drawn == pytest.approx(found.predicted, rel=0.02)
    measured = (found.x - found.mean).square().mean().sqrt().item()
    assert measured == pytest.approx(found.actual, rel=1e-5)
    assert set(found.x.unique().tolist()) == {0, 1} or likelihood != "bernoulli"


def test_the_eigenvalues_are_the_variances_along_the_axes():
    x = torch.tensor([[1.0, 0, 0], [-1, 0, 0], [0, 2, 0], [0, -2, 0]])
    np.testing.assert_allclose(likelihood_module.eigenvalues(x), [2, 0.5, 0])


def test_half_a_picture_is_its_means():
    x = torch.arange(16.0).reshape(1, 16)
    assert likelihood_module.halve(x, (1, 4, 4)).tolist() == [[2.5, 4.5, 10.5, 12.5]]


def config(**changes) -> TrainConfig:
    return TrainConfig(**PAIR | changes)


@pytest.mark.parametrize("sigma, beta", [(0.1, 1.0), (0.3, 0.5), (1.0, 2.0)])
def test_both_take_the_same_way_up_to_rounding(splits, sigma, beta):
    moments = list(paired_runs(config(sigma=sigma, beta=beta), splits.train.x,
                                  splits.train.shape, every=4))
    assert [moment.step for moment in moments] == [4, 8, 12, 15]
    for moment in moments:
        assert moment.difference < 1e-5
        assert moment.rate[1] == pytest.approx(moment.rate[0], rel=1e-4)
        assert moment.squared_error[1] == pytest.approx(moment.squared_error[0], rel=1e-4)
    assert moments[-1].same_epsilon > 10 * moments[-1].difference


def test_they_are_the_trainings_of_the_trainer(splits):
    """The second run whose ε is unchanged against one trained alone."""
    ours = config(sigma=0.2, max_grad_norm=5.0)
    *_, last = paired_runs(ours, splits.train.x, splits.train.shape)
    alone = [train_live(each, splits.train.x, splits.train.shape)
             for each in (ours, squared_error_config(ours))]
    assert difference(*alone) == last.same_epsilon > 0


def test_sgd_needs_its_step_size_times_the_factor_instead(make_model, unit_x):
    """p − lr·g = p − (lr/2σ²)·(2σ²·g): the identity that Adam's scaled ε stands for."""
    from vae_core.model.vae import elbo_terms
    from vae_core.training.objectives import loss

    sigma, lr, eps = 0.25, 1e-3, torch.randn(len(unit_x), 2)
    ends = []
    for each in (config(sigma=sigma), squared_error_config(config(sigma=sigma))):
        model = make_model(likelihood="gaussian-fixed", sigma=each.sigma)
        scale = 1.0 if each.sigma == sigma else 2 * sigma**2
        optimizer = torch.optim.SGD(model.parameters(), lr=lr / scale)
        for _ in range(3):
            optimizer.zero_grad()
            loss(elbo_terms(model, unit_x, eps), each.beta).mean().backward()
            optimizer.step()
        ends.append(model)
    start = make_model(likelihood="gaussian-fixed", sigma=sigma)
    assert difference(*ends) < 1e-4 * difference(start, ends[0])


def test_the_squared_error_comes_back_from_a_distortion():
    x, mean = torch.rand(3, 5).double(), torch.rand(3, 5).double()
    distortion = -torch.distributions.Normal(mean, 0.3).log_prob(x).sum(1)
    for found, each in zip(distortion.tolist(), (x - mean).square().sum(1).tolist(), strict=True):
        assert squared_error(found, 0.3, 5) == pytest.approx(each)


def test_the_equivalent_has_the_squared_errors_sigma():
    found = squared_error_config(config(sigma=0.5, beta=3.0, max_grad_norm=10.0))
    assert found.sigma == pytest.approx(math.sqrt(0.5))
    assert (found.beta, found.max_grad_norm) == pytest.approx((1.5, 5.0))
    with pytest.raises(ValueError, match="'bernoulli' has no σ"):
        squared_error_config(config(likelihood="bernoulli"))
