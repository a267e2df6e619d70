"""FiLM: one network for every β, by a scale and a shift of each unit that depend on log β."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from vae_core.model.networks import Network
from vae_core.model.spec import Layer, NetworkSpec, weighted


class FiLM(nn.Module):
    """a ← a·(1 + γ(u)) + δ(u) on each unit (of a convolution: channel) before its activation.

    γ and δ come by one linear map a layer from one embedding of u, 1 → 64 → SiLU. The maps begin at
    zero, so that training begins with the unconditioned network. Acting before the activation, FiLM
    at one β is a layer with weight (1 + γ)W and bias (1 + γ)b + δ: see `conditioning.fold`.

    Which layers are conditioned, `NetworkSpec.conditioned` says. Each map has its layer's name:
    `film.decoder.2.weight` belongs to `decoder.2.weight`.

    The two layers next to z, which are thin, have more: W(u) = W + Σ_k c_k(u) V_k with eight
    matrices V_k, zero at first, and c(u) linear in the embedding. A scale of whole units can't keep
    a dimension that is inactive at a high β out of units that read it at a low one; this can.

    Source: Perez et al. 2018, eq. 2; as the conditioning on β: Bae et al. 2023, §4, where a gate
        after the activation has its place.
    """

    def __init__(self, spec: NetworkSpec):
        super().__init__()
        self.conditioning = spec.conditioning
        width, num_bases = spec.conditioning.width, spec.conditioning.num_bases
        self.embed = nn.Linear(1, width)
        self.encoder = self._maps(spec, "encoder")
        self.decoder = self._maps(spec, "decoder")
        self.mix = nn.Linear(width, num_bases)
        self.bases = nn.ParameterDict({
            side: torch.zeros(num_bases, *layer.weight_shape)
            for side in ("encoder", "decoder") for layer in weighted(spec.side(side))
            if layer.bases})

    @staticmethod
    def _maps(spec: NetworkSpec, side: str) -> nn.ModuleDict:
        maps = nn.ModuleDict()
        for layer in weighted(spec.side(side)):
            if layer.film:
                each = nn.Linear(spec.conditioning.width, 2 * layer.units)
                nn.init.zeros_(each.weight)
                nn.init.zeros_(each.bias)
                maps[layer.key] = each
        return maps

    def forward(self, side: str, network: Network, values: torch.Tensor,
                beta: float | torch.Tensor | None) -> torch.Tensor:
        """The network of this side ("encoder" or "decoder") at β, over any leading dimensions.

        beta: one number, or one for each of the leading dimensions; None is the model's own.
        """
        leading = values.shape[:-1]
        beta = torch.as_tensor(self.conditioning.beta if beta is None else beta,
                               dtype=torch.float32, device=values.device)
        if beta.ndim:
            beta = beta.expand(leading).reshape(-1)
        # In bf16, neighbouring β would have one u.
        with torch.autocast(values.device.type, enabled=False):
            position = self.conditioning.position(beta.log()).reshape(-1, 1)
            embedded = F.silu(self.embed(position))
            modulation = {name: each(embedded).chunk(2, dim=-1)
                          for name, each in self.get_submodule(side).items()}
            shares = self.mix(embedded)

        def modulate(layer: Layer, given: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
            if layer.bases:
                made = made + self._mixed(self.bases[side], shares, given)
            if not layer.film:
                return made
            gamma, delta = (part.reshape(*part.shape, *[1] * (made.ndim - 2))
                            for part in modulation[layer.key])
            return torch.addcmul(made + delta, made, gamma)

        return network(values.reshape(-1, values.shape[-1]), modulate).reshape(*leading, -1)

    @staticmethod
    def _mixed(bases: torch.Tensor, shares: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Σ_k c_k V_k h: bases (8, out, in), shares (n or 1, 8), values (n, in) → (n, out)."""
        parts = F.linear(values, bases.flatten(0, 1)).unflatten(1, bases.shape[:2])
        return torch.einsum("nko,nk->no", parts, shares.to(parts.dtype).expand(len(parts), -1))
