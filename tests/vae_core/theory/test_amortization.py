"""An encoder's parameters stay, free ones grow with the data; what sharing costs is no gain."""

from __future__ import annotations

import pytest
import torch

from vae_core.measure.gaps import quadrature_elbo
from vae_core.theory.amortization import compare


def test_the_parameters_are_those_of_the_encoder_and_two_a_dimension(make_model, unit_x):
    model = make_model(latent_dim=2, hidden_dim=8, num_layers=1)
    for num in (1, 5):
        found = compare(model, unit_x[:num], steps=1)
        assert found.encoder_parameters == 784 * 8 + 8 + 8 * 4 + 4
        assert found.free_parameters == 4 * num


def test_an_examples_own_gaussian_is_never_worse(make_model, unit_x):
    model = make_model()
    x = unit_x[:6].round()
    found = compare(model, x, steps=30)
    assert found.gap.shape == (6,) and (found.gap >= 0).all() and found.gap.mean() > 0.01
    torch.testing.assert_close(found.elbo, quadrature_elbo(model, x, num_nodes=48),
                               atol=5e-3, rtol=0)
    assert found.encoder_seconds > 0 and found.free_seconds > 0


def test_a_linear_model_with_the_right_encoder_has_no_gap(make_model, unit_x):
    """With a decoder that ignores z the posterior is the prior; an encoder that says so is best."""
    model = make_model()
    with torch.no_grad():
        model.decoder[0].weight.zero_()
        model.encoder[-1].weight.zero_(), model.encoder[-1].bias.zero_()
    q = model.encode(unit_x[:3])
    assert q.log_var.abs().max() < 0.01  # the clamp of log σ² is smooth
    assert compare(model, unit_x[:3]).gap.max() == pytest.approx(0, abs=1e-3)
