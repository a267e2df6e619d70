"""A real server over a copy of the committed runs, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from vae_core.runs import jobs

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 30_000  # ms; the machine may be busy, and time says nothing here
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class Server:
    url: str
    checkpoints: Path
    process: subprocess.Popen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(checkpoints: Path, port: int) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)], cwd=ROOT,
        env=dict(os.environ, VAE_EXPLORER_CHECKPOINTS=str(checkpoints)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            return Server(url, checkpoints, process)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the app did not start")


def committed_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(ROOT / "checkpoints", tmp_path_factory.mktemp("app") / "runs"))


@contextmanager
def serving(checkpoints: Path) -> Iterator[Server]:
    """The app over these runs; what it trains is stopped at the end."""
    running = start_server(checkpoints, free_port())
    yield running
    for run, _ in jobs.active(checkpoints):
        jobs.stop(run)
    running.process.terminate()
    running.process.wait(60)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests that leave its runs as they are."""
    with serving(committed_runs(tmp_path_factory)) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> BrowserContext:
    """One for all tests: with a warm cache a page opens in half the time."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


# All of it at once, over two frames.
STANDS_STILL = """async () => {
    const inside = (root) => [...root.querySelectorAll("*")].flatMap((each) => [
        ...(each.matches(".latent-plane") ? [each] : []),
        ...(each.shadowRoot ? inside(each.shadowRoot) : [])]);
    const still = () => inside(document).every((each) => each.dataset.settled === "true")
        && ["notRunning", undefined].includes(
            document.querySelector("[data-testid=stApp]")?.dataset.testScriptState);
    for (let frame = 0; frame < 2; frame++) {
        if (!still()) return false;
        await new Promise(requestAnimationFrame);
    }
    return still();
}"""


def settled(page: Page) -> None:
    """Waits until nothing on the page moves or is still to come: each plane says so of itself, and
    Streamlit of its script, which a widget may have started."""
    roots, app = page.locator(".latent-plane"), page.get_by_test_id("stApp")
    expect(roots.first).to_be_attached()
    while True:
        if app.count():  # not on a saved page
            expect(app).to_have_attribute("data-test-script-state", "notRunning",
                                            timeout=4 * PATIENCE)
        for root in roots.all():
            expect(root, "the plane doesn't come to rest: see its data-pending").to_have_attribute(
                "data-settled", "true", timeout=4 * PATIENCE)
        if page.evaluate(STANDS_STILL):
            return


def painted(page: Page):
    """The plane, once it has decoded something; more may be to come."""
    page.wait_for_selector("[data-testid=decoded][data-z]")
    return page.get_by_test_id("latent-plane")


def plane(page: Page):
    """The plane, once it and all beside it has come to rest."""
    settled(page)
    return page.get_by_test_id("latent-plane")


# What follows reads the page, and so waits first until nothing moves any more.


def z_of(picture: Locator) -> list[float]:
    """The z that a picture was decoded from."""
    settled(picture.page)
    return [float(value) for value in picture.get_attribute("data-z").split(",")]


def values_of(picture: Locator) -> list[float]:
    """The unquantised values that a picture's canvas shows."""
    settled(picture.page)
    return picture.evaluate(
        "c => c.getRootNode().querySelector('.latent-plane').latentPlane.valuesOf(c)")


def decoded_z(page: Page) -> tuple[float, float]:
    x, y = z_of(page.get_by_test_id("decoded"))
    return x, y


def decoded_values(page: Page) -> list[float]:
    return values_of(page.get_by_test_id("decoded"))


def inspect(root: Page | Locator, field: str):
    """What a plane says of itself: a field of `inspect` in main.js; root: the page, or the plane
    of two."""
    plane = root.locator(".latent-plane") if isinstance(root, Page) else root
    settled(plane.page)
    return plane.evaluate(f"root => root.latentPlane.{field}")


def fragment(page: Page) -> dict[str, str]:
    """The planes' state as the URL has it."""
    settled(page)
    return values_in(urlsplit(page.url).fragment)


def values_in(address: str) -> dict[str, str]:
    """name=value&… as text; a + stands for itself."""
    parts = (part.partition("=") for part in address.split("&") if part)
    return {name: unquote(value) for name, _, value in parts}


def metric(page: Page, label: str):
    """The value under this label."""
    box = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return box.get_by_test_id("stMetricValue")


def settled_figure(page: Page, number: int = 0, frame: int | None = None):
    """A figure with frames (the number-th of the page) that no longer moves, at this frame."""
    figure = page.locator("figure.frames").nth(number)
    if frame is not None:
        expect(figure).to_have_attribute("data-frame", str(frame))
    expect(figure).to_have_attribute("data-settled", "true")
    return figure


def picture(figure) -> str:
    """What its canvas shows, as a data URL."""
    return figure.locator("canvas").evaluate("canvas => canvas.toDataURL()")


def turn(page: Page, name: str, key: str, times: int = 1) -> None:
    """Key presses on a slider."""
    slider = page.get_by_role("slider", name=name)
    slider.focus()
    for _ in range(times):
        slider.press(key)
