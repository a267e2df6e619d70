"""log p(x) by importance sampling, in bounded memory."""

from __future__ import annotations

import math

import pytest
import torch

from vae_core.measure.importance import estimate_log_px


@pytest.mark.parametrize("samples_per_pass", [1, 3, 16, 50, 10_000])
def test_samples_per_pass_changes_nothing(make_model, unit_x, samples_per_pass):
    model = make_model()
    expected = estimate_log_px(model, unit_x, 50)
    found = estimate_log_px(model, unit_x, 50, samples_per_pass)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-4)


def test_memory_is_bounded_whatever_the_number_of_samples(make_model, unit_x, monkeypatch):
    """No decode sees more than batch_size · samples_per_pass codes."""
    model, seen = make_model(), []
    decode = model.decode
    monkeypatch.setattr(model, "decode",
                        lambda z, beta: seen.append(z.shape[:-1].numel()) or decode(z, beta))
    estimate_log_px(model, unit_x, num_samples=501, samples_per_pass=4, batch_size=10)
    assert max(seen) == 40
    assert sum(seen) == 501 * len(unit_x)
    seen.clear()
    estimate_log_px(model, unit_x, num_samples=601)  # by itself it holds about 10,000 decodes
    assert max(seen) <= 10_000 and sum(seen) == 601 * len(unit_x)


def test_the_estimate_repeats_and_follows_its_seed(make_model, unit_x):
    model = make_model()
    first, again, other = (estimate_log_px(model, unit_x, 5, seed=seed) for seed in (0, 0, 1))
    assert first.equal(again) and not first.equal(other)


@pytest.mark.parametrize("num_samples", [0, -3])
def test_too_few_samples_are_refused(make_model, unit_x, num_samples):
    with pytest.raises(ValueError, match=f"num_samples = {num_samples} is not allowed"):
        estimate_log_px(make_model(), unit_x, num_samples)


def test_an_impossible_example_gives_minus_infinity_and_no_nan(make_model, unit_x, monkeypatch):
    model = make_model()
    monkeypatch.setattr(model.likelihood, "log_prob",
                        lambda x, out: torch.full(out.shape[:-1], -math.inf))
    assert (estimate_log_px(model, unit_x, 5, samples_per_pass=2) == -math.inf).all()
