"""ARCHITECTURES: the layers that each makes of a configuration and a shape."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.config import knobs
from vae_core.data.registry import DATASETS
from vae_core.model.architectures import ARCHITECTURES, network_spec
from vae_core.model.networks import Network
from vae_core.model.spec import Conv, Linear, Residual, weighted

SHAPES = [(1, 28, 28), (3, 8, 12)]
ACTIVATIONS = knobs()["activation"][2].choices


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian-per-pixel"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_flat_data_go_in_and_come_out(tiny, architecture, likelihood, shape):
    spec = network_spec(tiny(architecture=architecture, likelihood=likelihood, latent_dim=3), shape)
    pixels = shape[0] * shape[1] * shape[2]
    assert Network(spec.encoder)(torch.rand(5, pixels)).shape == (5, 6)
    outputs = 2 if likelihood == "gaussian-per-pixel" else 1
    assert Network(spec.decoder)(torch.rand(5, 3)).shape == (5, outputs * pixels)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("conditioned", [False, True])
def test_torch_has_the_weights_of_the_specification(make_model, architecture, conditioned):
    model = make_model(architecture=architecture, beta_conditioned=conditioned)
    assert {name: tuple(value.shape) for name, value in model.state_dict().items()} == \
        model.spec.weights()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_layer_gives_what_the_next_one_takes(tiny, architecture):
    """…in number: a layer reshapes what arrives; within a block in shape too."""
    def check(layers, arriving):
        for layer in layers:
            assert math.prod(layer.in_shape) == math.prod(arriving)
            if isinstance(layer, Residual):
                check(layer.body, layer.in_shape)
                check(layer.skip, layer.in_shape)
                if layer.skip:
                    assert layer.skip[-1].out_shape == layer.out_shape
            arriving = layer.out_shape
        return arriving

    for shape in SHAPES:
        spec = network_spec(tiny(architecture=architecture, num_layers=3), shape)
        assert check(spec.encoder, shape) == (4,)
        assert math.prod(check(spec.decoder, (2,))) == math.prod(shape)


@pytest.mark.parametrize(("architecture", "encoder", "decoder"), [
    ("mlp", [0, 2, 4], [0, 2, 4]), ("conv", [1, 3, 6, 8], [0, 2, 5, 7])])
def test_the_names_are_those_that_runs_on_disk_have(tiny, architecture, encoder, decoder):
    spec = network_spec(tiny(architecture=architecture, num_layers=2), SHAPES[0])
    assert [layer.name for layer in spec.encoder] == [f"encoder.{k}" for k in encoder]
    assert [layer.name for layer in spec.decoder] == [f"decoder.{k}" for k in decoder]


@pytest.mark.parametrize("num_layers", [1, 2, 5])
def test_an_mlp_has_as_many_hidden_layers_as_asked_for(tiny, num_layers):
    spec = network_spec(tiny(num_layers=num_layers, hidden_dim=7), SHAPES[0])
    for layers in (spec.encoder, spec.decoder):
        assert len(layers) == num_layers + 1
        assert all(isinstance(layer, Linear) for layer in layers)
        assert all(layer.in_features == 7 for layer in layers[1:])


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_there_is_an_activation_between_any_two_layers_and_none_at_the_end(
        tiny, architecture, activation):
    spec = network_spec(tiny(architecture=architecture, activation=activation, num_layers=3),
                        SHAPES[0])
    for *inner, last in (spec.encoder, spec.decoder):
        assert {layer.activation for layer in inner} == {activation}
        assert last.activation == "identity"


def test_channels_set_the_width_of_the_convolutions(tiny):
    spec = network_spec(tiny(architecture="conv", channels=6), SHAPES[0])
    assert [each.out_channels for each in spec.encoder if isinstance(each, Conv)] == [6, 12]


@pytest.mark.parametrize("num_layers", [1, 2, 4, 16])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 33, 20), (1, 1, 2)])
def test_residual_blocks_halve_any_image_and_double_it_again(tiny, num_layers, shape):
    config = tiny(architecture="conv-res", num_layers=num_layers)
    spec = network_spec(config, shape)
    down = [layer for layer in spec.encoder if isinstance(layer, Residual)]
    up = [layer for layer in spec.decoder if isinstance(layer, Residual)]
    assert len(down) == len(up) == num_layers
    sizes = [shape[1:], *(layer.out_shape[1:] for layer in down)]
    assert all(after == tuple(math.ceil(side / 2) for side in before)
               for before, after in zip(sizes, sizes[1:]))
    assert [layer.out_shape[1:] for layer in reversed(up)] == sizes[:-1]
    decoded = Network(spec.decoder)(torch.randn(1, 2))
    assert decoded.shape == (1, math.prod(shape)) and decoded.isfinite().all()
    assert Network(spec.encoder)(decoded).isfinite().all()


def test_residual_networks_have_a_bounded_width(tiny):
    spec = network_spec(tiny(architecture="conv-res", channels=4, num_layers=6), (1, 28, 28))
    widths = [layer.out_shape[0] for layer in spec.encoder if isinstance(layer, Residual)]
    assert widths == [4, 8, 16, 32, 32, 32]


def test_bad_shapes_are_refused_with_what_to_choose(tiny):
    with pytest.raises(ValueError, match="divisible by 4, and mnist has 10×12: choose 'conv-res'"):
        network_spec(tiny(architecture="conv"), (1, 10, 12))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_knob_is_in_the_row_exactly_if_it_changes_the_network(tiny, architecture):
    row = ARCHITECTURES[architecture]
    assert row.title
    shape = DATASETS["mnist"].shape
    plain = network_spec(tiny(architecture=architecture), shape)
    for name, value in (("num_layers", 3), ("channels", 5), ("activation", "tanh")):
        changed = network_spec(tiny(architecture=architecture, **{name: value}), shape)
        assert (changed != plain) == (name in row.knobs), name


def test_no_layer_is_named_twice(tiny):
    for architecture in ARCHITECTURES:
        spec = network_spec(tiny(architecture=architecture, num_layers=3), SHAPES[0])
        names = [layer.name for layer in (*weighted(spec.encoder), *weighted(spec.decoder))]
        assert len(set(names)) == len(names)
