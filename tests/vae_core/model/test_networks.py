"""Network: a specification's layers in torch."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from vae_core.model.networks import Network, batched
from vae_core.model.spec import Conv, GroupNorm, Linear, Residual, Upsample


@pytest.mark.parametrize("leading", [(), (4,), (2, 4), (2, 3, 4)])
def test_batched_keeps_leading_dimensions(leading):
    network = nn.Sequential(nn.Linear(3, 5))
    values = torch.rand(*leading, 3)
    torch.testing.assert_close(batched(network, values), network(values))


def test_a_layer_keeps_its_name_and_its_activation():
    network = Network((Linear(name="encoder.7", in_features=3, out_features=2, activation="tanh"),))
    assert list(network.state_dict()) == ["7.weight", "7.bias"]
    x = torch.rand(4, 3)
    assert network(x).equal(torch.tanh(network[0](x)))


def test_a_residual_block_adds_what_came_in():
    inner = Linear(name="encoder.0", in_features=3, out_features=3)
    x = torch.randn(4, 3)
    identity = Network((Residual(body=(inner,), activation="relu"),))
    assert identity(x).equal(torch.relu(identity[0](x) + x))
    other = dataclasses.replace(inner, name="encoder.1")
    mapped = Network((Residual(body=(inner,), skip=(other,)),))
    assert mapped(x).equal(mapped[0](x) + mapped[1](x))


def test_upsampling_repeats_pixels_and_crops():
    layer = Upsample(channels=1, height=2, width=2, out_height=3, out_width=4)
    values = Network((layer,))(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    assert values.tolist() == [[1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4]]


def test_a_group_of_one_value_becomes_the_bias():
    network = Network((GroupNorm(name="encoder.0", channels=2, height=1, width=1, groups=2),))
    nn.init.constant_(network[0].bias, 0.5)
    torch.testing.assert_close(network(torch.tensor([[3.0, -4.0]])), torch.full((1, 2), 0.5),
                               atol=1e-3, rtol=0)


def test_flat_data_become_images_where_a_layer_takes_images():
    layer = Conv(name="encoder.0", in_channels=2, out_channels=3, height=4, width=5, kernel=3,
                 stride=2, padding=1)
    network, x = Network((layer,)), torch.rand(6, 40)
    assert network(x).equal(network[0](x.reshape(6, 2, 4, 5)).flatten(1))
    assert layer.out_shape == (3, 2, 3)
