"""Single latent dimensions: their order, their images and their sliders, against torch."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.conftest import decoded_values, decoded_z, inspect, plane
from vae_core.data import load_split
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

WIDE = "mnist-mlp-z16-beta1"
MANY = "mnist-mlp-z16-multirate"
POINT = "mnist-mlp-z2-beta0"
CONV = "mnist-conv-z2-beta1"
STEPS = np.linspace(-3, 3, 9)


def dimensions(page: Page) -> list[int]:
    return [int(row.get_attribute("data-dimension")) for row in page.locator(".strip").all()]


def settled(page: Page) -> None:
    page.locator(".strips").evaluate("""async (root) => {
        const isDone = () => root.querySelector(".strip")
            && !root.querySelector("[aria-busy=true]");
        while (!isDone()) await new Promise(requestAnimationFrame);
    }""")


def strip(page: Page, row: int) -> tuple[np.ndarray, np.ndarray]:
    """The z around which a row's images were made, and the images."""
    settled(page)
    canvas = page.locator(".strip canvas").nth(row)
    z = [float(value) for value in canvas.get_attribute("data-z").split(",")]
    _, values = inspect(page, "tool.images")[row]
    return np.array(z, np.float32), np.array(values).reshape(9, -1)


def rates(run: Run) -> np.ndarray:
    latents = run.latents()
    mu, log_var = latents["mu"], latents["log_var"]
    return (0.5 * (mu**2 + np.exp(log_var) - log_var - 1)).mean(axis=0)


def decode(model, z: np.ndarray, dimension: int, steps: np.ndarray = STEPS,
           beta: float | None = None) -> np.ndarray:
    along = torch.tensor(np.tile(z, (9, 1)))
    along[:, dimension] = torch.tensor(steps, dtype=torch.float32)
    with torch.no_grad():
        return model.decode_mean(along, beta).numpy()


def test_rows_come_by_rate_and_their_images_are_torchs(server, page):
    run = Run(server.checkpoints / WIDE)
    page.goto(f"{server.url}/?run={WIDE}&pin=0.5,-1&tool=traverse")
    plane(page)
    z, values = strip(page, 1)
    expected = rates(run)
    order = np.argsort(-expected, kind="stable")
    assert dimensions(page) == order.tolist()
    for row, d in enumerate(order):
        said = page.locator(".strip p span").nth(row).inner_text()
        assert float(said.split()[0]) == pytest.approx(expected[d], abs=0.006)
    # The pin is the base, in the two most used dimensions.
    np.testing.assert_allclose(z[order[:2]], [0.5, -1])
    assert (np.delete(z, order[:2]) == 0).all()
    np.testing.assert_allclose(values, decode(load_model(run), z, order[1]), atol=1e-4)
    closed = run.latents()["mu"].var(axis=0) <= 0.01
    for row, d in enumerate(order):
        assert ("inactive" in page.locator(".strip").nth(row).inner_text()) == bool(closed[d])


def test_sliders_move_the_cursor_or_what_is_hidden(server, page):
    run = Run(server.checkpoints / WIDE)
    model = load_model(run)
    order = np.argsort(-rates(run), kind="stable")
    page.goto(f"{server.url}/?run={WIDE}&tool=traverse&traverse=origin")
    plane(page)
    settled(page)
    sliders = page.locator(".strip input")
    sliders.nth(0).fill("1.5")
    sliders.nth(4).fill("-2")
    expect(page.locator(".strip output").nth(4)).to_have_text("−2.00")
    z, values = strip(page, 2)
    expected = np.zeros(16, np.float32)
    expected[order[0]], expected[order[4]] = 1.5, -2
    np.testing.assert_allclose(z, expected)
    np.testing.assert_allclose(values, decode(model, z, order[2]), atol=1e-4)
    # The cursor moved along, and the large image shows what is hidden, too.
    np.testing.assert_allclose(decoded_z(page), [1.5, 0], atol=1e-6)
    with torch.no_grad():
        large = model.decode_mean(torch.tensor(expected)).numpy()
    np.testing.assert_allclose(decoded_values(page), large, atol=1e-4)
    sliders.nth(4).press("ArrowRight")
    expect(page).to_have_url(re.compile(r"traverse=origin.*-1\.9"))
    page.reload()
    plane(page)
    z, _ = strip(page, 2)
    expected[order[4]] = -1.9
    np.testing.assert_allclose(z, expected, atol=1e-3)
    # Without the tool the plane holds them where the page does.
    page.get_by_role("tab", name="Traverse").click()
    expect(page.locator(".strips")).to_have_count(0)
    with torch.no_grad():
        plain = model.decode_mean(torch.tensor(np.where(np.arange(16) == order[4], 0, expected))
                                  .float()).numpy()
    np.testing.assert_allclose(decoded_values(page), plain, atol=1e-3)


def test_an_image_of_a_model_for_every_beta_is_the_base(server, page):
    run, index, beta = Run(server.checkpoints / MANY), 5, 2.0
    model = load_model(run)
    x = encoder_input(model, load_split("mnist", "test"))[index:index + 1]
    page.goto(f"{server.url}/?run={MANY}&beta={beta}&tool=traverse&image={index}&traverse=image")
    plane(page)
    z, values = strip(page, 3)
    with torch.no_grad():
        mu = model.encode(x, beta).mu[0].numpy()
    np.testing.assert_allclose(z, mu, atol=1e-3)
    curve = run.beta_curve()
    expected = np.array([curve.at(beta, column) for column in curve.rate_per_dim.T])
    said = [float(one.inner_text().split()[0]) for one in page.locator(".strip p span").all()]
    np.testing.assert_allclose(said, expected[dimensions(page)], atol=0.006)
    assert said == sorted(said, reverse=True)
    np.testing.assert_allclose(values, decode(model, z, dimensions(page)[3], beta=beta), atol=1e-3)


@pytest.mark.parametrize("run_id", [POINT, CONV])
def test_two_dimensions_and_codes_that_are_points(server, page, run_id):
    run = Run(server.checkpoints / run_id)
    page.goto(f"{server.url}/?run={run_id}&tool=traverse")
    plane(page)
    z, values = strip(page, 0)
    first = dimensions(page)[0]
    steps = STEPS
    if run_id == POINT:
        low, high = np.quantile(run.latents()["mu"], [0.01, 0.99], axis=0)
        assert first == int(np.argmax(high - low))
        steps = np.linspace(low[first], high[first], 9)
    np.testing.assert_allclose(values, decode(load_model(run), z, first, steps), atol=1e-3)
