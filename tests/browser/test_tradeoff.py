"""What a person does on Trade-off: click a point, move the β slider, take the table along."""

from __future__ import annotations

import csv
import dataclasses
import re
import shutil
from collections.abc import Iterator
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, committed_runs, plane, serving
from vae_core.runs.run import Run, find_runs

RUN = "mnist-mlp-z2-beta10"
# Whatever else there is by now, these tests open the page on the sweep.
SWEEP = f"family={quote('mlp · z = 2 · 200 units × 3')}"


def scale_of(page: Page) -> tuple[tuple[float, float], tuple[float, float]]:
    """Pixels of the SVG as a function of nats, (a, b) with pixel = a + b · nats for rate and
    distortion, from what a person reads: the ticks of both axes."""
    expect(page.get_by_test_id("rd-plane").locator(".rate-tick").first).to_be_visible()
    ends = page.get_by_test_id("rd-plane").evaluate("""(svg) =>
        [["rate-tick", "x"], ["distortion-tick", "y"]].map(([name, at]) => {
            const ticks = [...svg.querySelectorAll(`.${name}`)];
            return [ticks[0], ticks.at(-1)].map((tick) => [
                Number(tick.textContent.replace("−", "-")), Number(tick.getAttribute(at))]);
        })""")
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in ends]
    return tuple((end[0][1] - slope * end[0][0], slope)
                 for end, slope in zip(ends, slopes, strict=True))


def place_of(page: Page, rate: float, distortion: float) -> tuple[float, float]:
    """Where this place of the plane lies on the screen."""
    (x0, dx), (y0, dy) = scale_of(page)
    box = page.get_by_test_id("rd-plane").bounding_box()
    return box["x"] + x0 + dx * rate, box["y"] + y0 + dy * distortion


def ring_of(page: Page) -> tuple[float, float]:
    """The ring's middle on the screen."""
    box = page.get_by_test_id("rd-ring").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """The button stays down."""
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    page.mouse.move(*end)


def test_a_click_on_a_point_opens_its_run_in_explore(server, page):
    row = Run(server.checkpoints / RUN).metrics()[-1]
    page.goto(f"{server.url}/tradeoff?{SWEEP}")
    page.mouse.click(*place_of(page, row["test_rate"], row["test_distortion"]))
    expect(plane(page)).to_have_attribute("aria-label", re.compile(RUN))
    expect(page).to_have_url(re.compile(rf"/\?run={RUN}$"))
    page.go_back()
    expect(page.get_by_text("Observation model p(x|z)").first).to_be_visible()


def test_the_slider_switches_the_model(server, page):
    page.goto(f"{server.url}/tradeoff?{SWEEP}")
    slider = page.get_by_role("slider", name="β")
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("123.9")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("126.1")
    expect(page).to_have_url(re.compile(r"[?&]at=2\b"))


def test_the_table_can_be_taken_along(server, page):
    page.goto(f"{server.url}/tradeoff")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all columns (CSV)").click()
    with open(download.value.path(), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["run_id"] for row in rows} >= {RUN, "mnist-mlp-z16-beta1"}
    assert {row["run_id"] for row in rows} == {run.run_id for run in find_runs(server.checkpoints)}


@pytest.fixture(scope="module")
def turning(tmp_path_factory, tiny, splits) -> Iterator[Server]:
    """An app with one more run: a tiny conditioned model whose curve is put in closed form,
    D = 100 + 20√β and R = 20/√β."""
    from vae_core.training.trainer import train

    checkpoints = committed_runs(tmp_path_factory)
    for run in find_runs(checkpoints):  # of the curves that are there by now none is in the way
        if run.config().beta_conditioned:
            shutil.rmtree(run.folder)
    run = Run(checkpoints / "every-beta")
    train(tiny(beta_conditioned=True, beta_min=0.01, beta_max=10.0), run, data=splits)
    curve = run.beta_curve()
    run.write_beta_curve(dataclasses.replace(
        curve, distortion=100 + 20 * np.sqrt(curve.beta),
        rate_per_dim=np.repeat(10 / np.sqrt(curve.beta)[:, None], 2, axis=1)))
    with serving(checkpoints) as running:
        yield running


def on_curve(beta: float) -> tuple[float, float]:
    """Rate and distortion there."""
    return 20 / beta ** 0.5, 100 + 20 * beta ** 0.5


def expect_beta(page: Page, beta: str, distortion: str) -> None:
    """Ring, slider and numbers agree."""
    expect(page.get_by_test_id("rd-ring")).to_have_attribute(
        "aria-valuetext", re.compile(f"^β = {re.escape(beta)}, D {re.escape(distortion)} "))
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(distortion)
    expect(page.get_by_role("slider", name="β")).to_have_attribute("aria-valuetext", beta)


def test_beta_is_chosen_on_the_curve_and_kept_in_the_url(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    drawing = page.get_by_test_id("rd-plane").locator(".curve").element_handle()

    page.mouse.click(*place_of(page, *on_curve(0.1)))
    expect_beta(page, "0.1", "106.32")
    expect(page).to_have_url(re.compile(r"[?&]at=0\.1\b"))

    drag(page, ring_of(page), place_of(page, *on_curve(4)))
    numbers = page.get_by_test_id("rd-numbers")
    expect(numbers.locator("text")).to_have_text(  # before it is let go
        ["β = 4", "D 140.00 · R 10.00", re.compile("^ELBO −150.00")])
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("106.32")
    page.mouse.up()
    expect_beta(page, "4", "140.00")
    expect(page).to_have_url(re.compile(r"[?&]at=4\b"))

    page.mouse.click(*place_of(page, *on_curve(0.1)))  # a second time
    expect_beta(page, "0.1", "106.32")
    page.get_by_role("slider", name="β").press("ArrowRight")
    expect_beta(page, "0.106", "106.51")
    drag(page, ring_of(page), place_of(page, *on_curve(4)))  # a place that it was at before
    page.mouse.up()
    expect_beta(page, "4", "140.00")
    assert drawing.evaluate("curve => curve.isConnected")  # never redrawn
    page.reload()
    expect_beta(page, "4", "140.00")


def test_the_ring_is_moved_by_keys(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    ring = page.get_by_role("slider", name="Place on the rate–distortion curve")
    ring.focus()
    for key, beta in (("End", "10"), ("Home", "0.01"), ("ArrowRight", "0.0106"),
                      ("ArrowDown", "0.01"), ("PageUp", "0.0158"), ("PageDown", "0.01")):
        ring.press(key)
        expect(ring).to_have_attribute("aria-valuetext", re.compile(f"^β = {beta}, "))
        assert ring.get_attribute("aria-valuenow") == beta
    ring.press("End")
    expect_beta(page, "10", "163.25")
    expect(page).to_have_url(re.compile(r"[?&]at=10\b"))
    expect(ring).to_be_focused()


def test_models_are_reached_and_opened_by_keys(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    models = page.get_by_test_id("rd-plane").get_by_role("link")
    page.get_by_role("button", name="Save as a picture").focus()
    page.keyboard.press("Tab")
    expect(models.first).to_be_focused()
    page.keyboard.press("End")
    expect(models.last).to_be_focused()
    run_id = models.last.get_attribute("data-run")
    expect(page.get_by_test_id("rd-tip").locator("text").first).to_have_text(run_id)
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("rd-ring")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(models.last).to_be_focused()  # where it was left
    page.keyboard.press("Enter")
    expect(plane(page)).to_have_attribute("aria-label", re.compile(run_id))


def test_the_pointer_says_what_is_under_it(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    row = Run(turning.checkpoints / RUN).metrics()[-1]
    tip = page.get_by_test_id("rd-tip").locator("text")
    page.mouse.move(*place_of(page, row["test_rate"], row["test_distortion"]))
    expect(tip.first).to_have_text(RUN)
    expect(tip.nth(2)).to_have_text(
        f"D {row['test_distortion']:.2f} · R {row['test_rate']:.2f} nats")
    page.mouse.move(*place_of(page, *on_curve(0.05)))
    expect(tip.first).to_have_text("β = 0.05")
    page.mouse.move(*place_of(page, 0, 100))
    expect(tip).to_have_count(0)


def test_zoomed_in_the_ring_stays_and_the_plane_is_panned(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    (_, whole), before = scale_of(page)[0], ring_of(page)
    page.get_by_role("button", name="Zoom in").click()
    assert scale_of(page)[0][1] == pytest.approx(1.5 * whole)
    assert ring_of(page) == pytest.approx(before)
    empty = (before[0] + 60, before[1] - 150)
    drag(page, empty, (empty[0] + 40, empty[1] + 30))
    page.mouse.up()
    assert ring_of(page) == pytest.approx((before[0] + 40, before[1] + 30), abs=1)
    page.get_by_role("slider", name="β").press("ArrowRight")
    expect_beta(page, "1.06", "120.59")
    assert scale_of(page)[0][1] == pytest.approx(1.5 * whole)  # still zoomed
    page.get_by_role("button", name="Show everything").click()
    assert scale_of(page)[0][1] == pytest.approx(whole)


def test_a_finger_on_the_ring_drags_it_and_elsewhere_scrolls_the_page(turning, browser):
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    page.get_by_test_id("rd-plane").scroll_into_view_if_needed()
    touch = context.new_cdp_session(page)

    def swipe(begin, end):
        steps = [(begin[0] + (end[0] - begin[0]) * k / 8, begin[1] + (end[1] - begin[1]) * k / 8)
                 for k in range(9)]
        for kind, at in [("touchStart", steps[0]), *(("touchMove", at) for at in steps[1:]),
                         ("touchEnd", None)]:
            points = [{"x": at[0], "y": at[1]}] if at else []
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(ring_of(page), place_of(page, *on_curve(4)))
    expect_beta(page, "4", "140.00")
    before = page.get_by_test_id("rd-plane").bounding_box()["y"]
    middle = place_of(page, 100, 140)
    swipe(middle, (middle[0], middle[1] - 120))
    page.wait_for_function(
        """([svg, before]) => svg.getBoundingClientRect().y < before - 60""",
        arg=[page.get_by_test_id("rd-plane").element_handle(), before])
    expect_beta(page, "4", "140.00")
    context.close()


def test_the_tangent_has_slope_minus_beta(turning, page):
    page.goto(f"{turning.url}/tradeoff?at=2")
    expect_beta(page, "2", "128.28")
    (x0, dx), (y0, dy) = scale_of(page)
    line = page.get_by_test_id("rd-tangent")
    x1, y1, x2, y2 = (float(line.get_attribute(name)) for name in ("x1", "y1", "x2", "y2"))
    (r1, d1), (r2, d2) = ((x1 - x0) / dx, (y1 - y0) / dy), ((x2 - x0) / dx, (y2 - y0) / dy)
    assert (d2 - d1) / (r2 - r1) == pytest.approx(-2, rel=1e-6)
    rate, distortion = on_curve(2)
    assert d1 - 2 * (rate - r1) == pytest.approx(distortion, abs=0.02)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_is_within_the_plane_wide_and_narrow(turning, page, theme):
    page.emulate_media(color_scheme=theme)
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    svg = page.get_by_test_id("rd-plane")
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        page.wait_for_function(  # drawn at its size
            "svg => Math.abs(svg.viewBox.baseVal.width - svg.clientWidth) < 1",
            arg=svg.element_handle())
        outside = svg.evaluate("""(svg) => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].filter((text) => {
                const each = text.getBoundingClientRect();
                return each.left < box.left - 1 || each.right > box.right + 1
                    || each.top < box.top - 1 || each.bottom > box.bottom + 1;
            }).map((text) => text.textContent);
        }""")
        assert outside == []
    colour = page.get_by_test_id("rd-numbers").locator("text").first.get_attribute("fill")
    red = int(colour[1:3], 16) if colour.startswith("#") else int(re.findall(r"\d+", colour)[0])
    assert (red > 128) == (theme == "dark")


def test_a_dot_in_the_rings_middle_still_opens_its_run(turning, page):
    run = Run(turning.checkpoints / "mnist-mlp-z2-beta1")
    row = run.metrics()[-1]
    every = Run(turning.checkpoints / "every-beta")
    kept = every.beta_curve()
    shift = row["test_distortion"] - 120
    every.write_beta_curve(dataclasses.replace(
        kept, distortion=kept.distortion + shift,
        rate_per_dim=kept.rate_per_dim * row["test_rate"] / 20))
    try:
        page.goto(f"{turning.url}/tradeoff")
        expect_beta(page, "1", f"{row['test_distortion']:.2f}")
        page.mouse.click(*place_of(page, row["test_rate"], row["test_distortion"]))
        expect(plane(page)).to_have_attribute("aria-label", re.compile(run.run_id))
    finally:
        every.write_beta_curve(kept)


def test_the_highest_beta_below_a_distortion_opens_in_explore(turning, page):
    page.goto(f"{turning.url}/tradeoff?below=130.1")
    expect(page.get_by_text("β = 2.26: D = 130.07, R = 13.30 nats.")).to_be_visible()
    page.get_by_role("button", name="Choose β = 2.24 here").click()
    expect_beta(page, "2.24", "129.93")
    page.get_by_role("link", name="Open β = 2.26 in Explore").click()
    expect(plane(page)).to_have_attribute("aria-label", re.compile("every-beta"))
    expect(page).to_have_url(re.compile(r"beta=2\.26\b"))


def test_the_curve_can_be_taken_along(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the curve (CSV)").click()
    with open(download.value.path(), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 25 and set(rows[0]) >= {"beta", "rate_z2"}
    assert float(rows[-1]["distortion"]) == pytest.approx(100 + 20 * 10 ** 0.5)


def test_a_saved_picture_has_the_ring(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    box, ring = page.get_by_test_id("rd-plane").bounding_box(), ring_of(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    assert download.value.suggested_filename == "rate-distortion-plane.png"
    picture = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    assert picture.shape[:2] == pytest.approx((2 * box["height"], 2 * box["width"]), abs=2)
    x, y = (round(2 * (at - box[name])) for at, name in zip(ring, ("x", "y"), strict=True))
    near = picture[y - 30:y + 30, x - 30:x + 30]
    inked = int((np.abs(near - np.array([0xD5, 0x5E, 0x00])).sum(axis=2) < 30).sum())
    assert inked > 400  # of a ring with radius 22 and width 6: 830
