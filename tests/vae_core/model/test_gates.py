"""The paper's gates: a unit's activation is scaled by a function of log β."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.vae_core.model.test_browser import run_decoder
from tests.vae_core.model.test_film import BETAS
from vae_core.config import TrainConfig
from vae_core.model.browser import browser_decoder
from vae_core.model.conditioning import freeze
from vae_core.model.elbo import elbo_terms
from vae_core.model.gates import root_gate
from vae_core.runs.checkpoint import load_model
from vae_core.training import objectives

GATED = dict(beta_conditioned=True, conditioning="gates", num_layers=2)


def test_a_gate_scales_one_hidden_unit(make_model, unit_x):
    """By hand: h ← silu(W x + b)·σ(w log β + b') between the layers of the encoder."""
    model = make_model(**GATED | dict(num_layers=1, activation="silu"))
    first, activation, last = model.encoder
    map_ = model.gates.encoder["0"]
    gate = torch.sigmoid(map_.weight[:, 0] * math.log(4) + map_.bias)
    expected = last(activation(first(unit_x)) * gate)[:, :2]
    torch.testing.assert_close(model.encode(unit_x, 4.0).mu, expected)


def test_the_decoders_gate_closes_for_good_where_its_argument_is_positive():
    raw = torch.tensor([-3.0, -0.5, 0.0, 2.0], requires_grad=True)
    gate = root_gate(raw)
    expected = [math.sqrt(1 - math.exp(-3)), math.sqrt(1 - math.exp(-0.5)), 0, 0]
    torch.testing.assert_close(gate, torch.tensor(expected), atol=2e-6, rtol=0)
    gate.sum().backward()
    assert raw.grad.isfinite().all() and raw.grad[3] == 0


@pytest.mark.parametrize("beta", BETAS)
def test_frozen_it_is_an_ordinary_model_with_the_same_answers(make_model, unit_x, beta):
    model = make_model(**GATED)
    frozen = freeze(model, beta)
    assert frozen.gates is None and not frozen.config.beta_conditioned
    eps = torch.randn(len(unit_x), 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        each, own = elbo_terms(model, unit_x, eps, beta), elbo_terms(frozen, unit_x, eps)
    torch.testing.assert_close(own.distortion, each.distortion, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(own.rate, each.rate, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(objectives.loss(own, beta).mean(),
                               objectives.loss(each, beta).mean(), rtol=1e-4, atol=1e-3)


def test_the_browser_gets_it_held_at_one_beta(make_model):
    model = make_model(**GATED | dict(beta=3))
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    description, flat = browser_decoder(model.config, weights)
    assert "film" not in description
    z = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))
    np.testing.assert_allclose(run_decoder(description, flat, z.numpy()),
                               model.decode_mean(z).detach().numpy(), atol=1e-5)


def test_it_trains_and_opens_again(train_run):
    run = train_run("gated", **GATED)
    assert load_model(run).gates is not None
    assert len(run.beta_curve().beta) == 25


def test_gates_are_for_mlps():
    with pytest.raises(ValueError, match=r"conditioning = 'gates' is for MLPs.*choose 'mlp', or"):
        TrainConfig(beta_conditioned=True, conditioning="gates", architecture="conv")
