"""Two estimators of one gradient, reparameterised and score function; where a VAE is random.

First, the objective E_{z ~ N(μ, σ² I)} f(z) with f(z) = −½‖z − a‖², the log-likelihood of a linear
decoder with unit noise, up to a constant; δ = μ − a is the same in every dimension. Then (from
`Resampled` on) a trained VAE. Only the latter needs torch, so its functions import it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch

    from vae_core.model.vae import VAE

OFFSET, SIGMA = 1.0, 0.5  # δ and σ


class Estimators(NamedTuple):
    """Of three estimators of ∂/∂μ₁ E f(z) from one sample: num estimates, (num,) each, or the
    variance."""

    reparameterised: np.ndarray | float
    score: np.ndarray | float
    score_with_baseline: np.ndarray | float


def exact_gradient(offset: float = OFFSET) -> float:
    """∂/∂μ₁ E f(z) = −δ, as E f(z) = −½ Σ (δ_i² + σ²)."""
    return -offset


def mean_f(latent_dim: int, offset: float = OFFSET, sigma: float = SIGMA) -> float:
    """E f(z) = −½ latent_dim (δ² + σ²): the baseline here."""
    return -0.5 * latent_dim * (offset**2 + sigma**2)


def draw(latent_dim: int, num: int, seed: int = 0, offset: float = OFFSET, sigma: float = SIGMA
         ) -> Estimators:
    """All three from the same eps ~ N(0, I), with z = μ + σ·eps:

    reparameterised  ∂f(z)/∂z₁                     (Kingma & Welling 2014, §2.3)
    score            f(z) · eps₁/σ                  (Williams 1992; eps₁/σ = ∂ log q(z)/∂μ₁)
    with baseline    (f(z) − E f) · eps₁/σ          (Mohamed et al. 2020, §7)
    """
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(num)
    f = -0.5 * (offset + sigma * first) ** 2
    for _ in range(latent_dim - 1):
        f -= 0.5 * (offset + sigma * rng.standard_normal(num)) ** 2
    score = first / sigma  # ∂ log q(z)/∂μ₁
    return Estimators(-(offset + sigma * first), f * score,
                 (f - mean_f(latent_dim, offset, sigma)) * score)


def variances(latent_dim: int, offset: float = OFFSET, sigma: float = SIGMA) -> Estimators:
    """Their variances in closed form, from the moments of ε up to the sixth.

    With S = Σ (δ + σε_i)², split into S₁ and the other dimensions' R:
    E[S² ε₁²] = δ⁴ + 18δ²σ² + 15σ⁴ + 2(δ² + 3σ²) E[R] + E[R²], Var = E[S² ε₁²]/(4σ²) − δ²; the
    reparameterised one has σ² in every dimension.
    """
    d2, s2 = offset**2, sigma**2
    rest = (latent_dim - 1) * (d2 + s2)
    rest_square = rest**2 + (latent_dim - 1) * (2 * s2**2 + 4 * d2 * s2)
    with_one = d2 + 3 * s2  # E[S₁ ε₁²]
    square = d2**2 + 18 * d2 * s2 + 15 * s2**2 + 2 * with_one * rest + rest_square
    base = -2 * mean_f(latent_dim, offset, sigma)  # E[S]
    centred = square - 2 * base * (with_one + rest) + base**2
    return Estimators(s2, square / (4 * s2) - d2, centred / (4 * s2) - d2)


def standard_error(draws: np.ndarray) -> float:
    """Of the mean of the draws."""
    return float(draws.std(ddof=1) / math.sqrt(len(draws)))


class Resampled(NamedTuple):
    """One image resampled; every row is (num, pixels), in the range of the data."""

    means: torch.Tensor  # E[x|z] of num codes z ~ q(z|x)
    images: torch.Tensor  # num images x ~ p(x|z) of the one code z = μ(x)
    mean: torch.Tensor  # E[x|z = μ], (pixels,)


class Spread(NamedTuple):
    """Variance of x drawn through q(z|x) and p(x|z), summed over pixels, and its two parts.

    total is measured on samples of x; from_z = Var_z E[x|z] and from_x = E_z Var[x|z] come from the
    decoder's outputs, and add up to it.
    """

    total: float
    from_z: float
    from_x: float


class GradientDraws(NamedTuple):
    """Single-sample estimates of ∂/∂μ E_q log p(x|z) for one image, (num, latent_dim) each."""

    reparameterised: torch.Tensor
    score: torch.Tensor

    @property
    def variance_ratio(self) -> float:
        """The score function's variance over the other's, both summed over dimensions."""
        return (self.score.var(0).sum() / self.reparameterised.var(0).sum()).item()

    @property
    def disagreement(self) -> float:
        """Difference of the means in standard errors, root mean square over dimensions."""
        difference = self.score - self.reparameterised
        error = difference.std(0) / math.sqrt(len(difference))
        return (difference.mean(0) / error).square().mean().sqrt().item()


def resample(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> Resampled:
    """Sample num codes z ~ q(z|x) and decode them; sample num images from p(x|z) at z = μ(x).

    x: (pixels,) in [0, 1].

    Raises ValueError: num below 1.
    """
    import torch

    generator, eps = _noise(model, num, 1, seed)
    with torch.no_grad():
        posterior = model.encode(x[None])
        out = model.decode(posterior.mu)
        images = model.likelihood.sample(out.expand(num, -1), generator=generator)
        means = model.decode_mean(model.reparameterize(posterior, eps))
        return Resampled(means, images, model.likelihood.mean(out)[0])


def spread(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> Spread:
    """Var[x] = Var_z E[x|z] + E_z Var[x|z], z ~ q(z|x): the law of total variance.

    x: (pixels,) in [0, 1]. All three are sums over pixels, from num samples of z and of x.

    Raises ValueError: num below 2.
    """
    import torch

    generator, eps = _noise(model, num, 2, seed)
    with torch.no_grad():
        out = model.decode(model.reparameterize(model.encode(x[None]), eps))
        sampled = model.likelihood.sample(out, generator=generator)
        return Spread(sampled.var(0).sum().item(), model.likelihood.mean(out).var(0).sum().item(),
                      model.likelihood.variance(out).mean(0).sum().item())


def vae_gradients(model: VAE, x: torch.Tensor, num: int, seed: int = 0) -> GradientDraws:
    """Both estimators from the same num samples z = μ + σε, for x (pixels,) in [0, 1].

    reparameterised: ∂ log p(x|z)/∂z. score: log p(x|z) · ε/σ.

    Raises ValueError: num below 2.
    Source: Kingma & Welling 2014, §2.2–2.3.
    """
    import torch

    _, eps = _noise(model, num, 2, seed)
    with torch.no_grad():
        posterior = model.encode(x[None])
        z = model.reparameterize(posterior, eps)
    z.requires_grad_()
    log_px_given_z = model.likelihood.log_prob(x, model.decode(z))
    reparameterised, = torch.autograd.grad(log_px_given_z.sum(), z)
    score = eps * torch.exp(-0.5 * posterior.log_var)  # ∂ log q(z|x)/∂μ
    return GradientDraws(reparameterised.double(),
                         (log_px_given_z.detach()[:, None] * score).double())


def _noise(model: VAE, num: int, least: int, seed: int
           ) -> tuple[torch.Generator, torch.Tensor]:
    """A generator, and its first num values of ε, (num, latent_dim)."""
    import torch

    from vae_core.random import seeded

    if num < least:
        raise ValueError(f"num = {num} is not allowed: sample at least {least}.")
    generator = seeded(torch.Generator(), seed)
    return generator, torch.randn(num, model.config.latent_dim, generator=generator)
