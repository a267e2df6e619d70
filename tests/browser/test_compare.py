"""Two models side by side, in a real browser, against numpy's and torch's own answers."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import fragment, inspect, settled, values_of, z_of
from vae_core.data import load_split
from vae_core.measure.embeddings import most_used_dims
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

MANY = "mnist-mlp-z2-multirate"
ONE = "mnist-mlp-z2-beta1"
CONV = "mnist-conv-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"


def open_pair(server, page: Page, left: str, right: str, **url: object) -> tuple[Locator, Locator]:
    more = "".join(f"&{name}={value}" for name, value in url.items())
    page.goto(f"{server.url}/?run={left}&with={right}{more}")
    both = tuple(page.locator(f".latent-plane[data-side={side}]") for side in ("left", "right"))
    for each in both:
        expect(each).to_be_attached()
    settled(page)
    return both


def plot(side: Locator) -> Locator:
    return side.get_by_test_id("latent-plane")


def linked(side: Locator) -> dict:
    """Which image the plane is linked at, and where it has it."""
    return inspect(side, "linked")


def decoded(side: Locator) -> tuple[list[float], np.ndarray]:
    canvas = side.get_by_test_id("decoded")
    return z_of(canvas), np.array(values_of(canvas))


def hover(page: Page, side: Locator, across: float, up: float) -> None:
    """Moves the pointer over a plane, and waits until both planes have followed."""
    plot(side).scroll_into_view_if_needed()
    box = plot(side).bounding_box()
    page.mouse.move(box["x"] + across * box["width"], box["y"] + up * box["height"])
    settled(page)


def shown(run: Run, beta: float | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]:
    """Means, distortion and rate of the test images as the plane has them, and its dimensions."""
    if beta is not None:
        curve = run.beta_curve()
        return (curve.at(beta, curve.mu), curve.at(beta, curve.point_distortion),
                curve.at(beta, curve.point_rate), [0, 1])
    latents = run.latents()
    size = run.config().latent_dim
    dims = most_used_dims(latents["mu"], latents["log_var"])[:2] if size > 2 else [0, 1]
    return latents["mu"], latents["distortion"], latents["rate"], dims


def said(side: Locator) -> list[float]:
    """Distortion, rate and their sum in the line under a plane."""
    return [float(text.replace("∞", "inf")) for text in
            side.get_by_test_id("cost").locator("b").all_inner_texts()]


@pytest.mark.parametrize(("left", "right", "beta"), [
    (ONE, MANY, 2.0), (CONV, WIDE, None)])
def test_hover_shows_where_the_other_model_has_the_image_and_both_decodes(
        server, page, left, right, beta):
    one, two = open_pair(server, page, left, right, **({"beta2": beta} if beta else {}))
    first, second = (Run(server.checkpoints / name) for name in (left, right))
    mu1, distortion1, _, _ = shown(first, first.config().beta if left == MANY else None)
    mu2, distortion2, rate2, dims = shown(second, beta)
    model = load_model(second)
    seen = set()
    for across, up in ((0.35, 0.45), (0.6, 0.3), (0.7, 0.6)):
        hover(page, one, across, up)
        here, there = linked(one), linked(two)
        index = here["index"]
        seen.add(index)
        assert there["index"] == index < 10_000 and here["leads"] and not there["leads"]
        z, _ = decoded(one)
        both = min(len(mu1), len(mu2))
        distance = np.linalg.norm(mu1[:both] - z, axis=1)
        assert distance[index] == pytest.approx(distance.min(), abs=2e-3)
        np.testing.assert_allclose(there["place"], mu2[index, dims], atol=3e-3)
        place, _ = decoded(two)
        np.testing.assert_allclose(place, mu2[index, dims], atol=3e-3)
        full = torch.tensor(mu2[index], dtype=torch.float32)  # of 16 dimensions two are shown
        with torch.no_grad():
            expected = model.decode_mean(full, beta) if beta else model.decode_mean(full)
        np.testing.assert_allclose(decoded(two)[1], expected, atol=2e-3)
        assert said(one)[0] == pytest.approx(distortion1[index], abs=0.2)
        assert said(two) == pytest.approx([distortion2[index], rate2[index],
                                           distortion2[index] + rate2[index]],
                                          abs=0.3)
        for side in (one, two):
            expect(side.get_by_test_id("cost")).to_contain_text(f"Test image {index} ")
    assert len(seen) > 1


def test_either_plane_leads_and_keys_move_both(server, page):
    one, two = open_pair(server, page, ONE, CONV)
    hover(page, two, 0.6, 0.5)
    index = linked(two)["index"]
    mu = Run(server.checkpoints / ONE).latents()["mu"]
    assert linked(two)["leads"]
    np.testing.assert_allclose(decoded(one)[0], mu[index], atol=1e-3)
    before = decoded(one)[0], decoded(two)[0]
    plot(two).focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    assert decoded(two)[0][1] > before[1][1]
    np.testing.assert_allclose(decoded(one)[0], mu[linked(one)["index"]], atol=1e-3)
    plot(one).focus()
    page.keyboard.press("ArrowLeft")
    assert linked(one)["leads"]


def test_a_click_on_the_right_pins_the_image_on_the_left(server, page):
    one, two = open_pair(server, page, ONE, CONV)
    hover(page, two, 0.6, 0.5)
    index = linked(two)["index"]
    box = plot(two).bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    mu = Run(server.checkpoints / ONE).latents()["mu"][index]
    pin = [float(value) for value in fragment(page)["pin"].split(",")]
    np.testing.assert_allclose(pin, mu, atol=1e-3)
    hover(page, one, 0.3, 0.3)
    page.mouse.move(5, 5)
    assert linked(one)["index"] == index  # at rest both are at the pin again
    plot(two).focus()
    page.keyboard.press("Escape")
    assert fragment(page) == {}


def test_a_picked_image_is_the_same_in_both_and_each_has_its_own_letters(server, page):
    one, two = open_pair(server, page, MANY, ONE, beta=2, tool="image")
    expect(one.get_by_role("tab", name="Image")).to_be_visible()
    expect(two.get_by_role("tab", name="Image")).to_be_hidden()
    hover(page, two, 0.62, 0.45)
    index = linked(two)["index"]
    box = plot(two).bounding_box()
    page.mouse.click(box["x"] + 0.62 * box["width"], box["y"] + 0.45 * box["height"])
    assert fragment(page)["image"] == str(index)
    assert linked(two)["picked"] == index
    picked = inspect(one, "tool")
    model = load_model(Run(server.checkpoints / MANY))
    x = encoder_input(model, load_split("mnist", "test"))[index:index + 1]
    with torch.no_grad():
        q = model.encode(x, 2.0)
    assert picked["index"] == index
    np.testing.assert_allclose(picked["mu"], q.mu[0], atol=1e-3)
    nearest = [int(value) for value in two.locator(".squares span").evaluate_all(
        "slots => slots.map((slot) => slot.dataset.index)")]
    place = decoded(two)[0]
    mu = Run(server.checkpoints / ONE).latents()["mu"]
    assert nearest == np.argsort(np.linalg.norm(mu - place, axis=1))[:12].tolist()


def test_a_selection_is_the_same_in_both(server, page):
    one, two = open_pair(server, page, MANY, ONE, select="label:3,8")
    masks = [inspect(side, "mask") for side in (one, two)]
    label = Run(server.checkpoints / ONE).latents()["label"]
    wanted = np.isin(label, [3, 8])
    np.testing.assert_array_equal(masks[0], wanted[:len(masks[0])])
    assert len(masks[0]) < len(masks[1]) == len(label)
    wanted[len(masks[0]):] = False  # images that the left one doesn't have
    np.testing.assert_array_equal(masks[1], wanted)


def test_layers_are_switched_on_either_and_shown_on_both(server, page):
    one, two = open_pair(server, page, ONE, CONV)
    two.locator("details.layers summary").click()
    two.get_by_label("Prior p(z)").check()
    for side in (one, two):
        expect(side.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")
    assert fragment(page) == {"layers": "points,prior"}
    page.reload()
    for side in (one, two):
        expect(side.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")


def test_each_model_keeps_its_own_dial(server, page):
    one, two = open_pair(server, page, MANY, MANY, beta=0.1, beta2=10)
    hover(page, one, 0.4, 0.5)
    index = linked(one)["index"]
    where = linked(two)["place"]
    slider = two.get_by_role("slider", name="β, on a logarithmic scale")
    slider.focus()
    slider.press("Home")
    assert fragment(page) == {"beta": "0.1", "beta2": "0.01"}
    after = linked(two)
    curve = Run(server.checkpoints / MANY).beta_curve()
    assert after["index"] == index and after["place"] != where
    np.testing.assert_allclose(after["place"], curve.at(0.01, curve.mu)[index], atol=5e-3)
    np.testing.assert_allclose(decoded(two)[0], after["place"], atol=1e-6)
    page.reload()
    expect(two.get_by_test_id("beta")).to_have_text("β = 0.01")
    expect(one.get_by_test_id("beta")).to_have_text("β = 0.1")


def test_they_stand_side_by_side_where_there_is_room(server, page):
    one, two = open_pair(server, page, ONE, CONV)
    for width, beside in ((1280, True), (900, True), (820, False), (400, False)):
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        here, there = plot(one).bounding_box(), plot(two).bounding_box()
        assert (here["y"] == there["y"]) == beside
        assert (there["x"] > here["x"] + here["width"] - 1) == beside
        assert here["width"] == pytest.approx(there["width"], abs=2)


def test_without_a_second_model_no_plane_knows_of_a_link(server, page):
    one, two = open_pair(server, page, ONE, CONV)
    page.get_by_role("button", name="Clear").click()
    expect(two).to_have_count(0)
    expect(page.locator(".latent-plane[data-side]")).to_have_count(0)
    expect(page.get_by_test_id("cost")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("with="))
    expect(page.get_by_role("tab", name="Image")).to_be_visible()
    assert one.count() == 0
