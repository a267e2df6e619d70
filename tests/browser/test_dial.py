"""Turning β on Explore, in a real browser, against torch's own answer."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import decoded_values, decoded_z, fragment, inspect, plane, settled
from vae_core.data import load_dataset
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import WEIGHTS, Run
from vae_core.training.trainer import train

RUN = "mnist-mlp-z2-multirate"
DEEP = "mnist-mlp-z16-multirate"
SWEPT = "mnist-mlp-z2-beta1"


@pytest.fixture(scope="module")
def conv(server, tiny, splits) -> Iterator[str]:
    """A conditioned convolutional run, small, with FiLM away from its zeros."""
    run = Run(server.checkpoints / "every-conv")
    train(tiny(architecture="conv", beta_conditioned=True), run, data=splits)
    generator = np.random.default_rng(0)
    run.write_tensors(WEIGHTS, {
        name: value + 0.1 * generator.standard_normal(value.shape, dtype=np.float32)
        if name.startswith(("film.decoder", "film.mix", "film.bases")) else value
        for name, value in run.weights().items()})
    yield run.run_id
    shutil.rmtree(run.folder)


def dial(page: Page) -> Locator:
    return page.get_by_role("slider", name="β, on a logarithmic scale")


def beta_of(page: Page) -> float:
    """The β of the image that is shown."""
    settled(page)
    return float(page.get_by_test_id("decoded").get_attribute("data-beta"))


def turn_to(page: Page, beta: float) -> None:
    turn_at_once(page, beta)
    settled(page)


def turn_at_once(page: Page, beta: float) -> None:
    """Until the image has followed; the rest may still be on its way."""
    dial(page).evaluate("""(input, log) => {
        input.valueAsNumber = log;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }""", math.log(beta))
    expect(page.get_by_test_id("decoded")).to_have_attribute("data-beta", f"{beta:g}")


def choose_model(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=name, exact=True).click()


def figure(page: Page, name: str) -> str:
    settled(page)
    return page.locator(f"[data-figure={name}]").inner_text()


def state(page: Page) -> dict:
    """What follows the dial: points, the image, the figures."""
    points = inspect(page, "points")["x"]
    return {"points": points, "image": decoded_values(page), "rate": figure(page, "rate"),
            "slope": figure(page, "slope")}


def all_changed(before: dict, after: dict) -> bool:
    return all(before[name] != after[name] for name in before)


def test_the_app_opens_with_the_dial_at_the_runs_beta(server, page):
    page.goto(server.url)
    assert RUN in plane(page).get_attribute("aria-label")
    run = Run(server.checkpoints / RUN)
    assert beta_of(page) == run.config().beta
    expect(page.get_by_test_id("beta")).to_have_text(f"β = {run.config().beta:g}")
    expect(page.get_by_text(re.compile("^β-conditioned model, trained from"))).to_be_visible()
    said = dial(page).get_attribute("aria-valuetext")
    assert re.fullmatch(r"β = [\d.]+, ELBO −[\d.]+, \d of 2 units active", said)


@pytest.mark.parametrize("which", ["mlp", "conv"])
def test_every_beta_decodes_what_torch_decodes(server, page, which, request):
    run_id = RUN if which == "mlp" else request.getfixturevalue("conv")
    page.goto(f"{server.url}/?run={run_id}&pin=0.6,-0.4")
    plane(page)
    model = load_model(Run(server.checkpoints / run_id))
    images = []
    for beta in (0.01, 0.1, 1, 4, 10):
        turn_to(page, beta)
        z = torch.tensor(decoded_z(page))
        with torch.no_grad():
            expected = model.decode_mean(z, beta)
        images.append(torch.tensor(decoded_values(page)))
        assert (images[-1] - expected).abs().max() < 1e-3
    assert (images[0] - images[-1]).abs().max() > 0.01  # β matters


def test_keys_on_the_plane_and_on_the_slider_turn_beta(server, page):
    page.goto(server.url)
    plane(page).focus()
    for key, element in (("]", plane(page)), ("[", plane(page)), ("ArrowRight", dial(page)),
                         ("PageDown", dial(page)), ("End", dial(page))):
        element.focus()
        before, beta = state(page), beta_of(page)
        page.keyboard.press(key)
        expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-beta", f"{beta:g}")
        assert (beta_of(page) > beta) == (key in ("]", "ArrowRight", "End"))
        assert all_changed(before, state(page))
    assert beta_of(page) == Run(server.checkpoints / RUN).config().beta_max


def test_the_slider_and_the_curve_are_dragged(server, page):
    page.goto(server.url)
    plane(page)
    for element, begin, end in ((dial(page), 0.66, 0.3),
                                (page.get_by_test_id("curve"), 0.3, 0.08)):
        box, before, beta = element.bounding_box(), state(page), beta_of(page)
        middle = box["y"] + 0.4 * box["height"]
        page.mouse.move(box["x"] + begin * box["width"], middle)
        page.mouse.down()
        for k in range(1, 6):
            page.mouse.move(box["x"] + (begin + (end - begin) * k / 5) * box["width"], middle)
        expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-beta", f"{beta:g}")
        held = page.url
        page.mouse.up()
        assert all_changed(before, state(page))
        assert fragment(page) == {"beta": f"{beta_of(page):g}"}
        assert held != page.url, "β was written before it rested"


def test_a_released_beta_is_answered_by_python_and_opens_again(server, page):
    received = []
    page.on("websocket", lambda socket: socket.on(
        "framereceived", lambda frame: received.append(len(frame))))
    page.goto(f"{server.url}/?pin=0.6,-0.4")
    plane(page)
    expect(page.locator(".st-key-pinned")).to_be_visible()
    assert max(received) > 1e6
    received.clear()
    turn_to(page, 0.25)
    expect(page.get_by_text("Decoded and measured at β = 0.25.")).to_be_visible()
    assert sum(received) < 3e5, "all the points and weights were sent again"
    assert fragment(page)["beta"] == "0.25"
    distortion = figure(page, "distortion")
    caption = page.get_by_text(re.compile("^β = 0.25 · mlp"))
    expect(caption).to_contain_text(f"distortion {distortion[:-1]}")
    image = decoded_values(page)
    page.reload()
    plane(page)
    expect(page.get_by_test_id("beta")).to_have_text("β = 0.25")
    assert decoded_values(page) == pytest.approx(image, abs=1e-6)


def test_nonsense_in_the_url_is_said(server, page):
    page.goto(f"{server.url}/?beta=a%20lot")
    plane(page)
    assert beta_of(page) == Run(server.checkpoints / RUN).config().beta
    expect(page.get_by_test_id("refusal")).to_contain_text("The URL asks for beta = a lot")


def test_one_key_plays_the_whole_range_and_comes_back(server, page):
    page.goto(server.url)
    plane(page).focus()
    start, config = beta_of(page), Run(server.checkpoints / RUN).config()
    canvas = page.get_by_test_id("decoded")
    canvas.evaluate("""canvas => {
        canvas.seen = [];
        new MutationObserver(() => canvas.seen.push(Number(canvas.dataset.beta)))
            .observe(canvas, { attributeFilter: ["data-beta"] });
    }""")
    page.keyboard.press("Space")
    box = page.get_by_test_id("dial")
    expect(box).to_have_class(re.compile("playing"))
    expect(box).not_to_have_class(re.compile("playing"))
    seen = canvas.evaluate("canvas => canvas.seen")
    assert min(seen) < 1.1 * config.beta_min and max(seen) > config.beta_max / 1.1
    assert len(seen) > 30
    expect(canvas).to_have_attribute("data-beta", f"{start:g}")
    assert fragment(page) == {}  # nothing to tell Python: β is where it was
    page.keyboard.press("p")
    expect(box).to_have_class(re.compile("playing"))
    expect(canvas).not_to_have_attribute("data-beta", f"{start:g}")
    page.keyboard.press("Space")
    expect(box).not_to_have_class(re.compile("playing"))
    assert set(fragment(page)) == {"beta"}


def test_the_dials_keys_need_no_focus_but_leave_controls_their_own(server, page):
    page.goto(server.url)
    plane(page)
    before = beta_of(page)
    page.keyboard.press("]")
    expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-beta", f"{before:g}")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("dial")).to_have_class(re.compile("playing"))
    page.keyboard.press("Space")
    expect(page.get_by_test_id("dial")).not_to_have_class(re.compile("playing"))
    grid = page.get_by_role("radio", name="grid")
    grid.focus()
    page.keyboard.press("Space")  # chooses what has the focus
    expect(grid).to_be_checked()
    expect(page.get_by_test_id("dial")).not_to_have_class(re.compile("playing"))


def test_a_model_chosen_while_beta_plays_gets_the_beta_it_set_out_from(server, page):
    page.goto(f"{server.url}/?beta=2")
    plane(page)
    page.get_by_role("button", name="Play β").click()
    expect(page.get_by_test_id("dial")).to_have_class(re.compile("playing"))
    choose_model(page, DEEP)
    expect(plane(page)).to_have_attribute("aria-label", re.compile(DEEP))
    expect(page.get_by_test_id("dial")).not_to_have_class(re.compile("playing"))
    expect(page.get_by_test_id("beta")).to_have_text("β = 2")
    expect(page.get_by_text(re.compile("^β = 2 · mlp · latent size 16"))).to_be_visible()


def test_the_nearest_images_are_drawn_again_with_another_models(server, page):
    """The second one comes with fewer test images: among the nearest are some that it lacks."""
    page.goto(f"{server.url}/?beta=2")
    plane(page)
    for model, size in ((DEEP, 16), (RUN, 2)):
        choose_model(page, model)
        expect(page.get_by_text(re.compile(f"^β = 2 · mlp · latent size {size} "))).to_be_visible()
    slots = page.locator(".squares.pictured span")
    expect(slots).to_have_count(12)
    for slot in slots.all():
        expect(slot.locator("canvas")).to_be_visible()


def test_who_wants_less_motion_gets_steps(server, browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.url)
    plane(page).focus()
    before = beta_of(page)
    page.keyboard.press("Space")
    expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-beta", f"{before:g}")
    knots = Run(server.checkpoints / RUN).beta_curve().beta
    assert beta_of(page) == pytest.approx(knots[knots > before * 1.01][0], rel=0.006)
    expect(page.get_by_test_id("dial")).not_to_have_class(re.compile("playing"))
    context.close()


def test_the_grid_follows_and_is_never_blank(server, page):
    page.goto(f"{server.url}/?view=grid")
    plane(page)
    blank = """canvas => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        let bright = 0;
        for (let i = 0; i < data.length; i += 4) bright += data[i] > 128 && data[i + 3] > 0;
        return bright / (width * height);
    }"""
    still = page.locator("canvas.still")
    first = still.evaluate(blank)
    for beta in (0.5, 2, 8):
        turn_at_once(page, beta)
        assert still.evaluate(blank) > 0.3 * first


@pytest.mark.parametrize("run_id", [RUN, SWEPT])
def test_ellipses_are_the_posteriors_of_torch(server, page, run_id):
    run = Run(server.checkpoints / run_id)
    page.goto(f"{server.url}/?run={run_id}")
    plane(page)
    beta = None
    if run_id == RUN:
        beta = 0.4
        turn_to(page, beta)
    page.get_by_text("Layers", exact=True).click()
    page.get_by_label("Posteriors q(z|x)").check()
    expect(page.get_by_test_id("layer-notes")).to_contain_text(re.compile(r"at 1σ.*of 400 of the"))
    bubbles = inspect(page, "layer('posteriors')")
    assert len(bubbles) == 400
    model, data = load_model(run), load_dataset("mnist")
    chosen = [bubble["i"] for bubble in bubbles]
    with torch.no_grad():
        posterior = model.encode(encoder_input(model, data.test)[chosen], beta)
    sigma = torch.exp(0.5 * posterior.log_var)
    axes = torch.tensor([[each["a"], each["b"]] for each in bubbles])
    along = torch.tensor([abs(math.cos(each["angle"])) > 0.5 for each in bubbles])
    drawn = torch.where(along[:, None], axes, axes.flip(1))
    assert (drawn / sigma - 1).abs().median() < 0.01
    assert (drawn / sigma - 1).abs().max() < 0.05
    places = torch.tensor([[each["x"], each["y"]] for each in bubbles])
    assert (places - posterior.mu).abs().median() < 0.02
    assert fragment(page)["layers"] == "points,posteriors"
    page.reload()
    plane(page)
    expect(page.get_by_label("Posteriors q(z|x)")).to_be_checked()


def test_a_sweep_of_models_trained_apart_turns_too_and_says_so(server, page):
    page.goto(f"{server.url}/?run={SWEPT}")
    plane(page)
    expect(page.get_by_test_id("dial")).to_be_hidden()
    page.get_by_text(re.compile(r"Vary β across the \d models of this sweep")).click()
    expect(page.get_by_test_id("dial")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d models trained separately"))).to_be_visible()
    expect(page).to_have_url(re.compile("sweep=true"))
    expect(page.get_by_test_id("measured")).to_contain_text(SWEPT)
    before = state(page)
    turn_to(page, 9)
    expect(page.get_by_test_id("measured")).to_contain_text("mnist-mlp-z2-beta10")
    assert all_changed(before, state(page))
    row = Run(server.checkpoints / "mnist-mlp-z2-beta10").metrics()[-1]
    assert float(figure(page, "distortion")) == pytest.approx(row["test_distortion"], abs=0.06)
    page.get_by_text(re.compile(r"Vary β across the \d models")).click()
    expect(page.get_by_test_id("dial")).to_be_hidden()


def test_an_aligned_model_decodes_its_own_codes(server, page):
    """A test image's turned mean gives the image that its own model makes of its own mean."""
    page.goto(f"{server.url}/?run={SWEPT}&sweep=true&beta=4")
    plane(page)
    expect(page.get_by_test_id("measured")).to_contain_text("mnist-mlp-z2-beta4")
    x, y = (inspect(page, "points")[axis][7] for axis in "xy")
    page.goto(f"{server.url}/?run={SWEPT}&sweep=true&beta=4&pin={x},{y}")
    plane(page)
    run = Run(server.checkpoints / "mnist-mlp-z2-beta4")
    expect(page.get_by_text(f"Decoded and measured with {run.run_id}.")).to_be_visible()
    with torch.no_grad():
        expected = load_model(run).decode_mean(torch.from_numpy(run.latents()["mu"][7]))
    assert (torch.tensor(decoded_values(page)) - expected).abs().max() < 0.02


def test_the_ring_on_the_curve_is_a_slider_too(server, page):
    page.goto(server.url)
    plane(page)
    ring = page.get_by_role("slider", name="Place on the rate–distortion curve")
    ring.focus()
    for key in ("PageDown", "ArrowRight", "Home"):
        before, beta = state(page), beta_of(page)
        page.keyboard.press(key)
        expect(page.get_by_test_id("decoded")).not_to_have_attribute("data-beta", f"{beta:g}")
        plane(page)  # at rest
        assert (beta_of(page) > beta) == (key == "ArrowRight")
        assert all_changed(before, state(page))
        expect(ring).to_have_attribute("aria-valuetext", re.compile(f"^β = {beta_of(page):.3g}, "))
    assert beta_of(page) == Run(server.checkpoints / RUN).config().beta_min
