"""Divergences of two densities that are moved apart: against integrals and difference quotients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.theory import divergence

HALF_Q, HALF_P, SIGMA_Q, SIGMA_P = 0.8, 1.7, 0.5, 1.0
GRID = np.linspace(-12, 12, 2_400_001)


def js_by_grid(q: np.ndarray, p: np.ndarray) -> float:
    cell, middle = GRID[1] - GRID[0], 0.5 * (q + p)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(d > 0, d * np.log(d / middle), 0.0).sum() for d in (q, p)]
    return 0.5 * sum(parts) * cell


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.2, 2.2, 3.0])
def test_js_of_boxes_equals_its_integral(shift):
    densities = divergence.box_densities(GRID, shift, HALF_Q, HALF_P)
    found = divergence.box_js(shift, HALF_Q, HALF_P)
    assert found.value == pytest.approx(js_by_grid(*densities), abs=1e-5)
    h = 1e-4
    quotient = (divergence.box_js(shift + h, HALF_Q, HALF_P).value
                - divergence.box_js(shift - h, HALF_Q, HALF_P).value) / (2 * h)
    assert found.slope == pytest.approx(quotient, abs=1e-9)


def test_js_of_parted_boxes_is_log_two_and_flat():
    found = divergence.box_js(np.array([2.5, 3.0, 50.0]), HALF_Q, HALF_P)
    np.testing.assert_allclose(found.value, math.log(2))
    assert (found.slope == 0).all()


def test_kl_of_boxes_is_flat_inside_and_infinite_without_a_slope_beyond():
    found = divergence.box_kl(np.array([0.0, 0.89, 0.91, 5.0]), HALF_Q, HALF_P)
    np.testing.assert_allclose(found.value, [math.log(17 / 8)] * 2 + [np.inf] * 2)
    np.testing.assert_array_equal(found.slope, [0, 0, np.nan, np.nan])
    uniform = torch.distributions.Uniform
    assert found.value[0] == pytest.approx(torch.distributions.kl_divergence(
        uniform(-HALF_Q, HALF_Q), uniform(-HALF_P, HALF_P)).item(), abs=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1.0, 1.5, 4.0])
def test_the_mass_outside_equals_a_count_of_samples(shift):
    z = shift + HALF_Q * np.linspace(-1, 1, 100_001)
    assert divergence.mass_outside(shift, HALF_Q, HALF_P) == pytest.approx(
        (np.abs(z) > HALF_P).mean(), abs=1e-4)


@pytest.mark.parametrize("shift", [0.0, 1.3, 6.0])
def test_kl_of_gaussians_equals_torch_and_quadrature(shift):
    normal = torch.distributions.Normal
    exact = torch.distributions.kl_divergence(normal(shift, SIGMA_Q), normal(0.0, SIGMA_P)).item()
    found = divergence.gaussian_kl(shift, SIGMA_Q, SIGMA_P)
    assert found.value == pytest.approx(exact, rel=1e-6)
    assert divergence.gaussian_kl_by_quadrature(shift, SIGMA_Q, SIGMA_P) == pytest.approx(
        found.value, abs=1e-6)
    h = 1e-5
    quotient = (divergence.gaussian_kl(shift + h, SIGMA_Q, SIGMA_P).value
                - divergence.gaussian_kl(shift - h, SIGMA_Q, SIGMA_P).value) / (2 * h)
    assert found.slope == pytest.approx(quotient, abs=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.7, 2.0, 5.0])
def test_js_of_gaussians_equals_its_integral(shift):
    densities = divergence.gaussian_densities(GRID, shift, SIGMA_Q, SIGMA_P)
    found = divergence.gaussian_js(shift, SIGMA_Q, SIGMA_P)
    assert found.value == pytest.approx(js_by_grid(*densities), abs=1e-7)
    h = 1e-4
    quotient = (divergence.gaussian_js(shift + h, SIGMA_Q, SIGMA_P).value
                - divergence.gaussian_js(shift - h, SIGMA_Q, SIGMA_P).value) / (2 * h)
    assert found.slope == pytest.approx(quotient, abs=1e-7)
    assert found.value < math.log(2)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
def test_a_density_ends_where_single_precision_does(sigma):
    end = divergence.single_precision_ends(sigma)
    for share, positive in ((0.9995, True), (1.0005, False)):
        density = math.exp(-0.5 * (share * end / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
        assert density > 0 and (np.float32(density) > 0) == positive


@pytest.mark.parametrize("half_q, half_p", [(2.0, 1.0), (0.0, 1.0)])
def test_a_q_wider_than_p_is_one_sentence(half_q, half_p):
    with pytest.raises(ValueError, match="q must be the narrower"):
        divergence.box_kl(0.0, half_q, half_p)
