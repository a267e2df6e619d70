"""Gates: the conditioning on β of the Multi-Rate VAE's authors, for comparison with `film`."""

from __future__ import annotations

import torch
from torch import nn

from vae_core.config import TrainConfig
from vae_core.model.film import leading_folded, weighted


class Gates(nn.Module):
    """h ← h·g(log β) on each hidden unit after its activation.

    g = sigmoid(w log β + b)            in the encoder
    g = √relu(1 − exp(w log β + b))     in the decoder

    w and b are one number a unit. With the usual initialisation a good part of the decoder's gates
    is shut over the whole range and stays so. MLP only.

    Source: Bae et al. 2023, §4.2 (the form of a linear VAE's optimal response to β).
    """

    def __init__(self, config: TrainConfig, encoder: nn.Sequential, decoder: nn.Sequential):
        super().__init__()
        self.config = config
        self.encoder, self.decoder = self._maps(encoder), self._maps(decoder)

    @staticmethod
    def _maps(network: nn.Sequential) -> nn.ModuleDict:
        return nn.ModuleDict({name: nn.Linear(1, layer.bias.numel())
                              for name, layer in weighted(network, last=False).items()})

    def encode(self, network: nn.Sequential, x: torch.Tensor, beta: float | torch.Tensor | None
               ) -> torch.Tensor:
        return self._apply_with(self.encoder, torch.sigmoid, network, x, beta)

    def decode(self, network: nn.Sequential, z: torch.Tensor, beta: float | torch.Tensor | None
               ) -> torch.Tensor:
        return self._apply_with(self.decoder, root_gate, network, z, beta)

    def _apply_with(self, maps: nn.ModuleDict, gate, network: nn.Sequential, values: torch.Tensor,
                    beta: float | torch.Tensor | None) -> torch.Tensor:
        leading, values, beta = leading_folded(values, beta, self.config.beta)
        with torch.autocast(values.device.type, enabled=False):
            open_by = {name: gate(each(beta.log().reshape(-1, 1))) for name, each in maps.items()}
        pending = None
        for name, layer in network.named_children():
            values = layer(values)
            if pending is not None:  # `layer` was the activation of the gated one
                values, pending = values * open_by[pending], None
            if name in open_by:
                pending = name
        return values.reshape(*leading, -1)


def root_gate(values: torch.Tensor) -> torch.Tensor:
    """√relu(1 − eᵃ); its gradient is infinite where it closes, so the root starts a hair above."""
    return torch.relu(1 - values.exp()).add(1e-12).sqrt()
