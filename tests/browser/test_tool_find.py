"""Selecting test images on the plane, against numpy on latents.npz."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import pyarrow as pa
import pytest
import torch
from playwright.sync_api import expect
from pyarrow import csv, parquet

from tests.browser.conftest import inspect, plane, turn
from vae_core.data import load_split
from vae_core.measure.test_set import FINAL_SAMPLES, per_example
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run

MANY = "mnist-mlp-z2-multirate"
ONE = "mnist-mlp-z2-beta1"
WIDE = "mnist-mlp-z16-beta1"


def opened(server, page, run: str = ONE, **query: str):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/?run={run}&tool=find{asked}")
    return plane(page)


def selected(page) -> list[int]:
    """What the plane draws in colour, by its own order: None while nothing is selected."""
    return inspect(page, "selected")


def expect_selected(page, wanted) -> None:
    expect(page.get_by_test_id("find-hint")).to_contain_text(f"{len(wanted):,} of")
    assert sorted(selected(page)) == sorted(int(i) for i in wanted)


def kept(page, name: str = "select") -> str | None:
    return parse_qs(urlparse(page.url).query).get(name, [None])[0]


def download(page, title: str) -> pa.Table:
    with page.expect_download() as started:
        page.get_by_role("button", name=title, exact=True).click()
    file = started.value
    read = csv.read_csv if title == "CSV" else parquet.read_table
    return file.suggested_filename, read(file.path())


def inside(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """By the even–odd rule."""
    found = np.zeros(len(points), bool)
    x, y = points.T.astype(float)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = (bx - ax) * (y - ay) / (by - ay) + ax
        found ^= ((ay > y) != (by > y)) & (x < crossing)
    return found


def test_filters_give_numpys_answers_and_the_url_keeps_them(server, page):
    opened(server, page, pin="0.5,-0.4")
    latents = Run(server.checkpoints / ONE).latents()
    page.get_by_role("group", name="Select by label").get_by_role("button", name="3").click()
    expect_selected(page, np.flatnonzero(latents["label"] == 3))
    expect(page).to_have_url(re.compile("select=label%3A3"))
    page.get_by_role("group", name="Select by label").get_by_role("button", name="8").click()
    expect_selected(page, np.flatnonzero(np.isin(latents["label"], (3, 8))))
    for figure in ("distortion", "rate"):
        page.get_by_label("Figure").select_option(figure)
        page.get_by_role("button", name="Select: highest").click()
        top = np.argsort(-latents[figure], kind="stable")[:50]
        expect_selected(page, top)
        assert selected(page) == top.tolist()  # the highest first
    page.get_by_role("spinbutton", name="How many of the nearest").fill("7")
    page.get_by_role("button", name="Select: nearest").click()
    away = np.linalg.norm(latents["mu"].astype(float) - [0.5, -0.4], axis=1)
    expect_selected(page, np.argsort(away)[:7])
    page.get_by_label("Indices of test images").fill("3, 10-20")
    page.get_by_label("Indices of test images").press("Enter")
    expect_selected(page, [3, *range(10, 21)])
    expect(page).to_have_url(re.compile("select=index%3A3%2C10-20"))
    # The worst of these threes and tens: within what is selected.
    page.get_by_role("button", name="Intersect", exact=True).click()
    page.get_by_role("spinbutton", name="How many of the highest").fill("4")
    page.get_by_label("Figure").select_option("distortion")
    page.get_by_role("button", name="Select: highest").click()
    few = np.array([3, *range(10, 21)])
    worst = few[np.argsort(-latents["distortion"][few], kind="stable")[:4]]
    expect_selected(page, worst)
    mean = page.get_by_test_id("selection-figures").locator("dd").first.inner_text()
    assert float(mean.split()[0]) == pytest.approx(latents["distortion"][worst].mean(), abs=0.006)
    expect(page).to_have_url(re.compile("select=index%3A3%2C10-20%2Fdistortion%3A4"))
    page.reload()
    plane(page)
    expect_selected(page, worst)


def test_what_cannot_be_selected_is_said_and_loses_nothing(server, page):
    opened(server, page, select="label:3")
    hint = page.get_by_test_id("find-hint")
    expect(hint).to_contain_text("1,010 of the 10,000")
    for typed, said in (("three", "names no images"), ("9998-10000", "Test image 10000 isn't")):
        page.get_by_label("Indices of test images").fill(typed)
        page.get_by_role("button", name="Select: images").click()
        expect(hint).to_contain_text(said)
    assert len(selected(page)) == 1010
    opened(server, page, select="lable:3")
    expect(hint).to_contain_text("“lable:3” names no images")
    assert selected(page) is None


def test_box_and_lasso_select_add_and_remove_and_a_reload_gives_the_same(server, page):
    shown = opened(server, page)
    mu = Run(server.checkpoints / ONE).latents()["mu"]

    def drag(path, modifier: str | None = None) -> None:
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in path]
        if modifier:
            page.keyboard.down(modifier)
        page.mouse.move(*at[0])
        page.mouse.down()
        for place in at[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()
        if modifier:
            page.keyboard.up(modifier)

    def numbers(term: str) -> np.ndarray:
        return np.array([float(value) for value in re.split("[,;]", term.split(":")[1])])

    drag([(0.5, 0.4), (0.65, 0.45), (0.6, 0.6), (0.5, 0.55)])
    expect(page).to_have_url(re.compile("select=lasso"))
    lasso = inside(numbers(kept(page)).reshape(-1, 2), mu)
    assert 500 < lasso.sum() < 8000
    expect_selected(page, np.flatnonzero(lasso))
    page.get_by_role("button", name="Box", exact=True).click()
    drag([(0.2, 0.5), (0.42, 0.8)], "Shift")
    expect(page).to_have_url(re.compile("lasso.*box"))
    left, bottom, right, top = numbers(re.split("[+ ]", kept(page))[1])
    framed = ((mu >= [left, bottom]) & (mu <= [right, top])).all(axis=1)
    assert framed.any()
    expect_selected(page, np.flatnonzero(lasso | framed))
    drag([(0.5, 0.2), (0.6, 0.9)], "Alt")
    expect(page).to_have_url(re.compile("lasso.*box.*~box|lasso.*box.*%7Ebox"))
    left, bottom, right, top = numbers(kept(page).split("~")[1])
    gone = ((mu >= [left, bottom]) & (mu <= [right, top])).all(axis=1)
    wanted = np.flatnonzero((lasso | framed) & ~gone)
    expect_selected(page, wanted)
    page.reload()
    shown = plane(page)
    expect_selected(page, wanted)
    # A click is no lasso: it pins. Escape clears.
    drag([(0.5, 0.5)])
    expect(page).to_have_url(re.compile("pin="))
    expect_selected(page, wanted)
    shown.press("Escape")
    expect(page.get_by_test_id("find-hint")).to_contain_text("Draw around points")
    assert selected(page) is None
    expect(page).not_to_have_url(re.compile("select="))


def test_points_that_are_not_selected_are_grey_and_still_there(server, page):
    opened(server, page, select="label:1")
    expect(page.get_by_test_id("find-hint")).to_contain_text("1,135 of")
    assert len(inspect(page, "points")["x"]) == 10_000
    # Where only zeros lie, far to the left: grey pixels, and none of the zeros' blue.
    grey, blue = page.locator("canvas.still").evaluate("""canvas => {
        const ratio = devicePixelRatio, { width, height } = canvas;
        const data = canvas.getContext("2d")
            .getImageData(58 * ratio, 10 * ratio, 0.3 * width, height - 60 * ratio).data;
        let [grey, blue] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
            const [r, g, b, a] = data.slice(i, i + 4);
            if (a > 25 && Math.abs(r - g) < 8 && Math.abs(g - b) < 8) grey++;
            if (a > 25 && b - r > 40) blue++;
        }
        return [grey, blue];
    }""")
    assert grey > 300 and blue == 0


def test_a_thumbnail_opens_its_image(server, page):
    opened(server, page, select="distortion:5")
    latents = Run(server.checkpoints / ONE).latents()
    worst = np.argsort(-latents["distortion"], kind="stable")[:5]
    pictures = page.get_by_role("group", name="The first selected images").get_by_role("button")
    expect(pictures).to_have_count(5)
    shown = [int(pictures.nth(k).get_attribute("data-index")) for k in range(5)]
    assert shown == worst.tolist()
    pictures.nth(1).click()
    expect(page.get_by_role("spinbutton", name="Index of the test image")).to_have_value(
        str(worst[1]))


def check(table: pa.Table, rows: np.ndarray, latents: dict) -> None:
    columns = table.to_pydict()
    latent_dim = latents["mu"].shape[1]
    assert list(columns) == ["index", "label", *(f"{name}_{d + 1}" for name in ("mu", "log_var")
                                                 for d in range(latent_dim)), "distortion", "rate"]
    assert columns["index"] == rows.tolist()
    assert columns["label"] == latents["label"][rows].tolist()
    single = {name: np.array(columns[name], np.float32) for name in ("distortion", "rate")} | {
        name: np.stack([np.array(columns[f"{name}_{d + 1}"], np.float32)
                        for d in range(latent_dim)], axis=1) for name in ("mu", "log_var")}
    for name, values in single.items():
        np.testing.assert_array_equal(values, latents[name][rows], err_msg=name)


@pytest.mark.parametrize(("run", "text"), [(ONE, "label:3/near:0,0:40"), (WIDE, "rate:30")])
def test_csv_and_parquet_are_the_rows_of_latents_npz(server, page, run, text):
    opened(server, page, run, select=text)
    latents = Run(server.checkpoints / run).latents()
    if run == ONE:
        threes = np.flatnonzero(latents["label"] == 3)
        away = np.linalg.norm(latents["mu"][threes].astype(float), axis=1)
        rows = np.sort(threes[np.argsort(away, kind="stable")[:40]])
    else:
        rows = np.sort(np.argsort(-latents["rate"], kind="stable")[:30])
    for title, suffix in (("CSV", "csv"), ("Parquet", "parquet")):
        name, table = download(page, title)
        assert name == f"{run}-selection.{suffix}"
        check(table, rows, latents)


def test_a_selection_stays_when_beta_turns_and_is_encoded_at_the_dials_beta(server, page):
    opened(server, page, MANY, beta="1", select="rate:12")
    expect(page).to_have_url(re.compile("select=rate%401%3A12"))  # at β = 1
    before = selected(page)
    turn(page, "β, on a logarithmic scale", "ArrowRight", 8)
    expect(page).not_to_have_url(re.compile("beta=1(&|$)"))
    assert selected(page) == before
    page.reload()
    plane(page)
    expect_selected(page, before)
    assert selected(page) == before
    beta = float(kept(page, "beta"))
    name, table = download(page, "CSV")
    assert name == f"{MANY}-beta{beta:.4g}-selection.csv"
    model = load_model(Run(server.checkpoints / MANY))
    x = encoder_input(model, load_split("mnist", "test"))
    rows = torch.tensor(sorted(before))
    each = per_example(model, x, FINAL_SAMPLES, beta=beta, rows=rows)
    found = table.to_pydict()
    np.testing.assert_allclose(found["mu_1"], each.mu[:, 0], atol=1e-5)
    np.testing.assert_allclose(found["log_var_2"], each.log_var[:, 1], atol=1e-5)
    np.testing.assert_allclose(found["distortion"], each.distortion, rtol=1e-5)
    np.testing.assert_allclose(found["rate"], each.rate, rtol=1e-5)


def test_a_lasso_means_the_axes_it_was_drawn_on(server, page):
    mu = Run(server.checkpoints / WIDE).latents()["mu"]
    rows = np.flatnonzero((mu[:, 2] >= 0.5) & (mu[:, 2] <= 1) & (mu[:, 6] >= -1) & (mu[:, 6] <= 1))
    opened(server, page, WIDE, d1="z1", d2="z2", select="box@z3,z7:0.5,-1,1,1")
    expect_selected(page, rows)


def test_on_other_axes_the_same_images_stay_selected_and_a_fresh_page_has_them_too(server, page):
    opened(server, page, WIDE, axes="PCA", select="box:0.5,-1,1,1")
    expect(page).to_have_url(re.compile("select=box%40PC1%2CPC2"))
    before = selected(page)
    assert len(before) > 50
    page.get_by_role("radio", name="dimensions").click()
    expect(page).to_have_url(re.compile("select=(set|index)%3A"))
    expect_selected(page, before)
    page.reload()
    plane(page)
    expect_selected(page, before)
