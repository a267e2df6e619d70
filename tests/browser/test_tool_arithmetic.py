"""Directions between groups of test images, against numpy on latents.npz and torch's decoder."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.conftest import plane, values_of
from tests.browser.test_tool_find import inside
from vae_core.data import load_split
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

MANY = "mnist-mlp-z2-multirate"
ONE = "mnist-mlp-z2-beta1"
CONV = "mnist-conv-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"


def opened(server, page, run: str, **query: str):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/?run={run}&tool=arithmetic{asked}")
    return plane(page)


def drawn(page) -> dict:
    return page.locator(".latent-plane").evaluate("""async ({ latentPlane }) => {
        while (!latentPlane.tool?.base) await new Promise(requestAnimationFrame);
        return latentPlane.tool;
    }""")


def figure(page, name: str) -> tuple[np.ndarray, np.ndarray]:
    """z and the pixels."""
    canvas = page.get_by_role("img", name=name)
    z = [float(value) for value in canvas.get_attribute("data-z").split(",")]
    return np.array(z), np.array(values_of(canvas))


@pytest.mark.parametrize("run_id", [WIDE, CONV])
def test_the_direction_is_numpys_and_the_image_torchs(server, page, run_id):
    index = 18
    run = Run(server.checkpoints / run_id)
    opened(server, page, run_id, groups="label:3|label:8|0.5", image=str(index))
    found = drawn(page)
    latents = run.latents()
    mu, label = latents["mu"].astype(float), latents["label"]
    delta = mu[label == 8].mean(0) - mu[label == 3].mean(0)
    np.testing.assert_allclose(found["from"], mu[label == 3].mean(0), atol=1e-6)
    np.testing.assert_allclose(found["delta"], delta, atol=1e-6)
    expect(page.get_by_test_id("arithmetic-hint")).to_contain_text("3 → 8")
    model = load_model(run)
    with torch.no_grad():
        x = encoder_input(model, load_split("mnist", "test"))[index:index + 1]
        base = model.encode(x).mu[0].numpy()
    np.testing.assert_allclose(found["base"], base, atol=1e-3)
    slider = page.get_by_role("slider", name="t, how many times")
    assert float(slider.input_value()) == 0.5
    for t in (0.5, -1.25):
        slider.fill(str(t))
        z, pixels = figure(page, "At z + t·(B − A)")
        np.testing.assert_allclose(z, base + t * delta, atol=1e-3)
        with torch.no_grad():
            expected = model.decode_mean(torch.tensor(z, dtype=torch.float32))
        np.testing.assert_allclose(pixels, expected, atol=1e-4)
    expect(page).to_have_url(re.compile("groups=label%3A3%7Clabel%3A8%7C-1.25"))
    # The strip: nine steps from −2 to 2, each of which sets t.
    steps = page.get_by_role("group", name="Steps along the direction").get_by_role("button")
    expect(steps).to_have_count(9)
    expect(steps.nth(8).locator("canvas")).to_have_attribute("data-z", re.compile("."))
    last = [float(v) for v in steps.nth(8).locator("canvas").get_attribute("data-z").split(",")]
    np.testing.assert_allclose(last, base + 2 * delta, atol=1e-3)
    steps.nth(6).click()
    np.testing.assert_allclose(figure(page, "At z + t·(B − A)")[0], base + delta, atol=1e-3)


def test_at_a_dials_beta_the_direction_follows(server, page):
    opened(server, page, MANY, beta="3", groups="label:4|label:9|1", image="5")
    found = drawn(page)
    curve = Run(server.checkpoints / MANY).beta_curve()
    mu = curve.at(3.0, curve.mu).astype(float)
    delta = mu[curve.label == 9].mean(0) - mu[curve.label == 4].mean(0)
    np.testing.assert_allclose(found["delta"], delta, atol=1e-4)
    z, pixels = figure(page, "At z + t·(B − A)")
    with torch.no_grad():
        expected = load_model(Run(server.checkpoints / MANY)).decode_mean(
            torch.tensor(z, dtype=torch.float32), 3.0)
    np.testing.assert_allclose(pixels, expected, atol=1e-4)


def test_two_groups_are_lassoed_and_the_cursor_is_moved_by_their_difference(server, page):
    shown = opened(server, page, ONE)
    mu = Run(server.checkpoints / ONE).latents()["mu"]

    def lasso(path) -> None:
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in path]
        page.mouse.move(*at[0])
        page.mouse.down()
        for place in at[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()

    lasso([(0.2, 0.4), (0.42, 0.4), (0.42, 0.6), (0.2, 0.6)])
    expect(page).to_have_url(re.compile("groups=lasso"))
    # The next one is B by itself.
    lasso([(0.65, 0.3), (0.8, 0.3), (0.8, 0.55), (0.65, 0.55)])
    expect(page).to_have_url(re.compile("groups=lasso.*%7Classo"))
    texts = parse_qs(urlparse(page.url).query)["groups"][0].split("|")
    masks = [inside(np.array([float(v) for v in re.split("[,;]", text.split(":")[1])])
                    .reshape(-1, 2), mu) for text in texts]
    found = drawn(page)
    assert [sorted(each) for each in found["indices"]] == [
        np.flatnonzero(mask).tolist() for mask in masks]
    means = [mu[mask].astype(float).mean(0) for mask in masks]
    np.testing.assert_allclose(found["delta"], means[1] - means[0], atol=1e-6)
    page.get_by_role("slider", name="t, how many times").fill("0.5")
    shown.hover(position={"x": 300, "y": 200})
    page.wait_for_timeout(500)
    found = drawn(page)
    cursor = [float(v) for v in page.get_by_test_id("decoded").get_attribute("data-z").split(",")]
    np.testing.assert_allclose(found["base"], cursor, atol=1e-5)
    np.testing.assert_allclose(figure(page, "At z + t·(B − A)")[0],
                               np.array(cursor) + 0.5 * (means[1] - means[0]), atol=1e-4)


def test_groups_are_chosen_with_the_keyboard_and_swapped(server, page):
    opened(server, page, ONE, select="distortion:100", image="3")
    page.get_by_label("Group A").select_option(label="4")
    page.get_by_label("Group B").select_option(label="the selection (100)")
    hint = page.get_by_test_id("arithmetic-hint")
    expect(hint).to_contain_text("4 → 100 images")
    before = drawn(page)["delta"]
    page.get_by_role("button", name="Swap A and B").click()
    expect(hint).to_contain_text(re.compile("100 images.* → 4"))
    np.testing.assert_allclose(drawn(page)["delta"], -np.array(before), atol=1e-9)
    expect(page).to_have_url(re.compile("groups=distortion%3A100%7Clabel%3A4"))
    page.reload()
    plane(page)
    expect(hint).to_contain_text(re.compile("100 images.* → 4"))
    opened(server, page, ONE, groups="label:3|index:99999")
    expect(hint).to_contain_text("Test image 99999 isn't on the plane")
