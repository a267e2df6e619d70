"""Network: the torch module of one side's layers, on flat data; FiLM: one network for every β."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from vae_core.model.spec import Layer, Layers, NetworkSpec, Residual, weighted

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
