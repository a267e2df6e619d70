"""The state of the plane in the URL: through reload, Back, tabs, links and saved pages."""

from __future__ import annotations

import math
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import decoded_z, fragment, plane, settled, turn, values_in

ONE = "mnist-mlp-z2-beta1"
MANY = "mnist-mlp-z2-multirate"
WIDE = "mnist-mlp-z16-beta1"
DIAL = "β, on a logarithmic scale"


def query(page: Page) -> dict[str, str]:
    return values_in(urlsplit(page.url).query)


def click(page: Page, across: float, down: float) -> None:
    """On the plane, at these shares of its sides; until all has followed."""
    box = page.get_by_test_id("latent-plane").first.bounding_box()
    page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
    settled(page)


def open_tool(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).first.click()
    settled(page)


def go_to(page: Page, title: str) -> None:
    """By the tabs at the top."""
    page.get_by_test_id("stTopNavLink").filter(has_text=title).click()


def pinned(page: Page) -> str:
    """What stands below the plane of the pinned place; "" for none."""
    place = page.locator(".st-key-pinned")
    return place.inner_text() if place.count() else ""


def test_a_reload_brings_all_of_it_back(server, page):
    page.goto(f"{server.url}/?run={MANY}")
    shown = plane(page)
    click(page, 0.6, 0.4)
    shown.focus()
    for key in ("]", "]", "+"):
        shown.press(key)
    page.get_by_role("button", name="Sample").click()
    shown.press("b")
    open_tool(page, "Image")
    page.get_by_role("spinbutton", name="Index of the test image").fill("7")
    page.keyboard.press("Enter")
    settled(page)
    page.get_by_role("slider", name="ε₁").fill("1.5")
    settled(page)
    before = fragment(page)
    assert set(before) == {"pin", "beta", "layers", "show", "window", "tool", "image", "eps"}
    assert before["eps"] == "1.5,0" and before["layers"] == "points,posteriors"
    page.reload()
    plane(page)
    assert fragment(page) == before
    expect(page.get_by_role("slider", name="ε₁")).to_have_value("1.5")
    expect(page.get_by_role("button", name="Sample")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("beta")).to_have_text(f"β = {float(before['beta']):.3g}")
    x, y = (f"{float(value):.4f}".replace("-", "−") for value in before["pin"].split(","))
    assert f"{x}, {y}" in pinned(page)


def test_back_undoes_a_pin_and_forward_brings_it_back(server, page):
    page.goto(f"{server.url}/?run={ONE}")
    plane(page)
    click(page, 0.6, 0.4)
    first = fragment(page)["pin"]
    click(page, 0.4, 0.6)
    second = fragment(page)["pin"]
    open_tool(page, "Find")
    page.go_back()
    settled(page)
    assert fragment(page) == {"pin": second}
    expect(page.get_by_role("tab", name="Find")).to_have_attribute("aria-selected", "false")
    page.go_back()
    settled(page)
    assert fragment(page) == {"pin": first}
    assert decoded_z(page) == pytest.approx(tuple(map(float, first.split(","))))
    page.go_back()
    settled(page)
    assert fragment(page) == {} and pinned(page) == ""
    page.go_forward()
    settled(page)
    assert fragment(page) == {"pin": first} and pinned(page)
    assert query(page) == {"run": ONE}


def test_what_flows_is_no_step_of_the_history(server, page):
    page.goto(f"{server.url}/?run={MANY}")
    shown = plane(page)
    steps = page.evaluate("history.length")
    shown.focus()
    for key in ("]", "]", "]", "+", "+"):
        shown.press(key)
        settled(page)
    assert {"beta", "window"} <= set(fragment(page))
    assert page.evaluate("history.length") == steps


def test_a_dial_that_is_dragged_tells_python_once_when_it_is_released(server, page):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{server.url}/?run={MANY}")
    plane(page)
    box = page.get_by_role("slider", name=DIAL).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    sent.clear()
    for share in (0.4, 0.35, 0.3, 0.25, 0.2):
        page.mouse.move(box["x"] + share * box["width"], y)
        page.wait_for_timeout(300)  # longer than any of its pauses
    assert sent == [] and "#" not in page.url
    page.mouse.up()
    settled(page)
    assert len(sent) == 1 and set(fragment(page)) == {"beta"}


def test_an_older_link_opens_as_it_did_and_is_left_as_it_is(server, page):
    page.goto(f"{server.url}/?run={MANY}&beta=4&pin=0.5%2C-1.2&layers=points,prior"
              "&tool=find&select=label:3+index:0-9")
    plane(page)
    expect(page.get_by_test_id("beta")).to_have_text("β = 4")
    assert decoded_z(page) == (0.5, -1.2) and "0.5000, −1.2000" in pinned(page)
    expect(page.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")
    expect(page.get_by_role("tab", name="Find")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_test_id("find-hint")).to_contain_text("selected")
    assert query(page)["pin"] == "0.5,-1.2" and "pin" not in fragment(page)
    shown = page.get_by_test_id("latent-plane")
    shown.focus()
    shown.press("Escape")  # first the selection
    settled(page)
    shown.press("Escape")
    settled(page)
    assert fragment(page)["pin"] == "" == fragment(page)["select"] and pinned(page) == ""
    page.reload()
    plane(page)
    assert pinned(page) == ""
    expect(page.get_by_test_id("beta")).to_have_text("β = 4")


def test_an_older_link_is_what_the_tabs_come_back_to(server, page):
    page.goto(f"{server.url}/?run={ONE}#pin=1,1&tool=find")
    plane(page)
    page.goto(f"{server.url}/?run={ONE}&pin=0.5%2C-1.2")
    plane(page)
    go_to(page, "Train")
    expect(page.get_by_test_id("latent-plane")).to_have_count(0)
    go_to(page, "Explore")
    plane(page)
    assert fragment(page) == {"pin": "0.5,-1.2"}


@pytest.mark.parametrize("page_title", ["Train", "Trade-off", "Theory"])
def test_who_comes_back_by_the_tabs_finds_all_as_it_was(server, page, page_title):
    url = f"{server.url}/?run={WIDE}&view=points&color=rate&d1=z3&d2=z1&z5=1.5"
    page.goto(f"{url}#pin=0.5,-1.2&layers=points,prior&tool=traverse&traverse=origin;3:1.2")
    plane(page)
    before, was = fragment(page), query(page)
    values = [slider.input_value() for slider in page.locator(".strip input").all()]
    go_to(page, page_title)
    expect(page.get_by_test_id("latent-plane")).to_have_count(0)
    go_to(page, "Explore")
    plane(page)
    assert fragment(page) == before
    assert {name: query(page).get(name) for name in ("run", "color", "d1", "d2", "z5")} == \
        {name: was[name] for name in ("run", "color", "d1", "d2", "z5")}
    assert WIDE in page.get_by_test_id("latent-plane").get_attribute("aria-label")
    assert [slider.input_value() for slider in page.locator(".strip input").all()] == values
    expect(page.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")
    assert pinned(page)


def test_the_compared_model_and_both_dials_come_back_by_the_tabs(server, page):
    page.goto(f"{server.url}/?run={MANY}&with={MANY}#beta=2&beta2=8&image=7&layers=points,prior")
    settled(page)
    go_to(page, "Train")
    expect(page.locator(".latent-plane")).to_have_count(0)
    go_to(page, "Explore")
    expect(page.locator(".latent-plane")).to_have_count(2)
    settled(page)
    assert fragment(page) == {"beta": "2", "beta2": "8", "image": "7", "layers": "points,prior"}
    assert [each.inner_text() for each in page.get_by_test_id("beta").all()] == ["β = 2", "β = 8"]


def test_a_new_visit_in_the_same_tab_begins_anew(server, page):
    page.goto(f"{server.url}/?run={ONE}#pin=0.5,-1.2&tool=find")
    plane(page)
    page.goto("about:blank")
    page.goto(f"{server.url}/?run={ONE}")
    plane(page)
    assert fragment(page) == {} and pinned(page) == ""


def test_of_two_planes_each_has_its_beta_and_the_rest_is_shared(server, page):
    page.goto(f"{server.url}/?run={MANY}&with={MANY}")
    settled(page)
    left, right = (page.locator(f".latent-plane[data-side={side}]") for side in ("left", "right"))
    right.get_by_role("slider", name=DIAL).focus()
    page.keyboard.press("ArrowRight")
    right.locator("details.layers summary").click()
    right.get_by_label("Prior p(z)").check()
    settled(page)
    state = fragment(page)
    assert set(state) == {"beta2", "layers"} and state["layers"] == "points,prior"
    expect(left.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")
    page.reload()
    settled(page)
    assert fragment(page) == state
    betas = [float(each.get_by_test_id("beta").inner_text()[4:]) for each in (left, right)]
    assert betas[1] == pytest.approx(float(state["beta2"]), rel=1e-2) and betas[0] != betas[1]


def test_the_sliders_of_traverse_are_in_the_state(server, page):
    page.goto(f"{server.url}/?run={ONE}#tool=traverse&traverse=origin")
    plane(page)
    turn(page, "z₂", "PageUp", 2)
    settled(page)
    state = fragment(page)["traverse"]
    assert state.startswith("origin;") and "2:1.5" in state
    page.reload()
    plane(page)
    assert fragment(page)["traverse"] == state
    assert float(page.get_by_role("slider", name="z₂").input_value()) == pytest.approx(1.5)


def test_a_widget_leaves_the_state_and_the_history_of_the_plane(server, page):
    page.goto(f"{server.url}/?run={WIDE}")
    plane(page)
    click(page, 0.6, 0.4)
    before = fragment(page)
    page.get_by_text("grid", exact=True).click()
    page.wait_for_url(lambda url: "view=grid" in url)
    settled(page)
    assert fragment(page) == before


@pytest.mark.parametrize(("asked", "said"), [
    ("pin=here", "pin = here: the value must be two numbers, such as 0.5,-1.2"),
    ("beta=900", "beta = 900: β = 1 is shown, as this model's dial goes from 0.01 to 50"),
    ("beta=-1", "beta = -1: the value must be a positive number"),
    ("layers=points,nothing", "layers = points,nothing: the value must be one of points, "),
    ("tool=hammer", "tool = hammer: the value must be one of image, "),
    ("select=label:x", "names no images")])
@pytest.mark.parametrize("sign", ["#", "&"])
def test_what_the_url_asks_for_in_vain_is_said_by_the_plane(server, page, sign, asked, said):
    page.goto(f"{server.url}/?run={MANY}{sign}{asked}")
    plane(page)
    refusal = page.get_by_test_id("refusal")
    expect(refusal).to_contain_text(f"The URL asks for {asked.partition('=')[0]} = ")
    expect(refusal).to_contain_text(said)
    assert page.get_by_test_id("stAlert").count() == 0


def test_a_beta_that_a_model_lacks_is_said_until_another_one_has_it(server, page):
    page.goto(f"{server.url}/?run={ONE}&beta=4")
    plane(page)
    refusal = page.get_by_test_id("refusal")
    expect(refusal).to_contain_text("this model is shown at β = 1")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=MANY, exact=True).click()
    expect(page.get_by_test_id("beta")).to_have_text("β = 4")
    expect(refusal).to_be_hidden()


CLOSED = """for (const name of ["pushState", "replaceState"]) {
    History.prototype[name] = () => { throw new DOMException("The operation is insecure."); };
}
Object.defineProperty(window, "sessionStorage", {
    get() { throw new DOMException("Access is denied."); } });"""


@pytest.mark.parametrize("init", ["", CLOSED], ids=["open", "without history and storage"])
def test_a_saved_page_opens_with_its_state_and_goes_on(server, page, browser, tmp_path, init):
    page.goto(f"{server.url}/?run={MANY}#beta=2&pin=0.5,-0.4&tool=path&path=0,0;1,1&window=0,0,1.5"
              "&layers=points,prior")
    plane(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save page").click()
    saved = tmp_path / "page.html"
    download.value.save_as(saved)
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    context.add_init_script(init)
    alone, broken = context.new_page(), []
    alone.on("pageerror", lambda error: broken.append(str(error)))
    alone.goto(saved.as_uri())
    shown = plane(alone)
    assert decoded_z(alone) == (0.5, -0.4)
    expect(alone.get_by_test_id("beta")).to_have_text("β = 2")
    expect(alone.get_by_role("tab", name="Path")).to_have_attribute("aria-selected", "true")
    expect(alone.get_by_test_id("layer-notes")).to_contain_text("Dashed: the prior")
    shown.focus()
    shown.press("]")
    open_tool(alone, "Image")
    expect(alone.get_by_role("tab", name="Image")).to_have_attribute("aria-selected", "true")
    assert not math.isclose(float(alone.get_by_test_id("decoded").get_attribute("data-beta")), 2)
    if not init:
        state = fragment(alone)
        assert state["tool"] == "image" and state["path"] == "0,0;1,1"
        alone.reload()
        plane(alone)
        assert fragment(alone) == state
    assert broken == []
    context.close()
