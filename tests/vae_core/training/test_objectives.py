"""The loss of each example, and which half of the network its gradient reaches."""

from __future__ import annotations

import pytest
import torch

from vae_core.config import knobs
from vae_core.measure.test_set import per_example
from vae_core.model.vae import ElboTerms, elbo_terms
from vae_core.training.objectives import OBJECTIVES, loss, mean_loss


@pytest.fixture
def terms() -> ElboTerms:
    return ElboTerms(torch.tensor([10.0, 20.0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 7.0])
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_the_loss_weighs_both_terms(terms, beta, weight):
    if beta or weight:
        assert loss(terms, beta, weight).mean().item() == pytest.approx(weight * 15 + beta * 5)
    expected = [weight * 10 + beta * 3, weight * 20 + beta * 7]
    assert loss(terms, torch.tensor(beta), weight).tolist() == pytest.approx(expected)


def test_the_loss_with_no_weight_at_all_is_zero(terms):
    assert loss(terms, 0.0, 0.0).tolist() == [0, 0]


def test_a_term_of_no_weight_passes_on_no_infinity(terms):
    infinite = torch.tensor([float("inf"), 1.0])
    assert loss(terms._replace(distortion=infinite), 2.0, 0.0).tolist() == [6, 14]
    assert loss(terms._replace(rate_per_dim=infinite[:, None]), 0.0).tolist() == [10, 20]


def gradients(model, unit_x, beta: float, weight: float) -> dict[str, bool]:
    """For each half of the network, whether any gradient reaches it."""
    loss(elbo_terms(model, unit_x, torch.ones(len(unit_x), 2)), beta, weight).mean().backward()
    return {name: any(p.grad is not None and bool(p.grad.any()) for p in part.parameters())
            for name, part in model.named_children() if list(part.parameters())}


def test_the_rate_alone_teaches_the_decoder_nothing(make_model, unit_x):
    assert gradients(make_model(), unit_x, 1.0, 0.0) == {"encoder": True, "decoder": False}


def test_the_distortion_alone_teaches_both(make_model, unit_x):
    assert gradients(make_model(), unit_x, 0.0, 1.0) == {"encoder": True, "decoder": True}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_row_says_what_it_is(name):
    row = OBJECTIVES[name]
    assert row.title and row.formula and row.source
    assert set(row.knobs) <= set(knobs())


@pytest.mark.parametrize("changes", [dict(beta=3.0), dict(beta=2.0, reconstruction_weight=0.5)])
def test_the_mean_loss_is_that_of_the_terms(make_model, unit_x, changes):
    model = make_model(**changes)
    each = per_example(model, unit_x)
    weight = changes.get("reconstruction_weight", 1.0)
    expected = weight * each.distortion.mean() + changes["beta"] * each.rate.mean()
    assert mean_loss(model, unit_x, each) == pytest.approx(expected.item(), rel=1e-5)
