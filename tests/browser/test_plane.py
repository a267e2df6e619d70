"""The plane as an instrument: layers, readouts and tools, against torch's or numpy's own answer."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.conftest import (
    decoded_values,
    decoded_z,
    fragment,
    inspect,
    metric,
    painted,
    plane,
    values_of,
    z_of,
)
from vae_core.data import load_split
from vae_core.measure import exact
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.model.conditioning import freeze
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

MANY = "mnist-mlp-z2-multirate"
ONE = "mnist-mlp-z2-beta1"
CONV = "mnist-conv-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"


def tick(page, layer: str) -> None:
    menu = page.locator("details.layers")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    page.get_by_label(layer).check()


def first_images(run: Run, count: int) -> tuple:
    model = load_model(run)
    return model, encoder_input(model, load_split(model.config.dataset, "test"))[:count]


def test_layers_are_switched_kept_in_the_url_and_come_back(server, page):
    page.goto(f"{server.url}/?run={ONE}")
    plane(page)
    for layer in ("Aggregate posterior q(z)", "Prior p(z)", "Where q(z) is empty", "Decoded images",
                  "Magnification"):
        tick(page, layer)
    notes = page.get_by_test_id("layer-notes")
    for words in ("density of q(z)", "Dashed: the prior", "99 % of q(z)", "magnification"):
        expect(notes).to_contain_text(words)
    expect(page).to_have_url(re.compile("layers=.*aggregate.*magnification"))
    page.reload()
    painted(page)
    expect(notes).to_contain_text("Dashed: the prior")


def test_a_layer_that_cannot_be_is_not_offered(server, page):
    page.goto(f"{server.url}/?run=mnist-mlp-z2-beta0&layers=posteriors,aggregate,points")
    plane(page)
    page.locator("details.layers summary").click()
    for layer in ("Posteriors q(z|x)", "Aggregate posterior q(z)", "True posterior p(z|x)"):
        expect(page.get_by_label(layer)).to_be_disabled()
    expect(page.get_by_label("Prior p(z)")).to_be_enabled()


@pytest.mark.parametrize("run_id", [ONE, WIDE])
def test_densities_beside_the_image_are_those_of_torch(server, page, run_id):
    run = Run(server.checkpoints / run_id)
    page.goto(f"{server.url}/?run={run_id}&d1=z1&d2=z2&pin=0.5,-0.4")
    plane(page)
    latents = run.latents()
    mu, sigma = latents["mu"][:, :2], np.exp(0.5 * latents["log_var"][:, :2])
    z = np.array([0.5, -0.4])
    q = np.exp(-0.5 * ((z - mu) ** 2 / sigma ** 2 + np.log(2 * np.pi * sigma ** 2)).sum(1)).mean()
    p = math.exp(-0.5 * (z @ z)) / (2 * math.pi)
    figures = page.locator(".figures dd")
    for cell, expected in zip((figures.nth(2), figures.nth(3)), (q, p), strict=True):
        assert float(cell.inner_text()) == pytest.approx(expected, rel=0.06)


def test_what_is_shown_of_p_x_given_z(server, page):
    page.goto(f"{server.url}/?run={ONE}&pin=0.5,-0.4")
    plane(page)
    mean = np.array(decoded_values(page))
    decoded = page.get_by_test_id("decoded")
    page.get_by_role("button", name="σ", exact=True).click()
    expect(decoded).to_have_attribute("data-show", "deviation")
    np.testing.assert_allclose(decoded_values(page), np.sqrt(mean * (1 - mean)), atol=1e-4)
    page.get_by_role("button", name="Sample").click()
    expect(decoded).to_have_attribute("data-show", "sample")
    sample = np.array(decoded_values(page))
    assert set(sample) == {0.0, 1.0}
    # Pixels that are nearly sure come out so, and the number of white ones is as expected.
    assert abs(sample.sum() - mean.sum()) < 5 * np.sqrt((mean * (1 - mean)).sum())
    assert fragment(page)["show"] == "sample"


def test_the_nearest_test_images_are_pictures_with_labels(server, page):
    page.goto(f"{server.url}/?run={ONE}&pin=0.5,-0.4")
    plane(page)
    expect(page.locator(".squares.pictured")).to_be_visible()
    latents = Run(server.checkpoints / ONE).latents()
    nearest = np.argsort(np.linalg.norm(latents["mu"] - [0.5, -0.4], axis=1))[:12]
    slots = page.locator(".squares span")
    assert [int(slots.nth(k).get_attribute("data-index")) for k in range(12)] == nearest.tolist()
    pixels = slots.nth(0).locator("canvas").evaluate("""canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
        return Array.from(data).filter((_, i) => i % 4 == 0);
    }""")
    assert pixels == load_split("mnist", "test").x[nearest[0]].tolist()
    label = latents["label"][nearest]
    assert [slots.nth(k).inner_text() for k in range(12)] == [str(one) for one in label]
    counts = np.bincount(label)
    share = counts[counts > 0] / 12
    entropy = float(-(share * np.log2(share)).sum())
    said = page.locator(".near i").inner_text()
    assert float(re.search(r"[\d.]+", said)[0]) == pytest.approx(abs(entropy), abs=0.006)


def test_far_out_it_says_extrapolation(server, page):
    page.goto(f"{server.url}/?run={ONE}&pin=0.5,-0.4")
    plane(page)
    expect(page.get_by_test_id("worth")).to_be_hidden()
    page.goto(f"{server.url}/?run={ONE}&pin=-9,9")
    plane(page)
    expect(page.get_by_test_id("worth")).to_contain_text("extrapolation")


@pytest.mark.parametrize(("run_id", "beta"), [(CONV, None), (WIDE, None), (MANY, 2.0)])
def test_a_picked_image_has_torchs_posterior_and_moves_inside_it(server, page, run_id, beta):
    index = 7
    model, x = first_images(Run(server.checkpoints / run_id), index + 1)
    turned = f"&beta={beta}" if beta else ""
    page.goto(f"{server.url}/?run={run_id}&d1=z1&d2=z2&tool=image&image={index}{turned}")
    plane(page)
    picked = inspect(page, "tool")
    with torch.no_grad():
        q = model.encode(x[index:], beta)
    mu, sigma = q.mu[0], torch.exp(0.5 * q.log_var[0])
    np.testing.assert_allclose(picked["mu"], mu, atol=1e-3)
    np.testing.assert_allclose(picked["sigma"], sigma, rtol=2e-3)
    first, second = (page.get_by_role("slider", name=name) for name in ("ε₁", "ε₂"))
    first.fill("1")
    second.fill("-2")
    eps = torch.zeros_like(mu)
    eps[0], eps[1] = 1, -2
    z = mu + sigma * eps
    figure = page.get_by_role("img", name="Decoded at μ + σε")
    shown = z_of(figure)
    np.testing.assert_allclose(shown[-len(z):], z, atol=2e-3)
    with torch.no_grad():
        expected = model.decode_mean(z, beta)
        distortion = -model.likelihood.log_prob(x[index], model.decode(z, beta)).item()
    np.testing.assert_allclose(values_of(figure), expected, atol=5e-3)
    said = page.get_by_test_id("image-figures").locator("dd").nth(1).inner_text()
    assert float(said.split()[0]) == pytest.approx(distortion, abs=0.3)


def test_the_handle_is_dragged(server, page):
    page.goto(f"{server.url}/?run={ONE}&tool=image&image=7")
    shown = plane(page)
    page.get_by_role("button", name="Zoom to q(z|x)").click()
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    # The middle of the plot, where the mean now lies; the gutters are 58 left, 44 below.
    x, y = box["x"] + 58 + (box["width"] - 68) / 2, box["y"] + 10 + (box["height"] - 54) / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 30, steps=4)
    page.mouse.up()
    picked = inspect(page, "tool")
    assert picked["eps"][0] > 0.3 and picked["eps"][1] > 0.1
    at = np.array(picked["mu"]) + np.array(picked["sigma"]) * picked["eps"]
    np.testing.assert_allclose(decoded_z(page), at, atol=1e-3)


def test_a_click_picks_the_nearest_image_and_the_url_keeps_it(server, page):
    page.goto(f"{server.url}/?run={ONE}")
    shown = plane(page)
    page.get_by_role("tab", name="Image").click()
    box = shown.bounding_box()
    page.mouse.click(box["x"] + 0.52 * box["width"], box["y"] + 0.5 * box["height"])
    picked = inspect(page, "tool")
    assert fragment(page) == {"tool": "image", "image": str(picked["index"])}
    expect(page.get_by_role("spinbutton", name="Index of the test image")).to_have_value(
        str(picked["index"]))


def test_the_true_posterior_is_exact_and_log_p_is_elbo_plus_kl(server, page):
    run_id, beta, index = MANY, 4.0, 11
    page.goto(f"{server.url}/?run={run_id}&layers=points,truth&tool=image&image={index}"
              f"&beta={beta}")
    plane(page)
    truth = inspect(page, "layer('truth')")
    terms = [float(metric(page, label).inner_text().split()[0].replace("−", "-")) for label in (
        f"log p(x) of test image {index}", "= ELBO", "+ KL(q(z|x) ‖ p(z|x))")]
    assert terms[0] == pytest.approx(terms[1] + terms[2], abs=0.01)
    run = Run(server.checkpoints / run_id)
    model, x = first_images(run, index + 1)
    model = freeze(model, beta)
    assert terms[0] == pytest.approx(exact.log_px(model, x[index:]).log_px.item(), abs=2e-3)
    density = np.array(truth["density"]).reshape(truth["size"], truth["size"])
    low, high = torch.tensor(truth["low"]), torch.tensor(truth["high"])
    expected = exact.posterior_on_grid(model, x[index:], truth["size"], low, high) \
        .log_density[0].exp().T.numpy()
    np.testing.assert_allclose(density, expected, rtol=1e-3, atol=1e-3 * expected.max())


def test_the_window_is_kept_in_the_url(server, page):
    page.goto(f"{server.url}/?run={ONE}")
    shown = plane(page)
    shown.focus()
    shown.press("+")
    shown.press("+")
    reach = float(fragment(page)["window"].split(",")[2])
    page.reload()
    plane(page)
    shown.focus()
    shown.press("+")
    assert float(fragment(page)["window"].split(",")[2]) == pytest.approx(reach / 1.4, rel=1e-3)
    shown.press("0")
    assert fragment(page) == {}


def test_a_saved_page_works_offline(server, page, browser, tmp_path):
    page.goto(f"{server.url}/?run={MANY}&pin=0.5,-0.4&layers=points,prior,truth&tool=image&image=7")
    plane(page)
    truth = inspect(page, "layer('truth')")
    shown = np.array(decoded_values(page))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save page").click()
    assert download.value.suggested_filename == f"{MANY}.html"
    saved = tmp_path / "page.html"
    download.value.save_as(saved)
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    alone, said = context.new_page(), []
    alone.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    alone.on("pageerror", lambda error: said.append(str(error)))
    alone.goto(saved.as_uri())
    plane(alone)
    assert decoded_z(alone) == (0.5, -0.4)
    np.testing.assert_allclose(decoded_values(alone), shown, atol=1e-6)
    expect(alone.get_by_test_id("layer-notes")).to_contain_text("prior")
    picked = inspect(alone, "tool")
    model, x = first_images(Run(server.checkpoints / MANY), 8)
    with torch.no_grad():
        mu = model.encode(x[7:]).mu[0]
    np.testing.assert_allclose(picked["mu"], mu, atol=1e-3)
    box = alone.get_by_test_id("latent-plane").bounding_box()
    alone.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    z = decoded_z(alone)
    assert z != (0.5, -0.4)
    with torch.no_grad():
        np.testing.assert_allclose(decoded_values(alone), model.decode_mean(torch.tensor(z)),
                                   atol=1e-3)
    assert said == []
    assert inspect(alone, "layer('truth')")["density"] == truth["density"]
    context.close()


def test_on_principal_axes_decoding_and_posterior_are_exact(server, page):
    run_id, beta, index = "mnist-mlp-z16-multirate", 4.0, 7
    page.goto(f"{server.url}/?run={run_id}&axes=PCA&pin=1,-0.5&tool=image&image={index}"
              f"&beta={beta}")
    plane(page)
    expect(page.locator(".figures dt").first).to_have_text("PC₁")
    model, x = first_images(Run(server.checkpoints / run_id), index + 1)
    with torch.no_grad():
        q = model.encode(x[index:], beta)
    picked = inspect(page, "tool")
    # A turn changes no lengths, and the handle at ε = 0 decodes what μ decodes to.
    assert np.linalg.norm(picked["mu"]) == pytest.approx(q.mu.norm().item(), abs=2e-3)
    with torch.no_grad():
        expected = model.decode_mean(q.mu[0], beta)
    shown = page.get_by_role("img", name="Decoded at μ", exact=True)
    np.testing.assert_allclose(values_of(shown), expected, atol=5e-3)


def test_on_umap_the_nearest_images_mean_is_decoded_and_neighbours_are_alike(server, page):
    page.goto(f"{server.url}/?run={WIDE}&axes=UMAP")
    shown = plane(page)
    expect(page.get_by_test_id("layer-notes")).to_contain_text("the nearest test image's mean")
    points = inspect(page, "points")
    places = np.array([points["x"], points["y"]]).T
    run = Run(server.checkpoints / WIDE)
    latents, model = run.latents(), load_model(run)
    shown.focus()
    shown.press("ArrowRight")
    at = np.array(decoded_z(page))
    nearest = np.argsort(np.linalg.norm(places - at, axis=1))[0]
    with torch.no_grad():
        expected = model.decode_mean(torch.from_numpy(latents["mu"][nearest]))
    np.testing.assert_allclose(decoded_values(page), expected, atol=5e-3)
    # What is near on the map is near among the codes: far more often than by chance.
    some = np.arange(0, 4000, 200)
    near = [np.argsort(np.linalg.norm(places[:4000] - places[i], axis=1))[1:11] for i in some]
    assert np.mean([latents["label"][n] == latents["label"][i] for i, n in zip(some, near)]) > 0.8
    expect(page.locator("[role=tab]:enabled")).to_have_text("Find")


def test_a_page_that_is_scrolled_goes_on_when_the_plane_comes_under_the_pointer(server, page):
    page.goto(f"{server.url}/?run={ONE}&tool=find")
    shown = plane(page)
    page.set_viewport_size({"width": 1280, "height": 600})
    section = page.locator("[data-testid=stMain]")
    section.evaluate("element => element.scrollTo(0, 1e6)")
    page.mouse.move(300, 300)
    while section.evaluate("element => element.scrollTop") > 0:
        page.mouse.wheel(0, -100)
    assert "window" not in fragment(page)
    box = shown.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -100)
    assert "window" in fragment(page)


def test_without_any_layer_the_url_opens_without_any(server, page):
    page.goto(f"{server.url}/?run={ONE}")
    plane(page)
    page.get_by_text("Layers").click()
    page.locator("input[data-layer=points]").uncheck()
    assert fragment(page) == {"layers": "none"}
    page.reload()
    plane(page)
    expect(page.locator("input[data-layer=points]")).not_to_be_checked()


@pytest.mark.parametrize("query, said", [
    ("tool=arithmetic&groups=near@foo:0,0:5|label:2", "names no images"),
    ("tool=find&select=near@foo:0,0:5", "names no images"),
    ("tool=find&select=near@z2,z1:0.1,0:5", "which this model doesn't have"),
    ("show=__proto__", "one of mean, sample, deviation"),
    ("view=grid&tool=image", "pick its image"),
    ("tool=traverse&traverse=origin;1:1e16&layers=points,aggregate", "and values such as image;3")])
def test_nonsense_in_the_address_is_a_sentence(server, page, query, said):
    broken = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{server.url}/?run={ONE}&{query}")
    shown = plane(page)
    expect(page.locator(".tools, .refusal").filter(has_text=said).first).to_be_visible()
    box = shown.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 20)
    plane(page)
    assert not broken
    assert page.get_by_test_id("stAlert").count() == 0


def test_two_groups_too_long_for_the_address_are_refused_and_the_first_one_stays(server, page):
    first, second = (",".join(map(str, range(start, 6000, 23))) for start in (0, 7))
    page.goto(f"{server.url}/?run={ONE}&tool=arithmetic&select=index:{second}"
              f"&groups=index:{first}|")
    plane(page)
    page.get_by_role("button", name="Use selection").nth(1).click()
    expect(page.get_by_test_id("arithmetic-hint")).to_contain_text("too long for the URL")
    expect(page.get_by_label("Group A")).not_to_have_value("")
