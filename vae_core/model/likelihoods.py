"""Observation models p(x|z): what the decoder's numbers mean.

Each takes the decoder's raw output `out`, (…, size·outputs_per_value) for data of `size` values,
and gives log p(x|z) in nats summed over those values, the mean of p(x|z), and a sample of it.
Each is an exponential family too: log p(x|z) = T(x)·η(z) − A(z), with T(x) = `statistics(x)` and
η, A = `natural(out)`, so that many x against many z are one matrix product.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from vae_core.config import LOG_VAR_X_MAX, LOG_VAR_X_MIN, TrainConfig

_LOG_2PI = math.log(2 * math.pi)


def soft_clamp(raw: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Bound smoothly: close to the identity inside [low, high], never outside, gradient never 0.

    high − softplus(high − raw), then low + softplus(· − low)  (Chua et al. 2018, app. A.1).
    The second step overshoots `high` by at most log(1 + e^(low − high)).
    """
    return low + F.softplus(high - F.softplus(high - raw) - low)


class Bernoulli(nn.Module):
    """p(x|z) = Π_i b_i^x_i (1 − b_i)^(1 − x_i), b = sigmoid(out).

    x ∈ {0, 1} makes it a log-probability. Grey x ∈ [0, 1] is allowed and makes it minus the
    cross-entropy, which is the expected log-probability of x binarised at random
    (Kingma & Welling 2014, app. C.1).
    """

    outputs_per_value = 1
    mean_activation = "sigmoid"

    def log_prob(self, x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        # x·out − softplus(out) equals −BCE-with-logits, and broadcasts where that doesn't.
        return (x * out - F.softplus(out)).sum(-1)

    def statistics(self, x: torch.Tensor) -> torch.Tensor:
        """T(x) = x."""
        return x

    def natural(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """η = out and A = Σ softplus(out), the shapes (…, size) and (…,)."""
        return out, F.softplus(out).sum(-1)

    def mean(self, out: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out)

    def sample(self, out: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        return torch.bernoulli(torch.sigmoid(out), generator=generator)

    def variance(self, out: torch.Tensor) -> torch.Tensor:
        """Var[x_i|z] = b_i (1 − b_i)."""
        mean = torch.sigmoid(out)
        return mean * (1 - mean)


class Gaussian(nn.Module):
    """p(x|z) = N(x; μ(z), diag σ²), its density in nats; μ is the decoder's output as it is.

    log p(x|z) = −½ Σ_i [ (x_i − μ_i)²/σ_i² + log σ_i² + log 2π ]  (Kingma & Welling 2014, app. C.2)

    kind: 'fixed' keeps σ at its first value; 'shared' learns one σ for all pixels (σ-VAE: Rybkin,
    Daniilidis & Levine 2021); 'per-pixel' takes log σ² of each pixel from the decoder.
    """

    mean_activation = "identity"

    def __init__(self, kind: str, sigma: float):
        super().__init__()
        self.kind = kind
        self.outputs_per_value = 2 if kind == "per-pixel" else 1
        first = torch.tensor(2 * math.log(sigma))
        if kind == "shared":
            self.log_var_x = nn.Parameter(first)
        else:
            # For 'per-pixel' an offset, so that training begins at the σ that was chosen.
            self.register_buffer("log_var_x", first, persistent=False)

    def mean_and_log_var(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if self.kind == "fixed":
            return out, self.log_var_x
        if self.kind == "shared":
            return out, soft_clamp(self.log_var_x, LOG_VAR_X_MIN, LOG_VAR_X_MAX)
        mean, raw = out.chunk(2, dim=-1)
        return mean, soft_clamp(raw + self.log_var_x, LOG_VAR_X_MIN, LOG_VAR_X_MAX)

    def log_prob(self, x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        mean, log_var_x = self.mean_and_log_var(out)
        squared = (x - mean).square() * torch.exp(-log_var_x)
        return -0.5 * (squared + log_var_x + _LOG_2PI).sum(-1)

    def statistics(self, x: torch.Tensor) -> torch.Tensor:
        """T(x) = (x, Σ x²), or (x, x²) where σ is per pixel; in double precision, (…, terms).

        T(x)·η and A are far larger than their difference where σ is small: float32 would lose it.
        """
        x = x.double()
        squared = x.square()
        return torch.cat((x, squared if self.kind == "per-pixel" else squared.sum(-1, True)), -1)

    def natural(self, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """η = (μ/σ², −1/2σ²) and A = ½ Σ (μ²/σ² + log 2πσ²), the shapes (…, terms) and (…,)."""
        mean, log_var_x = (part.double() for part in self.mean_and_log_var(out))
        precision = torch.exp(-log_var_x)
        half = -0.5 * precision
        if self.kind != "per-pixel":
            half = half.expand(*mean.shape[:-1], 1)
        normaliser = 0.5 * (mean.square() * precision + log_var_x + _LOG_2PI).sum(-1)
        return torch.cat((mean * precision, half), -1), normaliser

    def mean(self, out: torch.Tensor) -> torch.Tensor:
        return self.mean_and_log_var(out)[0]

    def sample(self, out: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        mean, log_var_x = self.mean_and_log_var(out)
        noise = torch.empty_like(mean).normal_(generator=generator)
        return mean + torch.exp(0.5 * log_var_x) * noise

    def variance(self, out: torch.Tensor) -> torch.Tensor:
        """Var[x_i|z] = σ_i²."""
        mean, log_var_x = self.mean_and_log_var(out)
        return torch.exp(log_var_x).expand_as(mean)


def make_likelihood(config: TrainConfig) -> Bernoulli | Gaussian:
    if config.likelihood == "bernoulli":
        return Bernoulli()
    return Gaussian(config.likelihood.removeprefix("gaussian-"), config.sigma)
