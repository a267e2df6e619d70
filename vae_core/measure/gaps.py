"""The gap between the ELBO and log p(x), for z of one or two dimensions, without sampling.

log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)): `exact.log_px`, `quadrature_elbo` and `kl_to_posterior`
compute the three by three different rules, so that their agreement is evidence.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from vae_core.measure.exact import Evidence, check_exact, joint_on_grid, log_joint, log_px
from vae_core.model.vae import VAE, Posterior
from vae_core.numerics import LOG_2PI, LOG_VAR_MIN

NODES = 12  # Gauss–Hermite nodes along each dimension of q, in an ascent
FINER_NODES = (12, 24, 48, 96)  # where the ELBO is measured: finer until two agree
REACH, Q_POINTS = 8.0, 64  # q's own lattice: half-width in standard deviations, points along it
NORMALISER_POINTS, AGREED = (24, 48, 96, 192, 384, 768, 1536), 1e-3  # finer until two agree, nats
_DECODES = 10_000  # at once: it bounds memory, nothing else


class Ascent(NamedTuple):
    """The path of a Gaussian for each example from the start, step 0, to the best; on the CPU."""

    mu: torch.Tensor  # (steps + 1, n, latent_dim)
    log_var: torch.Tensor  # (steps + 1, n, latent_dim)
    elbo: torch.Tensor  # (steps + 1, n), nats; never falls

    @property
    def posterior(self) -> Posterior:
        """The last and best."""
        return Posterior(self.mu[-1], self.log_var[-1])


class Gaps(NamedTuple):
    """log p(x) ≥ ELBO of the best Gaussian ≥ ELBO of the encoder, (n,) each, nats.

    Source: Cremer, Li & Duvenaud 2018, eq. 7 to 9.
    """

    log_px: torch.Tensor
    best_elbo: torch.Tensor
    elbo: torch.Tensor

    @property
    def inference_gap(self) -> torch.Tensor:
        return self.log_px - self.elbo

    @property
    def approximation_gap(self) -> torch.Tensor:
        """What remains with the best diagonal Gaussian that the ascents find."""
        return self.log_px - self.best_elbo

    @property
    def amortization_gap(self) -> torch.Tensor:
        """What the encoder loses by using the same weights for every example."""
        return self.best_elbo - self.elbo


def _elbo(model: VAE, x: torch.Tensor, mu: torch.Tensor, log_var: torch.Tensor, num_nodes: int
          ) -> torch.Tensor:
    """E_q[log p(x|z) + log p(z) − log q(z|x)] by Gauss–Hermite, (n,): exact for polynomials of
    degree below 2·num_nodes, and so for the rate. mu, log_var: (n, latent_dim)."""
    dims = mu.shape[1]
    nodes, weights = (torch.from_numpy(part).to(mu.device) for part in
                      np.polynomial.hermite_e.hermegauss(num_nodes))
    eps = torch.cartesian_prod(*[nodes.to(mu.dtype)] * dims).view(-1, 1, dims)
    weights = torch.cartesian_prod(*[weights / weights.sum()] * dims).view(-1, 1, dims).prod(2)
    z = VAE.reparameterize(Posterior(mu, log_var), eps)
    log_qz = -0.5 * (eps.square() + log_var + LOG_2PI).sum(-1)
    return (weights * (log_joint(model, x, z) - log_qz)).sum(0).to(mu.dtype)  # weights are double


@torch.no_grad()
def quadrature_elbo(model: VAE, x: torch.Tensor, posterior: Posterior | None = None,
                    num_nodes: int | None = None) -> torch.Tensor:
    """The ELBO of each x (n, pixels) under q, by default the encoder's: (n,), nats, on the CPU.

    Σ_k w_k [log p(x, z_k) − log q(z_k|x)], z_k = μ + σε_k, at num_nodes^latent_dim Gauss–Hermite
    nodes ε_k (Abramowitz & Stegun 1964, 25.4.46); by default at twice as many along each dimension
    until two agree.

    Raises ValueError: see `exact.check_exact`.
    """
    check_exact(model.config)
    x, q = _on_device(model, x, posterior)

    def measured(which: torch.Tensor, num: int) -> torch.Tensor:
        count = max(1, _DECODES // num ** q.mu.shape[1])
        parts = zip(*(part[which].split(count) for part in (x, *q)))
        return torch.cat([_elbo(model, *batch, num) for batch in parts])

    return _refined(measured, len(x), (num_nodes,) if num_nodes else FINER_NODES).cpu()


def _refined(measured: Callable[[torch.Tensor, int], torch.Tensor], num_examples: int,
             numbers: Sequence[int]) -> torch.Tensor:
    """measured(which examples, number) for one number after another until two values agree: (n,).
    """
    pending = torch.arange(num_examples)
    values = measured(pending, numbers[0])
    for num in numbers[1:]:
        if not len(pending):
            break
        now = measured(pending, num)
        before, values[pending] = values[pending], now
        pending = pending[~((now - before).abs() <= AGREED).cpu()]
    return values


@torch.no_grad()
def kl_to_posterior(model: VAE, x: torch.Tensor, posterior: Posterior | None = None,
                    evidence: Evidence | None = None) -> torch.Tensor:
    """KL(q(z|x) ‖ p(z|x)) of a few x (n, pixels), q by default the encoder's: (n,), nats.

    Σ_k q(z_k) [log q(z_k) − log p(z_k|x)] h_1…h_d, over a lattice that reaches 8σ to each side of
    q's mean. log p(z|x) is the logarithm of p(x, z) divided by its sum over a plain lattice around
    the posterior's mass, which is refined until it converges; log p(x) by `log_px` isn't used.
    evidence: `log_px` of x, if already computed; only its box is used.

    Raises ValueError: see `exact.check_exact`.
    """
    check_exact(model.config)
    x, q = _on_device(model, x, posterior)
    mu, sigma = q.mu.double().cpu(), torch.exp(0.5 * q.log_var.double().cpu())
    log_joints, axes = joint_on_grid(model, x, mu - REACH * sigma, mu + REACH * sigma, Q_POINTS)
    eps = (axes - mu[..., None]) / sigma[..., None]
    log_q = -0.5 * (eps.square() + LOG_2PI) - sigma[..., None].log()
    log_q = log_q[:, 0] if log_q.shape[1] == 1 else \
        (log_q[:, 0, :, None] + log_q[:, 1, None, :]).flatten(1)
    cell = (2 * REACH / Q_POINTS * sigma).prod(1)
    log_posterior = log_joints - _log_normaliser(model, x, evidence or log_px(model, x))[:, None]
    return (log_q.exp() * (log_q - log_posterior)).sum(1) * cell


def _log_normaliser(model: VAE, x: torch.Tensor, box: Evidence) -> torch.Tensor:
    """log ∫ p(x, z) dz by a plain lattice over the box of the mass, refined until it converges."""
    def measured(which: torch.Tensor, num: int) -> torch.Tensor:
        low, high = box.low[which], box.high[which]
        log_joints, _ = joint_on_grid(model, x[which], low, high, num)
        return log_joints.logsumexp(1) + ((high - low) / num).log().sum(1)

    return _refined(measured, len(x), NORMALISER_POINTS)


def optimal_gaussian(model: VAE, x: torch.Tensor, steps: int = 100, start: Posterior | None = None,
                     num_nodes: int = NODES) -> Ascent:
    """The diagonal Gaussian with the best ELBO for each x (n, pixels) by itself, from `start`.

    Natural-gradient ascent, μ ← μ + ρσ² ∂ELBO/∂μ and log σ² ← log σ² + 2ρ ∂ELBO/∂log σ², as the
    Fisher information of N(μ, σ²) is 1/σ² and ½ (Amari 1998): one step size fits every width. A
    step that would lower an example's ELBO is skipped, and its ρ is halved. The optimum is
    local: `start`, by default the encoder's q, decides which mode it is in.

    Raises ValueError: see `exact.check_exact`.
    """
    check_exact(model.config)
    x, q = _on_device(model, x, start)
    count = max(1, _DECODES // num_nodes ** q.mu.shape[1])
    parts = [_ascend(model, *batch, steps, num_nodes) for batch in
             zip(x.split(count), q.mu.split(count), q.log_var.split(count))]
    return Ascent(*(torch.cat(column, 1).cpu() for column in zip(*parts)))


def _ascend(model: VAE, x: torch.Tensor, mu: torch.Tensor, log_var: torch.Tensor, steps: int,
            num_nodes: int) -> Ascent:
    def measured(mu: torch.Tensor, log_var: torch.Tensor) -> list[torch.Tensor]:
        mu, log_var = mu.detach().requires_grad_(), log_var.detach().requires_grad_()
        elbo = _elbo(model, x, mu, log_var, num_nodes)
        slopes = torch.autograd.grad(elbo.sum(), (mu, log_var))
        return [mu.detach(), log_var.detach(), elbo.detach()[:, None], *slopes]

    rate = torch.ones_like(mu[:, :1])
    with torch.enable_grad():
        here = measured(mu, log_var)
        path = [here[:3]]
        for _ in range(steps):
            mu, log_var, elbo, slope_mu, slope_log_var = here
            there = measured(mu + rate * log_var.exp() * slope_mu,
                             log_var + (2 * rate * slope_log_var).clamp(-1, 1))
            better = there[2] >= elbo
            here = [torch.where(better, new, old) for new, old in zip(there, here)]
            rate = torch.where(better, (1.5 * rate).clamp(max=1), rate / 2)
            path.append(here[:3])
    mu, log_var, elbo = (torch.stack(column) for column in zip(*path))
    return Ascent(mu, log_var, elbo[..., 0])


def gaps(model: VAE, x: torch.Tensor, steps: int = 100) -> Gaps:
    """log p(x), the best ELBO and the encoder's of a few x (n, pixels): see `Gaps`.

    The best ELBO is that of two ascents, from the encoder's q and from the mode of the true
    posterior, as the encoder can be in the wrong mode.

    Raises ValueError: see `exact.check_exact`.
    """
    evidence = log_px(model, x)
    elbo = quadrature_elbo(model, x)
    best_elbo = torch.maximum(elbo, two_ascents(model, x, evidence.mode, steps)[1])
    return Gaps(evidence.log_px, best_elbo.double(), elbo.double())


def two_ascents(model: VAE, x: torch.Tensor, mode: torch.Tensor, steps: int
                ) -> tuple[Ascent, torch.Tensor]:
    """The ascent for each x (n, pixels) from the encoder's q; and the ELBO, (n,), where the better
    of two ends, that one and one from the posterior's mode (n, latent_dim)."""
    x, q = _on_device(model, x, None)
    mode = mode.to(q.mu)
    # Narrow at first, so that it widens within this mode and doesn't jump to another.
    starts = Posterior(torch.cat((q.mu, mode)),
                       torch.cat((q.log_var, torch.full_like(mode, LOG_VAR_MIN))))
    ascents = optimal_gaussian(model, torch.cat((x, x)), steps, starts)
    # An ascent has too few nodes where its Gaussian is wide: its end is measured with enough.
    ends = quadrature_elbo(model, torch.cat((x, x)), ascents.posterior)
    return Ascent(*(part[:, :len(x)] for part in ascents)), ends.view(2, -1).amax(0)


def _on_device(model: VAE, x: torch.Tensor, posterior: Posterior | None
               ) -> tuple[torch.Tensor, Posterior]:
    """x on the model's device, and q: the given one, or the encoder's."""
    device = next(model.parameters()).device
    x = x.to(device)
    if posterior is None:
        with torch.no_grad():
            return x, model.encode(x)
    return x, Posterior(*(part.to(x) for part in posterior))
