"""One example's exact inference in one go, against the functions that do each part alone."""

from __future__ import annotations

import pytest
import torch

from vae_core import exact, gaps
from vae_core.theory.inference import infer, true_posterior


@pytest.fixture(params=[1, 2])
def model(make_model, request):
    return make_model(latent_dim=request.param)


def test_the_parts_are_those_of_exact_and_gaps(model, unit_x):
    x = unit_x[:1].round()
    found, split = infer(model, x, steps=8, num=30, margin=0.1), gaps.gaps(model, x, steps=8)
    assert found.truth.log_px == split.log_px.item()
    assert found.best_elbo == pytest.approx(split.best_elbo.item(), abs=1e-4)
    assert found.truth.elbo == pytest.approx(split.elbo.item(), abs=1e-4)
    assert found.truth.kl == gaps.kl_to_posterior(model, x).item()
    alone = gaps.optimal_gaussian(model, x, 8)
    torch.testing.assert_close(found.path.mu, alone.mu)
    torch.testing.assert_close(found.path.elbo, alone.elbo)


def test_the_density_is_the_posteriors_and_holds_its_mass(model, unit_x):
    x = unit_x[:1].round()
    found = true_posterior(model, x, num=60, margin=0.2)
    grid = exact.posterior_on_grid(model, x, 60, found.low, found.high)
    torch.testing.assert_close(found.axes, grid.axes[0])
    torch.testing.assert_close(found.density, grid.log_density[0].exp())
    cell = torch.stack([axis[1] - axis[0] for axis in found.axes]).prod()
    assert (found.density.sum() * cell).item() == pytest.approx(1, abs=0.02)
