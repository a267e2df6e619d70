"""A run as the pages see it: read once, placed on a plane, taken to any β; and as the browser
decodes it."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from tests.vae_core.model.test_browser import arrays, run_decoder
from ui.model import Axes, ModelView
from vae_core.measure import test_set
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.browser import browser_decoder, turned_decoder
from vae_core.model.conditioning import freeze
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import LATENTS, Run, RunError, summarize

PLANE = Axes((0, 1), (0.0, 0.0))


@pytest.fixture
def every(train_run) -> Run:
    """A finished β-conditioned model from 0.01 to 10, which opens at 4."""
    return train_run("checkpoints/every", beta_conditioned=True, beta=4)


def view(run: Run, **more) -> ModelView:
    return ModelView(summarize(run), **more)


def test_an_ordinary_run_is_known_at_its_own_beta(finished):
    model, last = view(finished), finished.metrics()[-1]
    assert model.curve is None and model.dial(PLANE) is None and not model.has_dial
    at = model.at()
    assert (at.beta, at.distortion, at.rate) == (1, last["test_distortion"], last["test_rate"])
    assert at.elbo == pytest.approx(last["test_elbo"])
    assert at.objective == pytest.approx(at.distortion + at.rate)
    np.testing.assert_array_equal(at.mu, finished.latents()["mu"])
    with pytest.raises(ValueError, match="choose it from 1 to 1"):
        model.at(2.0)


def test_files_are_read_once_until_they_change(finished, monkeypatch):
    reads = []
    read = Run.latents
    monkeypatch.setattr(Run, "latents", lambda run: reads.append(run) or read(run))
    assert view(finished).latents is view(finished).latents
    assert len(reads) == 1
    arrays = read(finished)
    finished.write_latents(arrays | {"mu": arrays["mu"] + 1})
    np.testing.assert_array_equal(view(finished).latents["mu"], arrays["mu"] + 1)
    assert len(reads) == 2


def test_a_run_without_latents_says_so(finished):
    finished.path(LATENTS).unlink()
    with pytest.raises(RunError, match=r"has no latents\.npz"):
        view(finished).payload(PLANE)


def test_a_conditioned_model_has_the_figures_of_its_curve_at_the_knots(every):
    model, curve = view(every), every.beta_curve()
    assert model.betas[[0, -1]].tolist() == [0.01, 10] and model.at().beta == 4
    for k in (0, 7, -1):
        at = model.at(float(curve.beta[k]))
        assert at.distortion == pytest.approx(curve.distortion[k])
        assert at.rate == pytest.approx(curve.rate[k])
        assert at.active_units == curve.active_units[k]
        np.testing.assert_allclose(at.mu, curve.mu[k], atol=1e-6)
        np.testing.assert_allclose(at.log_var, curve.log_var[k], atol=1e-6)
    assert model.covers(0.01 * (1 - 1e-9)) and not model.covers(11) and not model.covers(np.nan)
    with pytest.raises(ValueError, match=r"outside the range of every: choose it from 0\.01 to 10"):
        model.at(11.0)


def test_a_conditioned_model_can_be_taken_at_its_own_beta_alone(every):
    held, latents = view(every, every_beta=False), every.latents()
    assert held.curve is None and "film" not in held.decoder(PLANE)[0]
    np.testing.assert_array_equal(held.points(PLANE)["x"], latents["mu"][:, 0])
    assert "film" in view(every).decoder(PLANE)[0]


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_the_browser_and_python_have_the_same_figures(every):
    model = view(every)
    betas = [0.01, 0.02, 0.7, 3.3, 10.0]
    script = (f"import {{ figuresAt }} from {str(ROOT / 'static/latent_plane/cloud/sweep.js')!r};"
              f"const dial = {json.dumps(model.dial(PLANE))};"
              f"console.log(JSON.stringify({betas}.map((beta) => figuresAt(dial, beta))))")
    ended = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True,
                           text=True, check=True)
    for beta, shown in zip(betas, json.loads(ended.stdout), strict=True):
        at = model.at(beta)
        for name in ("distortion", "rate", "elbo"):
            assert shown[name] == pytest.approx(getattr(at, name), abs=1e-9)
        assert shown["active"] == at.active_units


def test_the_nearest_images_and_the_decoded_one_are_exact_at_beta(every, splits, tiny_mnist):
    beta, z = 0.37, np.array([0.5, -0.25], np.float32)
    at, model = view(every).at(beta), load_model(every)
    with torch.no_grad():
        mu = model.encode(test_set.test_x(model, splits.test), beta).mu.numpy()
        decoded = model.decode_mean(torch.from_numpy(z), beta)
    indices, distance = at.nearest(z, 6)
    exact = np.linalg.norm(mu - z, axis=1)
    assert indices.tolist() == np.argsort(exact)[:6].tolist()
    np.testing.assert_allclose(distance, exact[indices], rtol=1e-5)
    np.testing.assert_allclose(at.decode(z), decoded, atol=1e-6)


def test_the_payload_is_json_beside_its_tables(every, finished):
    for run in (every, finished):
        data = view(run).payload(PLANE, "grid", "rate", "left", "plane")
        json.dumps({name: data[name] for name in ("decoder", "dial", "view")})
        assert data["view"]["mode"] == "grid" and data["view"]["side"] == "left"
        assert set(data["points"].column_names) == {"x", "y", "sxx", "syy", "rate", "distortion"}
    few = view(finished).payload(PLANE, num_points=7)
    assert few["labels"].num_rows == few["points"].num_rows == 7


def test_a_code_of_one_dimension_lies_on_a_line(train_run):
    model = view(train_run("checkpoints/line", latent_dim=1))
    points = model.points(model.default_axes())
    assert model.default_axes().dims == (0,) and not points["y"].any()
    assert model.at().z((0.5, 3.0), model.default_axes()).tolist() == [0.5]


def test_a_code_without_noise_has_no_ellipses_and_no_prior(train_run):
    model = view(train_run("checkpoints/points", beta=0))
    data = model.payload(PLANE)
    assert "sxx" not in data["points"].column_names and data["view"]["rate_per_dim"] == []
    assert len(data["view"]["code_ranges"]) == 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_rotated_decoder_decodes_the_same_images(make_model, architecture):
    model = make_model(architecture=architecture, latent_dim=3)
    z = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    description, flat = browser_decoder(model.config, arrays(model))
    rotated = turned_decoder(description, flat, rotation)
    with torch.no_grad():
        expected = model.decode_mean(z)
    np.testing.assert_allclose(run_decoder(description, rotated, z.numpy() @ rotation.T), expected,
                               atol=1e-5)
    np.testing.assert_allclose(run_decoder(description, flat, z.numpy()), expected, atol=1e-5)


@pytest.mark.parametrize("knobs", [{}, {"beta_conditioned": True}])
def test_on_principal_axes_points_posteriors_and_decoder_are_rotated_together(train_run, knobs):
    run = train_run("checkpoints/three", latent_dim=3, **knobs)
    model = view(run)
    axes = model.principal_axes()
    rotation, torch_model, curve = axes.rotation, load_model(run), model.curve
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    # At one knot of a curve, or as it is.
    points = model.points(axes)
    mu, log_var = (curve.mu[3], curve.log_var[3]) if curve else \
        (model.latents["mu"], model.latents["log_var"])
    x, y, xx, xy, yy = (np.asarray(points[name], np.float64)[3] if curve else points[name]
                        for name in ("x", "y", "sxx", "sxy", "syy"))
    shown = np.asarray(mu, np.float64) @ rotation.T
    np.testing.assert_allclose(np.stack([x, y], 1), shown[:, :2], atol=5e-3)
    for n in (0, 7):
        root = np.array([[xx[n], xy[n]], [xy[n], yy[n]]])
        covariance = (rotation @ np.diag(np.exp(log_var[n].astype(float))) @ rotation.T)[:2, :2]
        np.testing.assert_allclose(root @ root, covariance, rtol=0.01, atol=1e-3)
    # The plane passes through the mean, and decodes what the model does there.
    np.testing.assert_allclose(axes.held[2:], (rotation @ model.at().mu.mean(0))[2:], atol=1e-5)
    u = axes.coordinates((0.4, -0.7))
    np.testing.assert_allclose(model.at().z((0.4, -0.7), axes), rotation.T @ u, atol=1e-6)
    if curve is None:
        with torch.no_grad():
            expected = torch_model.decode_mean(torch.from_numpy(u[None] @ rotation).float())
        np.testing.assert_allclose(run_decoder(*model.decoder(axes), u[None]), expected, atol=1e-5)


def test_variances_fall_from_axis_to_axis_and_rates_are_the_marginals(train_run):
    run = train_run("checkpoints/three", latent_dim=3)
    model = view(run)
    axes = model.principal_axes("UMAP")
    spread = (model.latents["mu"] @ axes.rotation.T).var(0)
    assert (np.diff(spread) <= 1e-9).all() and "sxx" not in model.points(axes)
    mu, log_var = model.latents["mu"] @ axes.rotation.T, model.latents["log_var"]
    variance = np.exp(log_var) @ (axes.rotation.T ** 2)
    rates = 0.5 * (mu**2 + variance - np.log(variance) - 1).mean(0)
    np.testing.assert_allclose(model.payload(axes)["view"]["rate_per_dim"], rates, rtol=1e-4)


def test_means_of_a_curve_are_at_its_knots(every):
    beta, mu = view(every).means(PLANE)
    curve = every.beta_curve()
    assert beta == curve.beta.tolist()
    np.testing.assert_array_equal(mu, curve.mu)


def test_a_frozen_model_decodes_as_the_conditioned_one(every):
    model, z = view(every), torch.tensor([[0.3, -0.2]])
    with torch.no_grad():
        expected = freeze(load_model(every), 0.5).decode_mean(z)
        torch.testing.assert_close(model.frozen(0.5).decode_mean(z), expected)
    np.testing.assert_allclose(model.at(0.5).decode(z.numpy()), expected.clip(0, 1), atol=1e-5)
