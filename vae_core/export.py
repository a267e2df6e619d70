"""A decoder for other programs: weights and layers for the browser, ONNX for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.config import TrainConfig
from vae_core.data.catalog import CATALOG
from vae_core.freeze import code_layers, film_layers, fold, frozen_config

if TYPE_CHECKING:
    from vae_core.vae import VAE


def browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> tuple[dict[str, Any], np.ndarray]:
    """The decoder as a list of layers and one flat float32 array of weights; needs no torch.

    A layer names its `op` and holds the offsets of its weight and bias in the flat array. Linear
    weights are row-major [out, in], those of a transposed convolution [in, out, k, k], as in torch.

    Of a β-conditioned run the description has `film` too: β's range, its start, and the offsets of
    the embedding (`embed`: 1 → 64) and of the shares of the bases (`mix`: 64 → 8). A layer then has
    `film`, the offsets of its map 64 → γ, δ, and the first one `bases`, that of its eight further
    weights. See `film.FiLM` for what becomes of them.

    beta: hold a β-conditioned run there; the layers are then those of an ordinary run. One with
    gates instead of FiLM is always held, at config.beta if nothing else is given.

    Raises:
        ValueError: the weights aren't those of such a decoder, or β can't be chosen.
    """
    if config.beta_conditioned and config.conditioning == "gates":
        beta = config.beta if beta is None else beta
    if beta is not None:
        ordinary = frozen_config(config, beta)
    try:
        if beta is not None:
            config, weights = ordinary, fold(config, weights, beta)
        return _browser_decoder(config, weights)
    except (KeyError, ValueError, IndexError, StopIteration) as error:
        raise ValueError(f"The weights don't fit config.json ({error}): restore both files from "
                         "the same run, or train it again.") from error


class _Flat:
    """Arrays one after another, each found again by where it begins."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights, self.parts, self.size = weights, [], 0

    def add(self, name: str) -> int:
        start = self.size
        self.parts.append(self.weights[name].ravel())
        self.size += self.parts[-1].size
        return start

    def linear(self, name: str) -> dict[str, int]:
        return {part: self.add(f"{name}.{part}") for part in ("weight", "bias")}


def _browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray]
                     ) -> tuple[dict[str, Any], np.ndarray]:
    channels, height, width = CATALOG[config.dataset].shape
    names = sorted({int(key.split(".")[1]) for key in weights if key.startswith("decoder.")})
    layers, flat = [], _Flat(weights)
    size = (height // 4, width // 4)
    for position, index in enumerate(names):
        weight = weights[f"decoder.{index}.weight"]
        last = position == len(names) - 1
        layer = flat.linear(f"decoder.{index}")
        layer["activation"] = "identity" if last else config.activation
        if weight.ndim == 2:
            layer |= {"op": "linear", "in": weight.shape[1], "out": weight.shape[0]}
        else:
            layer |= {"op": "conv_transpose", "in_channels": weight.shape[0],
                      "out_channels": weight.shape[1], "height": size[0], "width": size[1],
                      "kernel": weight.shape[2], "stride": 2, "padding": 1}
            size = (size[0] * 2, size[1] * 2)
        layers.append(layer)
    if layers[0].get("in") != config.latent_dim:
        raise ValueError(f"the decoder takes {layers[0].get('in')} numbers, not latent_dim = "
                         f"{config.latent_dim}")
    description = {"latent_dim": config.latent_dim, "channels": channels, "height": height,
                   "width": width, "layers": layers,
                   "mean": "sigmoid" if config.likelihood == "bernoulli" else "identity"}
    if config.beta_conditioned:
        description["film"] = _browser_film(config, flat, dict(zip(names, layers, strict=True)))
    return description, np.concatenate(flat.parts).astype(np.float32, copy=False)


def _browser_film(config: TrainConfig, flat: _Flat, layers: dict[int, dict]) -> dict[str, Any]:
    """What the browser needs for any β, and in each layer that has it the offsets of its map."""
    conditioned = film_layers(flat.weights)
    for name in conditioned:
        shape = flat.weights[f"film.{name}.weight"].shape
        if shape[0] != 2 * flat.weights[f"{name}.bias"].size:
            raise ValueError(f"film.{name}.weight has the shape {shape}")
        side, index = name.split(".")
        if side == "decoder":
            layers[int(index)]["film"] = flat.linear(f"film.{name}")
    first = int(code_layers(conditioned)["decoder"].split(".")[1])
    layers[first]["bases"] = flat.add("film.bases.decoder")
    return {"beta": config.beta, "beta_min": config.beta_min, "beta_max": config.beta_max,
            "width": flat.weights["film.embed.bias"].size,
            "num_bases": flat.weights["film.mix.bias"].size,
            "embed": flat.linear("film.embed"), "mix": flat.linear("film.mix")}


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
