"""Random numbers: a stream for each key, and binarisation with the right frequencies."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_core.random import binarize, seeded


def test_binarisation_has_the_grey_value_for_its_frequency():
    grey = torch.linspace(0, 1, 11).repeat(20_000, 1)
    drawn = binarize(grey, torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    error = (grey[0] * (1 - grey[0]) / len(grey)).sqrt()
    assert ((drawn.mean(0) - grey[0]).abs() <= 4 * error).all()  # so 0 and 1 are met exactly


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=3, unique=True))
def test_keys_give_streams_of_their_own(parts):
    """Neighbouring keys, and the same numbers in another order, share nothing."""
    def draw(*key: int) -> torch.Tensor:
        return torch.rand(4, generator=seeded(torch.Generator(), *key))

    assert draw(*parts).equal(draw(*parts))
    assert not draw(*parts).equal(draw(*parts[:-1], parts[-1] + 1))
    if len(parts) > 1:
        assert not draw(*parts).equal(draw(*parts[::-1]))
