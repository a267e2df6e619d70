"""Constants that several formulas share."""

from __future__ import annotations

import math

LOG_2PI = math.log(2 * math.pi)
