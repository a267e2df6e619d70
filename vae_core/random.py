"""Random numbers as a function of a key, with no generator state to store."""

import torch


def seeded(generator: torch.Generator, *key: int) -> torch.Generator:
    """The generator, set by a hash of the key (splitmix64's finaliser over each part)."""
    state = 0x9E3779B97F4A7C15
    for part in key:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 % 2**64
        state = (state ^ state >> 31) * 0x94D049BB133111EB % 2**64
        state ^= state >> 29
    return generator.manual_seed(state % 2**63)


def binarize(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each value 0 or 1, sampled with the grey value as its probability (Salakhutdinov & Murray
    2008)."""
    return torch.rand(x.shape, generator=generator, device=x.device).lt(x).float()
