"""Embeddings: aligned by a known rotation, their axes and dimensions, and lattices over them."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.measure.embeddings import (
    align_chain,
    data_lattice,
    mean_rates,
    most_used_dims,
    principal_axes,
    prior_lattice,
    procrustes,
)

seeds, dims = st.integers(0, 10**6), st.integers(1, 8)


def random_turn(rng: np.random.Generator, dim: int) -> np.ndarray:
    """A matrix of the orthogonal group, rotations and reflections alike."""
    q, r = np.linalg.qr(rng.standard_normal((dim, dim)))
    return q * np.sign(np.diag(r))


def left_over(mu, turn, reference) -> float:
    return float(((mu @ turn.T - reference) ** 2).sum())


@given(seeds, dims)
def test_a_turned_copy_is_turned_back_exactly(seed, dim):
    rng = np.random.default_rng(seed)
    reference, turn = rng.standard_normal((40, dim)), random_turn(rng, dim)
    np.testing.assert_allclose(procrustes(reference @ turn, reference), turn, atol=1e-9)


@given(seeds, dims)
def test_no_other_turn_leaves_less(seed, dim):
    rng = np.random.default_rng(seed)
    mu, reference = rng.standard_normal((2, 30, dim))
    found = procrustes(mu, reference)
    np.testing.assert_allclose(found @ found.T, np.eye(dim), atol=1e-9)
    least = left_over(mu, found, reference)
    for _ in range(20):
        assert least <= left_over(mu, random_turn(rng, dim), reference) + 1e-9
    assert least <= left_over(mu, np.eye(dim), reference) + 1e-9


@given(seeds, st.floats(0.1, 10))
def test_scale_and_half_precision_play_no_part(seed, scale):
    rng = np.random.default_rng(seed)
    reference, turn = rng.standard_normal((200, 3)), random_turn(rng, 3)
    turned = (scale * reference @ turn).astype(np.float16)
    np.testing.assert_allclose(procrustes(turned, reference), turn, atol=2e-3)


def test_embeddings_of_other_images_are_refused():
    with pytest.raises(ValueError, match=r"same images.*one latent_dim"):
        procrustes(np.zeros((5, 2)), np.zeros((6, 2)))
    with pytest.raises(ValueError, match="latent_dim"):
        align_chain([np.zeros((5, 2)), np.zeros((5, 3))], 0)


@given(seeds, dims, st.integers(1, 5), st.data())
def test_turned_copies_get_the_one_turn_each_along_the_chain(seed, dim, num, data):
    """The chain over copies equals the single turn back to the reference."""
    rng = np.random.default_rng(seed)
    original = rng.standard_normal((40, dim))
    copies = [original @ random_turn(rng, dim) for _ in range(num)]
    reference = data.draw(st.integers(0, num - 1))
    turns = align_chain(copies, reference)
    np.testing.assert_array_equal(turns[reference], np.eye(dim))
    for copy, turn in zip(copies, turns, strict=True):
        np.testing.assert_allclose(turn, procrustes(copy, copies[reference]), atol=1e-8)
        np.testing.assert_allclose(copy @ turn.T, copies[reference], atol=1e-8)


def test_the_chain_follows_a_slow_change_that_a_leap_mistakes():
    """A spread that shrinks along one axis while it grows along the other: seen from the end, the
    axes have changed places, but no step along the way changes them."""
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((400, 2))
    shared[:, 1] = 0.9 * shared[:, 0] + 0.45 * shared[:, 1]  # the two are alike
    steps = [shared @ np.diag([1 - t, 0.2 + t]) for t in np.linspace(0, 0.95, 20)]
    chained = align_chain(steps, 0)
    for before, after in zip(chained, chained[1:], strict=False):
        assert np.abs(before - after).max() < 0.2
    assert all(np.linalg.det(turn) > 0 for turn in chained)


def test_one_embedding_stays_as_it_is():
    turn, = align_chain([np.arange(6.0).reshape(3, 2)], 0)
    np.testing.assert_array_equal(turn, np.eye(2))


def test_principal_axes_are_those_of_a_known_covariance():
    """Turned by 30°: variances 9 and 1 along (cos, sin) and (−sin, cos)."""
    angle = np.pi / 6
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    codes = np.random.default_rng(0).standard_normal((20_000, 2)) * [3, 1] @ axes + [5, -2]
    found = principal_axes(codes)
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.abs(found @ axes.T), np.eye(2), atol=0.02)
    assert (found[np.arange(2), np.abs(found).argmax(1)] > 0).all()
    spread = (codes @ found.T).var(0)
    assert spread[0] > spread[1] and abs(np.cov((codes @ found.T).T)[0, 1]) < 1e-9


def test_a_lattice_of_the_prior_has_equal_mass_between_its_quantiles():
    lattice = prior_lattice(4)
    mass = [NormalDist().cdf(value) for value in lattice]
    np.testing.assert_allclose(mass, [0.125, 0.375, 0.625, 0.875])


def test_a_lattice_of_the_data_spans_their_middle():
    lattice = data_lattice(np.linspace(0.0, 100.0, 10_001), 3)
    np.testing.assert_allclose(lattice, [1, 50, 99])


def test_dimensions_are_ordered_by_their_rate():
    mu, log_var = np.array([[0.0, 2.0, 1.0], [0.0, -2.0, 1.0]]), np.zeros((2, 3))
    np.testing.assert_allclose(mean_rates(mu, log_var), [0, 2, 0.5])
    assert most_used_dims(mu, log_var) == [1, 2, 0]
