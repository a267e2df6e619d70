"""Encoders and decoders: their sizes, and what they are made of."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from vae_core.model.networks import ACTIVATIONS, batched, make_decoder, make_encoder

SHAPES = [(1, 28, 28), (3, 8, 12)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_flat_data_go_in_and_come_out(tiny, architecture, activation, shape):
    config = tiny(architecture=architecture, activation=activation, latent_dim=3)
    pixels = shape[0] * shape[1] * shape[2]
    assert make_encoder(config, shape)(torch.rand(5, pixels)).shape == (5, 6)
    for outputs in (1, 2):
        assert make_decoder(config, shape, outputs)(torch.rand(5, 3)).shape == (5, outputs * pixels)


@pytest.mark.parametrize("num_layers", [1, 2, 5])
def test_an_mlp_has_as_many_hidden_layers_as_asked_for(tiny, num_layers):
    config = tiny(num_layers=num_layers, hidden_dim=7)
    for network in (make_encoder(config, SHAPES[0]), make_decoder(config, SHAPES[0], 1)):
        linear = [layer for layer in network if isinstance(layer, nn.Linear)]
        assert len(linear) == num_layers + 1
        assert all(layer.in_features == 7 for layer in linear[1:])


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_there_is_a_non_linearity_between_any_two_layers_and_none_at_the_end(
        tiny, architecture, activation):
    config = tiny(architecture=architecture, activation=activation, num_layers=3)
    kind = ACTIVATIONS[activation]
    for network in (make_encoder(config, SHAPES[0]), make_decoder(config, SHAPES[0], 1)):
        order = ["layer" if list(part.parameters()) else "bend" for part in network
                 if list(part.parameters()) or isinstance(part, kind)]
        assert order[::2] == ["layer"] * len(order[::2])
        assert order[1::2] == ["bend"] * (len(order) // 2)
        assert order[-1] == "layer"


def test_channels_set_the_width_of_the_convolutions(tiny):
    config = tiny(architecture="conv", channels=6)
    convolutions = [part for part in make_encoder(config, SHAPES[0]) if isinstance(part, nn.Conv2d)]
    assert [part.out_channels for part in convolutions] == [6, 12]


@pytest.mark.parametrize("leading", [(), (4,), (2, 4), (2, 3, 4)])
def test_batched_keeps_leading_dimensions(leading):
    network = nn.Sequential(nn.Linear(3, 5))
    values = torch.rand(*leading, 3)
    torch.testing.assert_close(batched(network, values), network(values))
