"""A conditioned model frozen at one β: an ordinary model with the same answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.networks import arrays, run_decoder
from tests.vae_core.model.test_film import BETAS
from vae_core.config import TrainConfig, knobs
from vae_core.measure.importance import estimate_log_px
from vae_core.measure.test_set import per_example
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.browser import browser_decoder
from vae_core.model.conditioning import fold, freeze, frozen_config
from vae_core.model.spec import BASES, EMBEDDING, weighted

ACTIVATIONS = knobs()["activation"][2].choices


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("beta", BETAS)
def test_a_frozen_model_equals_the_conditioned_one(bent, unit_x, architecture, activation, beta):
    model = bent(architecture=architecture, activation=activation, num_layers=3)
    frozen = freeze(model, beta)
    z = 2 * torch.randn(3, 5, 2)
    for one, other in zip(model.encode(unit_x, beta), frozen.encode(unit_x)):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.decode(z, beta), frozen.decode(z), atol=1e-5, rtol=1e-5)
    elsewhere = freeze(model, 0.5)
    assert not torch.allclose(elsewhere.decode(z), frozen.decode(z), atol=1e-3)


@pytest.mark.parametrize("likelihood", ["gaussian-fixed", "gaussian-shared", "gaussian-per-pixel"])
def test_a_frozen_model_keeps_its_likelihood(bent, unit_x, likelihood):
    model = bent(likelihood=likelihood, beta=2)
    frozen = freeze(model, 2.0)
    for one, other in zip(per_example(model, unit_x), per_example(frozen, unit_x)):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-5)


def test_log_px_of_a_conditioned_model_is_that_at_its_own_beta(bent, unit_x):
    model = bent(beta=4)
    x = unit_x.round()
    torch.testing.assert_close(estimate_log_px(model, x, 30),
                               estimate_log_px(freeze(model, 4.0), x, 30), atol=1e-3, rtol=0)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_frozen_model_has_no_trace_of_the_conditioning(bent, make_model, architecture):
    frozen = freeze(bent(architecture=architecture, beta_min=0.1, beta_max=20), 4.0)
    plain = make_model(architecture=architecture, beta=4)
    assert frozen.config == plain.config and frozen.film is None
    assert frozen.state_dict().keys() == plain.state_dict().keys()
    assert not frozen.training


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("beta", BETAS)
def test_the_browsers_decoder_equals_torchs_at_every_beta(bent, architecture, beta):
    model = bent(architecture=architecture, num_layers=2)
    z = 2 * torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    expected = model.decode_mean(z, beta).detach().numpy()
    description, flat = browser_decoder(model.config, arrays(model), beta)
    np.testing.assert_allclose(run_decoder(description, flat, z.numpy()), expected, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_browser_gets_what_it_needs_for_every_beta(bent, architecture):
    """From the flat array alone: the map of each conditioned layer, the embedding and the bases."""
    model = bent(architecture=architecture, beta=4)
    weights = arrays(model)
    description, flat = browser_decoder(model.config, weights)
    film = description["film"]
    assert (film["beta"], film["beta_min"], film["beta_max"]) == (4, 0.01, 10)
    assert (film["width"], film["num_bases"]) == (EMBEDDING, BASES)

    def at(start: int, name: str) -> None:
        expected = weights[name]
        np.testing.assert_array_equal(flat[start:start + expected.size], expected.ravel())

    def leaves(layers):
        for layer in layers:
            yield from leaves(layer["body"] + layer["skip"]) if layer["op"] == "residual" else \
                [layer] if "weight" in layer else []

    described = list(leaves(description["layers"]))
    assert [layer for layer in described if "bases" in layer] == described[:1]
    at(described[0]["bases"], "film.bases.decoder")
    for layer, spec in zip(described, weighted(model.spec.decoder), strict=True):
        assert ("film" in layer) == spec.film
        for part in ("weight", "bias"):
            at(layer[part], f"{spec.name}.{part}")
            if spec.film:
                at(layer["film"][part], f"film.{spec.name}.{part}")
    for each in ("embed", "mix"):
        for part in ("weight", "bias"):
            at(film[each][part], f"film.{each}.{part}")


@pytest.mark.parametrize("change", ["no embedding", "no layer", "another width"])
def test_weights_that_do_not_fit_are_one_sentence(bent, change):
    model = bent()
    weights = arrays(model)
    if change == "no embedding":
        del weights["film.embed.weight"]
    elif change == "no layer":
        del weights["decoder.0.bias"]
    else:
        weights["film.decoder.0.weight"] = weights["film.decoder.0.weight"][:-2]
    with pytest.raises(ValueError, match=r"The weights don't fit config\.json"):
        browser_decoder(model.config, weights)


def test_folding_leaves_the_weights_as_they_were(bent):
    model = bent()
    weights = arrays(model)
    before = {name: value.copy() for name, value in weights.items()}
    fold(model.spec, weights, 4.0)
    assert all(np.array_equal(weights[name], value) for name, value in before.items())


def test_a_beta_a_hair_outside_is_not_rounded_into_the_range(bent):
    with pytest.raises(ValueError, match=r"β = 10\.00001 is outside .* from 0\.01 to 10\."):
        freeze(bent(), 10.00001)


@pytest.mark.parametrize("beta", [0.0099, 10.1, 0.0, -1.0, float("nan"), float("inf")])
def test_a_beta_outside_the_range_is_refused(bent, beta):
    model = bent()
    for refused in (lambda: freeze(model, beta),
                    lambda: browser_decoder(model.config, arrays(model), beta)):
        with pytest.raises(ValueError, match=r"outside what .* choose it from 0\.01 to 10\.$"):
            refused()


def test_an_ordinary_model_has_one_beta(make_model):
    model = make_model(beta=2)
    for refused in (lambda: freeze(model, 2.0),
                    lambda: browser_decoder(model.config, arrays(model), 2.0)):
        with pytest.raises(ValueError, match="isn't β-conditioned and holds for 2 alone"):
            refused()


def test_the_frozen_configuration_differs_in_beta_alone():
    config = TrainConfig(beta_conditioned=True, beta_min=0.1, beta_max=20, hidden_dim=9, seed=3)
    assert frozen_config(config, 20) == TrainConfig(beta=20, hidden_dim=9, seed=3)


# The run folder
