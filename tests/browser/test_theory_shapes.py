"""What a person does where a decoder bends space: turn a control, see picture and number change."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import metric, turn

TRAINING = 180_000  # ms; a model is trained on a machine that may be busy


def test_the_ring_becomes_a_normal_again_and_a_decoder_finds_clusters(server, page):
    page.goto(f"{server.url}/theory?section=pushforward&toy=clusters")
    expect(metric(page, "t + (1 − 0.9 t) √(π/2)")).to_have_text("1.1253")
    turn(page, "t: how much of the map", "Home")
    expect(metric(page, "t + (1 − 0.9 t) √(π/2)")).to_have_text("1.2533")
    expect(page).to_have_url(re.compile(r"[?&]map=0"))
    mass = metric(page, "∫ p(x) dx over the picture")
    expect(mass).to_have_text(re.compile(r"0\.99|1\.00"), timeout=TRAINING)
    expect(page.locator(".js-plotly-plot .heatmaplayer image")).to_have_count(1)


def test_points_move_and_come_back_and_the_space_turns(server, page):
    page.goto(f"{server.url}/theory?section=manifold&sheet=s-curve")
    chart = page.locator(".js-plotly-plot").first
    slider = chart.get_by_role("slider", name="moved by")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(
        r"^0\.150: 0\.150 off the sheet, reconstructed 0\.00"))
    eye = "chart => chart._fullLayout.scene._scene.getCamera().eye.x"
    before = chart.evaluate(eye)
    chart.get_by_role("button", name="turn").press("Enter")
    page.wait_for_function(f"([chart, before]) => Math.abs(({eye})(chart) - before) > 0.05",
                           arg=[chart.element_handle(), before])
    chart.get_by_role("button", name="pause").click()
    turned, moved = chart.evaluate(eye), "chart => chart._fullData.at(-2).x[0]"
    place = chart.evaluate(moved)
    slider.press("Home")
    expect(chart.locator(".slider-label").first).to_contain_text("moved by −0.250: 0.250 off")
    slider.press("ArrowRight")
    expect(chart.locator(".slider-label").first).to_contain_text("moved by −0.225: 0.225 off")
    page.wait_for_function(f"([chart, place]) => ({moved})(chart) !== place",
                           arg=[chart.element_handle(), place])
    assert chart.evaluate(eye) == pytest.approx(turned, abs=1e-3)


def test_sigma_moves_both_models_along_their_line(server, page):
    page.goto(f"{server.url}/theory?section=likelihood&px=squared-error")
    expect(metric(page, "Noise claimed, √ mean Var[x|z]")).to_have_text("0.7071",
                                                                       timeout=TRAINING)
    expect(metric(page, "1/(2σ²)")).to_have_text("12.5")
    turn(page, "σ, with β = 1", "ArrowRight", times=3)
    expect(metric(page, "1/(2σ²)")).to_have_text("2")
    gradient = metric(page, "Gradient, in units of the squared error's")
    expect(gradient).to_have_text(re.compile(r"^2|^1\.9999"))
    expect(page).to_have_url(re.compile(r"[?&]sd=0\.5"))
    page.get_by_text("Train both").click()
    same = metric(page, "Largest difference of a weight")
    expect(same).to_have_text(re.compile(r"^0$|·10⁻[6-9]$"), timeout=TRAINING)
    expect(page).to_have_url(re.compile("both-knobs=true"))
