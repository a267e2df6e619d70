"""What a likelihood says about the noise in x: the squared error's σ, σ against β, and the fit."""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import numpy as np
import torch

from vae_core.model.elbo import elbo_terms, gaussian_rate
from vae_core.model.vae import VAE
from vae_core.random import binarize, seeded
from vae_core.training.objectives import loss

SQUARED_ERROR_SIGMA = math.sqrt(0.5)  # the σ at which −log N(x; x̂, σ²I) is ‖x − x̂‖² + constant


def squared_error_beta(sigma: float, beta: float) -> float:
    """The β of ‖x − x̂‖² + β·R that has the minimum of D_σ + beta·R: 2σ²·beta.

    D_σ = ‖x − x̂‖²/(2σ²) + (n/2)·log 2πσ²; multiply by 2σ², which moves no minimum
    (Lucas et al. 2019; Rybkin, Daniilidis & Levine 2021).
    """
    return 2 * sigma**2 * beta


class Constant(NamedTuple):
    """−log N(x; x̂, ½I) − ‖x − x̂‖² over examples, in nats."""

    mean: float
    spread: float  # the largest less the smallest
    closed_form: float  # (n/2)·log π


@torch.no_grad()
def squared_error_constant(model: VAE, x: torch.Tensor) -> Constant:
    """What parts the squared error from a Gaussian's distortion at σ = 1/√2: one number for all x.

    The distortion is torch.distributions', not the project's own. x: (n, pixels).
    """
    mean = model.decode_mean(model.encode(x).mu).double()
    x = x.double()
    distribution = torch.distributions.Normal(mean, SQUARED_ERROR_SIGMA)
    rest = -distribution.log_prob(x).sum(-1) - (x - mean).square().sum(-1)
    return Constant(rest.mean().item(), (rest.max() - rest.min()).item(),
                    x.shape[1] / 2 * math.log(math.pi))


class Twins(NamedTuple):
    """The gradients of two losses in all weights of one model; both (number of weights,)."""

    first: torch.Tensor  # of D_σ + beta·R
    second: torch.Tensor  # of D at σ = 1/√2, plus 2σ²·beta·R

    @property
    def factor(self) -> float:
        """The first in units of the second, by least squares: 1/(2σ²) if they are parallel."""
        return (self.first @ self.second / (self.second @ self.second)).item()

    def deviation(self, factor: float) -> float:
        """‖first − factor·second‖ / ‖first‖: 0 if the first is that multiple of the second."""
        return ((self.first - factor * self.second).norm() / self.first.norm()).item()


def twin_gradients(model: VAE, x: torch.Tensor, sigma: float, beta: float, seed: int = 0) -> Twins:
    """Gradients of D_σ + beta·R and of its twin with the squared error's σ, at the same weights,
    the same x and the same noise.

    Raises:
        ValueError: the model's likelihood isn't a Gaussian with a fixed σ.
    """
    if model.config.likelihood != "gaussian-fixed":
        raise ValueError(f"likelihood = {model.config.likelihood!r} learns its noise or has none: "
                         "choose a model with 'gaussian-fixed'.")
    eps = torch.randn(len(x), model.config.latent_dim, generator=seeded(torch.Generator(), seed))
    pairs = ((sigma, beta), (SQUARED_ERROR_SIGMA, squared_error_beta(sigma, beta)))
    return Twins(*(_gradient(model, x, eps, *pair) for pair in pairs))


def _gradient(model: VAE, x: torch.Tensor, eps: torch.Tensor, sigma: float, beta: float
              ) -> torch.Tensor:
    twin = copy.deepcopy(model)
    twin.likelihood.log_var_x.fill_(2 * math.log(sigma))
    loss(elbo_terms(twin, x, eps), beta).mean().backward()
    return torch.cat([p.grad.ravel() for p in twin.parameters()]).double()


class LinearOptimum(NamedTuple):
    """The best linear VAE with a fixed σ, per example; shapes as those of σ and β, broadcast."""

    rate: np.ndarray  # nats
    squared_error: np.ndarray  # E‖x − x̂‖², x̂ decoded from a draw of z
    active: np.ndarray  # dimensions of z that are used


def linear_optimum(eigenvalues: np.ndarray, sigma: np.ndarray | float, beta: np.ndarray | float
                   ) -> LinearOptimum:
    """Minimum of D_σ + β·R over all linear encoders and decoders with as many codes as useful.

    With s = β·σ² and the eigenvalues λ_i of the data's covariance,
    R = Σ ½·log(λ_i/s) over λ_i > s, and E‖x − x̂‖² = Σ min(s, λ_i): reverse water-filling
    (Cover & Thomas 2006, theorem 10.3.3; of linear VAEs: Lucas et al. 2019). σ and β enter as βσ²
    alone.
    """
    level = np.asarray(beta * np.square(sigma))[..., None]
    used = eigenvalues > level
    rate = 0.5 * np.log(np.where(used, eigenvalues, 1) / np.where(used, level, 1)).sum(-1)
    return LinearOptimum(rate, np.minimum(level, eigenvalues).sum(-1), used.sum(-1))


def eigenvalues(x: torch.Tensor) -> np.ndarray:
    """Eigenvalues of the covariance of x (n, pixels), largest first, none below 0."""
    values = np.linalg.eigvalsh(np.cov(x.double().numpy(), rowvar=False, bias=True))
    return np.maximum(values[::-1], 0)


class Fit(NamedTuple):
    """Noise as a likelihood has it, and as it is, on examples x; per pixel."""

    x: torch.Tensor  # (n, pixels), as the likelihood sees them
    mean: torch.Tensor  # (n, pixels), E[x|z] at one draw z ~ q(z|x)
    sample: torch.Tensor  # (n, pixels), x ~ p(x|z) there
    claimed: float  # √ of the mean of Var[x_i|z]
    measured: float  # √ of the mean of (x_i − E[x_i|z])²
    rate: float  # nats per example


@torch.no_grad()
def fit(model: VAE, x: torch.Tensor, seed: int = 0) -> Fit:
    """Compare the variance that p(x|z) claims with the squared errors, at z ~ q(z|x).

    A shared σ that is learned ends where both are equal: σ² = E‖x − x̂‖²/n is the optimum of
    D in closed form (Rybkin, Daniilidis & Levine 2021). x: (n, pixels) in [0, 1]; a
    Bernoulli on binarised data sees it drawn as 0 or 1.
    """
    generator = seeded(torch.Generator(), seed)
    if model.config.binarized:
        x = binarize(x, generator)
    posterior = model.encode(x)
    eps = torch.randn(posterior.mu.shape, generator=generator)
    out = model.decode(model.reparameterize(posterior, eps))
    mean = model.likelihood.mean(out)
    sample = model.likelihood.sample(out, generator)
    root = lambda value: value.double().mean().sqrt().item()  # noqa: E731
    return Fit(x, mean, sample, root(model.likelihood.variance(out)),
               root((x - mean).square()),
               gaussian_rate(posterior).sum(-1).double().mean().item())


def halve(x: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    """Pictures (n, pixels) at half their height and width: means of 2 × 2 pixels, float32."""
    pictures = x.reshape(-1, *shape).float()
    return torch.nn.functional.avg_pool2d(pictures, 2).reshape(len(x), -1)
