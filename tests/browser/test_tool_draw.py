"""Drawing a digit and dropping an image: fitted, encoded and decoded as torch would."""

from __future__ import annotations

import base64
import io
import math
import re

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import decoded_z, plane
from vae_core.data import load_split
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

ONE = "mnist-mlp-z2-beta1"
CONV = "mnist-conv-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"
MANY = "mnist-mlp-z2-multirate"
POINT = "mnist-mlp-z2-beta0"


def drawn(page: Page, *, near: bool = False) -> dict:
    """What is on the plane of the drawing, once it has been encoded; near: with its neighbours."""
    return page.locator(".latent-plane").evaluate("""async ({ latentPlane }, near) => {
        const ready = () => latentPlane.tool && (!near || latentPlane.tool.near);
        while (!ready()) await new Promise(requestAnimationFrame);
        return latentPlane.tool;
    }""", near)


def open_draw(page: Page, server, run_id: str, more: str = "") -> None:
    page.goto(f"{server.url}/?run={run_id}&tool=draw{more}")
    plane(page)
    expect(page.locator(".tool-hint")).to_contain_text("Draw, and watch")


def draw_three(page: Page) -> None:
    pad = page.locator(".sketchpad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    arcs = [(200, 0.32, 0.2, 0.17), (-80, 0.66, 0.23, 0.2)]
    places = [(0.48 + wide * math.cos(math.radians(start + 230 * k / 12)),
               middle + tall * math.sin(math.radians(start + 230 * k / 12)))
              for start, middle, wide, tall in arcs for k in range(13)]
    for k, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if k == 0:
            page.mouse.down()
    page.mouse.up()


def drop(page: Page, content: bytes, name: str, kind: str = "image/png") -> None:
    """The file falls on the plane."""
    transfer = page.evaluate_handle("""([text, name, type]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name, { type }));
        return transfer;
    }""", [base64.b64encode(content).decode(), name, kind])
    page.get_by_test_id("latent-plane").dispatch_event("drop", {"dataTransfer": transfer})


def png(grey: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return file.getvalue()


def posterior(server, run_id: str, x: list[float], beta: float | None = None):
    model = load_model(Run(server.checkpoints / run_id))
    with torch.no_grad():
        q = model.encode(torch.tensor([x], dtype=torch.float32), beta)
    return model, q.mu[0].numpy(), torch.exp(0.5 * q.log_var[0]).numpy()


def test_a_drawn_digit_has_torchs_posterior_and_the_url_keeps_it(server, page):
    open_draw(page, server, ONE)
    draw_three(page)
    expect(page).to_have_url(re.compile("drawn=s"))
    shown = drawn(page)
    x, seen = np.array(shown["x"]).reshape(28, 28), np.array(shown["seen"])
    # Fitted as MNIST's are: 20 pixels along the longer side, centred by mass, in bytes.
    rows, columns = np.flatnonzero(x.any(1)), np.flatnonzero(x.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    centre = [(x.sum(axis) @ np.arange(28)) / x.sum() for axis in (0, 1)]
    assert all(13.5 <= at <= 14.5 for at in centre)
    np.testing.assert_allclose(255 * x, np.round(255 * x), atol=1e-4)
    # Binary, with the grey values as probabilities.
    assert set(seen) == {0.0, 1.0}
    assert (seen[x.ravel() == 0] == 0).all() and (seen[x.ravel() == 1] == 1).all()
    assert abs(seen.sum() - x.sum()) < 4 * np.sqrt((x * (1 - x)).sum())
    model, mu, sigma = posterior(server, ONE, shown["seen"])
    np.testing.assert_allclose(shown["mu"], mu, atol=1e-3)
    np.testing.assert_allclose(shown["sigma"], sigma, rtol=2e-3)
    rate = 0.5 * (mu**2 + sigma**2 - 2 * np.log(sigma) - 1).sum()
    assert shown["rate"] == pytest.approx(rate, abs=0.01)
    with torch.no_grad():
        out = model.decode(torch.tensor(mu))
        distortion = -model.likelihood.log_prob(torch.tensor(shown["seen"]).float(), out).item()
    assert shown["distortion"] == pytest.approx(distortion, abs=0.1)
    # The cursor went to μ, and the neighbours are numpy's.
    np.testing.assert_allclose(decoded_z(page), mu, atol=1e-3)
    latents = Run(server.checkpoints / ONE).latents()
    nearest = np.argsort(np.linalg.norm(latents["mu"] - mu, axis=1))[:12]
    assert shown["near"] == nearest.tolist()
    counts = np.bincount(latents["label"][nearest])
    expect(page.get_by_test_id("draw-figures").locator("dd").first).to_have_text(
        f"{counts.argmax()}: {counts.max()} of 12 nearest")
    page.reload()
    plane(page)
    again = drawn(page)
    np.testing.assert_allclose(again["x"], shown["x"], atol=0.06)
    np.testing.assert_allclose(again["mu"], mu, atol=0.15)


def test_undo_and_clear(server, page):
    open_draw(page, server, ONE)
    draw_three(page)
    before = drawn(page)
    figures = page.get_by_test_id("draw-figures")
    page.get_by_role("button", name="Clear").click()
    expect(figures).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(figures).to_be_visible()
    assert drawn(page)["x"] == before["x"]
    page.locator(".draw-tool").press("Control+z")
    expect(figures).to_be_hidden()


@pytest.mark.parametrize(("run_id", "kind"), [(CONV, "PNG"), (WIDE, "JPEG")])
def test_a_test_digit_enlarged_and_dropped_comes_back_and_lies_near_its_own_point(
        server, page, run_id, kind):
    index = 18
    grey = load_split("mnist", "test").x[index].numpy().reshape(28, 28)
    # Dark on white, as on paper; the PNG is lossless, the JPEG isn't.
    large = 255 - np.kron(grey, np.ones((10, 10), np.uint8))
    open_draw(page, server, run_id)
    drop(page, png(large, kind), f"digit.{kind.lower()}", f"image/{kind.lower()}")
    shown = drawn(page, near=True)
    assert np.abs(np.array(shown["x"]) - grey.ravel() / 255).mean() < \
        (0.003 if kind == "PNG" else 0.02)
    _, mu, sigma = posterior(server, run_id, shown["seen"])
    np.testing.assert_allclose(shown["mu"], mu, atol=1e-3)
    np.testing.assert_allclose(shown["sigma"], sigma, rtol=2e-3)
    latents = Run(server.checkpoints / run_id).latents()
    distance = np.linalg.norm(latents["mu"] - mu, axis=1)
    # Its pixels are drawn anew, so it isn't quite its own point: but nearer than nearly all others.
    assert (distance < distance[index]).mean() < 0.01
    assert shown["near"] == np.argsort(distance)[:12].tolist()
    expect(page).to_have_url(re.compile("drawn=p1x28x28"))


def test_the_drawing_is_encoded_anew_when_beta_turns(server, page):
    page.goto(f"{server.url}/?run={MANY}&tool=draw&beta=1")
    plane(page)
    expect(page.locator(".tool-hint")).to_contain_text("Draw, and watch")
    draw_three(page)
    before = drawn(page)
    for beta in (1, 4):
        if beta > 1:
            page.get_by_role("slider", name="β, on a logarithmic scale").fill(str(math.log(beta)))
            page.locator(".latent-plane").evaluate("""async ({ latentPlane }, was) => {
                while (latentPlane.tool.mu[0] === was) await new Promise(requestAnimationFrame);
            }""", before["mu"][0])
        shown = drawn(page)
        assert shown["x"] == before["x"]
        _, mu, sigma = posterior(server, MANY, shown["seen"], beta)
        np.testing.assert_allclose(shown["mu"], mu, atol=2e-3)
        np.testing.assert_allclose(shown["sigma"], sigma, rtol=5e-3)


def test_what_is_no_image_is_said_in_one_sentence_and_loses_nothing(server, page):
    open_draw(page, server, POINT)
    draw_three(page)
    before = drawn(page)
    hint = page.locator(".tool-hint")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60000).to_bytes(4, "big") * 2
    for content, name, words in (
            (svg, "a.svg", "“a.svg” isn't an image that can be read here: choose a PNG, JPEG, GIF, WebP"),
            (header, "bomb.png", "60,000 × 60,000 pixels: an image may have up to 50 million"),
            (b"GIF89a", "cut.gif", "“cut.gif” can't be opened"),
            (png(np.full((9, 9), 200, np.uint8)), "grey.png", "is a single colour"),
            (b"", "nothing.png", "is empty")):
        drop(page, content, name)
        expect(hint).to_contain_text(words)
    assert drawn(page) == before
    # With β = 0 the code is a point.
    assert before["sigma"] == [0, 0] and before["a"] == 0
    expect(page.get_by_test_id("draw-figures")).to_contain_text("∞")
    draw_three(page)
    expect(hint).not_to_contain_text("empty")
