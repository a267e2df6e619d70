"""ARCHITECTURES: what each makes of a configuration and the shape of its data.

To add one of known layers, write a function like those below and give it a row at the end: then it
trains, is exported, and is decoded in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vae_core.model import spec
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.spec import Conv, Layer, Layers, Linear, NetworkSpec, Shape

if TYPE_CHECKING:
    from vae_core.config import TrainConfig

WIDEST = 8  # conv-res: the innermost level has at most 8 times the channels of the outermost


def network_spec(config: TrainConfig, shape: Shape) -> NetworkSpec:
    """The networks of a configuration for data of shape (channels, height, width).
    Raises ValueError: the architecture doesn't support this shape."""
    networks = ARCHITECTURES[config.architecture].make(
        config, shape, LIKELIHOODS[config.likelihood].outputs_per_value)
    if not config.beta_conditioned:
        return networks
    return networks.conditioned(spec.Conditioning(config.beta, config.beta_min, config.beta_max))


def _dense(name: str, ins: int, outs: int, activation: str = "identity") -> Layer:
    return Linear(name=name, in_features=ins, out_features=outs, activation=activation)


def mlp(config: TrainConfig, shape: Shape, outputs_per_value: int) -> NetworkSpec:
    """num_layers dense layers of hidden_dim units."""
    pixels, hidden = math.prod(shape), [config.hidden_dim] * config.num_layers

    def stack(side: str, sizes: list[int]) -> Layers:
        last = len(sizes) - 2
        return tuple(_dense(f"{side}.{2 * k}", sizes[k], sizes[k + 1],
                            "identity" if k == last else config.activation)
                     for k in range(len(sizes) - 1))

    return NetworkSpec(stack("encoder", [pixels, *hidden, 2 * config.latent_dim]),
                       stack("decoder", [config.latent_dim, *hidden, outputs_per_value * pixels]))


def conv(config: TrainConfig, shape: Shape, outputs_per_value: int) -> NetworkSpec:
    """Two convolutions that halve the image, and a dense layer; the decoder is its mirror image.
    Raises ValueError: height or width can't be halved twice."""
    channels, height, width = shape
    if height % 4 or width % 4:
        raise ValueError(f"architecture = 'conv' needs a height and width divisible by 4, and "
                         f"{config.dataset} has {height}×{width}: choose 'conv-res' or 'mlp'.")
    outer, inner, bend = config.channels, 2 * config.channels, config.activation
    halves, quarters = (height // 2, width // 2), (height // 4, width // 4)
    flat = inner * math.prod(quarters)

    def convolution(kind: type[Conv], name: str, ins: int, outs: int, size: tuple[int, int],
                    activation: str = bend) -> Layer:
        return kind(name=name, in_channels=ins, out_channels=outs, height=size[0], width=size[1],
                    kernel=4, stride=2, padding=1, activation=activation)

    # The numbers are those that runs on disk have: activations and reshapes used to be counted.
    return NetworkSpec(
        (convolution(Conv, "encoder.1", channels, outer, (height, width)),
         convolution(Conv, "encoder.3", outer, inner, halves),
         _dense("encoder.6", flat, config.hidden_dim, bend),
         _dense("encoder.8", config.hidden_dim, 2 * config.latent_dim)),
        (_dense("decoder.0", config.latent_dim, config.hidden_dim, bend),
         _dense("decoder.2", config.hidden_dim, flat, bend),
         convolution(spec.ConvTranspose, "decoder.5", inner, outer, quarters),
         convolution(spec.ConvTranspose, "decoder.7", outer, outputs_per_value * channels, halves,
                     "identity")))


def conv_res(config: TrainConfig, shape: Shape, outputs_per_value: int) -> NetworkSpec:
    """num_layers residual blocks that halve the image, rounding up, and a dense layer.

    A block: 3×3 convolution, GroupNorm, SiLU, 3×3 convolution, GroupNorm; plus a 1×1 convolution
    of what came in; SiLU. The first block has `channels` channels, each further one twice as many,
    up to 8 times. The decoder doubles by repeating pixels, which leaves no checkerboard (Odena et
    al. 2016), and crops what the rounding added.

    Source: He et al. 2016; Wu & He 2018.
    """
    levels = range(config.num_layers + 1)
    sizes = [tuple(math.ceil(side / 2**k) for side in shape[1:]) for k in levels]
    widths = [max(1, config.channels // 2),
              *(config.channels * min(2**k, WIDEST) for k in range(config.num_layers))]
    ins = [shape[0], *widths[1:]]
    flat = widths[-1] * math.prod(sizes[-1])

    def convolution(name: str, ins: int, outs: int, size: tuple[int, int], kernel: int = 3,
                    stride: int = 1) -> Layer:
        return Conv(name=name, in_channels=ins, out_channels=outs, height=size[0], width=size[1],
                    kernel=kernel, stride=stride, padding=kernel // 2)

    def norm(name: str, channels: int, size: tuple[int, int], activation: str = "identity"
             ) -> Layer:
        groups = next(g for g in (8, 4, 2, 1) if g == 1 or channels % (4 * g) == 0)
        return spec.GroupNorm(name=name, channels=channels, height=size[0], width=size[1],
                              groups=groups, activation=activation)

    def rest(name: str, channels: int, size: tuple[int, int]) -> Layers:
        """A block's body behind its first convolution."""
        return (norm(f"{name}_norm1", channels, size, "silu"),
                convolution(f"{name}_conv2", channels, channels, size),
                norm(f"{name}_norm2", channels, size))

    def down(k: int) -> Layer:
        name = f"encoder.down{k}"
        return spec.Residual(
            body=(convolution(f"{name}_conv1", ins[k - 1], widths[k], sizes[k - 1], stride=2),
                  *rest(name, widths[k], sizes[k])),
            skip=(convolution(f"{name}_skip", ins[k - 1], widths[k], sizes[k - 1], 1, 2),),
            activation="silu")

    def up(k: int) -> Layer:
        name, (above, below) = f"decoder.up{k}", (widths[k], widths[k - 1])

        def doubled(channels: int) -> Layer:
            return spec.Upsample(channels=channels, height=sizes[k][0], width=sizes[k][1],
                                 out_height=sizes[k - 1][0], out_width=sizes[k - 1][1])

        return spec.Residual(
            body=(doubled(above), convolution(f"{name}_conv1", above, below, sizes[k - 1]),
                  *rest(name, below, sizes[k - 1])),
            skip=(convolution(f"{name}_skip", above, below, sizes[k], 1), doubled(below)),
            activation="silu")

    return NetworkSpec(
        (*(down(k) for k in levels[1:]), _dense("encoder.dense", flat, config.hidden_dim, "silu"),
         _dense("encoder.code", config.hidden_dim, 2 * config.latent_dim)),
        (_dense("decoder.code", config.latent_dim, config.hidden_dim, "silu"),
         _dense("decoder.dense", config.hidden_dim, flat, "silu"),
         *(up(k) for k in reversed(levels[1:])),
         convolution("decoder.image", widths[0], outputs_per_value * shape[0], sizes[0])))


@dataclass(frozen=True)
class Architecture:
    """A row of ARCHITECTURES.

    make: (config, data shape, outputs of p(x|z) a value) → its layers, not conditioned on β.
    knobs: which of TrainConfig's network knobs it has, beside hidden_dim; others have no effect.
    """

    title: str
    make: Callable[[TrainConfig, Shape, int], NetworkSpec]
    knobs: tuple[str, ...] = ()


ARCHITECTURES = {
    "mlp": Architecture("MLP", mlp, ("num_layers", "activation")),
    "conv": Architecture("Convolutional", conv, ("channels", "activation")),
    "conv-res": Architecture("Residual convolutional", conv_res, ("num_layers", "channels")),
}
