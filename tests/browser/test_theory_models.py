"""What a person does on the theory page: sections on trained models, and the list of names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import picture, settled_figure, turn
from ui.theory import SECTIONS


def metric(page: Page, label: str):
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def test_a_section_is_chosen_in_the_list_and_in_the_url(server, page):
    page.goto(f"{server.url}/theory")
    expect(page.get_by_role("heading", name=SECTIONS["exact"].title)).to_be_visible()
    page.get_by_text(SECTIONS["glossary"].title, exact=True).click()
    expect(page.get_by_role("heading", name=SECTIONS["glossary"].title)).to_be_visible()
    expect(page).to_have_url(re.compile("section=glossary"))
    page.reload()
    expect(page.get_by_role("heading", name=SECTIONS["glossary"].title)).to_be_visible()


def test_a_name_is_looked_up(server, page):
    page.goto(f"{server.url}/theory?section=glossary")
    box = page.get_by_label("Look up")
    box.fill("recognition model")
    box.press("Enter")
    expect(page.get_by_text("1 of 21 entries")).to_be_visible()
    expect(page.get_by_text("encoder, approximate posterior")).to_be_visible()
    expect(page).to_have_url(re.compile("name=recognition"))


def number(text: str) -> float:
    return float(re.search(r"[−-]?\d+\.\d+", text)[0].replace("−", "-"))


def test_the_exact_evidence_is_the_elbo_and_its_divergence(server, page):
    page.goto(f"{server.url}/theory?section=exact&image=3")
    value = metric(page, "log p(x), on a grid")
    expect(value).to_be_visible()
    figure = settled_figure(page)
    climb = figure.get_by_role("slider", name="step")
    expect(climb).to_have_attribute("aria-valuetext", re.compile("^60: ELBO −"))
    optimised = picture(figure)
    climb.press("Home")
    expect(climb).to_have_attribute("aria-valuetext", re.compile("^0: ELBO −"))
    assert picture(settled_figure(page, frame=0)) != optimised
    before = value.inner_text()
    total = metric(page, "ELBO + KL").inner_text()
    assert number(total) == pytest.approx(number(before), abs=0.01)
    turn(page, "Test image", "ArrowRight")
    expect(value).not_to_have_text(before)
    expect(page).to_have_url(re.compile("image=4"))
    page.get_by_text("Open in Explore").click()
    expect(page.get_by_test_id("latent-plane")).to_be_visible()
    expect(page).to_have_url(re.compile("pin="))
    page.go_back()
    expect(value).not_to_have_text(before)
    expect(page).to_have_url(re.compile("image=4"))
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    page.get_by_role("link", name="Theory").click()
    expect(page).to_have_url(re.compile("image=4"))


def test_the_elbo_comes_out_three_times(server, page):
    page.goto(f"{server.url}/theory?section=elbo&example=2")
    shown = [metric(page, label) for label in ("1 ·", "2 ·", "3 ·")]
    expect(shown[0]).to_be_visible()
    one, two, three = (number(each.inner_text()) for each in shown)
    assert one == pytest.approx(three, abs=0.02) and two == pytest.approx(three, abs=0.5)
    before = shown[2].inner_text()
    turn(page, "Test image", "ArrowRight")
    expect(shown[2]).not_to_have_text(before)
    expect(page).to_have_url(re.compile("example=3"))


def test_more_images_have_more_parameters_of_their_own(server, page):
    page.goto(f"{server.url}/theory?section=amortization&images=4")
    parameters = metric(page, "Parameters")
    expect(parameters).to_contain_text("· 16")
    turn(page, "Test images", "ArrowRight", times=2)
    expect(parameters).to_contain_text("· 64")
    expect(page).to_have_url(re.compile("images=16"))


def test_another_code_is_drawn(server, page):
    page.goto(f"{server.url}/theory?section=generation")
    code = page.get_by_text(re.compile(r"^z = \("))
    expect(code).to_be_visible()
    before = code.inner_text()
    page.get_by_role("button", name="Sample another z").click()
    expect(code).not_to_have_text(before)
    expect(page).to_have_url(re.compile("draw=1"))


def test_three_objectives_stand_side_by_side(server, page):
    page.goto(f"{server.url}/theory?section=objectives")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(3)
    expect(page.get_by_text("0 of 2 units active")).to_be_visible()
    expect(page.get_by_text("There is no such model")).to_have_count(0)
