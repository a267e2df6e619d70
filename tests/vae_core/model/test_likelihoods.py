"""Likelihoods against torch.distributions and against their own moments."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Normal

from vae_core.config import TrainConfig
from vae_core.model.likelihoods import LIKELIHOODS, Gaussian, make_likelihood
from vae_core.numerics import LOG_VAR_X_MAX, LOG_VAR_X_MIN, soft_clamp

KINDS = list(LIKELIHOODS)
GAUSSIANS = [name for name, row in LIKELIHOODS.items() if issubclass(row, Gaussian)]
SIZE = 5


def likelihood_and_out(kind: str, sigma: float = 0.3):
    likelihood = make_likelihood(TrainConfig(likelihood=kind, sigma=sigma))
    generator = torch.Generator().manual_seed(3)
    return likelihood, torch.randn(4, SIZE * likelihood.outputs_per_value, generator=generator)


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(4, SIZE, generator=torch.Generator().manual_seed(4))


def test_bernoulli_is_torchs(x):
    likelihood, out = likelihood_and_out("bernoulli")
    binary = (x > 0.5).float()
    expected = TorchBernoulli(logits=out).log_prob(binary).sum(-1)
    torch.testing.assert_close(likelihood.log_prob(binary, out), expected)


def test_bernoulli_of_grey_values_is_the_expectation_under_binarisation(x):
    """E_b[log p(b|z)] over all 2^5 binary images b, each with its probability under x."""
    likelihood, out = likelihood_and_out("bernoulli")
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * SIZE)[:, None]
    weight = TorchBernoulli(probs=x).log_prob(every).sum(-1).exp()
    expected = (weight * likelihood.log_prob(every, out)).sum(0)
    torch.testing.assert_close(likelihood.log_prob(x, out), expected)


def test_bernoulli_probabilities_sum_to_one():
    likelihood, out = likelihood_and_out("bernoulli")
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * SIZE)[:, None]
    torch.testing.assert_close(likelihood.log_prob(every, out).exp().sum(0), torch.ones(4))


def test_bernoulli_stays_finite_at_extreme_logits():
    likelihood, _ = likelihood_and_out("bernoulli")
    out = torch.tensor([[1e4, -1e4]], requires_grad=True)
    wrong = likelihood.log_prob(torch.tensor([[0.0, 1.0]]), out)
    wrong.sum().backward()
    assert wrong.item() == -2e4
    assert out.grad.tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("sigma", [0.05, 0.3, 3.0])
@pytest.mark.parametrize("kind", GAUSSIANS)
def test_each_gaussian_is_torchs(kind, sigma, x):
    likelihood, out = likelihood_and_out(kind, sigma)
    if kind == "gaussian-per-pixel":
        mean, log_var = out[:, :SIZE], out[:, SIZE:] + 2 * math.log(sigma)
    else:
        mean, log_var = out, torch.full_like(out, 2 * math.log(sigma))
    if kind != "gaussian-fixed":
        log_var = soft_clamp(log_var, LOG_VAR_X_MIN, LOG_VAR_X_MAX)
    expected = Normal(mean, (log_var / 2).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(likelihood.log_prob(x, out), expected)
    torch.testing.assert_close(likelihood.mean(out), mean)


@pytest.mark.parametrize("kind", ["gaussian-shared", "gaussian-per-pixel"])
def test_a_learned_sigma_begins_near_the_chosen_one(kind):
    likelihood, out = likelihood_and_out(kind, sigma=0.1)
    _, log_var = likelihood.mean_and_log_var(torch.zeros_like(out))
    torch.testing.assert_close((log_var / 2).exp().mean(), torch.tensor(0.1), rtol=0.02, atol=0)


@pytest.mark.parametrize(("kind", "learned"), [
    ("gaussian-fixed", False), ("gaussian-shared", True), ("gaussian-per-pixel", False)])
def test_only_the_shared_sigma_is_a_parameter_of_the_likelihood(kind, learned):
    likelihood, _ = likelihood_and_out(kind)
    assert bool(list(likelihood.parameters())) is learned


def test_the_shared_sigma_that_fits_best_is_the_root_mean_square_error(x):
    """d/dσ log p = 0 exactly at σ² = mean (x − μ)²: the closed form of σ-VAE."""
    likelihood, out = likelihood_and_out("gaussian-shared")
    best = (x - out).square().mean().log()
    # Undo the soft clamp by bisection, to put σ² exactly at its optimum.
    low, high = torch.tensor(-12.0), torch.tensor(8.0)
    for _ in range(60):
        middle = (low + high) / 2
        below = soft_clamp(middle, LOG_VAR_X_MIN, LOG_VAR_X_MAX) < best
        low, high = (middle, high) if below else (low, middle)
    likelihood.log_var_x.data = low
    likelihood.log_prob(x, out).sum().backward()
    assert likelihood.log_var_x.grad.abs() < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_samples_have_the_stated_mean_and_variance(kind):
    likelihood, out = likelihood_and_out(kind)
    num = 40_000
    generator = torch.Generator().manual_seed(5)
    samples = likelihood.sample(out.expand(num, *out.shape), generator)
    mean = likelihood.mean(out)
    if kind == "bernoulli":
        variance = mean * (1 - mean)
        assert set(samples.unique().tolist()) == {0.0, 1.0}
    else:
        variance = likelihood.mean_and_log_var(out)[1].exp().expand_as(mean)
    error = (samples.mean(0) - mean).abs() / (variance / num).sqrt()
    assert error.max() < 4.5
    torch.testing.assert_close(samples.var(0), variance, rtol=0.06, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_repeat_with_their_generator(kind):
    likelihood, out = likelihood_and_out(kind)
    drawn = [likelihood.sample(out, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert drawn[0].equal(drawn[1]) and not drawn[0].equal(drawn[2])


@pytest.mark.parametrize("kind", KINDS)
def test_leading_dimensions_broadcast(kind, x):
    likelihood, out = likelihood_and_out(kind)
    several = torch.stack([out, out + 1, out - 1])
    expected = torch.stack([likelihood.log_prob(x, each) for each in several])
    torch.testing.assert_close(likelihood.log_prob(x, several), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_likelihood_says_what_it_is(kind):
    row = LIKELIHOODS[kind]
    assert row.title and row.domains and set(row.knobs) <= {"sigma", "binarization"}
    for method in ("log_prob", "mean", "variance", "sample", "statistics", "natural"):
        assert callable(getattr(row, method))
    copied = copy.deepcopy(make_likelihood(TrainConfig(likelihood=kind)))
    assert isinstance(copied, row) and isinstance(copied, torch.nn.Module)
