"""FiLM: one model for every β, which at one β is the model trained for that β alone."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.model.architectures import ARCHITECTURES, network_spec
from vae_core.model.spec import EMBEDDING, weighted
from vae_core.model.vae import elbo_terms
from vae_core.training import objectives

BETAS = (0.01, 0.1, 1.0, 4.0, 10.0)


@pytest.fixture
def eps(unit_x) -> torch.Tensor:
    return torch.randn(len(unit_x), 2, generator=torch.Generator().manual_seed(3))


def test_position_is_standardised(tiny):
    """Mean 0 and variance 1 for log β uniform over the range, so ±√3 at its ends."""
    config = tiny(beta_conditioned=True, beta_min=0.5, beta_max=8, beta=1)
    position = network_spec(config, (1, 28, 28)).conditioning.position
    ends = position(torch.tensor([0.5, 2.0, 8.0]).log())
    torch.testing.assert_close(ends, math.sqrt(3) * torch.tensor([-1.0, 0.0, 1.0]))
    u = position(torch.linspace(math.log(0.5), math.log(8), 10_001))
    assert abs(u.mean()) < 1e-3 and abs(u.var() - 1) < 1e-3


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_training_begins_with_the_unconditioned_network(make_model, unit_x, architecture):
    plain = make_model(architecture=architecture)
    conditioned = make_model(architecture=architecture, beta_conditioned=True)
    z = torch.randn(4, 2)
    for beta in BETAS:
        for one, other in zip(plain.encode(unit_x), conditioned.encode(unit_x, beta)):
            assert one.equal(other)
        assert plain.decode(z).equal(conditioned.decode(z, beta))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_layers_keep_their_names_and_an_ordinary_model_has_no_others(make_model, architecture):
    plain = make_model(architecture=architecture)
    conditioned = make_model(architecture=architecture, beta_conditioned=True)
    assert plain.film is None
    more = conditioned.state_dict().keys() - plain.state_dict().keys()
    assert plain.state_dict().keys() <= conditioned.state_dict().keys()
    assert all(name.startswith("film.") for name in more)


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_every_layer_but_the_image_is_conditioned(make_model, architecture):
    model = make_model(architecture=architecture, beta_conditioned=True)
    *inner, image = [*weighted(model.spec.encoder), *weighted(model.spec.decoder)]
    assert all(layer.film for layer in inner) and not image.film
    for layer in inner:
        assert model.get_parameter(f"film.{layer.name}.weight").shape == \
            (2 * layer.units, EMBEDDING)


def test_in_residual_blocks_film_acts_behind_the_norms(make_model):
    """A norm would undo a scale and a shift of the convolution before it."""
    model = make_model(architecture="conv-res", beta_conditioned=True)
    layers = {layer.name: layer.film for layer in
              (*weighted(model.spec.encoder), *weighted(model.spec.decoder))}
    assert all(film == (not name.endswith(("_conv1", "_conv2", "_skip", "image")))
               for name, film in layers.items())
    assert {name.removeprefix("film.").removesuffix(".weight")
            for name, _ in model.named_parameters() if name.startswith(("film.enc", "film.dec"))
            and name.endswith(".weight")} == {name for name, film in layers.items() if film}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("beta", BETAS)
def test_at_one_beta_the_loss_is_that_of_a_training_at_this_beta(bent, unit_x, eps, architecture,
                                                                 beta):
    """mean(D_i + β_i R_i) with all β_i = β is mean(D) + β mean(R) of the model at β."""
    model = bent(architecture=architecture)
    each = torch.full((len(unit_x),), beta)
    conditioned = objectives.loss(elbo_terms(model, unit_x, eps, each), each).mean()
    fixed = objectives.loss(elbo_terms(model, unit_x, eps, beta), beta).mean()
    torch.testing.assert_close(conditioned, fixed)


def test_each_example_gets_its_own_beta(bent, unit_x, eps):
    """The losses of a mixed batch are those of each example alone, at its β."""
    model = bent()
    betas = torch.linspace(math.log(0.01), math.log(10), len(unit_x)).exp()
    terms = elbo_terms(model, unit_x, eps, betas)
    alone = [elbo_terms(model, x[None], e[None], beta.item()) for x, e, beta
             in zip(unit_x, eps, betas)]
    torch.testing.assert_close(terms.rate, torch.cat([each.rate for each in alone]))
    torch.testing.assert_close(objectives.loss(terms, betas), torch.cat(
        [objectives.loss(each, beta) for each, beta in zip(alone, betas)]))
    assert terms.rate.std() > 0


def test_no_beta_is_the_one_of_the_config(bent, unit_x):
    model = bent(beta=3)
    assert model.encode(unit_x).mu.equal(model.encode(unit_x, 3.0).mu)
    assert not model.encode(unit_x).mu.equal(model.encode(unit_x, 0.3).mu)
    z = torch.randn(4, 2)
    assert model.decode_mean(z).equal(model.decode_mean(z, torch.tensor(3.0)))


def test_decode_keeps_leading_dimensions(bent):
    model = bent()
    z, betas = torch.randn(3, 5, 2), torch.linspace(0.1, 10, 5)
    out = model.decode(z, betas)
    assert out.shape == (3, 5, 784)
    torch.testing.assert_close(out[2, 4], model.decode(z[2, 4], 10.0))


def test_bf16_does_not_round_beta(bent, unit_x):
    """γ and δ stay in float32; in bf16 two β 0.1 % apart would be one."""
    model = bent()
    seen = []
    model.film.embed.register_forward_hook(lambda _, given, out: seen.append((given[0], out)))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        model.encode(unit_x, 1.0), model.encode(unit_x, 1.001)
    assert seen[0][0] != seen[1][0]
    assert seen[0][1].dtype == torch.float32 and not seen[0][1].equal(seen[1][1])
