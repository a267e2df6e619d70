"""Embeddings of the same images under models that were trained apart, turned onto each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def procrustes(mu: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The orthogonal Q with the least ‖mu Qᵀ − reference‖²: rotation and, if need be, reflection.

    Q = U Vᵀ  where  referenceᵀ mu = U S Vᵀ

    No shift and no scale: the prior N(0, I) looks the same from every side, but not from elsewhere.

    Args:
        mu, reference: (n, latent_dim).
    Returns:
        (latent_dim, latent_dim); a code z lies at Q z in the reference's coordinates.
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
    """A Q for each embedding of a sweep: each is turned onto its neighbour towards the reference,
    since neighbours are alike where the ends of a sweep may not be.

    Raises:
        ValueError: embeddings of different shapes.
    """
    turns = [np.eye(embeddings[reference].shape[1]) for _ in embeddings]
    for k in [*range(reference + 1, len(embeddings)), *range(reference - 1, -1, -1)]:
        inner = k - 1 if k > reference else k + 1
        turns[k] = procrustes(embeddings[k], embeddings[inner] @ turns[inner].T)
    return turns


def principal_axes(mu: np.ndarray) -> np.ndarray:
    """The principal axes of means mu (n, latent_dim), as the rows of an orthogonal matrix.

    Eigenvectors of their covariance, by falling variance; the largest entry of each is positive,
    so that the axes don't flip from one computation to the next.

    Source: Hotelling 1933.
    """
    mu = np.asarray(mu, np.float64)
    _, vectors = np.linalg.eigh(np.atleast_2d(np.cov(mu, rowvar=False)))
    axes = vectors.T[::-1]
    largest = np.abs(axes).argmax(axis=1)
    return axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
