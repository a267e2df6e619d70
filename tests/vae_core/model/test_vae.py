"""VAE: encode, reparameterise, decode."""

from __future__ import annotations

import pytest
import torch

from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.vae import VAE, Posterior
from vae_core.numerics import LOG_VAR_MAX, LOG_VAR_MIN


@pytest.fixture(params=ARCHITECTURES)
def model(request, make_model) -> VAE:
    return make_model(architecture=request.param, latent_dim=3)


def test_encode_gives_a_posterior_for_each_example(model, unit_x):
    posterior = model.encode(unit_x)
    assert posterior.mu.shape == posterior.log_var.shape == (len(unit_x), 3)


def test_examples_do_not_see_each_other(model, unit_x):
    together, alone = model.encode(unit_x), model.encode(unit_x[7:8])
    torch.testing.assert_close(together.mu[7:8], alone.mu)
    torch.testing.assert_close(together.log_var[7:8], alone.log_var)


def test_log_var_is_bounded_whatever_the_encoder_says(make_model, unit_x):
    model = make_model()
    with torch.no_grad():
        model.encoder[-1].weight.mul_(1e8)
    log_var = model.encode(unit_x).log_var
    assert log_var.isfinite().all()
    assert log_var.min() >= LOG_VAR_MIN and log_var.max() <= LOG_VAR_MAX + 1e-4
    assert log_var.max() - log_var.min() > LOG_VAR_MAX - LOG_VAR_MIN - 1  # and both ends are met


def test_a_plain_autoencoder_has_a_point_for_a_code(make_model, unit_x):
    posterior = make_model(beta=0).encode(unit_x)
    assert (posterior.log_var == LOG_VAR_MIN).all()


def test_reparameterised_samples_have_the_posteriors_moments():
    posterior = Posterior(torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, -3.0]]))
    eps = torch.randn(100_000, 1, 2, generator=torch.Generator().manual_seed(0))
    z = VAE.reparameterize(posterior, eps)
    torch.testing.assert_close(z.mean(0), posterior.mu, atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(0).log(), posterior.log_var, atol=0.03, rtol=0)


def test_reparameterisation_passes_the_gradient():
    """dz/dμ = 1 and dz/d log σ² = ½ σ ε."""
    mu = torch.tensor([0.3, -1.0], requires_grad=True)
    log_var = torch.tensor([0.2, -2.0], requires_grad=True)
    eps = torch.tensor([1.5, -0.5])
    VAE.reparameterize(Posterior(mu, log_var), eps).sum().backward()
    torch.testing.assert_close(mu.grad, torch.ones(2))
    torch.testing.assert_close(log_var.grad, 0.5 * (0.5 * log_var).exp().detach() * eps)


def test_decode_keeps_leading_dimensions(model):
    z = torch.randn(2, 5, 3)
    out = model.decode(z)
    assert out.shape == (2, 5, 784)
    torch.testing.assert_close(out[1], model.decode(z[1]))


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_decode_mean_is_an_image(make_model, likelihood):
    image = make_model(likelihood=likelihood).decode_mean(torch.randn(4, 2))
    assert image.shape == (4, 784)
    if likelihood == "bernoulli":
        assert image.min() >= 0 and image.max() <= 1
