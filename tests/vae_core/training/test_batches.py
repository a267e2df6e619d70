"""Batches: every example once an epoch, and all chance a function of (seed, step)."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_core.measure.test_set import evaluation_x
from vae_core.training.batches import Batches

CPU = torch.device("cpu")


def numbered(num: int = 100) -> torch.Tensor:
    """(num, 2) bytes in which each example shows its own number."""
    return torch.arange(num, dtype=torch.uint8)[:, None].expand(num, 2).contiguous()


def deal(num: int = 100, batch_size: int = 32, seed: int = 0, binarized: bool = False) -> Batches:
    return Batches(numbered(num), batch_size, seed, binarized, CPU)


def order(batches: Batches, epoch: int) -> list[int]:
    """Which examples an epoch's batches hold, in order."""
    steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
    return torch.cat([batches.at(step, 1)[0][:, 0] for step in steps]).mul(255).round().tolist()


@given(st.integers(1, 200), st.integers(1, 250))
def test_every_example_comes_once_an_epoch(num, batch_size):
    batches = deal(num, batch_size)
    for epoch in (0, 3):
        assert sorted(order(batches, epoch)) == list(range(num))
    assert batches.steps_per_epoch == -(-num // batch_size)


def test_batches_are_full_but_the_last():
    batches = deal(100, 32)
    assert [len(batches.at(step, 1)[0]) for step in range(4)] == [32, 32, 32, 4]
    assert batches.sizes().tolist() == [32, 32, 32, 4]
    assert deal(96, 32).sizes().tolist() == [32, 32, 32]


def test_the_order_changes_with_epoch_and_seed():
    first = order(deal(), 0)
    assert first != list(range(100))
    assert order(deal(), 0) == first
    assert order(deal(), 1) != first
    assert order(deal(seed=1), 0) != first


@pytest.mark.parametrize("binarized", [False, True])
def test_a_step_is_the_same_whatever_came_before(binarized):
    """Data and noise of step 5 after steps 0–4, after step 11, and at once: all the same."""
    straight, jumping, fresh = (deal(binarized=binarized) for _ in range(3))
    for step in range(5):
        straight.at(step, 3)
    jumping.at(11, 3)
    wanted_x, wanted_eps = fresh.at(5, 3)
    for batches in (straight, jumping):
        x, eps = batches.at(5, 3)
        assert x.equal(wanted_x) and eps.equal(wanted_eps)


def test_noise_is_standard_normal_and_differs_from_step_to_step_and_seed_to_seed():
    batches = deal(batch_size=100)
    eps = torch.stack([batches.at(step, 20)[1] for step in range(50)])
    assert eps.shape == (50, 100, 20)
    assert eps.mean().abs() < 4 / eps.numel() ** 0.5
    assert (eps.var() - 1).abs() < 4 * (2 / eps.numel()) ** 0.5
    assert not eps[0].equal(eps[1])
    correlation = (eps[0] * eps[1]).mean()
    assert correlation.abs() < 4 / eps[0].numel() ** 0.5
    assert not deal(batch_size=100, seed=1).at(0, 20)[1].equal(eps[0])


def test_several_samples_of_noise_an_example():
    x, eps = deal().at(3, 20, num_samples=5)
    assert eps.shape == (5, len(x), 20) and not eps[0].equal(eps[1])
    assert x.equal(deal().at(3, 20)[0])


def test_betas_are_those_of_their_step_whatever_came_before():
    straight, fresh = deal(), deal()
    for step in range(5):
        straight.at(step, 3), straight.betas_at(step, 0.01, 10)
    wanted = fresh.betas_at(5, 0.01, 10)
    assert straight.betas_at(5, 0.01, 10).equal(wanted)
    assert not straight.betas_at(6, 0.01, 10).equal(wanted)
    assert not deal(seed=1).betas_at(5, 0.01, 10).equal(wanted)
    alone = deal().at(5, 3)  # data and noise don't change by them
    assert all(one.equal(other) for one, other in zip(straight.at(5, 3), alone))
    assert [len(straight.betas_at(step, 0.01, 10)) for step in range(4)] == [32, 32, 32, 4]


def test_the_logarithm_of_beta_is_uniform_for_every_example():
    """By the example's number, over epochs: each sees the range, from end to end and evenly."""
    low, high, seen = 0.01, 10.0, {number: [] for number in range(100)}
    batches = deal(batch_size=50)
    for step in range(2 * 400):
        numbers = batches.at(step, 1)[0][:, 0].mul(255).round().int().tolist()
        for number, beta in zip(numbers, batches.betas_at(step, low, high)):
            seen[number].append(beta)
    share = (torch.tensor([seen[number] for number in range(100)]) / low).log() \
        / math.log(high / low)
    assert share.min() >= 0 and share.max() <= 1
    assert (share.mean(1) - 0.5).abs().max() < 5 * (1 / 12 / 400) ** 0.5
    counts = torch.histc(share, 10, 0, 1) / share.numel()
    torch.testing.assert_close(counts, torch.full((10,), 0.1), atol=0.005, rtol=0)


@pytest.mark.parametrize(("low", "high", "within"), [
    (0.01, 50.0, (4.0, 16.0)), (5.0, 50.0, (5.0, 16.0)), (0.01, 8.0, (4.0, 8.0))])
def test_a_share_of_the_examples_has_its_beta_in_the_focus(low, high, within):
    batches = deal(batch_size=100)
    plain, focused = (batches.betas_at(3, low, high, share) for share in (0.0, 0.2))
    moved = torch.arange(100) % 5 == 0
    assert focused[~moved].equal(plain[~moved])
    share = (focused[moved] / within[0]).log() / math.log(within[1] / within[0])
    assert (share * 20).int().tolist() == list(range(20))  # from end to end and evenly
    assert batches.betas_at(3, low, high, 1.0).min() >= within[0] * (1 - 1e-6)


@pytest.mark.parametrize(("low", "high"), [(0.01, 4.0), (0.01, 1.0), (16.0, 50.0)])
def test_a_range_beside_the_focus_is_left_alone(low, high):
    batches = deal(batch_size=100)
    assert batches.betas_at(3, low, high, 0.2).equal(batches.betas_at(3, low, high))


def test_every_step_sees_the_whole_range_of_beta():
    share = deal(batch_size=50).betas_at(3, 0.1, 10).log10() / 2 + 0.5
    assert (share * 50).int().tolist() == list(range(50))


def test_dynamic_binarisation_draws_anew_at_every_visit():
    batches = Batches(torch.full((50, 40), 128, dtype=torch.uint8), 50, 0, True, CPU)
    first, second = batches.at(0, 1)[0], batches.at(1, 1)[0]
    assert set(first.unique().tolist()) == {0.0, 1.0} and not first.equal(second)


def test_data_are_left_as_they_were(splits):
    before = splits.train.x.clone()
    Batches(splits.train.x, 32, 0, True, CPU).at(0, 2)
    evaluation_x(splits.train.x, True)
    assert splits.train.x.equal(before)
