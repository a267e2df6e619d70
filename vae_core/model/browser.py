"""Networks for other programs: weights and layers for the browser, ONNX for everything else."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from vae_core.config import (
    LOG_VAR_MAX,
    LOG_VAR_MIN,
    LOG_VAR_X_MAX,
    LOG_VAR_X_MIN,
    TrainConfig,
)
from vae_core.data.registry import DATASETS
from vae_core.model.conditioning import code_layers, film_layers, fold, frozen_config

if TYPE_CHECKING:
    from vae_core.model.vae import VAE

Made = TypeVar("Made")


def browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> tuple[dict[str, Any], np.ndarray]:
    """The decoder as a list of layers and one flat float32 array of weights; needs no torch.

    A layer names its `op` and holds the offsets of its weight and bias in the flat array. Linear
    weights are row-major [out, in], those of a transposed convolution [in, out, k, k], as in torch.
    `likelihood` says what the outputs mean: bernoulli (logits), or gaussian with log σ² where all
    pixels have one, else with the `offset` of the raw log σ² of each.

    Of a β-conditioned run the description has `film` too: β's range, its start, and the offsets of
    the embedding (`embed`: 1 → 64) and of the shares of the bases (`mix`: 64 → 8). A layer then has
    `film`, the offsets of its map 64 → γ, δ, and the one next to the code `bases`, that of its
    eight further weights. See `film.FiLM` for what becomes of them.

    beta: hold a β-conditioned run there; the layers are then those of an ordinary run. One with
    gates instead of FiLM is always held, at config.beta if nothing else is given.

    Raises:
        ValueError: the weights aren't those of such a decoder, or β can't be chosen.
    """
    config, weights = _held(config, weights, beta)

    def describe() -> tuple[dict[str, Any], np.ndarray]:
        description, flat = _network(config, weights, "decoder")
        takes = description["layers"][0].get("in")
        if takes != config.latent_dim:
            raise ValueError(f"the decoder takes {takes} numbers, not latent_dim = "
                             f"{config.latent_dim}")
        return description | {"likelihood": _likelihood(config, weights)}, flat

    return _fitting(describe)


def turned_decoder(description: dict[str, Any], flat: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """The weights of the browser's decoder on other coordinates: of u = Q z instead of z.

    The first layer's W z is W Qᵀ u; so are those of the further weights of a β-conditioned run.
    turn: Q, orthogonal, (latent_dim, latent_dim).
    """
    first, flat = description["layers"][0], flat.copy()
    shape = (first["out"], first["in"])
    starts = [first["weight"]]
    if "bases" in first:
        size = shape[0] * shape[1]
        starts += [first["bases"] + k * size for k in range(description["film"]["num_bases"])]
    for start in starts:
        part = flat[start:start + shape[0] * shape[1]]
        part[:] = (part.reshape(shape) @ turn.T).ravel()
    return flat


def browser_encoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> tuple[dict[str, Any], np.ndarray]:
    """The encoder in the same way; a convolution's weights are [out, in, k, k], as in torch.

    Its last layer gives μ and the raw log σ², which `log_var` bounds softly: see
    `likelihoods.soft_clamp`. Where β = 0 the code is a point, and `deterministic` says so.

    Raises:
        ValueError: the weights aren't those of such an encoder, or β can't be chosen.
    """
    config, weights = _held(config, weights, beta)

    def describe() -> tuple[dict[str, Any], np.ndarray]:
        description, flat = _network(config, weights, "encoder")
        gives = description["layers"][-1].get("out")
        if gives != 2 * config.latent_dim:
            raise ValueError(f"the encoder gives {gives} numbers, not two for each of latent_dim = "
                             f"{config.latent_dim}")
        return description | {"log_var": [LOG_VAR_MIN, LOG_VAR_MAX],
                              "deterministic": config.deterministic,
                              "binarized": config.binarized}, flat

    return _fitting(describe)


def _held(config: TrainConfig, weights: dict[str, np.ndarray], beta: float | None
          ) -> tuple[TrainConfig, dict[str, np.ndarray]]:
    """Configuration and weights as they are at β, if one is to be held."""
    if config.beta_conditioned and config.conditioning == "gates" and beta is None:
        beta = config.beta
    if beta is None:
        return config, weights
    ordinary = frozen_config(config, beta)
    return ordinary, _fitting(lambda: fold(config, weights, beta))


def _fitting(make: Callable[[], Made]) -> Made:
    try:
        return make()
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


def _network(config: TrainConfig, weights: dict[str, np.ndarray], side: str
             ) -> tuple[dict[str, Any], np.ndarray]:
    """The layers of one side, and the sizes of its images."""
    channels, height, width = DATASETS[config.dataset].shape
    names = sorted({int(key.split(".")[1]) for key in weights if key.startswith(f"{side}.")})
    layers, flat = [], _Flat(weights)
    decodes = side == "decoder"
    size = (height // 4, width // 4) if decodes else (height, width)
    for position, index in enumerate(names):
        weight = weights[f"{side}.{index}.weight"]
        last = position == len(names) - 1
        layer = flat.linear(f"{side}.{index}")
        layer["activation"] = "identity" if last else config.activation
        if weight.ndim == 2:
            layer |= {"op": "linear", "in": weight.shape[1], "out": weight.shape[0]}
        else:
            first, second = ("in_channels", "out_channels") if decodes else \
                ("out_channels", "in_channels")
            layer |= {"op": "conv_transpose" if decodes else "conv", first: weight.shape[0],
                      second: weight.shape[1], "height": size[0], "width": size[1],
                      "kernel": weight.shape[2], "stride": 2, "padding": 1}
            size = tuple(2 * side if decodes else side // 2 for side in size)
        layers.append(layer)
    description = {"latent_dim": config.latent_dim, "channels": channels, "height": height,
                   "width": width, "layers": layers}
    if config.beta_conditioned:
        description["film"] = _film(config, flat, side, dict(zip(names, layers, strict=True)))
    return description, np.concatenate(flat.parts).astype(np.float32, copy=False)


def _likelihood(config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
    if config.likelihood == "bernoulli":
        return {"name": "bernoulli"}
    first = 2 * math.log(config.sigma)
    if config.likelihood == "gaussian-per-pixel":
        return {"name": "gaussian", "offset": first, "bounds": [LOG_VAR_X_MIN, LOG_VAR_X_MAX]}
    if config.likelihood == "gaussian-shared":
        learned = float(weights["likelihood.log_var_x"])
        below = LOG_VAR_X_MAX - np.logaddexp(0, LOG_VAR_X_MAX - learned)
        first = LOG_VAR_X_MIN + float(np.logaddexp(0, below - LOG_VAR_X_MIN))
    return {"name": "gaussian", "log_var": first}


def _film(config: TrainConfig, flat: _Flat, side: str, layers: dict[int, dict]) -> dict[str, Any]:
    """What the browser needs for any β, and in each layer that has it the offsets of its map."""
    conditioned = film_layers(flat.weights)
    for name in conditioned:
        shape = flat.weights[f"film.{name}.weight"].shape
        if shape[0] != 2 * flat.weights[f"{name}.bias"].size:
            raise ValueError(f"film.{name}.weight has the shape {shape}")
        where, index = name.split(".")
        if where == side:
            layers[int(index)]["film"] = flat.linear(f"film.{name}")
    beside_code = int(code_layers(conditioned)[side].split(".")[1])
    layers[beside_code]["bases"] = flat.add(f"film.bases.{side}")
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
