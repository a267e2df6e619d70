"""The smooth clamp of log σ², for tensors, arrays and numbers alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.numerics import (
    LOG_VAR_MAX,
    LOG_VAR_MIN,
    LOG_VAR_X_MAX,
    LOG_VAR_X_MIN,
    soft_clamp,
    softplus,
)


@pytest.mark.parametrize(("low", "high"), [(LOG_VAR_MIN, LOG_VAR_MAX),
                                           (LOG_VAR_X_MIN, LOG_VAR_X_MAX)])
class TestSoftClamp:
    def test_it_is_bounded(self, low, high):
        raw = torch.tensor([-1e30, -1e4, -50, 0, 50, 1e4, 1e30])
        bounded = soft_clamp(raw, low, high)
        assert bounded.min() >= low
        assert bounded.max() <= high + math.log1p(math.exp(low - high)) + 1e-5

    def test_it_is_monotone(self, low, high):
        raw = torch.linspace(low - 10, high + 10, 500, dtype=torch.float64)
        assert soft_clamp(raw, low, high).diff().min() > 0

    def test_it_is_near_the_identity_inside(self, low, high):
        raw = torch.linspace(low + 4, high - 4, 50)
        torch.testing.assert_close(soft_clamp(raw, low, high), raw, atol=0.02, rtol=0)

    def test_its_gradient_points_back_in_from_outside(self, low, high):
        raw = torch.tensor([low - 8.0, high + 8.0], requires_grad=True)
        soft_clamp(raw, low, high).sum().backward()
        assert (raw.grad > 0).all() and (raw.grad < 0.01).all()

    def test_arrays_and_numbers_get_what_tensors_do(self, low, high):
        raw = torch.linspace(low - 20, high + 20, 50, dtype=torch.float64)
        expected = soft_clamp(raw, low, high).numpy()
        np.testing.assert_allclose(soft_clamp(raw.numpy(), low, high), expected, atol=1e-6)
        np.testing.assert_allclose([soft_clamp(v, low, high) for v in raw.tolist()], expected,
                                   atol=1e-6)


def test_softplus_neither_overflows_nor_vanishes():
    for value in (np.array([-800.0, 0.0, 800.0]), torch.tensor([-800.0, 0.0, 800.0])):
        np.testing.assert_allclose(softplus(value), [0, math.log(2), 800], rtol=1e-6)
    assert softplus(-30.0) == pytest.approx(math.exp(-30))
