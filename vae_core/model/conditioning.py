"""A β-conditioned model held at one β: an ordinary model, with no trace of the conditioning."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import numpy as np

from vae_core.config import CONDITIONED_ONLY, TrainConfig
from vae_core.model.spec import NetworkSpec, bases_name, weighted
from vae_core.runs.run import Run, Status

if TYPE_CHECKING:
    from vae_core.model.vae import VAE


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


def fold(spec: NetworkSpec, weights: dict[str, np.ndarray], beta: float) -> dict[str, np.ndarray]:
    """The weights of the ordinary model that a conditioned one is at β; needs no torch.

    W ← (1 + γ)W and b ← (1 + γ)b + δ in each layer that `film.FiLM` acts on, with γ and δ at
    u = √3 (log β − midpoint)/half-range; before that, W ← W + Σ_k c_k V_k next to z.

    Raises:
        ValueError: the weights aren't those of such a model.
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

    Raises:
        ValueError: the model isn't conditioned, or β lies outside its range.
    """
    import torch

    from vae_core.model.vae import VAE

    config = frozen_config(model.config, beta)
    weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
    frozen = VAE(config, model.shape)
    frozen.load_state_dict({name: torch.from_numpy(value) for name, value in
                            fold(model.spec, weights, beta).items()})
    return frozen.to(next(model.parameters()).device).train(model.training)


def freeze_run(source: Run, beta: float, target: Run) -> None:
    """Write the conditioned run at β as an ordinary finished run, measured on its data set.

    It counts the epochs, steps and seconds of the training that it comes from, in one line of
    metrics.jsonl: a training of its own would have written one for each epoch.

    Raises:
        ValueError: the run isn't conditioned, or β lies outside its range.
        RunError: a file of the source is missing or damaged, or the target can't be written.
    """
    config = frozen_config(source.config(), beta)
    from vae_core.data import load_dataset
    from vae_core.measure.test_set import (
        FINAL_SAMPLES,
        TRAIN_POINTS,
        active_units,
        elbo_figures,
        latents,
        per_example,
        test_x,
    )
    from vae_core.runs.checkpoint import load_model, save_weights

    status, model = source.status(), freeze(load_model(source), beta)
    data = load_dataset(config.dataset)
    seen = data.train.first(config.train_limit).first(TRAIN_POINTS)
    train, test = per_example(model, test_x(model, seen)), \
        per_example(model, test_x(model, data.test), FINAL_SAMPLES)
    row = {"epoch": status.epoch, "step": status.step, "seconds": status.seconds, "beta": beta}
    for split, each in (("train", train), ("test", test)):
        row |= elbo_figures(split, each.distortion.double().mean().item(),
                            each.rate.double().mean().item(), config)
    target.claim()
    try:
        save_weights(model, target)
        target.write_latents(latents(model, data.test, test))
        target.write_metrics([{**row, "active_units": active_units(test.mu)}])
        target.write_status(Status("finished", epoch=status.epoch, step=status.step,
                                   total_steps=status.step, seconds=status.seconds))
        target.write_config(config)
    except BaseException:  # a full disk or Ctrl-C: half a run would only be in the way of the next
        shutil.rmtree(target.folder, ignore_errors=True)
        raise
