"""Bounds of log σ², and the smooth clamp that keeps them; for numbers, arrays and tensors."""

import math
from typing import Any

import numpy as np

LOG_2PI = math.log(2 * math.pi)
# Bounds of log σ² of q(z|x): σ from 0.0025 to 20.
LOG_VAR_MIN, LOG_VAR_MAX = -12.0, 6.0
# σ of p(x|z) stays above 0.01: on data with constant pixels the likelihood has no upper bound.
LOG_VAR_X_MIN, LOG_VAR_X_MAX = 2 * math.log(0.01), 2 * math.log(10.0)


def softplus(a: Any) -> Any:
    """log(1 + eᵃ), without overflow."""
    if isinstance(a, (int, float, np.ndarray, np.number)):
        return np.logaddexp(0, a)
    from torch.nn import functional

    return functional.softplus(a)


def soft_clamp(raw: Any, low: float, high: float) -> Any:
    """Bound smoothly: close to the identity inside [low, high], never outside, gradient never 0.

    high − softplus(high − raw), then low + softplus(· − low)  (Chua et al. 2018, app. A.1).
    The second step overshoots `high` by at most log(1 + e^(low − high)).
    """
    return low + softplus(high - softplus(high - raw) - low)
