"""A sheet near which data lie: distances to it, and the sheet a 2-D VAE learns."""

from typing import NamedTuple

import numpy as np
import torch

from vae_core.data.synthetic import NOISE, SHAPES
from vae_core.model.vae import VAE, Posterior

_STEPS, _ROUNDS = 600, 4  # of the search for the nearest point: grid points, and refinements
_SMALL = 1e-4  # half the step of the difference quotient, in radians
_BLOCK = 20_000  # densities in memory at once in `aggregate_density`


def normal(name: str, factors: np.ndarray) -> np.ndarray:
    """The unit normal of a sheet at factors (n, 2): (n, 3), to the right of the rising angle.

    Both sheets are a plane curve moved along the third axis, so the normal is the curve's.
    """
    embed, ahead = SHAPES[name].embed, np.array([[_SMALL, 0.0]])
    tangent = embed(factors + ahead) - embed(factors - ahead)
    across = np.stack([tangent[:, 1], -tangent[:, 0], np.zeros(len(tangent))], axis=1)
    return across / np.linalg.norm(across, axis=1, keepdims=True)


def distance(name: str, x: np.ndarray) -> np.ndarray:
    """Distance of points (n, 3) from a sheet, (n,): min over factors ‖x − f(factors)‖.

    The height is clipped to the sheet, and the angle is searched on ever finer grids.
    """
    shape = SHAPES[name]
    height = np.clip(x[:, 2], shape.low[1], shape.high[1])
    angle = np.broadcast_to(np.linspace(shape.low[0], shape.high[0], _STEPS), (len(x), _STEPS))
    width = (shape.high[0] - shape.low[0]) / (_STEPS - 1)
    for _ in range(_ROUNDS):
        flat = np.stack([angle.ravel(), np.zeros(angle.size)], axis=1)
        curve = shape.embed(flat)[:, :2].reshape(*angle.shape, 2)
        squared = ((curve - x[:, None, :2]) ** 2).sum(-1)
        best = np.take_along_axis(angle, squared.argmin(1)[:, None], axis=1)
        angle = np.clip(best + np.linspace(-width, width, 21), shape.low[0], shape.high[0])
        width /= 10
    return np.sqrt(squared.min(1) + (x[:, 2] - height) ** 2)


def interior(name: str, factors: np.ndarray, margin: float = 0.15) -> np.ndarray:
    """The factors (n, 2) at least a fraction `margin` of the sheet's extent from every edge."""
    low, high = np.array(SHAPES[name].low), np.array(SHAPES[name].high)
    share = (factors - low) / (high - low)
    return factors[((share > margin) & (share < 1 - margin)).all(1)]


class Moved(NamedTuple):
    """Points moved off a sheet and their reconstructions; (n, 3), distances (n,)."""

    x: np.ndarray
    reconstruction: np.ndarray
    before: np.ndarray  # distance of x to the sheet
    after: np.ndarray  # of its reconstruction


@torch.no_grad()
def reconstruct(model: VAE, x: np.ndarray) -> np.ndarray:
    """E[x|z] at z = E_q[z|x], (n, size) → (n, size)."""
    posterior = model.encode(torch.from_numpy(x.astype(np.float32)))
    return model.decode_mean(posterior.mu).double().numpy()


def move_off(model: VAE, name: str, factors: np.ndarray, offset: float) -> Moved:
    """Points of a sheet moved along its normal by offset, encoded and decoded."""
    x = SHAPES[name].embed(factors) + offset * normal(name, factors)
    back = reconstruct(model, x)
    return Moved(x, back, distance(name, x), distance(name, back))


class Residuals(NamedTuple):
    """Root mean square lengths in the space of x, over examples."""

    reconstruction: float  # ‖x − x̂‖
    noise: float  # along the normal: what projection onto the sheet removes
    data_to_sheet: float
    reconstruction_to_sheet: float


def residuals(model: VAE, name: str, x: np.ndarray) -> Residuals:
    """Distances of test points x (n, 3) from their reconstructions, and of both from the sheet.

    Noise N(0, σ²I) in three dimensions has one component along the normal of a two-dimensional
    sheet; its root mean square is σ. The components along the sheet stay: z represents them.
    """
    back = reconstruct(model, x)
    rms = lambda length: float(np.sqrt((length**2).mean()))  # noqa: E731
    return Residuals(rms(np.linalg.norm(x - back, axis=1)), NOISE, rms(distance(name, x)),
                     rms(distance(name, back)))


@torch.no_grad()
def posterior(model: VAE, x: torch.Tensor) -> Posterior:
    return model.encode(x)


def aggregate_density(posterior: Posterior, z: np.ndarray) -> np.ndarray:
    """q(z) = (1/n) Σ_i q(z|x_i) at points z (k, latent_dim), (k,)."""
    mu, log_var = (value.double().numpy() for value in posterior)
    precision, scale = np.exp(-log_var), -0.5 * (log_var + np.log(2 * np.pi)).sum(1)
    parts = []
    for start in range(0, len(z), max(1, _BLOCK // len(mu))):
        each = z[start:start + max(1, _BLOCK // len(mu)), None]
        parts.append(np.exp(scale - 0.5 * ((each - mu) ** 2 * precision).sum(-1)).mean(1))
    return np.concatenate(parts)


class Sheet(NamedTuple):
    """The decoded part of the latent plane that contains codes, as triangles."""

    z: np.ndarray  # (side², 2), the grid over the plane
    x: np.ndarray  # (side², 3), decoded
    triangles: np.ndarray  # (k, 3), indices into x
    inside: np.ndarray  # (side, side) of bool
    mass: float  # of q(z) on the kept part of the grid


@torch.no_grad()
def decoded_sheet(model: VAE, posterior: Posterior, side: int = 81, keep: float = 0.97,
                  reach: float = 3.6) -> Sheet:
    """Decode the smallest part of the latent plane that contains a share `keep` of q(z).
    Raises ValueError: z isn't two-dimensional."""
    if model.config.latent_dim != 2:
        raise ValueError(f"A sheet has two dimensions, and the model's z has "
                         f"{model.config.latent_dim}: choose one with latent_dim = 2.")
    axis = np.linspace(-reach, reach, side)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    density = aggregate_density(posterior, z) * (axis[1] - axis[0]) ** 2
    order = np.argsort(-density)
    share = np.cumsum(density[order])
    inside = np.zeros(len(z), dtype=bool)
    inside[order[:np.searchsorted(share, keep) + 1]] = True
    grid = np.arange(side * side).reshape(side, side)
    corners = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=-1)
    cells = corners.reshape(-1, 4)
    cells = cells[inside[cells].all(1)]
    x = model.decode_mean(torch.from_numpy(z.astype(np.float32))).numpy()
    return Sheet(z, x, np.concatenate([cells[:, [0, 1, 2]], cells[:, [0, 2, 3]]]),
                 inside.reshape(side, side), float(density[inside].sum()))


def grid_lines(sheet: Sheet, every: int) -> list[np.ndarray]:
    """Every `every`-th grid line of the plane where codes lie, both ways: pieces (·, 3)."""
    side = len(sheet.inside)
    grid, pieces = sheet.x.reshape(side, side, -1), []
    for x, inside in ((grid, sheet.inside), (grid.transpose(1, 0, 2), sheet.inside.T)):
        for row in range(0, side, every):
            edges = np.flatnonzero(np.diff(inside[row].astype(int), prepend=0, append=0))
            pieces += [x[row, start:stop] for start, stop in edges.reshape(-1, 2)
                       if stop - start > 1]
    return pieces


def ellipses(posterior: Posterior, radius: float = 2.0, num: int = 33) -> np.ndarray:
    """μ + radius·σ ⊙ (cos, sin) of each q(z|x), closed: (n, num, 2)."""
    angle = torch.linspace(0, 2 * torch.pi, num)
    circle = torch.stack([angle.cos(), angle.sin()], dim=-1)
    spread = torch.exp(0.5 * posterior.log_var)[:, None]
    return (posterior.mu[:, None] + radius * spread * circle).numpy()


@torch.no_grad()
def decoded_ellipses(model: VAE, posterior: Posterior, radius: float = 2.0, num: int = 33
                     ) -> np.ndarray:
    """The `ellipses` decoded: (n, num, size), closed."""
    return model.decode_mean(torch.from_numpy(ellipses(posterior, radius, num))).numpy()
