"""FiLM: one network for every β, by a scale and a shift of each unit that depend on log β."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from vae_core.config import TrainConfig

EMBEDDING = 64
BASES = 8


def position(config: TrainConfig, beta: torch.Tensor) -> torch.Tensor:
    """u = √3 (log β − midpoint)/half-range: of mean 0 and variance 1 where log β is uniform."""
    low, high = math.log(config.beta_min), math.log(config.beta_max)
    return math.sqrt(3) * (beta.log() - (low + high) / 2) / ((high - low) / 2)


def leading_folded(values: torch.Tensor, beta: float | torch.Tensor | None, default: float
                   ) -> tuple[torch.Size, torch.Tensor, torch.Tensor]:
    """The leading dimensions; values as (n, features); β as (n,), or () if it is one for all."""
    leading = values.shape[:-1]
    beta = torch.as_tensor(default if beta is None else beta, dtype=torch.float32,
                           device=values.device)
    if beta.ndim:
        beta = beta.expand(leading).reshape(-1)
    return leading, values.reshape(-1, values.shape[-1]), beta


def weighted(network: nn.Sequential, last: bool) -> dict[str, nn.Module]:
    """The layers that have weights, by their names in the network; with the last one or without."""
    layers = {name: layer for name, layer in network.named_children() if hasattr(layer, "weight")}
    if not last:
        layers.popitem()
    return layers


class FiLM(nn.Module):
    """a ← a·(1 + γ(u)) + δ(u) on each unit (of a convolution: channel) before its activation.

    γ and δ come by one linear map a layer from one embedding of u, 1 → 64 → SiLU. The maps begin at
    zero, so that training begins with the unconditioned network. Acting before the activation, FiLM
    at one β is a layer with weight (1 + γ)W and bias (1 + γ)b + δ: see `freeze`.

    Conditioned are the hidden layers of encoder and decoder and the encoder's μ and log σ². Each
    map has its layer's name: `film.decoder.2.weight` belongs to `decoder.2.weight`.

    The two layers next to the code, which are thin, have more: W(u) = W + Σ_k c_k(u) V_k with eight
    matrices V_k, zero at first, and c(u) linear in the embedding. Scaling whole units can't keep a
    dimension that is closed at a high β out of units that read it at a low one; this can.

    Source: Perez et al. 2018, eq. 2; as the conditioning on β: Bae et al. 2023, §4, where a gate
        after the activation has its place.
    """

    def __init__(self, config: TrainConfig, encoder: nn.Sequential, decoder: nn.Sequential):
        super().__init__()
        self.config = config
        self.embed = nn.Linear(1, EMBEDDING)
        self.encoder = self._maps(weighted(encoder, last=True))
        self.decoder = self._maps(weighted(decoder, last=False))
        self.mix = nn.Linear(EMBEDDING, BASES)
        (*_, head), (entry, *_) = self.encoder, self.decoder
        self.code_layers = {"encoder": head, "decoder": entry}
        self.bases = nn.ParameterDict({
            "encoder": torch.zeros(BASES, *encoder.get_submodule(head).weight.shape),
            "decoder": torch.zeros(BASES, *decoder.get_submodule(entry).weight.shape)})

    @staticmethod
    def _maps(layers: dict[str, nn.Module]) -> nn.ModuleDict:
        maps = nn.ModuleDict()
        for name, layer in layers.items():
            maps[name] = nn.Linear(EMBEDDING, 2 * layer.bias.numel())
            nn.init.zeros_(maps[name].weight)
            nn.init.zeros_(maps[name].bias)
        return maps

    def encode(self, network: nn.Sequential, x: torch.Tensor, beta: float | torch.Tensor | None
               ) -> torch.Tensor:
        return self._apply_with("encoder", network, x, beta)

    def decode(self, network: nn.Sequential, z: torch.Tensor, beta: float | torch.Tensor | None
               ) -> torch.Tensor:
        return self._apply_with("decoder", network, z, beta)

    def _apply_with(self, side: str, network: nn.Sequential, values: torch.Tensor,
                    beta: float | torch.Tensor | None) -> torch.Tensor:
        """The network with FiLM between its layers, over any leading dimensions."""
        leading, values, beta = leading_folded(values, beta, self.config.beta)
        # In bf16, neighbouring β would have one u.
        with torch.autocast(values.device.type, enabled=False):
            embedded = F.silu(self.embed(position(self.config, beta).reshape(-1, 1)))
            modulation = {name: each(embedded).chunk(2, dim=-1)
                          for name, each in self.get_submodule(side).items()}
            shares = self.mix(embedded)
        for name, layer in network.named_children():
            given, values = values, layer(values)
            if name == self.code_layers[side]:
                values = values + self._mixed(self.bases[side], shares, given)
            if name in modulation:
                gamma, delta = (part.reshape(*part.shape, *[1] * (values.ndim - 2))
                                for part in modulation[name])
                values = torch.addcmul(values + delta, values, gamma)
        return values.reshape(*leading, -1)

    @staticmethod
    def _mixed(bases: torch.Tensor, shares: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Σ_k c_k V_k h: bases (8, out, in), shares (n or 1, 8), values (n, in) → (n, out)."""
        parts = F.linear(values, bases.flatten(0, 1)).unflatten(1, bases.shape[:2])
        return torch.einsum("nko,nk->no", parts, shares.to(parts.dtype).expand(len(parts), -1))
