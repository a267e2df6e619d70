"""A β-conditioned model held at one β: an ordinary model, with no trace of the conditioning."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from vae_core.config import CONDITIONED_ONLY, TrainConfig

if TYPE_CHECKING:
    from vae_core.model.vae import VAE

_PREFIX = "film."


def frozen_config(config: TrainConfig, beta: float) -> TrainConfig:
    """The configuration of the ordinary model that a conditioned one is at β.

    Raises:
        ValueError: the model isn't conditioned, or β lies outside its range.
    """
    if not config.beta_conditioned:
        raise ValueError(
            f"β = {beta:g} can't be chosen: the model isn't β-conditioned and holds for "
            f"{config.beta:g} alone; leave beta out, or train one with beta_conditioned = true.")
    if not config.beta_min <= beta <= config.beta_max:
        raise ValueError(f"β = {beta:.10g} is outside what the model was trained for: choose it "
                         f"from {config.beta_min:.10g} to {config.beta_max:.10g}.")
    ordinary = {field.name: field.default for field in dataclasses.fields(config)
                if field.name in ("beta_conditioned", *CONDITIONED_ONLY)}
    return dataclasses.replace(config, beta=beta, **ordinary)


def fold(config: TrainConfig, weights: dict[str, np.ndarray], beta: float
         ) -> dict[str, np.ndarray]:
    """The weights of the ordinary model that a conditioned one is at β; needs no torch.

    W ← (1 + γ)W and b ← (1 + γ)b + δ in each layer that `film.FiLM` acts on, with γ and δ at
    u = √3 (log β − midpoint)/half-range; before that, W ← W + Σ_k c_k V_k next to the code.

    A gate is a factor of the next layer's column: see `gates.Gates`.

    Raises:
        KeyError, ValueError: the weights aren't those of such a model.
    """
    if config.conditioning == "gates":
        return _fold_gates(weights, beta)
    low, high = math.log(config.beta_min), math.log(config.beta_max)
    u = math.sqrt(3) * (2 * math.log(beta) - low - high) / (high - low)
    # In double precision, so that the result differs from torch's in the last digit only.
    inner = weights[f"{_PREFIX}embed.weight"][:, 0].astype(np.float64) * u \
        + weights[f"{_PREFIX}embed.bias"]
    embedded = inner / (1 + np.exp(-inner))
    shares = weights[f"{_PREFIX}mix.weight"] @ embedded + weights[f"{_PREFIX}mix.bias"]
    folded = {name: value for name, value in weights.items() if not name.startswith(_PREFIX)}
    layers = film_layers(weights)
    for side, layer in code_layers(layers).items():
        folded[f"{layer}.weight"] = folded[f"{layer}.weight"] + np.tensordot(
            shares, weights[f"{_PREFIX}bases.{side}"], 1)
    for layer in layers:
        gamma, delta = np.split(weights[f"{_PREFIX}{layer}.weight"] @ embedded
                                + weights[f"{_PREFIX}{layer}.bias"], 2)
        weight, bias = folded[f"{layer}.weight"], folded[f"{layer}.bias"]
        # A transposed convolution, which only decoders have, is [in, out, k, k].
        outputs = 1 if weight.ndim == 4 and layer.startswith("decoder.") else 0
        shape = [-1 if axis == outputs else 1 for axis in range(weight.ndim)]
        folded[f"{layer}.weight"] = (weight * (1 + gamma).reshape(shape)).astype(bias.dtype)
        folded[f"{layer}.bias"] = (bias * (1 + gamma) + delta).astype(bias.dtype)
    return folded


def _fold_gates(weights: dict[str, np.ndarray], beta: float) -> dict[str, np.ndarray]:
    folded = {name: value for name, value in weights.items() if not name.startswith("gates.")}
    for name in [name for name in weights
                 if name.startswith("gates.") and name.endswith(".weight")]:
        _, side, index, _ = name.split(".")
        raw = weights[name][:, 0].astype(np.float64) * math.log(beta) \
            + weights[name.replace("weight", "bias")]
        gate = 1 / (1 + np.exp(-raw)) if side == "encoder" else \
            np.sqrt(np.maximum(1 - np.exp(raw), 0))
        following = f"{side}.{int(index) + 2}.weight"  # behind the activation
        folded[following] = (folded[following] * gate).astype(np.float32)
    return folded


def film_layers(weights: dict[str, np.ndarray]) -> list[str]:
    """The layers that FiLM acts on, each network's in its order: encoder.0, …, decoder.0, …"""
    names = [name.removeprefix(_PREFIX).removesuffix(".weight") for name in weights
             if name.startswith((f"{_PREFIX}encoder.", f"{_PREFIX}decoder."))
             and name.endswith(".weight")]
    return sorted(names, key=lambda name: (name.startswith("decoder."), int(name.split(".")[1])))


def code_layers(layers: list[str]) -> dict[str, str]:
    """The layers next to the code: the encoder's last and the decoder's first."""
    return {"encoder": [name for name in layers if name.startswith("encoder.")][-1],
            "decoder": next(name for name in layers if name.startswith("decoder."))}


def freeze(model: VAE, beta: float) -> VAE:
    """An ordinary VAE that computes what the conditioned one does at β.

    Raises:
        ValueError: the model isn't conditioned, or β lies outside its range.
    """
    import torch

    from vae_core.model.vae import VAE

    config = frozen_config(model.config, beta)
    weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
    frozen = VAE(config, model.shape)
    frozen.load_state_dict({name: torch.from_numpy(value) for name, value in
                            fold(model.config, weights, beta).items()})
    return frozen.to(next(model.parameters()).device).train(model.training)
