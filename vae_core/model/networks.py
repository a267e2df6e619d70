"""Encoders and decoders: flat data → 2·latent_dim numbers, and z → flat decoder output."""

from __future__ import annotations

import torch
from torch import nn

from vae_core.config import TrainConfig

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "tanh": nn.Tanh}
KERNEL, STRIDE, PADDING = 4, 2, 1  # one convolution halves, one transposed doubles


def _stack(layers: list[nn.Module], activation: str) -> list[nn.Module]:
    """The layers with an activation between each two of them, none after the last."""
    stacked = [part for layer in layers for part in (layer, ACTIVATIONS[activation]())]
    return stacked[:-1]


def mlp_encoder(config: TrainConfig, shape: tuple[int, int, int]) -> nn.Sequential:
    sizes = [shape[0] * shape[1] * shape[2], *[config.hidden_dim] * config.num_layers,
             2 * config.latent_dim]
    return nn.Sequential(*_stack([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])],
                                 config.activation))


def mlp_decoder(config: TrainConfig, shape: tuple[int, int, int], outputs: int) -> nn.Sequential:
    sizes = [config.latent_dim, *[config.hidden_dim] * config.num_layers,
             outputs * shape[0] * shape[1] * shape[2]]
    return nn.Sequential(*_stack([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])],
                                 config.activation))


def conv_encoder(config: TrainConfig, shape: tuple[int, int, int]) -> nn.Sequential:
    channels, height, width = shape
    outer, inner = config.channels, 2 * config.channels
    layers = _stack([
        nn.Conv2d(channels, outer, KERNEL, STRIDE, PADDING),
        nn.Conv2d(outer, inner, KERNEL, STRIDE, PADDING),
        nn.Linear(inner * (height // 4) * (width // 4), config.hidden_dim),
        nn.Linear(config.hidden_dim, 2 * config.latent_dim),
    ], config.activation)
    # Behind the second convolution's activation.
    layers.insert(4, nn.Flatten())
    return nn.Sequential(nn.Unflatten(1, shape), *layers)


def conv_decoder(config: TrainConfig, shape: tuple[int, int, int], outputs: int) -> nn.Sequential:
    channels, height, width = shape
    outer, inner = config.channels, 2 * config.channels
    small = (inner, height // 4, width // 4)
    layers = _stack([
        nn.Linear(config.latent_dim, config.hidden_dim),
        nn.Linear(config.hidden_dim, inner * small[1] * small[2]),
        nn.ConvTranspose2d(inner, outer, KERNEL, STRIDE, PADDING),
        nn.ConvTranspose2d(outer, outputs * channels, KERNEL, STRIDE, PADDING),
    ], config.activation)
    layers.insert(4, nn.Unflatten(1, small))
    return nn.Sequential(*layers, nn.Flatten())


def make_encoder(config: TrainConfig, shape: tuple[int, int, int]) -> nn.Sequential:
    return (mlp_encoder if config.architecture == "mlp" else conv_encoder)(config, shape)


def make_decoder(config: TrainConfig, shape: tuple[int, int, int], outputs: int) -> nn.Sequential:
    make = mlp_decoder if config.architecture == "mlp" else conv_decoder
    return make(config, shape, outputs)


def batched(network: nn.Sequential, values: torch.Tensor) -> torch.Tensor:
    """Apply a network to (…, features): the leading dimensions are folded into one and back."""
    return network(values.reshape(-1, values.shape[-1])).reshape(*values.shape[:-1], -1)
