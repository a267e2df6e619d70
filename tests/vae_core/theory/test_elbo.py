"""One ELBO by three derivations, and a bound that holds at every epoch."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.theory.elbo import bound_in_training, three_ways


@pytest.fixture
def narrow(make_model):
    """A model whose q is about as narrow as a trained one's, σ ≈ 0.14: make(**changes)."""
    def make(**changes):
        model = make_model(**changes)
        with torch.no_grad():
            model.encoder[-1].bias[2:] -= 4
        return model

    return make


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian-shared"])
def test_the_three_ways_agree(narrow, unit_x, likelihood):
    model = narrow(likelihood=likelihood, sigma=0.5)
    x = unit_x[:1].round()
    found = three_ways(model, x)
    assert found.from_kl == pytest.approx(found.from_jensen, abs=1e-2)
    assert abs(found.from_terms - found.from_jensen) < 4 * found.standard_error + 1e-2
    assert max(found.from_kl, found.from_jensen) <= found.log_px + 1e-2


def test_the_weights_have_log_px_as_their_mean_and_the_elbo_as_their_mean_logarithm(make_model,
                                                                                   unit_x):
    found = three_ways(make_model(), unit_x[:1].round(), num=20_000)
    log_mean = torch.logsumexp(found.log_w, 0).item() - math.log(20_000)
    assert log_mean == pytest.approx(found.log_px, abs=0.1)
    error = (found.log_w.var() / 20_000).sqrt().item()
    assert abs(found.log_w.mean().item() - found.from_jensen) < 4 * error + 1e-2


def test_the_bound_holds_while_training_and_rises(tiny, splits, unit_x):
    config = tiny(epochs=3, learning_rate=0.01)
    moments = list(bound_in_training(config, splits.train.x, (1, 28, 28), unit_x[:5].round()))
    assert [moment.epoch for moment in moments] == [0, 1, 2, 3]
    assert all(moment.elbo <= moment.log_px + 1e-2 for moment in moments)
    assert moments[-1].elbo > moments[0].elbo + 10


def test_more_than_two_dimensions_are_refused(tiny, splits, unit_x):
    with pytest.raises(ValueError, match="latent_dim = 3 is too many for exact inference"):
        next(bound_in_training(tiny(latent_dim=3), splits.train.x, (1, 28, 28), unit_x[:1]))
