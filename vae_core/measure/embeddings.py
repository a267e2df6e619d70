"""What is read off an embedding: used dimensions, axes, lattices over it, and its alignment to the
embedding of the same images by another model. No torch."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

ACTIVE_VARIANCE = 0.01  # of μ_d over the images; above it dimension d is active (Burda et al. 2016)
PICTURES = 10  # reconstructions and samples in latents.npz


def mean_rates(mu: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """Mean over x of KL(q(z_d|x) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1), (latent_dim,), nats."""
    return 0.5 * (mu**2 + np.exp(log_var) - log_var - 1).mean(axis=0)


def most_used_dims(mu: np.ndarray, log_var: np.ndarray) -> list[int]:
    """Latent dimensions by mean rate, highest first; mu and log_var: (n, latent_dim)."""
    return [int(d) for d in np.argsort(-mean_rates(mu, log_var), kind="stable")]


def pictured(label: np.ndarray) -> np.ndarray:
    """Which images stand for a data set: the first of each class; without classes, the first."""
    first = np.unique(label, return_index=True)[1]
    return first[:PICTURES] if len(first) > 1 else np.arange(min(PICTURES, len(label)))


def prior_lattice(num: int) -> np.ndarray:
    """Φ⁻¹((i + ½)/num), i = 0 … num − 1: quantiles of equal mass under the prior N(0, 1), (num,).

    Source: Kingma & Welling 2014, fig. 4.
    """
    return np.array([NormalDist().inv_cdf((i + 0.5) / num) for i in range(num)])


def data_lattice(mu: np.ndarray, num: int) -> np.ndarray:
    """num even steps over the middle 98 % of the codes mu (n,), for a model without a prior."""
    low, high = np.quantile(mu, [0.01, 0.99])
    return np.linspace(low, high, num)


def procrustes(mu: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The orthogonal Q with the least ‖mu Qᵀ − reference‖²: rotation and, if need be, reflection.

    Q = U Vᵀ  where  referenceᵀ mu = U S Vᵀ

    No shift and no scale: the prior N(0, I) is invariant to rotation, but not to translation.

    Args:
        mu, reference: (n, latent_dim).
    Returns:
        (latent_dim, latent_dim); a code z is Q z in the reference's coordinates.
    Raises:
        ValueError: different shapes.
    Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
    """
    if mu.shape != reference.shape or mu.ndim != 2:
        raise ValueError(f"mu has the shape {mu.shape} and reference {reference.shape}: give two "
                         "embeddings of the same images with one latent_dim.")
    u, _, vt = np.linalg.svd(reference.astype(np.float64).T @ mu.astype(np.float64))
    return u @ vt


def align_chain(embeddings: Sequence[np.ndarray], reference: int) -> list[np.ndarray]:
    """A Q for each embedding of a sweep: each is aligned to its neighbour towards the reference, as
    neighbours are similar even where the ends of the sweep are not.
    Raises ValueError: embeddings of different shapes."""
    rotations = [np.eye(embeddings[reference].shape[1]) for _ in embeddings]
    for k in [*range(reference + 1, len(embeddings)), *range(reference - 1, -1, -1)]:
        inner = k - 1 if k > reference else k + 1
        rotations[k] = procrustes(embeddings[k], embeddings[inner] @ rotations[inner].T)
    return rotations


def principal_axes(mu: np.ndarray) -> np.ndarray:
    """The principal axes of means mu (n, latent_dim), as the rows of an orthogonal matrix.

    Eigenvectors of their covariance, by decreasing variance; the largest entry of each is positive,
    so that the axes don't flip from one computation to the next.

    Source: Hotelling 1933.
    """
    mu = np.asarray(mu, np.float64)
    _, vectors = np.linalg.eigh(np.atleast_2d(np.cov(mu, rowvar=False)))
    axes = vectors.T[::-1]
    largest = np.abs(axes).argmax(axis=1)
    return axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
