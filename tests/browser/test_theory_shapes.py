"""What a person does in the sections on trained maps: turn a control, see what changes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import metric, picture, settled_figure, turn

TRAINING = 180_000  # ms; a model is trained on a machine that may be busy


def test_the_ring_becomes_a_gaussian_again_and_a_decoder_learns_clusters(server, page):
    page.goto(f"{server.url}/theory?section=pushforward&toy=clusters")
    expect(metric(page, "t + (1 − 0.9 t) √(π/2)")).to_have_text("1.1253")
    turn(page, "t, from the identity to the map", "Home")
    expect(metric(page, "t + (1 − 0.9 t) √(π/2)")).to_have_text("1.2533")
    expect(page).to_have_url(re.compile(r"[?&]map=0"))
    mass = metric(page, "∫ p(x) dx over the figure")
    expect(mass).to_have_text(re.compile(r"0\.99|1\.00"), timeout=TRAINING)
    expect(page.locator(".js-plotly-plot .heatmaplayer image")).to_have_count(1)


def angles(figure) -> list[float]:
    """Azimuth and elevation of the camera (radians), and its zoom."""
    return list(map(float, figure.get_attribute("data-camera").split()))


def test_points_move_and_come_back_and_the_space_turns(server, page):
    page.goto(f"{server.url}/theory?section=manifold&sheet=s-curve")
    figure = settled_figure(page)
    slider = figure.get_by_role("slider", name="moved by")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(
        r"^0\.150: 0\.150 off the sheet, reconstruction 0\.00"))
    before = angles(figure)
    figure.get_by_role("button", name="Turn").press("Enter")
    page.wait_for_function("([figure, start]) => parseFloat(figure.dataset.camera) > start + 0.05",
                           arg=[figure.element_handle(), before[0]])
    figure.get_by_role("button", name="Hold").click()
    held, shown = angles(settled_figure(page)), picture(figure)
    slider.press("Home")
    expect(figure.locator(".name")).to_contain_text("moved by −0.250: 0.250 off")
    slider.press("ArrowRight")
    expect(figure.locator(".name")).to_contain_text("moved by −0.225: 0.225 off")
    assert angles(settled_figure(page, frame=1)) == held != before and picture(figure) != shown
    canvas = figure.get_by_role("img", name="Data in space")
    canvas.press("ArrowUp")
    canvas.press("+")
    azimuth, elevation, zoom = angles(settled_figure(page))
    assert azimuth == held[0] and elevation > held[1] and zoom > held[2]
    page.get_by_role("radio", name="swiss-roll").click()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^0.150: "))
    assert angles(settled_figure(page)) == [azimuth, elevation, zoom]  # kept for other data too


def test_the_space_is_dragged(server, page):
    page.goto(f"{server.url}/theory?section=manifold")
    figure = settled_figure(page)
    before, box = angles(figure), figure.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 230)
    page.mouse.up()
    azimuth, elevation, _ = angles(settled_figure(page))
    assert azimuth < before[0] and elevation > before[1]


def test_sigma_moves_both_models_along_their_line(server, page):
    page.goto(f"{server.url}/theory?section=likelihood&px=squared-error")
    expect(metric(page, "Predicted noise, √ mean Var[x|z]")).to_have_text("0.7071",
                                                                       timeout=TRAINING)
    expect(metric(page, "1/(2σ²)")).to_have_text("12.5")
    turn(page, "σ, with β = 1", "ArrowRight", times=3)
    expect(metric(page, "1/(2σ²)")).to_have_text("2")
    gradient = metric(page, "Gradient, in units of the squared error's")
    expect(gradient).to_have_text(re.compile(r"^2|^1\.9999"))
    expect(page).to_have_url(re.compile(r"[?&]sd=0\.5"))
    page.get_by_text("Train both").click()
    same = metric(page, "Largest difference between weights")
    expect(same).to_have_text(re.compile(r"^0$|·10⁻[6-9]$"), timeout=TRAINING)
    expect(page).to_have_url(re.compile("both-knobs=true"))
