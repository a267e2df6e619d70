"""A decoder for other programs: weights and layers for the browser, ONNX for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.config import TrainConfig
from vae_core.data.catalog import CATALOG
from vae_core.freeze import fold, frozen_config

if TYPE_CHECKING:
    from vae_core.vae import VAE


def browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> tuple[dict[str, Any], np.ndarray]:
    """The decoder as a list of layers and one flat float32 array of weights; needs no torch.

    A layer names its `op` and holds the offsets of its weight and bias in the flat array. Linear
    weights are row-major [out, in], those of a transposed convolution [in, out, k, k], as in torch.

    beta: where a β-conditioned run is shown; None is config.beta. The layers are those of an
    ordinary run, whose weights differ from β to β.

    Raises:
        ValueError: the weights aren't those of such a decoder, or β can't be chosen.
    """
    ordinary = frozen_config(config, config.beta if beta is None else beta) \
        if config.beta_conditioned or beta is not None else config
    try:
        if config.beta_conditioned:
            weights = fold(config, weights, ordinary.beta)
        return _browser_decoder(config, weights)
    except (KeyError, ValueError, IndexError) as error:
        raise ValueError(f"The weights don't fit config.json ({error}): restore both files from "
                         "the same run, or train it again.") from error


def _browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray]
                     ) -> tuple[dict[str, Any], np.ndarray]:
    channels, height, width = CATALOG[config.dataset].shape
    names = sorted({int(key.split(".")[1]) for key in weights if key.startswith("decoder.")})
    layers, flat, offset = [], [], 0
    size = (height // 4, width // 4)
    for position, index in enumerate(names):
        weight, bias = (weights[f"decoder.{index}.{part}"] for part in ("weight", "bias"))
        last = position == len(names) - 1
        layer = {"weight": offset, "bias": offset + weight.size,
                 "activation": "identity" if last else config.activation}
        if weight.ndim == 2:
            layer |= {"op": "linear", "in": weight.shape[1], "out": weight.shape[0]}
        else:
            layer |= {"op": "conv_transpose", "in_channels": weight.shape[0],
                      "out_channels": weight.shape[1], "height": size[0], "width": size[1],
                      "kernel": weight.shape[2], "stride": 2, "padding": 1}
            size = (size[0] * 2, size[1] * 2)
        layers.append(layer)
        flat += [weight.ravel(), bias.ravel()]
        offset += weight.size + bias.size
    if layers[0].get("in") != config.latent_dim:
        raise ValueError(f"the decoder takes {layers[0].get('in')} numbers, not latent_dim = "
                         f"{config.latent_dim}")
    description = {"latent_dim": config.latent_dim, "channels": channels, "height": height,
                   "width": width, "layers": layers,
                   "mean": "sigmoid" if config.likelihood == "bernoulli" else "identity"}
    return description, np.concatenate(flat).astype(np.float32, copy=False)


def write_onnx(model: VAE, path: Path) -> None:
    """The decoder as ONNX: input `z` (n, latent_dim), output `mean` (n, pixels), both float32.

    Raises:
        ValueError: the file can't be written.
    """
    import torch

    class MeanDecoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return self.model.decode_mean(z)

    example = torch.zeros(2, model.config.latent_dim)
    program = torch.onnx.export(
        MeanDecoder().eval(), (example,), dynamo=True, input_names=["z"], output_names=["mean"],
        dynamic_shapes={"z": {0: torch.export.Dim("n")}}, verbose=False)
    try:
        program.save(path)
    except OSError as error:
        raise ValueError(f"{path} can't be written ({error.strerror}): choose another file."
                         ) from error
