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


def place_of(page: Page, rate: float, distortion: float) -> tuple[float, float]:
    """Where a model's marker lies on the screen."""
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".scatterlayer .point").first).to_be_visible()
    at = chart.evaluate("""(chart, [rate, distortion]) => {
        const { xaxis, yaxis } = chart._fullLayout;
        const box = chart.getBoundingClientRect();
        return [box.left + xaxis._offset + xaxis.d2p(rate),
                box.top + yaxis._offset + yaxis.d2p(distortion)];
    }""", [rate, distortion])
    return at[0], at[1]


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
    """Ring, slider, numbers and URL agree."""
    expect(page.get_by_test_id("curve-handle")).to_have_attribute("data-beta", beta)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(distortion)
    expect(page.get_by_role("slider", name="β")).to_have_attribute("aria-valuetext", beta)


def test_beta_is_chosen_on_the_curve_and_kept_in_the_url(turning, page):
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    chart = page.locator(".st-key-rate_plane .js-plotly-plot").element_handle()

    page.mouse.click(*place_of(page, *on_curve(0.1)))
    expect_beta(page, "0.1", "106.32")
    expect(page).to_have_url(re.compile(r"[?&]at=0\.1\b"))

    ring = page.get_by_test_id("curve-grip").bounding_box()
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    goal = place_of(page, *on_curve(4))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + goal[0]) / 2, (y + goal[1]) / 2)
    page.mouse.move(*goal)
    expect(page.get_by_test_id("curve-beta")).to_have_text("β = 4")  # before it is let go
    expect(page.get_by_test_id("curve-numbers")).to_contain_text("D 140.00 · R 10.00")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("106.32")
    page.mouse.up()
    expect_beta(page, "4", "140.00")
    expect(page).to_have_url(re.compile(r"[?&]at=4\b"))

    page.mouse.click(*place_of(page, *on_curve(0.1)))  # a second time: no new selection for plotly
    expect_beta(page, "0.1", "106.32")
    page.get_by_role("slider", name="β").press("ArrowRight")
    expect_beta(page, "0.106", "106.51")
    assert chart.evaluate("chart => chart.isConnected")  # never drawn anew
    page.reload()
    expect_beta(page, "0.106", "106.51")


def test_the_tangent_has_slope_minus_beta(turning, page):
    page.goto(f"{turning.url}/tradeoff?at=2")
    expect_beta(page, "2", "128.28")
    ends = page.get_by_test_id("curve-tangent").evaluate("""(line) => {
        const { xaxis, yaxis } = line.closest(".js-plotly-plot")._fullLayout;
        return [1, 2].map((k) => [
            xaxis.p2d(line.getAttribute(`x${k}`) - xaxis._offset),
            yaxis.p2d(line.getAttribute(`y${k}`) - yaxis._offset)]);
    }""")
    (x1, y1), (x2, y2) = ends
    assert (y2 - y1) / (x2 - x1) == pytest.approx(-2, rel=1e-6)
    rate, distortion = on_curve(2)
    assert y1 - 2 * (rate - x1) == pytest.approx(distortion, abs=0.02)


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
        page.get_by_role("button", name="The curve (CSV)").click()
    with open(download.value.path(), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 25 and set(rows[0]) >= {"beta", "rate_z2"}
    assert float(rows[-1]["distortion"]) == pytest.approx(100 + 20 * 10 ** 0.5)


def test_a_saved_picture_has_the_ring(turning, page):
    """plotly saves its own figure, in which the ring is only while its button is clicked."""
    page.goto(f"{turning.url}/tradeoff")
    expect_beta(page, "1", "120.00")
    chart = page.locator(".st-key-rate_plane .js-plotly-plot")
    colour = np.array([0xD5, 0x5E, 0x00])

    chart.hover()
    with page.expect_download() as download:
        chart.locator('.modebar-btn[data-title^="Download"]').click()
    picture = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    inked = int((np.abs(picture - colour).sum(axis=2) < 30).sum())
    assert chart.evaluate("chart => chart.layout.shapes ?? null") is None
    assert inked > 400  # the legend has a dot of this colour, and no more without the ring
