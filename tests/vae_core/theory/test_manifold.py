"""The sheet: normals, distances, the plane decoded; against geometry and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from vae_core.config import TrainConfig
from vae_core.data import load_split
from vae_core.data.registry import DATASETS
from vae_core.data.synthetic import NOISE, SHAPES
from vae_core.model.vae import VAE, Posterior
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run
from vae_core.theory import manifold

SHEETS = ["swiss-roll", "s-curve"]


@pytest.fixture
def factors() -> dict[str, np.ndarray]:
    """Places away from the edges of each sheet."""
    share = np.random.default_rng(0).uniform(0.1, 0.9, (200, 2))
    return {name: np.array(SHAPES[name].low) + share * (np.array(SHAPES[name].high)
                                                        - SHAPES[name].low) for name in SHEETS}


@pytest.fixture
def model() -> VAE:
    """Its reconstruction of x is (x_1, x_2, 0): the plane x_3 = 0 is its sheet."""
    config = TrainConfig(dataset="swiss-roll", likelihood="gaussian-fixed")
    model = VAE(config, DATASETS["swiss-roll"].shape).eval()
    model.encoder = torch.nn.Linear(3, 4, bias=False)
    model.encoder.weight.data = torch.tensor(
        [[1.0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]])
    model.decoder = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False))
    model.decoder[0].weight.data = torch.tensor([[1.0, 0], [0, 1], [0, 0]])
    return model


@pytest.mark.parametrize("name", SHEETS)
def test_the_normal_stands_on_both_tangents(name, factors):
    across, embed = manifold.normal(name, factors[name]), SHAPES[name].embed
    np.testing.assert_allclose(np.linalg.norm(across, axis=1), 1)
    for step in ([1e-6, 0], [0, 1e-6]):
        tangent = (embed(factors[name] + step) - embed(factors[name])) / 1e-6
        np.testing.assert_allclose((across * tangent).sum(1), 0, atol=1e-4)


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("offset", [0.0, 0.02, -0.2])
def test_a_step_along_the_normal_is_the_distance(name, offset, factors):
    x = SHAPES[name].embed(factors[name]) + offset * manifold.normal(name, factors[name])
    np.testing.assert_allclose(manifold.distance(name, x), abs(offset), atol=2e-5)


def test_beyond_the_edge_the_distance_is_to_the_edge():
    edge = SHAPES["s-curve"].embed(np.array([[0.0, 1.0]]))
    assert manifold.distance("s-curve", edge + np.array([0, 0, 0.3])) == pytest.approx(0.3)


def test_a_model_that_knows_the_sheet_takes_the_normal_part_of_the_noise_away(model, monkeypatch):
    """A flat sheet: what is left out is the noise along x_3, of root mean square NOISE."""
    monkeypatch.setitem(SHAPES, "swiss-roll", SHAPES["swiss-roll"]._replace(
        embed=lambda f: np.stack([f[:, 0], 0 * f[:, 0], f[:, 1]], axis=1)))
    x = np.random.default_rng(0).normal(scale=NOISE, size=(4000, 3))
    found = manifold.residuals(model, "swiss-roll", x)
    assert found.reconstruction == pytest.approx(NOISE, rel=0.03) and found.noise == NOISE


def test_moved_points_keep_their_distances(model, factors):
    found = manifold.move_off(model, "s-curve", factors["s-curve"], 0.1)
    np.testing.assert_allclose(found.before, 0.1, atol=1e-4)
    np.testing.assert_allclose(found.reconstruction, found.x * [1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(found.after, manifold.distance("s-curve", found.reconstruction))


def test_the_aggregate_posterior_has_mass_one_and_the_moments_of_its_parts():
    rng = np.random.default_rng(0)
    posterior = Posterior(torch.tensor(rng.normal(size=(50, 2)), dtype=torch.float32),
                          torch.tensor(rng.uniform(-3, -1, (50, 2)), dtype=torch.float32))
    axis = np.linspace(-5, 5, 201)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    density = manifold.aggregate_density(posterior, z) * (axis[1] - axis[0]) ** 2
    assert density.sum() == pytest.approx(1, abs=1e-6)
    expected = posterior.mu.var(0, correction=0) + posterior.log_var.exp().mean(0)
    mean = density @ z
    np.testing.assert_allclose(density @ (z - mean) ** 2, expected, rtol=1e-5)


def test_the_decoded_sheet_is_the_plane_where_codes_are(model):
    x = torch.randn(500, 3, generator=torch.Generator().manual_seed(0)) / 2
    posterior = manifold.posterior(model, x)
    found = manifold.decoded_sheet(model, posterior, side=61, keep=0.9)
    assert {tuple(p) for line in manifold.grid_lines(found, 1) for p in line} >= {
        tuple(p) for p in found.x[found.triangles.ravel()]}
    assert 0.9 <= found.mass < 0.92
    np.testing.assert_allclose(found.x[:, :2], found.z, atol=1e-6)
    used = np.unique(found.triangles)
    assert found.inside.ravel()[used].all() and len(used) <= found.inside.sum()
    a, b, c = (found.z[found.triangles[:, k]] for k in range(3))
    area = np.abs(np.linalg.det(np.stack([b - a, c - a], axis=1))) / 2
    np.testing.assert_allclose(area, (found.z[1, 1] - found.z[0, 1]) ** 2 / 2)


def test_a_decoded_ellipse_is_the_posteriors(model):
    posterior = Posterior(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, -2.0]]))
    loop = manifold.decoded_ellipses(model, posterior, radius=2)[0]
    np.testing.assert_allclose(loop[0], loop[-1], atol=1e-5)
    u = (loop[:, :2] - [1, 2]) / [2, 2 * np.exp(-1)]
    np.testing.assert_allclose((u**2).sum(1), 1, atol=1e-5)


def test_the_interior_is_what_it_says():
    factors = load_split("s-curve", "train").factors.double().numpy()
    inner = manifold.interior("s-curve", factors, margin=0.25)
    assert len(inner) == pytest.approx(len(factors) / 4, rel=0.05)
    assert np.abs(inner[:, 1]).max() < 0.5


@pytest.mark.parametrize("name", SHEETS)
def test_the_models_that_come_along_found_their_sheets(name):
    """Moved points come back to within a tenth of the noise; RMS residuals are the noise's."""
    model = load_model(Run(ROOT / "ui" / "theory" / "runs" / f"{name}-mlp-z2"))
    test = load_split(name, "test")
    factors = manifold.interior(name, test.factors.double().numpy())[:50]
    moved = manifold.move_off(model, name, factors, 0.15)
    assert moved.before == pytest.approx(0.15, abs=1e-4)
    assert moved.after.mean() < 0.2 * NOISE
    found = manifold.residuals(model, name, test.x.double().numpy())
    assert found.reconstruction == pytest.approx(NOISE, rel=0.15)


def test_the_test_points_lie_off_the_sheet_by_the_noise():
    for name in SHEETS:
        x = load_split(name, "test").x.double().numpy()
        rms = np.sqrt((manifold.distance(name, x) ** 2).mean())
        assert rms == pytest.approx(NOISE, rel=0.08)  # edges add a little


def test_a_plane_of_three_dimensions_is_refused(model):
    three = VAE(TrainConfig(dataset="s-curve", likelihood="gaussian-fixed", latent_dim=3,
                            hidden_dim=4), DATASETS["s-curve"].shape)
    with pytest.raises(ValueError, match="the model's z has 3"):
        manifold.decoded_sheet(three, manifold.posterior(three, torch.zeros(1, 3)))
