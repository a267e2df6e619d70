"""What a person does on Explore, in a real browser, against torch's own answer."""

from __future__ import annotations

import re

import pytest
import torch
from playwright.sync_api import expect

from tests.browser.conftest import decoded_values, decoded_z, fragment, plane
from vae_core.measure.embeddings import prior_lattice
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

DEFAULT = "mnist-mlp-z2-multirate"
RUNS = [DEFAULT, "mnist-conv-z2-beta1", "mnist-mlp-z16-beta1"]


def torch_decode(server, run_id: str, z: list[float]) -> torch.Tensor:
    model = load_model(Run(server.checkpoints / run_id))
    full = torch.zeros(model.config.latent_dim)
    full[:len(z)] = torch.tensor(z)
    with torch.no_grad():
        return model.decode_mean(full)


def written(x: float, y: float) -> str:
    """A place as the page writes it, with a true minus sign."""
    return f"{x:.4f}, {y:.4f}".replace("-", "−")


def test_first_paint_shows_a_trained_plane_with_a_decoded_digit(server, page):
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(server.url)
    expect(plane(page)).to_have_attribute("role", "application")
    assert DEFAULT in plane(page).get_attribute("aria-label")
    assert len(decoded_values(page)) == 784
    assert max(decoded_values(page)) > 0.5
    assert said == []


def test_nothing_is_asked_of_another_host(server, page):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for path in ("/", "/train", "/tradeoff"):
        page.goto(server.url + path)
        page.wait_for_load_state("networkidle")
    assert hosts <= {server.url.split("/")[2], ""}


@pytest.mark.parametrize("run_id", RUNS)
def test_hover_decodes_what_torch_decodes(server, page, run_id):
    page.goto(f"{server.url}/?run={run_id}&d1=z1&d2=z2")
    box = plane(page).bounding_box()
    seen = set()
    for across, up in ((0.3, 0.4), (0.5, 0.6), (0.7, 0.3)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + up * box["height"])
        z = decoded_z(page)
        seen.add(z)
        difference = torch.tensor(decoded_values(page)) - torch_decode(server, run_id, list(z))
        assert difference.abs().max() < 1e-3
    assert len(seen) == 3


def test_click_pins_and_python_answers_with_neighbours(server, page):
    page.goto(server.url)
    box = plane(page).bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    pinned = page.locator(".st-key-pinned")
    expect(pinned.get_by_text("Pinned")).to_be_visible()
    x, y = decoded_z(page)
    expect(pinned).to_contain_text(written(x, y))
    expect(pinned.get_by_text(re.compile(r"RMSE \d"))).to_have_count(6)
    assert set(fragment(page)) == {"pin"}


def test_a_pinned_place_opens_again_from_its_url(server, page):
    page.goto(f"{server.url}/?pin=0.5,-1.25")
    plane(page)
    assert decoded_z(page) == pytest.approx((0.5, -1.25))
    expect(page.locator(".st-key-pinned")).to_contain_text("0.5000, −1.2500")


def test_keyboard_moves_pins_and_unpins(server, page):
    page.goto(server.url)
    plane(page).focus()
    x, y = decoded_z(page)
    for key in ("ArrowRight", "ArrowUp"):
        before = page.get_by_test_id("decoded").get_attribute("data-z")
        page.keyboard.press(key)
        expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-z", before)
    assert decoded_z(page)[0] > x and decoded_z(page)[1] > y
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-pinned")).to_be_visible()
    moved = decoded_z(page)
    expect(page.locator(".st-key-pinned")).to_contain_text(written(*moved))
    plane(page).focus()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-pinned")).to_have_count(0)
    assert fragment(page) == {}


def test_grid_view_decodes_the_cell_that_is_clicked(server, page):
    page.goto(f"{server.url}/?view=grid")
    box = plane(page).bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    expect(page.locator(".st-key-pinned")).to_be_visible()
    x, y = decoded_z(page)
    places = torch.tensor(prior_lattice(20))
    assert min(abs(places - x)) < 1e-3 and min(abs(places - y)) < 1e-3
    difference = torch.tensor(decoded_values(page)) - torch_decode(server, DEFAULT, [x, y])
    assert difference.abs().max() < 1e-3


def test_touch_decodes_and_a_tap_pins(server, browser):
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(server.url)
    shown = plane(page)
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    expect(page.locator(".st-key-pinned")).to_be_visible()
    context.close()


def test_held_dimensions_reach_the_decoder(server, page):
    page.goto(f"{server.url}/?run=mnist-mlp-z16-beta1&d1=z1&d2=z2&z3=1.5&pin=0.5,0.25")
    plane(page)
    z = [0.5, 0.25, 1.5]
    expect(page.get_by_test_id("decoded")).to_have_attribute("data-z", "0.5,0.25")
    difference = torch.tensor(decoded_values(page)) - torch_decode(
        server, "mnist-mlp-z16-beta1", z)
    assert difference.abs().max() < 1e-3


def test_a_run_that_is_not_there_is_said_and_another_one_is_shown(server, page):
    page.goto(f"{server.url}/?run=nonsense")
    plane(page)
    expect(page.get_by_text("There is no run 'nonsense'")).to_be_visible()
