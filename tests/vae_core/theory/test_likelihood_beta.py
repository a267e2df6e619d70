"""A Gaussian's σ and the rate's β: two trainings that take the same way."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.config import TrainConfig
from vae_core.theory.likelihood_beta import difference, squared_error, twin, twin_trainings
from vae_core.theory.training import train_live

CONFIG = dict(likelihood="gaussian-fixed", latent_dim=2, hidden_dim=16, num_layers=1, epochs=3,
              batch_size=20, learning_rate=1e-2, device="cpu", threads=1, schedule="one-cycle")


def config(**changes) -> TrainConfig:
    return TrainConfig(**CONFIG | changes)


@pytest.mark.parametrize("sigma, beta", [(0.1, 1.0), (0.3, 0.5), (1.0, 2.0)])
def test_both_take_the_same_way_up_to_rounding(splits, sigma, beta):
    moments = list(twin_trainings(config(sigma=sigma, beta=beta), splits.train.x,
                                  splits.train.shape, every=4))
    assert [moment.step for moment in moments] == [4, 8, 12, 15]
    for moment in moments:
        assert moment.difference < 1e-5
        assert moment.rate[1] == pytest.approx(moment.rate[0], rel=1e-4)
        assert moment.squared_error[1] == pytest.approx(moment.squared_error[0], rel=1e-4)
    assert moments[-1].untouched > 10 * moments[-1].difference


def test_they_are_the_trainings_of_the_trainer(splits):
    """The twin whose ε is left alone against one that knows of no twin."""
    ours = config(sigma=0.2, max_grad_norm=5.0)
    *_, last = twin_trainings(ours, splits.train.x, splits.train.shape)
    alone = [train_live(each, splits.train.x, splits.train.shape) for each in (ours, twin(ours))]
    assert difference(*alone) == last.untouched > 0


def test_sgd_needs_its_step_size_times_the_factor_instead(make_model, unit_x):
    """p − lr·g = p − (lr/2σ²)·(2σ²·g): the identity that Adam's scaled ε stands for."""
    from vae_core.model.elbo import elbo_terms
    from vae_core.training.objectives import loss

    sigma, lr, eps = 0.25, 1e-3, torch.randn(len(unit_x), 2)
    ends = []
    for each in (config(sigma=sigma), twin(config(sigma=sigma))):
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


def test_a_twin_has_the_squared_errors_sigma():
    found = twin(config(sigma=0.5, beta=3.0, max_grad_norm=10.0))
    assert found.sigma == pytest.approx(math.sqrt(0.5))
    assert (found.beta, found.max_grad_norm) == pytest.approx((1.5, 5.0))
    with pytest.raises(ValueError, match="'bernoulli' has no σ"):
        twin(config(likelihood="bernoulli"))
