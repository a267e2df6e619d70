"""What a person does in the sections on known models: turn the control, look, play."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import metric, picture, settled_figure, turn


def show(page: Page, server, section: str, more: str = "") -> None:
    page.goto(f"{server.url}/theory?section={section}{more}")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()


def play(page: Page, number: int) -> None:
    """Play a figure's frames from the first to the last, where it was; then pause on the way."""
    figure = settled_figure(page, number)
    last, before = int(figure.get_attribute("data-frame")), picture(figure)
    slider = figure.get_by_role("slider")
    slider.press("Home")
    start = picture(settled_figure(page, number, frame=0))
    assert start != before
    figure.get_by_role("button", name="Play").click()
    assert picture(settled_figure(page, number, frame=last)) == before
    figure.get_by_role("button", name="Play").press("Enter")
    figure.get_by_role("button", name="Pause").press("Enter")
    settled_figure(page, number)
    expect(figure.get_by_role("button", name="Play")).to_be_visible()
    slider.press("End")
    assert picture(settled_figure(page, number, frame=last)) == before


def test_another_posterior_and_the_ascent_of_q(server, page):
    show(page, server, "variational")
    expect(metric(page, "mean field: σ²")).to_have_text("0.2000")
    page.get_by_role("radio", name="two modes").click()
    expect(metric(page, "ELBO + KL(q‖p), mean field")).to_have_text("−2.5145")
    expect(metric(page, "log p(x), quadrature")).to_have_text("−2.5145")
    expect(page).to_have_url(re.compile(r"[?&]posterior=two(\+|%20)modes"))
    play(page, number=0)
    play(page, number=1)


def test_the_densities_are_moved_apart(server, page):
    show(page, server, "divergence", "&apart=0.85")
    expect(metric(page, "KL of uniforms")).to_have_text("0.6931")
    turn(page, "Shift d of q", "ArrowRight")
    expect(metric(page, "KL of uniforms")).to_have_text("∞")
    expect(metric(page, "mass of uniform q outside p")).to_have_text("2.0%")
    expect(page).to_have_url(re.compile(r"[?&]apart=0\.9"))


def test_more_dimensions_defeat_the_prior(server, page):
    show(page, server, "sampling")
    expect(metric(page, "log p(x), closed form")).to_have_text("−5.848")
    turn(page, "Latent dimensions", "ArrowRight", times=2)
    expect(metric(page, "log p(x), closed form")).to_have_text("−23.392")
    expect(metric(page, "z from q")).to_have_text(re.compile("^−23.3|^−23.4"))
    expect(metric(page, "z from the prior: effective sample size")).to_have_text("1")
    expect(page).to_have_url(re.compile(r"[?&]dims=16\b"))


def test_gradients_and_a_model_resampled(server, page):
    show(page, server, "gradients", "&coder=mnist-mlp-z2-beta10")
    expect(metric(page, "reparameterised: mean")).to_contain_text("± 0.004")
    turn(page, "Dimensions of z", "ArrowRight")
    expect(page.get_by_text("variance 0.25, in closed form 0.25")).to_be_visible()
    expect(page.get_by_text("in closed form 439.50")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]size=16\b"))
    images = page.get_by_test_id("stImage").locator("img")
    expect(images).to_have_count(2)
    before = images.last.get_attribute("src")
    draw = page.get_by_role("spinbutton", name="Seed")
    draw.fill("3")
    draw.press("Enter")
    expect(images.last).not_to_have_attribute("src", before)
    expect(page).to_have_url(re.compile(r"[?&]again=3\b"))
    page.get_by_role("link", name="Open in Explore").click()
    page.wait_for_selector("[data-testid=decoded][data-z]")
    expect(page).to_have_url(re.compile(r"[?&]run=mnist-mlp-z2-beta10\b"))


def test_forces_are_switched_and_posteriors_relax(server, page):
    show(page, server, "forces")
    expect(metric(page, "mean rate, measured")).to_have_text("2.0794")
    expect(metric(page, "in closed form")).to_have_text("2.0794")
    play(page, number=0)
    turn(page, "β", "ArrowRight", times=2)
    expect(metric(page, "in closed form")).to_have_text("0.2350")
    expect(metric(page, "mean rate, measured")).to_have_text("0.2350")
    expect(page).to_have_url(re.compile(r"[?&]weight=10\b"))
    page.get_by_role("button", name="μ²", exact=True).click()
    expect(metric(page, "in closed form")).to_have_count(0)
    expect(page.get_by_text("Nothing holds them together")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]forces="))
