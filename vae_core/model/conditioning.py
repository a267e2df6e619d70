"""A β-conditioned model held at one β: an ordinary model, with no trace of the conditioning."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from vae_core.config import CONDITIONED_ONLY, TrainConfig
from vae_core.model.spec import NetworkSpec, bases_name, weighted

if TYPE_CHECKING:
    from vae_core.model.vae import VAE


def frozen_config(config: TrainConfig, beta: float) -> TrainConfig:
    """The configuration of the ordinary model that a conditioned one is at β.
    Raises ValueError: the model isn't conditioned, or β lies outside its range."""
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


def fold(spec: NetworkSpec, weights: dict[str, np.ndarray], beta: float) -> dict[str, np.ndarray]:
    """The weights of the ordinary model that a conditioned one is at β; needs no torch.

    W ← (1 + γ)W and b ← (1 + γ)b + δ in each layer that `networks.FiLM` acts on, with γ and δ at
    u = √3 (log β − midpoint)/half-range; before that, W ← W + Σ_k c_k V_k next to z.

    Raises ValueError: the weights aren't those of such a model.
    """
    spec.check(weights)

    def linear(name: str, values: np.ndarray) -> np.ndarray:
        return weights[f"{name}.weight"] @ values + weights[f"{name}.bias"]

    # In double precision, so that the result differs from torch's in the last digit only.
    inner = linear("film.embed", np.array([spec.conditioning.position(np.log(beta))]))
    embedded = inner / (1 + np.exp(-inner))
    shares = linear("film.mix", embedded)
    folded = {name: value for name, value in weights.items() if not name.startswith("film.")}
    for layer in weighted((*spec.encoder, *spec.decoder)):
        weight, bias = weights[f"{layer.name}.weight"], weights[f"{layer.name}.bias"]
        kind = bias.dtype
        if layer.bases:
            weight = weight + np.tensordot(shares, weights[bases_name(layer)], 1)
        if layer.film:
            gamma, delta = np.split(linear(f"film.{layer.name}", embedded), 2)
            shape = [-1 if axis == layer.unit_axis else 1 for axis in range(weight.ndim)]
            weight, bias = weight * (1 + gamma).reshape(shape), bias * (1 + gamma) + delta
        folded[f"{layer.name}.weight"] = weight.astype(kind, copy=False)
        folded[f"{layer.name}.bias"] = bias.astype(kind, copy=False)
    return folded


def freeze(model: VAE, beta: float) -> VAE:
    """An ordinary VAE that computes what the conditioned one does at β.
    Raises ValueError: the model isn't conditioned, or β lies outside its range."""
    import torch

    from vae_core.model.vae import VAE

    config = frozen_config(model.config, beta)
    weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
    frozen = VAE(config, model.shape)
    frozen.load_state_dict({name: torch.from_numpy(value) for name, value in
                            fold(model.spec, weights, beta).items()})
    return frozen.to(next(model.parameters()).device).train(model.training)
