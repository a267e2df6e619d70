"""What a person does on Trade-off: click a point, move the β slider, take the table along."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import plane
from vae_core.runs import Run

pytestmark = pytest.mark.browser

RUN = "mnist-mlp-z2-beta10"


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
    page.goto(f"{server.url}/tradeoff")
    page.mouse.click(*place_of(page, row["test_rate"], row["test_distortion"]))
    expect(plane(page)).to_have_attribute("aria-label", re.compile(RUN))
    expect(page).to_have_url(re.compile(rf"/\?run={RUN}$"))
    page.go_back()
    expect(page.get_by_text("Observation model p(x|z)").first).to_be_visible()


def test_the_slider_switches_the_model(server, page):
    page.goto(f"{server.url}/tradeoff")
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
    assert len(rows) == 9
