"""A model on its principal axes: the same decoder, the same posteriors, other coordinates."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.vae_core.model.test_browser import arrays, run_decoder
from ui.explore import explorer, principal_axes
from vae_core.model.browser import browser_decoder, turned_decoder
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import summarize


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_a_turned_decoder_decodes_the_same_images(make_model, architecture):
    model = make_model(architecture=architecture, latent_dim=3)
    z = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    description, flat = browser_decoder(model.config, arrays(model))
    turned = turned_decoder(description, flat, turn)
    with torch.no_grad():
        expected = model.decode_mean(z)
    np.testing.assert_allclose(run_decoder(description, turned, z.numpy() @ turn.T), expected,
                               atol=1e-5)
    np.testing.assert_allclose(run_decoder(description, flat, z.numpy()), expected, atol=1e-5)


@pytest.mark.parametrize("knobs", [{}, {"beta_conditioned": True}])
def test_on_principal_axes_points_posteriors_and_decoder_are_turned_together(train_run, knobs):
    run = train_run("checkpoints/three", latent_dim=3, **knobs)
    before = explorer.prepare(summarize(run), (0, 1))
    ready, held = principal_axes.principal(before)
    turn, model = ready.turn, load_model(run)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)
    # At one knot of a curve, or as it is.
    curve = before.turning and before.turning.curve
    mu, log_var = (curve.mu[3], curve.log_var[3]) if curve else \
        (before.latents["mu"], before.latents["log_var"])
    x, y, xx, xy, yy = (np.asarray(column, np.float64)[3] if curve else column for column in (
        ready.points.x, ready.points.y, ready.points.sxx, ready.points.sxy, ready.points.syy))
    shown = np.asarray(mu, np.float64) @ turn.T
    np.testing.assert_allclose(np.stack([x, y], 1), shown[:, :2], atol=5e-3)
    for n in (0, 7):
        root = np.array([[xx[n], xy[n]], [xy[n], yy[n]]])
        covariance = (turn @ np.diag(np.exp(log_var[n].astype(float))) @ turn.T)[:2, :2]
        np.testing.assert_allclose(root @ root, covariance, rtol=0.01, atol=1e-3)
    # The plane passes through the mean, and decodes what the model does there.
    at = before.chosen.config.beta
    mean = (curve.at(at, curve.mu.astype(np.float32)) if curve else before.latents["mu"]).mean(0)
    np.testing.assert_allclose(held[2:], (turn @ mean)[2:], atol=1e-5)
    u = np.array([[0.4, -0.7, held[2]]])
    if not curve:
        with torch.no_grad():
            expected = model.decode_mean(torch.from_numpy(u @ turn).float())
        np.testing.assert_allclose(run_decoder(ready.decoder.spec, ready.decoder.weights, u),
                                   expected, atol=1e-5)


def test_variances_fall_from_axis_to_axis_and_the_rates_are_the_marginals(train_run):
    run = train_run("checkpoints/three", latent_dim=3)
    ready, _ = principal_axes.principal(explorer.prepare(summarize(run), (0, 1)))
    spread = ready.latents["mu"].var(0)
    assert (np.diff(spread) <= 1e-9).all()
    variance = np.exp(run.latents()["log_var"]) @ (ready.turn.T ** 2)
    np.testing.assert_allclose(np.exp(ready.latents["log_var"]), variance, rtol=1e-5)
