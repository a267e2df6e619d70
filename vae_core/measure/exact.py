"""Exact inference for z of one or two dimensions: p(x) and p(z|x), by quadrature.

No random numbers. A β-conditioned model is evaluated at config.beta, as by `test_set.evaluate`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from vae_core.config import TrainConfig
from vae_core.model.vae import VAE, Posterior
from vae_core.numerics import LOG_2PI

MAX_LATENT_DIM = 2
TOLERANCE = 1e-2  # nats by which a lattice may differ from its own sublattices
FINE = 1e-4  # the same for a single example, where it costs next to nothing
MAX_POINTS = 1_000_000  # of an example's last lattice
RADII = (5.0, 10.0, 20.0, 40.0, 80.0)  # half-widths of the box, tried one after the other
SIDE, POINTS = 1.0, 10  # the first tiles: their side, and the points along it (an even number)
NEGLIGIBLE = 15.0  # nats below the peak: a share of e^-15 of a 2-D Gaussian's mass
_EXAMPLES, _PAIRS, _DECODES = 10_000, 2**20, 10_000  # at once: they bound memory, nothing else


class Evidence(NamedTuple):
    """log p(x) of each example, and the box that holds its posterior's mass; on the CPU."""

    log_px: torch.Tensor  # (n,), nats
    error: torch.Tensor  # (n,), nats; inf if there is mass beyond the widest box
    low: torch.Tensor  # (n, latent_dim), lower corner
    high: torch.Tensor  # (n, latent_dim), upper corner
    mode: torch.Tensor  # (n, latent_dim), the last lattice's point of the highest p(z|x)


class PosteriorGrid(NamedTuple):
    """p(z|x) of each example on a lattice of cell centres; on the CPU."""

    axes: torch.Tensor  # (n, latent_dim, num)
    log_density: torch.Tensor  # (n, num) or (n, num, num): [example, along z_1, along z_2]
    log_integral: torch.Tensor  # (n,), log p(x) as this lattice by itself has it, nats


def check_exact(config: TrainConfig) -> None:
    """Check that the integral over z can be computed by quadrature.
    Raises ValueError: too many latent dimensions, or β = 0, which leaves no distribution over z."""
    if config.latent_dim > MAX_LATENT_DIM:
        raise ValueError(f"latent_dim = {config.latent_dim} is too many for exact inference, which "
                         f"needs 1 or {MAX_LATENT_DIM}: choose another model, or estimate log p(x) "
                         "by importance sampling.")
    if config.deterministic:
        raise ValueError("beta = 0 leaves exact inference nothing to integrate, as z is a point: "
                         "choose a model with beta above 0.")


@torch.no_grad()
def log_px(model: VAE, x: torch.Tensor, tolerance: float = TOLERANCE,
           max_points: int = MAX_POINTS) -> Evidence:
    """log p(x) = log ∫ p(x|z) p(z) dz of each x (n, pixels), by an equally spaced rule over z.

    log Σ_k p(x|z_k) p(z_k) h^latent_dim, z_k on a lattice of spacing h: for a smooth integrand
    that decays, the error falls faster than any power of h (Trefethen & Weideman 2014, §5).

    h = 0.1, 0.05, … over the tiles in which an example has mass, until the interlaced lattices of
    spacing 2h agree with it within `tolerance` nats. `error` is the largest of these differences,
    so the error of spacing 2h: generous, once it is small. It stays above `tolerance` where the
    next lattice would take more than max_points points. The box is widened until next to no mass
    is outside.

    Raises ValueError: see `check_exact`.
    """
    check_exact(model.config)
    device = next(model.parameters()).device
    parts = [_evidence(model, batch.to(device), tolerance, max_points)
             for batch in x.split(_EXAMPLES)]
    return Evidence(*(torch.cat(column).cpu() for column in zip(*parts)))


class _Pairs(NamedTuple):
    """Which example has mass in which tile, the square from side·tile to side·(tile + 1)."""

    example: torch.Tensor  # (pairs,)
    tile: torch.Tensor  # (pairs, latent_dim), whole numbers; equal ones are adjacent
    side: float

    def chosen(self, which: torch.Tensor) -> _Pairs:
        return _Pairs(self.example[which], self.tile[which], self.side)

    def halved(self) -> _Pairs:
        """Every tile cut in two along each dimension."""
        dims = self.tile.shape[1]
        corners = _product(torch.arange(2.0, device=self.tile.device), dims)[:, None]
        return _Pairs(self.example.repeat(2**dims), (2 * self.tile + corners).reshape(-1, dims),
                      self.side / 2)


def _product(axis: torch.Tensor, dims: int) -> torch.Tensor:
    """All points whose coordinates are from the axis, (len(axis)^dims, dims)."""
    return torch.cartesian_prod(*[axis] * dims).view(-1, dims)


def _evidence(model: VAE, x: torch.Tensor, tolerance: float, max_points: int) -> Evidence:
    """`log_px` of one batch, in a box that grows for the examples that need it."""
    statistics, posterior = model.likelihood.statistics(x), model.encode(x)
    num, dims = posterior.mu.shape
    evidence = Evidence(*(torch.zeros(shape, dtype=torch.float64, device=x.device)
                       for shape in ((num,), (num,), *[(num, dims)] * 3)))
    needed = (posterior.mu.abs().amax(1) + 1).clamp(max=RADII[-1])
    pending = torch.ones(num, dtype=torch.bool, device=x.device)
    for radius in RADII:
        tiles = _product(torch.arange(-radius / SIDE, radius / SIDE, device=x.device), dims)
        here = (pending & (needed <= radius)).nonzero()[:, 0]
        for some in here.split(max(1, _PAIRS // len(tiles))) if len(here) else ():
            pairs = _Pairs(some.repeat(len(tiles)), tiles.repeat_interleave(len(some), 0), SIDE)
            _refine(model, statistics, posterior, pairs, evidence, tolerance, max_points)
            outside = _log_border(model, statistics[some], radius, dims) - evidence.log_px[some]
            pending[some] = outside > math.log(tolerance)  # NaN is let go: no box would mend it
    evidence.error[pending] = math.inf
    return evidence


def _refine(model: VAE, statistics: torch.Tensor, posterior: Posterior, pairs: _Pairs,
            evidence: Evidence, tolerance: float, max_points: int) -> None:
    """Sum over the tiles, refine them where that isn't accurate enough, and fill `evidence`."""
    num, dims = posterior.mu.shape
    narrowest = torch.exp(0.5 * posterior.log_var).amin(1)
    todo = [pairs]
    while todo:
        pairs = todo.pop()
        example, tile, side = pairs
        first, last = example.min(), example.max()
        if len(example) > _PAIRS and first < last:
            lower = example <= (first + last) // 2
            todo += [pairs.chosen(lower), pairs.chosen(~lower)]
            continue
        top, peak, slack, sums = _measure(model, statistics, pairs)
        best = _extreme("amax", top, example, num)
        sublattices = torch.zeros(2**dims, num, dtype=sums.dtype, device=sums.device)
        sublattices.index_add_(1, example, sums * (top - best[example]).exp())
        total = sublattices.sum(0)
        error = ((2**dims * sublattices).log() - total.log()).abs().amax(0)
        matters = top + slack >= best[example] - NEGLIGIBLE
        seen = example.unique()
        evidence.log_px[seen] = (total.log() + best + dims * math.log(side / POINTS))[seen]
        evidence.error[seen] = error[seen]
        highest = top == best[example]
        evidence.mode[example[highest]] = peak[highest]
        for d in range(dims):
            edge, owner = tile[matters, d].double() * side, example[matters]
            evidence.low[seen, d] = _extreme("amin", edge, owner, num)[seen]
            evidence.high[seen, d] = _extreme("amax", edge, owner, num)[seen] + side
        # A peak as narrow as q can hide between the points; the encoder says in which tile.
        hinted = (tile == (posterior.mu[example] / side).floor()).all(1)
        matters |= hinted & (narrowest[example] < side / POINTS)
        ahead = torch.bincount(example[matters], minlength=num) * (2 * POINTS) ** dims
        keep = matters & ((error > tolerance) & (ahead <= max_points))[example]
        if keep.any():
            todo.append(pairs.chosen(keep).halved())


def _extreme(which: str, values: torch.Tensor, owner: torch.Tensor, num: int) -> torch.Tensor:
    """The largest ('amax') or smallest ('amin') of each owner's values, (num,)."""
    empty = math.inf if which == "amin" else -math.inf
    return torch.full((num,), empty, dtype=values.dtype, device=values.device).scatter_reduce(
        0, owner, values, which)


def _measure(model: VAE, statistics: torch.Tensor, pairs: _Pairs
             ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of p(x, z) on each pair's lattice of POINTS^latent_dim points, in double precision:

    the largest logarithm (pairs,); where it is (pairs, latent_dim); how much higher it may be
    between the points (pairs,); and the sum over each of the 2^latent_dim sublattices, in units of
    the largest (·, pairs).
    """
    dims, device = pairs.tile.shape[1], pairs.tile.device
    axis = (torch.arange(POINTS, device=device) + 0.5) * (pairs.side / POINTS)
    offsets = _product(axis, dims)
    tiles, counts = torch.unique_consecutive(pairs.tile, dim=0, return_counts=True)
    tops, peaks, slacks, sums = [], [], [], []
    for tile, examples in zip(tiles, pairs.example.split(counts.tolist())):
        rows = statistics if len(examples) == len(statistics) else statistics[examples]
        z = tile * pairs.side + offsets
        log_pxz = _log_joints(model, rows, z)
        top, at = log_pxz.max(0)
        tops.append(top)
        peaks.append(z[at])
        slacks.append(_slack(log_pxz.view(*[POINTS] * dims, -1)))
        weights = log_pxz.sub_(top).exp_().view(*[POINTS // 2, 2] * dims, -1)
        sums.append(weights.sum(tuple(range(0, 2 * dims, 2))).flatten(0, dims - 1))
    return (torch.cat(tops).double(), torch.cat(peaks).double(), torch.cat(slacks).double(),
            torch.cat(sums, 1).double())


def _log_joints(model: VAE, statistics: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """log p(x|z) + log p(z) of every z (k, latent_dim) with every x (m, terms): (k, m)."""
    eta, normaliser = model.likelihood.natural(model.decode(z))
    return torch.addmm((_log_pz(z) - normaliser)[:, None], eta, statistics.T)


def _log_pz(z: torch.Tensor) -> torch.Tensor:
    return -0.5 * (z.square() + LOG_2PI).sum(-1)


def _slack(values: torch.Tensor) -> torch.Tensor:
    """Half the largest second difference along each dimension but the last, summed.

    By so much a parabola with a value at one end of a step of the lattice can rise over the step.
    """
    slack = 0.0
    for d in range(values.ndim - 1):
        inner = values.narrow(d, 1, POINTS - 2)
        bend = values.narrow(d, 0, POINTS - 2) + values.narrow(d, 2, POINTS - 2)
        slack = slack + 0.5 * bend.sub_(inner, alpha=2).abs_().flatten(0, -2).amax(0)
    return slack


def _log_border(model: VAE, statistics: torch.Tensor, radius: float, dims: int) -> torch.Tensor:
    """log ∮ p(x, z) around the box from −radius to radius, (m,): mass outside, if it falls by e a
    unit of length; the prior alone makes it fall faster."""
    step = SIDE / POINTS
    along = torch.arange(-radius, radius, step, device=statistics.device) + step / 2
    rest = _product(along, dims - 1) if dims > 1 else along.new_zeros(1, 0)
    faces = [torch.cat((rest[:, :d], along.new_full((len(rest), 1), end), rest[:, d:]), 1)
             for d in range(dims) for end in (-radius, radius)]
    return _log_joints(model, statistics, torch.cat(faces)).double().logsumexp(0) \
        + (dims - 1) * math.log(step)


@torch.no_grad()
def posterior_on_grid(model: VAE, x: torch.Tensor, num: int = 100,
                      low: torch.Tensor | None = None, high: torch.Tensor | None = None
                      ) -> PosteriorGrid:
    """The true posterior p(z|x) = p(x|z) p(z)/p(x) of a few x, on num cells along each dimension.

    low, high: corners of the window, (latent_dim,) or (n, latent_dim); None is the box around each
    example's mass. The density is that of the whole plane, p(x) coming from `log_px`: over a
    window that holds the mass and resolves it, it integrates to 1.

    Raises ValueError: see `check_exact`.
    """
    evidence = log_px(model, x)
    low, high = (ours if given is None else torch.as_tensor(given).expand_as(ours).to(ours)
                 for given, ours in ((low, evidence.low), (high, evidence.high)))
    log_joint, axes = joint_on_grid(model, x, low, high, num)
    dims = axes.shape[1]
    log_cell = ((high - low) / num).log().sum(1)
    log_density = log_joint - evidence.log_px[:, None]
    return PosteriorGrid(axes, log_density.view(len(x), *[num] * dims),
                         log_joint.logsumexp(1) + log_cell)


def joint_on_grid(model: VAE, x: torch.Tensor, low: torch.Tensor, high: torch.Tensor, num: int
                  ) -> tuple[torch.Tensor, torch.Tensor]:
    """log p(x, z) at the centres of num^latent_dim cells of each example's window, in nats.

    low, high: (n, latent_dim). Returns (n, num^latent_dim), last dimension fastest, and the axes
    (n, latent_dim, num); in double precision on the CPU.
    """
    device = next(model.parameters()).device
    low, high = low.double(), high.double()
    steps = (torch.arange(num, dtype=torch.float64) + 0.5) / num
    axes = low[..., None] + (high - low)[..., None] * steps
    rows = []
    for one, axis in zip(model.likelihood.statistics(x.to(device)).split(1), axes):
        z = torch.cartesian_prod(*axis).view(-1, len(axis)).float().to(device)
        rows.append(torch.cat([_log_joints(model, one, some)[:, 0] for some in z.split(_DECODES)]))
    return torch.stack(rows).double().cpu(), axes


def log_joint(model: VAE, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """log p(x|z) + log p(z), nats: x (…, pixels) and z (…, latent_dim) → (…,)."""
    return model.likelihood.log_prob(x, model.decode(z)) + _log_pz(z)
