"""One example's exact inference in one go, against the functions that do each part alone."""

from __future__ import annotations

import pytest
import torch

from tests.conftest import ROOT
from vae_core.data import load_split
from vae_core.measure import exact, gaps
from vae_core.measure.test_set import evaluation_x
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run
from vae_core.theory.exact import infer, true_posterior


@pytest.fixture(params=[1, 2])
def model(make_model, request):
    return make_model(latent_dim=request.param)


def test_the_parts_are_those_of_exact_and_gaps(model, unit_x):
    x = unit_x[:1].round()
    found, split = infer(model, x, steps=8, num=30, margin=0.1), gaps.gaps(model, x, steps=8)
    assert found.truth.log_px == exact.log_px(model, x, exact.FINE).log_px.item()
    assert found.best_elbo == pytest.approx(split.best_elbo.item(), abs=1e-2)
    assert found.truth.elbo == gaps.quadrature_elbo(model, x).item()
    assert found.truth.kl == pytest.approx(gaps.kl_to_posterior(model, x).item(), abs=2e-3)
    alone = gaps.optimal_gaussian(model, x, 8)
    torch.testing.assert_close(found.path.mu, alone.mu)
    torch.testing.assert_close(found.path.elbo, alone.elbo)


def test_the_density_is_the_posteriors_and_holds_its_mass(model, unit_x):
    x = unit_x[:1].round()
    found = true_posterior(model, x, num=60, margin=0.2)
    grid = exact.posterior_on_grid(model, x, 60, found.low, found.high)
    torch.testing.assert_close(found.axes, grid.axes[0])
    torch.testing.assert_close(found.density, grid.log_density[0].exp(), rtol=1e-2, atol=1e-6)
    cell = torch.stack([axis[1] - axis[0] for axis in found.axes]).prod()
    assert (found.density.sum() * cell).item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("index", [62, 111])
def test_hard_images_of_a_committed_run_agree_too(index):
    """A mode between the points of a first lattice; a q too wide for twelve nodes."""
    model = load_model(Run(ROOT / "checkpoints" / "mnist-mlp-z2-beta10"))
    x = evaluation_x(load_split("mnist", "test").x, binarized=True)[index:index + 1]
    found = infer(model, x, steps=60, num=20, margin=0.1)
    assert found.truth.elbo + found.truth.kl == pytest.approx(found.truth.log_px, abs=2e-3)
    assert found.truth.elbo < found.best_elbo < found.truth.log_px + 1e-3
    assert found.truth.elbo == pytest.approx(
        gaps.quadrature_elbo(model, x, num_nodes=80).item(), abs=1e-2)
