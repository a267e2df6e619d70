"""LIKELIHOODS: observation models p(x|z), what the decoder's numbers mean.

Each takes the decoder's raw output `out`, (…, size·outputs_per_value) for data of `size` values,
and gives log p(x|z) in nats summed over those values, the mean of p(x|z), and a sample of it.
Those of the exponential family have log p(x|z) = T(x)·η(z) − A(z), with T(x) = `statistics(x)` and
η, A = `natural(out)`, so that many x against many z are one matrix product.

To add one, write a class here, with a line in LIKELIHOODS, and the function of the same name in
static/latent_plane/nn/likelihood.js. torch isn't imported before a model is built, as TrainConfig
reads its choices from here.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vae_core.numerics import LOG_2PI, LOG_VAR_X_MAX, LOG_VAR_X_MIN, soft_clamp, softplus

if TYPE_CHECKING:
    import torch
    from torch import nn

    from vae_core.config import TrainConfig


class Likelihood:
    """A row of LIKELIHOODS, and what its torch module computes; see `make_likelihood`.

    domains: of the data that it is a distribution over.
    knobs: which of TrainConfig's likelihood knobs it has; the others have no effect.
    outputs_per_value: numbers of the decoder for each value of x.
    """

    title: ClassVar[str]
    domains: ClassVar[tuple[str, ...]] = ("binary", "unit_interval", "real")
    knobs: ClassVar[tuple[str, ...]] = ()
    outputs_per_value: ClassVar[int] = 1

    def __init__(self, config: TrainConfig):
        super().__init__()

    @classmethod
    def observation_model(cls, config: TrainConfig) -> str:
        """What densities are over, in words; only runs that share it may share an axis."""
        return cls.title

    @classmethod
    def browser(cls, config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
        """The `name` of its function in likelihood.js, and what that is given beside `out`."""
        raise NotImplementedError

    def log_prob(self, x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        """log p(x|z), summed over the values of x: (…, size) and (…, outputs) → (…,)."""
        raise NotImplementedError

    def mean(self, out: torch.Tensor) -> torch.Tensor:
        """E[x|z], (…, size)."""
        raise NotImplementedError

    def variance(self, out: torch.Tensor) -> torch.Tensor:
        """Var[x_i|z], (…, size)."""
        raise NotImplementedError

    def sample(self, out: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """x ~ p(x|z), (…, size)."""
        raise NotImplementedError


class Bernoulli(Likelihood):
    """p(x|z) = Π_i b_i^x_i (1 − b_i)^(1 − x_i), b = sigmoid(out).

    x ∈ {0, 1} makes it a log-probability. Grey x ∈ [0, 1] is allowed and makes it minus the
    cross-entropy, which is the expected log-probability of x binarised at random
    (Kingma & Welling 2014, app. C.1).
    """

    title = "Bernoulli"
    domains = ("binary", "unit_interval")
    knobs = ("binarization",)

    @classmethod
    def observation_model(cls, config: TrainConfig) -> str:
        return "Bernoulli, binarised" if config.binarized else "Bernoulli, grey"

    @classmethod
    def browser(cls, config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
        return {"name": "bernoulli"}

    def log_prob(self, x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        # x·out − softplus(out) equals −BCE-with-logits, and broadcasts where that doesn't.
        return (x * out - softplus(out)).sum(-1)

    def statistics(self, x: torch.Tensor) -> torch.Tensor:
        """T(x) = x."""
        return x

    def natural(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """η = out and A = Σ softplus(out), the shapes (…, size) and (…,)."""
        return out, softplus(out).sum(-1)

    def mean(self, out: torch.Tensor) -> torch.Tensor:
        return out.sigmoid()

    def variance(self, out: torch.Tensor) -> torch.Tensor:
        """Var[x_i|z] = b_i (1 − b_i)."""
        mean = out.sigmoid()
        return mean * (1 - mean)

    def sample(self, out: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        return out.sigmoid().bernoulli(generator=generator)


class Gaussian(Likelihood):
    """p(x|z) = N(x; μ(z), diag σ²), its density in nats; μ is the decoder's output as it is.

    log p(x|z) = −½ Σ_i [ (x_i − μ_i)²/σ_i² + log σ_i² + log 2π ]  (Kingma & Welling 2014, app. C.2)
    """

    knobs = ("sigma",)

    def __init__(self, config: TrainConfig):
        super().__init__(config)
        self._set_log_var_x(2 * math.log(config.sigma))

    def _set_log_var_x(self, first: float) -> None:
        """log σ² as config.sigma gives it, where it isn't learned."""
        import torch

        self.register_buffer("log_var_x", torch.tensor(first), persistent=False)

    def mean_and_log_var(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """μ, (…, size), and log σ², which broadcasts against it."""
        raise NotImplementedError

    def log_prob(self, x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        mean, log_var_x = self.mean_and_log_var(out)
        squared = (x - mean).square() * (-log_var_x).exp()
        return -0.5 * (squared + log_var_x + LOG_2PI).sum(-1)

    def statistics(self, x: torch.Tensor) -> torch.Tensor:
        """T(x) = (x, Σ x²), or (x, x²) where σ is per pixel; in double precision, (…, terms).

        T(x)·η and A are far larger than their difference where σ is small: float32 would lose it.
        """
        from torch import cat

        x = x.double()
        squared = x.square()
        return cat((x, squared if self.outputs_per_value == 2 else squared.sum(-1, True)), -1)

    def natural(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """η = (μ/σ², −1/2σ²) and A = ½ Σ (μ²/σ² + log 2πσ²), the shapes (…, terms) and (…,)."""
        from torch import cat

        mean, log_var_x = (part.double() for part in self.mean_and_log_var(out))
        precision = (-log_var_x).exp()
        half = -0.5 * precision
        if self.outputs_per_value == 1:
            half = half.expand(*mean.shape[:-1], 1)
        normaliser = 0.5 * (mean.square() * precision + log_var_x + LOG_2PI).sum(-1)
        return cat((mean * precision, half), -1), normaliser

    def mean(self, out: torch.Tensor) -> torch.Tensor:
        return self.mean_and_log_var(out)[0]

    def variance(self, out: torch.Tensor) -> torch.Tensor:
        """Var[x_i|z] = σ_i²."""
        mean, log_var_x = self.mean_and_log_var(out)
        return log_var_x.exp().expand_as(mean)

    def sample(self, out: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        mean, log_var_x = self.mean_and_log_var(out)
        noise = mean.new_empty(mean.shape).normal_(generator=generator)
        return mean + (0.5 * log_var_x).exp() * noise


class FixedGaussian(Gaussian):
    """A Gaussian with σ = config.sigma."""

    title = "Gaussian, fixed σ"

    @classmethod
    def observation_model(cls, config: TrainConfig) -> str:
        return f"Gaussian, σ = {config.sigma:g}"

    @classmethod
    def browser(cls, config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
        return {"name": "gaussian", "log_var": 2 * math.log(config.sigma)}

    def mean_and_log_var(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return out, self.log_var_x


class SharedGaussian(Gaussian):
    """A Gaussian with one learned σ for all pixels (σ-VAE: Rybkin, Daniilidis & Levine 2021)."""

    title = "Gaussian, shared σ"

    @classmethod
    def browser(cls, config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
        learned = float(weights["likelihood.log_var_x"])
        return {"name": "gaussian",
                "log_var": float(soft_clamp(learned, LOG_VAR_X_MIN, LOG_VAR_X_MAX))}

    def _set_log_var_x(self, first: float) -> None:
        import torch

        self.log_var_x = torch.nn.Parameter(torch.tensor(first))

    def mean_and_log_var(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return out, soft_clamp(self.log_var_x, LOG_VAR_X_MIN, LOG_VAR_X_MAX)


class PixelGaussian(Gaussian):
    """A Gaussian whose decoder gives log σ² of each pixel, added to that of config.sigma."""

    title = "Gaussian, per-pixel σ"
    outputs_per_value = 2

    @classmethod
    def browser(cls, config: TrainConfig, weights: dict[str, np.ndarray]) -> dict[str, Any]:
        return {"name": "gaussian", "offset": 2 * math.log(config.sigma),
                "bounds": [LOG_VAR_X_MIN, LOG_VAR_X_MAX]}

    def mean_and_log_var(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, raw = out.chunk(2, dim=-1)
        return mean, soft_clamp(raw + self.log_var_x, LOG_VAR_X_MIN, LOG_VAR_X_MAX)


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "bernoulli": Bernoulli, "gaussian-fixed": FixedGaussian, "gaussian-shared": SharedGaussian,
    "gaussian-per-pixel": PixelGaussian}


def make_likelihood(config: TrainConfig) -> Any:
    """The likelihood of a configuration as a torch module."""
    return _module_class(LIKELIHOODS[config.likelihood])(config)


@functools.cache
def _module_class(kind: type[Likelihood]) -> type[nn.Module]:
    from torch import nn

    return type(kind.__name__, (kind, nn.Module), {})
