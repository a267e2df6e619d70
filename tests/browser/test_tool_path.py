"""Paths on the latent plane: their lengths, films and files, against torch's own answer."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import decoded_z, fragment, inspect, plane
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

MANY = "mnist-mlp-z2-multirate"
ONE = "mnist-mlp-z2-beta1"
CONV = "mnist-conv-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"
ENDS = ((1.9, 1.0), (-1.5, 0.6))
TEXT = ";".join(f"{x:g},{y:g}" for x, y in ENDS)


def opened(server, page, run: str = ONE, **query: object):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/?run={run}&tool=path{asked}")
    return plane(page)


def found(page) -> dict:
    """What the tool says of its path."""
    return inspect(page, "tool")


def images(run: Run, places, beta: float | None = None) -> np.ndarray:
    """torch's mean images at places in the first two dimensions."""
    model = load_model(run)
    z = torch.zeros(len(places), model.config.latent_dim)
    z[:, :2] = torch.as_tensor(np.array(places), dtype=torch.float32)
    with torch.no_grad():
        return model.decode_mean(z, beta).numpy().reshape(len(places), -1).astype(np.float64)


def pixel_length(run: Run, line, beta: float | None = None, steps: int = 600) -> float:
    """Of a line given by its points, in equal steps of its arc length."""
    line = np.array(line)
    arc = np.concatenate([[0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
    at = np.unique(np.concatenate([np.linspace(0, arc[-1], steps + 1), arc]))
    places = np.stack([np.interp(at, arc, line[:, axis]) for axis in (0, 1)], axis=1)
    return np.linalg.norm(np.diff(images(run, places, beta), axis=0), axis=1).sum()


def latent_length(line) -> float:
    return np.linalg.norm(np.diff(np.array(line), axis=0), axis=1).sum()


def kept(page) -> str | None:
    return fragment(page).get("path")


def said(page, kind: str) -> list[float]:
    """Both lengths in the table."""
    row = page.locator(f"[data-testid=path-lines] tr[data-kind={kind}] td")
    return [float(text) for text in row.all_inner_texts()]


@pytest.mark.parametrize(("run_id", "beta"), [(ONE, None), (WIDE, None), (MANY, 4.0)])
def test_lengths_are_torchs_and_no_geodesic_is_longer_than_the_line(server, page, run_id, beta):
    run = Run(server.checkpoints / run_id)
    opened(server, page, run_id, d1="z1", d2="z2", path=TEXT, **({"beta": beta} if beta else {}))
    path = found(page)
    np.testing.assert_allclose(path["ends"], ENDS)
    lengths = {}
    for kind in ("straight", "slerp", "geodesic"):
        line = path["lines"][kind]
        np.testing.assert_allclose([line[0], line[-1]], ENDS, atol=1e-9)
        lengths[kind] = pixel_length(run, line, beta)
        assert path["lengths"][kind]["latent"] == pytest.approx(latent_length(line), rel=1e-6)
        assert path["lengths"][kind]["pixel"] == pytest.approx(lengths[kind], rel=2e-3)
        assert said(page, kind) == pytest.approx([latent_length(line), lengths[kind]],
                                                 rel=2e-3, abs=0.006)
    assert lengths["geodesic"] <= lengths["straight"] * (1 + 1e-4)
    if run_id == ONE:
        assert lengths["geodesic"] < 0.7 * lengths["straight"]
        expect(page.get_by_test_id("path-finding")).to_contain_text("shorter than the straight")
    # Slerp: the direction turns evenly, and so does the distance from the origin.
    arc = np.array(path["lines"]["slerp"])
    turns = np.diff(np.unwrap(np.arctan2(arc[:, 1], arc[:, 0])))
    np.testing.assert_allclose(turns, turns[0], atol=1e-6)
    np.testing.assert_allclose(np.diff(np.linalg.norm(arc, axis=1), 2), 0, atol=1e-6)


def test_clicks_enter_and_numbers_set_the_ends_and_a_drag_draws(server, page):
    shown = opened(server, page)

    def place(u: float, v: float) -> tuple[float, float]:
        box = shown.bounding_box()
        return box["x"] + u * box["width"], box["y"] + v * box["height"]

    expect(page.get_by_test_id("path-hint")).to_contain_text("first end")
    page.mouse.click(*place(0.4, 0.5))
    first = decoded_z(page)
    expect(page.get_by_test_id("path-hint")).to_contain_text("second end")
    page.mouse.move(*place(0.6, 0.4))
    page.keyboard.press("Enter")
    path = found(page)
    np.testing.assert_allclose(path["ends"], [first, decoded_z(page)], atol=1e-4)
    assert re.fullmatch(r"-?[\d.]+,-?[\d.]+;-?[\d.]+,-?[\d.]+", kept(page))
    page.get_by_role("spinbutton", name="Second end, z₁").fill("1.25")
    page.get_by_role("spinbutton", name="Second end, z₁").press("Enter")
    assert found(page)["ends"][1][0] == 1.25
    # The first end is dragged. The page has scrolled to the numbers since.
    shown.evaluate("element => element.scrollIntoView({block: 'center'})")
    x, y = place(0.4, 0.5)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 40, steps=5)
    page.mouse.up()
    moved = found(page)
    assert moved["ends"][0][0] < first[0] - 0.1 and moved["ends"][0][1] < first[1] - 0.1
    assert moved["ends"][1] == found(page)["ends"][1]
    # Freehand, around a corner.
    corners = [place(0.35, 0.3), place(0.65, 0.3), place(0.65, 0.65)]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=12)
    page.mouse.up()
    assert "freehand" in kept(page)
    drawn = found(page)
    scale = (drawn["ends"][1][0] - drawn["ends"][0][0]) / (corners[2][0] - corners[0][0])
    length = scale * (corners[1][0] - corners[0][0] + corners[2][1] - corners[1][1])
    assert drawn["kind"] == "freehand" and len(drawn["lines"]["freehand"]) <= 60
    assert drawn["lengths"]["freehand"]["latent"] == pytest.approx(length, rel=0.02)
    run = Run(server.checkpoints / ONE)
    assert drawn["lengths"]["freehand"]["pixel"] == pytest.approx(
        pixel_length(run, drawn["lines"]["freehand"]), rel=2e-3)
    page.reload()
    plane(page)
    assert found(page)["lines"]["freehand"] == drawn["lines"]["freehand"]


def test_the_film_shows_the_decodes_plays_and_is_scrubbed(server, page):
    run = Run(server.checkpoints / ONE)
    opened(server, page, path=f"{TEXT};straight")
    path = found(page)
    shown = np.array(path["images"])
    even = np.linspace(*np.array(ENDS), 12)
    np.testing.assert_allclose(path["places"], even, atol=1e-6)
    np.testing.assert_allclose(shown, images(run, even), atol=1e-4)
    slider = page.get_by_role("slider", name="Place along the path")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^image 4 of 12"))
    np.testing.assert_allclose(decoded_z(page), even[3], atol=1e-6)
    page.get_by_role("button", name="in pixels").click()
    assert kept(page) == f"{TEXT};straight;pixels"
    places = found(page)["places"]
    parts = [pixel_length(run, pair) for pair in zip(places[:-1], places[1:], strict=True)]
    np.testing.assert_allclose(parts, np.mean(parts), rtol=0.03)
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # it has come to its end
    expect(slider).to_have_value("1")
    np.testing.assert_allclose(decoded_z(page), ENDS[1], atol=1e-6)


def test_gif_and_png_hold_the_decoded_images(server, page):
    run = Run(server.checkpoints / ONE)
    opened(server, page, path=f"{TEXT};slerp;9")
    path = found(page)
    expected = np.clip(images(run, path["places"]).reshape(-1, 28, 28), 0, 1) * 255
    with page.expect_download() as started:
        page.get_by_role("button", name="GIF").click()
    assert started.value.suggested_filename == f"{ONE}-slerp.gif"
    with Image.open(started.value.path()) as film:
        assert (film.format, film.n_frames, film.size) == ("GIF", 9, (224, 224))
        for k in (0, 4, 8):
            film.seek(k)
            frame = np.array(film.convert("L"), float)
            np.testing.assert_allclose(frame[4::8, 4::8], expected[k], atol=0.51)
            assert np.array_equal(frame, np.kron(frame[4::8, 4::8], np.ones((8, 8))))
    with page.expect_download() as started:
        page.get_by_role("button", name="PNG strip").click()
    with Image.open(started.value.path()) as strip:
        assert (strip.format, strip.size) == ("PNG", (9 * 112, 112))
        grey = np.array(strip.convert("L"), float)[2::4, 2::4]
    np.testing.assert_allclose(grey, np.hstack(expected), atol=0.51)


def test_another_beta_is_measured_anew_and_bad_input_is_said(server, page):
    run = Run(server.checkpoints / MANY)
    shown = opened(server, page, MANY, beta=1, path=TEXT)
    before = found(page)["lengths"]
    shown.focus()
    for _ in range(8):
        page.keyboard.press("]")
    after = found(page)
    beta = float(page.get_by_test_id("decoded").get_attribute("data-beta"))
    assert beta > 2
    for kind in ("straight", "geodesic"):
        assert after["lengths"][kind]["pixel"] != pytest.approx(before[kind]["pixel"], rel=1e-3)
        assert after["lengths"][kind]["pixel"] == pytest.approx(
            pixel_length(run, after["lines"][kind], beta), rel=2e-3)
    page.get_by_role("spinbutton", name="Number of images").fill("1")
    page.get_by_role("spinbutton", name="Number of images").press("Enter")
    hint = page.get_by_test_id("path-hint")
    expect(hint).to_contain_text("from 2 to 48")
    assert kept(page) == TEXT
    opened(server, page, path="1,2;three")
    expect(page.get_by_test_id("refusal")).to_contain_text(
        "path = 1,2;three: the value must be places, such as")
