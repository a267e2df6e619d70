"""log p(x) by importance sampling from the encoder's q(z|x)."""

import math

import torch

from vae_core.model.vae import VAE, Posterior
from vae_core.random import seeded

_DECODES = 10_000  # at once: it bounds memory, nothing else


@torch.no_grad()
def estimate_log_px(model: VAE, x: torch.Tensor, num_samples: int, samples_per_pass: int = 0,
                    seed: int = 0, batch_size: int = 500) -> torch.Tensor:
    """log p(x) by importance sampling from q(z|x), in nats, (n,); a lower bound in expectation.

    log (1/K) Σ_k p(x|z_k) p(z_k) / q(z_k|x), z_k ~ q(z|x)  (Burda et al. 2016, eq. 8)

    samples_per_pass (0: chosen so that a pass holds about 10,000 decodes) limits memory and nothing
    else: each example's K samples come from one generator in one order.
    """
    if num_samples < 1:
        raise ValueError(f"num_samples = {num_samples} is not allowed: give at least 1.")
    device = next(model.parameters()).device
    latent_dim = model.config.latent_dim
    samples_per_pass = samples_per_pass or max(1, _DECODES // min(batch_size, max(1, len(x))))
    results = []
    for start in range(0, len(x), batch_size):
        batch = x[start:start + batch_size].to(device)
        noise = seeded(torch.Generator(), seed, start)
        posterior = model.encode(batch)
        total = torch.full((len(batch),), -math.inf, device=device)
        for first in range(0, num_samples, samples_per_pass):
            count = min(samples_per_pass, num_samples - first)
            eps = torch.stack([torch.randn(len(batch), latent_dim, generator=noise)
                               for _ in range(count)]).to(device)  # (count, batch, latent_dim)
            total = torch.logaddexp(total, log_weights(model, batch, posterior, eps).logsumexp(0))
        results.append(total.cpu() - math.log(num_samples))
    return torch.cat(results)


def log_weights(model: VAE, x: torch.Tensor, posterior: Posterior, eps: torch.Tensor,
                beta: float | torch.Tensor | None = None) -> torch.Tensor:
    """log p(x|z) + log p(z) − log q(z|x) at z = μ + σε; eps (k, n, latent_dim) → (k, n), nats.

    beta: where a β-conditioned model decodes, one number or (n,); None is config.beta.
    """
    z = model.reparameterize(posterior, eps)
    if isinstance(beta, torch.Tensor):
        beta = beta.expand(z.shape[:-1])
    log_px_given_z = model.likelihood.log_prob(x, model.decode(z, beta))
    log_pz = -0.5 * z.square().sum(-1)  # the constants log 2π of p(z) and q(z|x) cancel
    log_qz = -0.5 * (eps.square() + posterior.log_var).sum(-1)
    return log_px_given_z + log_pz - log_qz
