"""Schedules: bounds, continuity, and a warm-up that reaches β."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.config import TrainConfig
from vae_core.training.schedules import (
    END,
    ONE_CYCLE_RISE,
    ONE_CYCLE_START,
    beta_at,
    beta_range,
    learning_rate_at,
)

STEPS = 1000


def rates(schedule: str, total: int = STEPS) -> list[float]:
    config = TrainConfig(schedule=schedule, learning_rate=0.01)
    return [learning_rate_at(config, step, total) for step in range(total)]


@given(st.floats(0, 10), st.integers(1, 50), st.floats(0.01, 20))
def test_the_warm_up_rises_linearly_and_reaches_beta_exactly(warmup, per_epoch, beta):
    config = TrainConfig(beta=beta, warmup_epochs=warmup, epochs=10)
    betas = [beta_at(config, step, per_epoch) for step in range(10 * per_epoch + 1)]
    for step, value in enumerate(betas):
        if step + 1 < warmup * per_epoch:
            assert value == pytest.approx(beta * (step + 1) / (warmup * per_epoch))
        else:
            assert value == beta
    assert sorted(betas) == betas and betas[-1] == beta


def test_without_a_warm_up_beta_is_there_from_the_first_step():
    assert beta_at(TrainConfig(beta=4), 0, 10) == 4


@pytest.mark.parametrize("per_epoch", [1, 10])
def test_an_accepted_warm_up_reaches_beta_within_the_training(per_epoch):
    config = TrainConfig(beta=2, warmup_epochs=3, epochs=3)
    assert beta_at(config, 3 * per_epoch - 1, per_epoch) == 2


def test_a_constant_rate_is_constant():
    assert set(rates("constant")) == {0.01}


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
@pytest.mark.parametrize("total", [1, 2, 7, STEPS])
def test_rates_stay_between_zero_and_the_chosen_one(schedule, total):
    assert all(0 < rate <= 0.01 * (1 + 1e-12) for rate in rates(schedule, total))


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_rates_have_no_jump(schedule):
    course = rates(schedule)
    steepest = 0.01 / (ONE_CYCLE_RISE * STEPS)
    assert max(abs(b - a) for a, b in zip(course, course[1:], strict=False)) <= steepest


def test_cosine_falls_from_the_chosen_rate_by_half_a_cosine():
    course = rates("cosine")
    assert course[0] == pytest.approx(0.01)
    assert course[STEPS // 2] == pytest.approx(0.01 * (1 + END) / 2)
    assert course[-1] == pytest.approx(0.01 * END, rel=0.01)
    assert sorted(course, reverse=True) == course


def test_one_cycle_rises_linearly_then_falls():
    course = rates("one-cycle")
    top = round(ONE_CYCLE_RISE * STEPS)
    assert course[0] == pytest.approx(0.01 * ONE_CYCLE_START)
    assert course[top // 2] == pytest.approx(0.01 * (1 + ONE_CYCLE_START) / 2)
    assert course[top] == pytest.approx(0.01)
    assert course[-1] == pytest.approx(0.01 * END, rel=0.01)
    assert sorted(course[:top]) == course[:top]
    assert sorted(course[top:], reverse=True) == course[top:]


def test_a_conditioned_training_goes_a_little_beyond_its_range():
    """By the same factor at both ends, and less than 1.5 for three decades."""
    config = TrainConfig(beta_conditioned=True)
    low, high = beta_range(config)
    assert low < config.beta_min and high > config.beta_max
    beyond = high / config.beta_max
    assert beyond < 1.5 and config.beta_min / low == pytest.approx(beyond)
