"""Networks for the browser: their layers, and one flat array of weights; needs no torch."""

import dataclasses
from typing import Any

import numpy as np

from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.model.architectures import network_spec
from vae_core.model.conditioning import fold, frozen_config
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.spec import Layer, Layers, NetworkSpec, Residual, bases_name
from vae_core.numerics import LOG_VAR_MAX, LOG_VAR_MIN

Network = tuple[dict[str, Any], np.ndarray]  # the description and the weights
_PYTHON_ONLY = ("name", "film", "bases", "body", "skip")  # fields that are described otherwise


def browser_decoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> Network:
    """The decoder as a list of layers and one flat float32 array of weights.

    A layer has its `op`, its fields in `spec` and the offsets of its weight and bias in the flat
    array, where they lie in torch's order. `likelihood` says what the outputs mean, by the name of
    a function in likelihood.js and what that is given.

    Of a β-conditioned model the description has `film` too: β's range, where it begins, and the
    offsets of the embedding (`embed`: 1 → 64) and of the shares of the bases (`mix`: 64 → 8). A
    layer then has `film`, the offsets of its map 64 → γ, δ, and the one next to z `bases`, that of
    its eight further weights. See `networks.FiLM` for what becomes of them.

    beta: fold a β-conditioned model at this β; the layers are then those of an ordinary one.

    Raises ValueError: the weights aren't those of such a decoder, or β can't be chosen.
    """
    config, spec, weights = _at(config, weights, beta)
    description, flat = _describe(config, spec, weights, "decoder")
    try:
        likelihood = LIKELIHOODS[config.likelihood].browser(config, weights)
    except KeyError as error:
        raise _misfit(f"{error} is missing") from error
    return description | {"likelihood": likelihood}, flat


def browser_encoder(config: TrainConfig, weights: dict[str, np.ndarray],
                    beta: float | None = None) -> Network:
    """The encoder in the same way.

    Its last layer gives μ and the raw log σ², which is clamped softly to the bounds `log_var`: see
    `numerics.soft_clamp`. Where β = 0 the code is a point, and `deterministic` says so.

    Raises ValueError: the weights aren't those of such an encoder, or β can't be chosen.
    """
    config, spec, weights = _at(config, weights, beta)
    description, flat = _describe(config, spec, weights, "encoder")
    return description | {"log_var": [LOG_VAR_MIN, LOG_VAR_MAX],
                          "deterministic": config.deterministic,
                          "binarized": config.binarized}, flat


def turned_decoder(description: dict[str, Any], flat: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """The weights of the browser's decoder on other coordinates: of u = Q z instead of z.

    The first layer's W z is W Qᵀ u; so are those of the further weights of a β-conditioned model.
    turn: Q, orthogonal, (latent_dim, latent_dim).
    """
    first, flat = description["layers"][0], flat.copy()
    shape = (first["out_features"], first["in_features"])
    starts = [first["weight"]]
    if "bases" in first:
        size = shape[0] * shape[1]
        starts += [first["bases"] + k * size for k in range(description["film"]["num_bases"])]
    for start in starts:
        part = flat[start:start + shape[0] * shape[1]]
        part[:] = (part.reshape(shape) @ turn.T).ravel()
    return flat


def _at(config: TrainConfig, weights: dict[str, np.ndarray], beta: float | None
        ) -> tuple[TrainConfig, NetworkSpec, dict[str, np.ndarray]]:
    """Configuration, layers and weights, folded at β if there is one; the weights fit."""
    ordinary = config if beta is None else frozen_config(config, beta)
    shape = DATASETS[config.dataset].shape
    spec = network_spec(config, shape)
    try:
        spec.check(weights)
    except ValueError as error:
        raise _misfit(error) from error
    if beta is None:
        return config, spec, weights
    return ordinary, network_spec(ordinary, shape), fold(spec, weights, beta)


def _misfit(problem: object) -> ValueError:
    return ValueError(f"The weights don't fit config.json ({problem}): restore both files from the "
                      "same run, or train it again.")


def _describe(config: TrainConfig, spec: NetworkSpec, weights: dict[str, np.ndarray], side: str
              ) -> Network:
    """The layers of one side, and the sizes of its images."""
    channels, height, width = DATASETS[config.dataset].shape
    flat = _Flat(weights)
    description = {"latent_dim": config.latent_dim, "channels": channels, "height": height,
                   "width": width, "layers": flat.layers(spec.side(side))}
    if spec.conditioning:
        description["film"] = dataclasses.asdict(spec.conditioning) | {
            "embed": flat.linear("film.embed"), "mix": flat.linear("film.mix")}
    return description, np.concatenate(flat.parts).astype(np.float32, copy=False)


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

    def layers(self, layers: Layers) -> list[dict[str, Any]]:
        return [self._layer(layer) for layer in layers]

    def _layer(self, layer: Layer) -> dict[str, Any]:
        fields = {field.name: getattr(layer, field.name) for field in dataclasses.fields(layer)
                  if field.name not in _PYTHON_ONLY}
        described = {"op": layer.op, **fields}
        if isinstance(layer, Residual):
            return described | {"body": self.layers(layer.body), "skip": self.layers(layer.skip)}
        if layer.name:
            described |= self.linear(layer.name)
        if layer.film:
            described["film"] = self.linear(f"film.{layer.name}")
        if layer.bases:
            described["bases"] = self.add(bases_name(layer))
        return described
