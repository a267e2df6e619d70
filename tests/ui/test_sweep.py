"""Runs that differ in β alone, as one model: which they are, and how they are aligned."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from ui.model import Axes, ModelView
from ui.sweep import Sweep, alike, nearest, sweep_of
from vae_core.data.dataset import Dataset, Splits
from vae_core.runs.run import LATENTS, Run, RunError, Summary, summarize

PLANE = Axes((0, 1), (0.0, 0.0))


@pytest.fixture
def runs(train_run) -> list[Summary]:
    """β = 0.5, 1 and 4, in no order."""
    return [summarize(train_run(f"checkpoints/beta{beta}", beta=beta)) for beta in (4, 0.5, 1)]


def test_a_sweep_is_what_differs_in_beta_alone(runs, train_run):
    four = runs[0]
    others = [summarize(train_run(f"checkpoints/{name}", **knobs)) for name, knobs in {
        "wide": {"latent_dim": 3}, "zero": {"beta": 0}, "seeded": {"seed": 5},
        "every": {"beta_conditioned": True}, "twin": {"beta": 4}}.items()]
    found = sweep_of(four, [*runs, *others])
    assert [s.run_id for s in found] == ["beta0.5", "beta1", "beta4"]
    twin = sweep_of(others[-1], [*runs, *others])
    assert [s.run_id for s in twin] == ["beta0.5", "beta1", "twin"]
    for alone in others[:-1]:
        assert sweep_of(alone, [*runs, *others]) == []
    assert sweep_of(four, [four]) == []


def test_the_reference_stays_and_the_others_are_rotated_onto_it(runs):
    members = sweep_of(runs[2], runs)
    sweep = Sweep(members, runs[2])
    np.testing.assert_allclose(sweep.rotations @ sweep.rotations.transpose(0, 2, 1),
                               [np.eye(2)] * 3, atol=1e-6)
    np.testing.assert_allclose(sweep.rotations[1], np.eye(2), atol=1e-12)
    own = runs[2].run.latents()["mu"]
    points = sweep.points(PLANE)
    np.testing.assert_allclose(points["x"][1], own[:, 0], atol=5e-3)
    for k, member in enumerate(members):
        mu = member.run.latents()["mu"] @ sweep.rotations[k].T
        np.testing.assert_allclose(np.stack([points["x"][k], points["y"][k]], 1), mu, atol=5e-3)
        before = np.linalg.norm(member.run.latents()["mu"] - own)
        assert np.linalg.norm(mu - own) <= before * (1 + 1e-6)


def test_at_a_beta_it_is_the_nearest_member(runs):
    sweep = Sweep(sweep_of(runs[2], runs), runs[2])
    assert sweep.betas.tolist() == [0.5, 1, 4] and sweep.config.beta == 1
    at = sweep.at(0.6)
    assert (at.model.run_id, at.beta) == ("beta0.5", 0.5)
    assert at.rate == runs[1].last["test_rate"]
    z = at.z((0.3, -0.4), PLANE)
    np.testing.assert_allclose(at.rotation @ z, [0.3, -0.4], atol=1e-6)
    np.testing.assert_allclose(at.on(PLANE), runs[1].run.latents()["mu"] @ at.rotation.T)
    with pytest.raises(ValueError, match=r"choose it from 0\.5 to 4"):
        sweep.at(5)


def test_a_tie_goes_to_the_higher_beta():
    assert nearest(np.array([1.0, 4.0]), 2.0) == 1
    assert nearest(np.array([1.0, 4.0]), 1.99) == 0
    assert nearest(np.array([0.0, 1.0]), 0.001) == 1 and nearest(np.array([0.0, 1.0]), 0) == 0


def test_the_payload_has_every_decoder_and_rotation(runs):
    sweep = Sweep(sweep_of(runs[2], runs), runs[2])
    data = sweep.payload(PLANE)
    json.dumps({name: data[name] for name in ("decoder", "dial", "view")})
    assert data["dial"]["names"] == ["beta0.5", "beta1", "beta4"]
    assert data["dial"]["active"] == [int(s.last["active_units"]) for s in
                                      (runs[1], runs[2], runs[0])]
    assert len(data["decoder"]["likelihoods"]) == 3
    alone = ModelView(runs[2]).payload(PLANE)
    assert data["weights"].num_rows == 3 * alone["weights"].num_rows
    assert data["view"]["model"] != alone["view"]["model"]


def test_other_test_images_are_refused_or_left_out(runs, train_run, splits):
    test = splits.test
    flipped = Dataset(test.x, torch.flip(test.labels, [0]), None, test.shape, test.domain)
    other = summarize(train_run("checkpoints/other", beta=2, data=Splits(splits.train, flipped)))
    with pytest.raises(RunError, match="'other' was measured on other test images than 'beta1'"):
        Sweep([runs[2], other], runs[2]).points(PLANE)
    broken = summarize(train_run("checkpoints/broken", beta=3))
    Run(broken.run.folder).path(LATENTS).write_bytes(b"PK")
    assert alike([*runs, other, broken], runs[2]) == runs
