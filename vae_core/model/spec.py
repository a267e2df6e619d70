"""The layers of a VAE's networks as records, from which torch, numpy and JavaScript compute.

Data flow through a network flat, as (n, features): each layer reshapes what arrives to its own
`in_shape`. A kind of layer is a class here and its entry in static/latent_plane/nn/layers.js.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

Shape = tuple[int, ...]  # of one example, without the batch: (features,) or (channels, h, w)
EMBEDDING = 64  # width of the embedding of β
BASES = 8  # further matrices of the layers next to z


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, followed by its activation: identity, relu, silu or tanh.

    name: prefix of its weights in model.safetensors, the network's and then its own, which has no
        dot and is no Python keyword ("encoder.0"); empty where it has no weights.
    film, bases: how it depends on β, see `networks.FiLM`; both False in an ordinary network.
    """

    op: ClassVar[str]  # its name in JavaScript
    _torch_name: ClassVar[str]  # of its class in torch.nn
    unit_axis: ClassVar[int] = 0  # of the weight: output features, or channels
    name: str = ""
    activation: str = "identity"
    film: bool = False
    bases: bool = False

    @property
    def in_shape(self) -> Shape:
        raise NotImplementedError

    @property
    def out_shape(self) -> Shape:
        return self.in_shape

    @property
    def weight_shape(self) -> Shape:
        """Shape of its weight in torch's order; its bias has one number for each unit."""
        return ()

    @property
    def key(self) -> str:
        """Its name within its network: "0" of "encoder.0"."""
        return self.name.partition(".")[2]

    @property
    def units(self) -> int:
        return self.weight_shape[self.unit_axis]

    def module(self) -> nn.Module:
        """The torch module with its weights, for a layer that has a name."""
        from torch import nn

        return getattr(nn, self._torch_name)(*self._module_arguments)

    def forward(self, values: torch.Tensor, module: nn.Module | None) -> torch.Tensor:
        """(n, *in_shape) → (n, *out_shape), before the activation."""
        return module(values)


@dataclass(frozen=True, kw_only=True)
class Linear(Layer):
    """W x + b, W of shape (out_features, in_features)."""

    op, _torch_name = "linear", "Linear"
    in_features: int
    out_features: int

    @property
    def in_shape(self) -> Shape:
        return (self.in_features,)

    @property
    def out_shape(self) -> Shape:
        return (self.out_features,)

    @property
    def weight_shape(self) -> Shape:
        return (self.out_features, self.in_features)

    @property
    def _module_arguments(self) -> tuple:
        return self.in_features, self.out_features


@dataclass(frozen=True, kw_only=True)
class Conv(Layer):
    """A convolution of in_channels images of height × width; kernels (out, in, k, k)."""

    op, _torch_name = "conv", "Conv2d"
    in_channels: int
    out_channels: int
    height: int
    width: int
    kernel: int
    stride: int = 1
    padding: int = 0

    @property
    def in_shape(self) -> Shape:
        return (self.in_channels, self.height, self.width)

    @property
    def out_shape(self) -> Shape:
        height, width = ((size + 2 * self.padding - self.kernel) // self.stride + 1
                         for size in (self.height, self.width))
        return (self.out_channels, height, width)

    @property
    def weight_shape(self) -> Shape:
        return (self.out_channels, self.in_channels, self.kernel, self.kernel)

    @property
    def _module_arguments(self) -> tuple:
        return self.in_channels, self.out_channels, self.kernel, self.stride, self.padding


@dataclass(frozen=True, kw_only=True)
class ConvTranspose(Conv):
    """A transposed convolution; kernels (in, out, k, k)."""

    op, _torch_name = "conv_transpose", "ConvTranspose2d"
    unit_axis = 1

    @property
    def out_shape(self) -> Shape:
        height, width = ((size - 1) * self.stride - 2 * self.padding + self.kernel
                         for size in (self.height, self.width))
        return (self.out_channels, height, width)

    @property
    def weight_shape(self) -> Shape:
        return (self.in_channels, self.out_channels, self.kernel, self.kernel)


@dataclass(frozen=True, kw_only=True)
class GroupNorm(Layer):
    """w (x − mean)/√(var + eps) + b, over each group of channels of one image (Wu & He 2018)."""

    op, _torch_name = "group_norm", "GroupNorm"
    channels: int
    height: int
    width: int
    groups: int
    eps: float = 1e-5

    @property
    def in_shape(self) -> Shape:
        return (self.channels, self.height, self.width)

    @property
    def weight_shape(self) -> Shape:
        return (self.channels,)

    @property
    def _module_arguments(self) -> tuple:
        return self.groups, self.channels, self.eps

    def forward(self, values: torch.Tensor, module: nn.Module | None) -> torch.Tensor:
        from torch import group_norm

        # Not by the module's own call, which refuses a group of one value: it becomes b.
        return group_norm(values, self.groups, module.weight, module.bias, self.eps)


@dataclass(frozen=True, kw_only=True)
class Upsample(Layer):
    """Each pixel becomes 2 × 2 equal ones, of which the first out_height × out_width are kept."""

    op = "upsample"
    channels: int
    height: int
    width: int
    out_height: int
    out_width: int

    @property
    def in_shape(self) -> Shape:
        return (self.channels, self.height, self.width)

    @property
    def out_shape(self) -> Shape:
        return (self.channels, self.out_height, self.out_width)

    def forward(self, values: torch.Tensor, module: nn.Module | None) -> torch.Tensor:
        from torch.nn.functional import interpolate

        return interpolate(values, scale_factor=2.0)[..., :self.out_height, :self.out_width]


@dataclass(frozen=True, kw_only=True)
class Residual(Layer):
    """body(x) + skip(x); an empty skip is the identity (He et al. 2016)."""

    op = "residual"
    body: tuple[Layer, ...]
    skip: tuple[Layer, ...] = ()

    @property
    def in_shape(self) -> Shape:
        return self.body[0].in_shape

    @property
    def out_shape(self) -> Shape:
        return self.body[-1].out_shape


Layers = tuple[Layer, ...]


@dataclass(frozen=True)
class Conditioning:
    """How layers depend on β: through an embedding of its position in the range, on a log scale.

    beta: the default, used where no β is given.
    """

    beta: float
    beta_min: float
    beta_max: float
    width: int = EMBEDDING
    num_bases: int = BASES

    def position(self, log_beta: Any) -> Any:
        """u = √3 (log β − midpoint)/half-range: mean 0, variance 1 where log β is uniform."""
        low, high = math.log(self.beta_min), math.log(self.beta_max)
        return math.sqrt(3) * (log_beta - (low + high) / 2) / ((high - low) / 2)


@dataclass(frozen=True)
class NetworkSpec:
    """The layers of encoder and decoder, and how they are conditioned on β, if they are.

    encoder: (channels·height·width,) → (2·latent_dim,), μ and the raw log σ².
    decoder: (latent_dim,) → (outputs_per_value·channels·height·width,), the parameters of p(x|z).
    """

    encoder: Layers
    decoder: Layers
    conditioning: Conditioning | None = None

    def side(self, name: str) -> Layers:
        return {"encoder": self.encoder, "decoder": self.decoder}[name]

    def weights(self) -> dict[str, Shape]:
        """Name and shape of every weight of both networks and of their conditioning on β."""
        layers = [*weighted(self.encoder), *weighted(self.decoder)]
        shapes = {}
        for layer in layers:
            shapes |= {f"{layer.name}.weight": layer.weight_shape, f"{layer.name}.bias":
                       (layer.units,)}
        if self.conditioning:
            width, bases = self.conditioning.width, self.conditioning.num_bases
            maps = {"film.embed": (width, 1), "film.mix": (bases, width),
                    **{f"film.{layer.name}": (2 * layer.units, width)
                       for layer in layers if layer.film}}
            for name, shape in maps.items():
                shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
            shapes |= {bases_name(layer): (bases, *layer.weight_shape)
                       for layer in layers if layer.bases}
        return shapes

    def check(self, weights: dict[str, np.ndarray]) -> None:
        """Raises ValueError where a weight is missing or has another shape."""
        for name, shape in self.weights().items():
            if name not in weights:
                raise ValueError(f"{name} is missing")
            if weights[name].shape != shape:
                raise ValueError(f"{name} has the shape {weights[name].shape}, not {shape}")

    def conditioned(self, conditioning: Conditioning) -> NetworkSpec:
        """The same layers, depending on β: all but the decoder's last have a scale and shift.

        Where a GroupNorm follows, which would undo them, they act behind it; skip connections
        have none. A linear layer next to z has the bases.
        """
        encoder, decoder = _with_film(self.encoder), _with_film(self.decoder[:-1])
        first, *rest = (*decoder, self.decoder[-1])
        return NetworkSpec((*encoder[:-1], _with_bases(encoder[-1])), (_with_bases(first), *rest),
                           conditioning)


def weighted(layers: Layers) -> Iterator[Layer]:
    """The layers that have weights, those within residual blocks too, in order."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from weighted((*layer.body, *layer.skip))
        elif layer.name:
            yield layer


def bases_name(layer: Layer) -> str:
    """Where the bases of a layer next to z are kept: one array for each network."""
    return f"film.bases.{layer.name.split('.')[0]}"


def _with_film(layers: Layers) -> Layers:
    following = (*layers[1:], None)
    return tuple(
        dataclasses.replace(layer, body=_with_film(layer.body)) if isinstance(layer, Residual) else
        dataclasses.replace(layer, film=bool(layer.name) and not isinstance(after, GroupNorm))
        for layer, after in zip(layers, following, strict=True))


def _with_bases(layer: Layer) -> Layer:
    return dataclasses.replace(layer, bases=True) if isinstance(layer, Linear) else layer
