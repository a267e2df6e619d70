"""Network: the torch module of one side's layers, on flat data."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from vae_core.model.spec import Layer, Layers, Residual, weighted

ACTIVATIONS = {"identity": lambda values: values, "relu": F.relu, "silu": F.silu,
               "tanh": torch.tanh}
# (layer, what came in, what its weights made of it) → what goes to the activation
Modulation = Callable[[Layer, torch.Tensor, torch.Tensor], torch.Tensor]


class Network(nn.Module):
    """(n, features) → (n, outputs), by the layers of a `NetworkSpec`.

    A layer's weights are named after it: "encoder.0" has the module "0" of `VAE.encoder`.
    """

    def __init__(self, layers: Layers):
        super().__init__()
        self.layers = layers
        for layer in weighted(layers):
            self.add_module(layer.key, layer.module())

    def __getitem__(self, index: int) -> nn.Module:
        """The module of the index-th layer that has weights."""
        return list(self.children())[index]

    def forward(self, values: torch.Tensor, modulate: Modulation | None = None) -> torch.Tensor:
        return self._run(self.layers, values, modulate).flatten(1)

    def _run(self, layers: Layers, values: torch.Tensor, modulate: Modulation | None
             ) -> torch.Tensor:
        for layer in layers:
            given = values.reshape(-1, *layer.in_shape)
            if isinstance(layer, Residual):
                values = self._run(layer.body, given, modulate) \
                    + self._run(layer.skip, given, modulate)
            else:
                values = layer.forward(given, self._modules.get(layer.key))
                if modulate:
                    values = modulate(layer, given, values)
            values = ACTIVATIONS[layer.activation](values)
        return values


def batched(network: nn.Module, values: torch.Tensor) -> torch.Tensor:
    """Apply a network to (…, features): the leading dimensions are folded into one and back."""
    return network(values.reshape(-1, values.shape[-1])).reshape(*values.shape[:-1], -1)
