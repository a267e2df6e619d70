"""The networks in the browser equal torch's, for every architecture and likelihood there is."""

from __future__ import annotations

import dataclasses
import itertools
import json

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from tests.networks import arrays, assert_equal_in_javascript, run_decoder
from vae_core.config import knobs
from vae_core.data.registry import DATASETS
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.browser import browser_decoder, browser_encoder
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import find_runs

ACTIVATIONS = knobs()["activation"][2].choices


def moved(model):
    """Away from the near-constant images of an untrained decoder."""
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(2)
        mean = model.decode_mean(2 * torch.randn(7, model.config.latent_dim))
    assert mean.std(dim=0).max() > 0.02
    return model


def test_networks_in_javascript_equal_torchs(make_model, bent):
    """Every architecture × likelihood, conditioned on β or not."""
    models = {}
    for make, architecture, likelihood in itertools.product((make_model, bent), ARCHITECTURES,
                                                            LIKELIHOODS):
        models[f"{make} {architecture} {likelihood}"] = moved(make(
            architecture=architecture, likelihood=likelihood, sigma=0.3, latent_dim=3,
            num_layers=2, channels=4))
    assert_equal_in_javascript(models, betas=(0.01, 0.3, 10.0))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_so_they_do_with_every_activation(make_model, activation):
    assert_equal_in_javascript({name: moved(make_model(architecture=name, activation=activation))
                                for name in ARCHITECTURES})


def test_the_code_of_a_plain_autoencoder_is_a_point(make_model):
    assert_equal_in_javascript({name: make_model(architecture=name, beta=0)
                                for name in ARCHITECTURES})


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (2, 9, 7), (1, 1, 3), (4, 5, 1)])
def test_residual_networks_take_any_shape(make_model, bent, monkeypatch, shape):
    monkeypatch.setitem(DATASETS, "mnist", dataclasses.replace(DATASETS["mnist"], shape=shape))
    assert_equal_in_javascript(
        {f"{make} {levels}": make(architecture="conv-res", num_layers=levels, channels=3)
         for make in (make_model, bent) for levels in (1, 2, 6)}, betas=(0.1,))


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["checkpoints", "ui/theory/runs"])
def test_the_runs_that_come_with_the_program_are_decoded_as_in_torch(folder):
    runs = find_runs(ROOT / folder)
    assert runs
    assert_equal_in_javascript({run.run_id: load_model(run) for run in runs}, betas=(0.01, 10.0))


@pytest.mark.parametrize("learned", [-30.0, -7.5, 0.0, 30.0])
def test_a_learned_sigma_is_clamped_as_in_torch(make_model, learned):
    model = make_model(likelihood="gaussian-shared")
    with torch.no_grad():
        model.likelihood.log_var_x.fill_(learned)
        expected = model.likelihood.variance(model.decode(torch.zeros(1, 2)))[0, 0].log()
    described = browser_decoder(model.config, arrays(model))[0]["likelihood"]
    assert described["log_var"] == pytest.approx(expected.item(), abs=1e-5)


def test_the_description_is_json_and_the_weights_are_one_flat_array(make_model):
    model = make_model(architecture="conv")
    description, flat = browser_decoder(model.config, arrays(model))
    assert json.loads(json.dumps(description)) == description
    assert flat.ndim == 1 and flat.dtype == np.float32
    assert flat.size == sum(parameter.numel() for parameter in model.decoder.parameters())
    assert [description[key] for key in ("latent_dim", "channels", "height", "width")] == \
        [2, 1, 28, 28]


def test_a_run_on_the_disk_gives_the_same_decoder(finished):
    z = torch.randn(4, 2, generator=torch.Generator().manual_seed(1))
    description, flat = browser_decoder(finished.config(), finished.weights())
    found = run_decoder(description, flat, z.numpy())
    np.testing.assert_allclose(found, load_model(finished).decode_mean(z).detach(), atol=1e-4)


@pytest.mark.parametrize("change", ["a missing bias", "another latent_dim"])
def test_weights_that_do_not_fit_are_one_sentence(make_model, tiny, change):
    model = make_model()
    weights, config = arrays(model), model.config
    if change == "a missing bias":
        del weights["decoder.2.bias"]
    else:
        config = tiny(latent_dim=5)
    with pytest.raises(ValueError, match="fit"):
        browser_decoder(config, weights)
    if change == "another latent_dim":
        with pytest.raises(ValueError, match="fit"):
            browser_encoder(config, weights)
