"""What a person feels of the plane in a browser: latency, frames a second, the first picture.

    python benchmarks/browser.py [--repeat 3] [--run RUN] [--conv RUN]

Headless Chromium with its software renderer, 1280 × 900. Wanted:

* pointer move → decoded image drawn: median ≤ 16.7 ms, 99th percentile ≤ 33.3 ms at 10,000 points
  with all light layers on, for an MLP and a conv decoder; the same while a training runs. Measured
  from the event's time stamp to the moment when the image's pixels have been written, so the wait
  for the next frame is in it.
* pan and zoom: ≥ 55 frames a second at 10,000 points, ≥ 30 at 70,000, ≥ 20 at 1,000,000
  (synthetic Gaussian points, in a saved page). A wheel event or a drag is sent in every frame.
* dial: ≥ 55 frames a second while β plays through its range, on the model that opens first.
* page reload → plane drawn: at most 0.9 of the time of a Streamlit page with one native plotly
  scattergl of the same points. Both by turns in one run.
* process start → first decoded digit, with a new server and an empty browser cache: at most 0.9 of
  the time of a minimal Streamlit app (one st.line_chart). Both by turns, five times.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE = {"width": 1280, "height": 900}
LIGHT_LAYERS = "points,posteriors,prior,aggregate,empty"
MOVES, SECONDS = 300, 3.0
FIRST_PAINTS = 5
PLOTLY_PAGE = """
import numpy as np, plotly.graph_objects as go, streamlit as st
from vae_core import open_run
latents = open_run({folder!r}).latents()
figure = go.Figure(go.Scattergl(x=latents["mu"][:, 0], y=latents["mu"][:, 1], mode="markers",
                                marker=dict(color=latents["label"], size=4)))
st.plotly_chart(figure)
"""

MINIMAL_PAGE = """
import numpy as np, streamlit as st
st.line_chart(np.random.default_rng(0).standard_normal((100, 3)).cumsum(0))
"""
LINE_CHART = ".stVegaLiteChart canvas, .stVegaLiteChart svg"
PLANE = "[data-testid=decoded][data-z]"

# Notes when the pointer moved and when the decoded image was drawn.
WATCH = """
(() => {
  window.delays = [];
  let moved = null;
  addEventListener("pointermove", (event) => { moved ??= event.timeStamp; }, true);
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...values) {
    put.apply(this, values);
    if (this.canvas.dataset.testid !== "decoded" || moved === null) return;
    window.delays.push(performance.now() - moved);
    moved = null;
  };
})();
"""

# Pans and zooms in every frame for a while; gives the frames a second.
MOVE = """
async ([seconds]) => {
  const element = document.querySelector("[data-testid=latent-plane]");
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const always = { bubbles: true, cancelable: true, clientX: x, clientY: y, pointerId: 1,
    pointerType: "mouse" };
  const fire = (type, values) => {
    const Event = type === "wheel" ? WheelEvent : PointerEvent;
    element.dispatchEvent(new Event(type, { ...always, ...values }));
  };
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  const start = performance.now();
  let frames = 0;
  fire("pointerdown", { button: 0 });
  while (performance.now() - start < 1000 * seconds) {
    const phase = frames / 20;
    if (frames % 2) fire("wheel", { deltaY: 60 * Math.cos(phase) });
    else {
      const [dx, dy] = [80 * Math.sin(phase), 50 * Math.cos(phase)];
      fire("pointermove", { clientX: x + dx, clientY: y + dy });
    }
    await frame();
    frames += 1;
  }
  fire("pointercancel", {});
  return frames / ((performance.now() - start) / 1000);
}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Frames a second while the dial plays.
PLAY = """
async (dial, seconds) => {
  const frame = () => new Promise(requestAnimationFrame);
  const shown = () => dial.querySelector("[data-testid=beta]").textContent;
  const before = shown();
  dial.querySelector(".play").click();
  await frame();
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < 1000 * seconds) {
    await frame();
    frames += 1;
  }
  if (shown() === before) throw new Error("β did not move");
  return frames / ((performance.now() - start) / 1000);
}
"""


def start_server(script: Path, checkpoints: Path, port: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=ROOT, env=dict(os.environ, VAE_EXPLORER_CHECKPOINTS=str(checkpoints),
                           PYTHONPATH=str(ROOT)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def serving(script: Path, checkpoints: Path) -> Iterator[str]:
    port = free_port()
    process = start_server(script, checkpoints, port)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def training(checkpoints: Path) -> Iterator[None]:
    """A training in the background, as the Train page starts one."""
    from vae_core.config import TrainConfig
    from vae_core.runs import jobs

    run = jobs.start(TrainConfig(epochs=500), checkpoints, "benchmark")
    time.sleep(8)
    try:
        yield
    finally:
        jobs.stop(run)


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("[data-testid=decoded][data-z]")
    page.wait_for_selector(".squares.pictured")
    page.wait_for_timeout(2500)  # until fields are filled


def latency(browser: Browser, url: str) -> list[float]:
    """Milliseconds from each pointer move to its image."""
    page = browser.new_page(viewport=SIZE)
    page.add_init_script(WATCH)
    opened(page, url)
    box = page.get_by_test_id("latent-plane").bounding_box()
    page.evaluate("delays.length = 0")
    for k in range(MOVES):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.3 * np.sin(k / 17)),
                        box["y"] + box["height"] * (0.5 + 0.3 * np.cos(k / 23)))
    delays = page.evaluate("delays")
    page.close()
    return delays


def saved_page(points: int, folder: Path) -> Path:
    """A page with synthetic points around a small decoder."""
    from ui.explore import saved_page as page
    from ui.latent_plane import table
    from ui.model import ModelView
    from vae_core.runs.run import open_run, summarize

    random = np.random.default_rng(0)
    label = random.integers(0, 10, points)
    angle = 2 * np.pi * label / 10
    x, y = (1.5 * f(angle) + 0.4 * random.standard_normal(points) for f in (np.cos, np.sin))
    values = random.random(points)
    model = ModelView(summarize(open_run(ROOT / "checkpoints" / "mnist-mlp-z2-beta1")))
    data = model.payload(model.default_axes(), box=page.BOX)
    data |= {"labels": table({"label": label}), "points": table(
        {"x": x, "y": y, "rate": values, "distortion": values})}
    target = folder / f"{points}.html"
    target.write_bytes(page.write("synthetic", "", data, []))
    return target


def frames(browser: Browser, page_file: Path) -> float:
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(120_000)
    page.goto(page_file.as_uri())
    page.wait_for_selector("[data-testid=decoded][data-z]")
    page.wait_for_timeout(1500)
    found = page.evaluate(MOVE, [SECONDS])
    page.close()
    return found


def first_picture(browser: Browser, url: str, selector: str) -> float:
    """Seconds from a reload to the plane, or the plot, with the server warm."""
    page = browser.new_page(viewport=SIZE)
    page.goto(url)
    page.wait_for_selector(selector)
    page.wait_for_timeout(1000)
    start = time.perf_counter()
    page.reload(wait_until="commit")
    page.wait_for_selector(selector)
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def first_paint(browser: Browser, script: Path, checkpoints: Path, selector: str) -> float:
    """Seconds from the start of the server's process to the first picture in a new browser."""
    port = free_port()
    start = time.perf_counter()
    process = start_server(script, checkpoints, port)
    try:
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.01)
        context = browser.new_context(viewport=SIZE)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
        page.wait_for_selector(selector)
        seconds = time.perf_counter() - start
        context.close()
        return seconds
    finally:
        process.terminate()
        process.wait(60)


def dial(browser: Browser, url: str) -> float:
    """Frames a second while β plays."""
    page = browser.new_page(viewport=SIZE)
    opened(page, url)
    found = page.get_by_test_id("dial").evaluate(PLAY, SECONDS)
    page.close()
    return found


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium, or Playwright's own."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return playwright.chromium.launch(executable_path=found, args=FLAGS)


def spread(values: list[float], unit: str, digits: int = 1) -> str:
    each = ", ".join(f"{value:.{digits}f}" for value in values)
    return f"{statistics.median(values):.{digits}f} {unit} (of {each})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--run", default="mnist-mlp-z2-beta1")
    arguments.add_argument("--conv", default="mnist-conv-z2-beta1")
    arguments.add_argument("--first-paint", action="store_true", help="measure nothing else")
    given = arguments.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        shutil.copytree(ROOT / "checkpoints", folder / "checkpoints")
        plot = folder / "plot.py"
        plot.write_text(PLOTLY_PAGE.format(folder=str(folder / "checkpoints" / given.run)))
        browser = launch(playwright)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Chromium "
              f"{browser.version}, Python {platform.python_version()}; load "
              f"{os.getloadavg()[0]:.1f} at the start")
        if given.first_paint:
            report_first_paint(browser, folder)
            return
        with serving(ROOT / "app.py", folder / "checkpoints") as app, \
                serving(plot, folder / "checkpoints") as native:
            for run in (given.run, given.conv):
                url = f"{app}/?run={run}&layers={LIGHT_LAYERS}"
                report_latency(run, [latency(browser, url) for _ in range(given.repeat)])
            with training(folder / "checkpoints"):
                url = f"{app}/?run={given.run}&layers={LIGHT_LAYERS}"
                report_latency(f"{given.run}, a training beside it",
                               [latency(browser, url) for _ in range(given.repeat)])
            ours, theirs = [], []
            for _ in range(given.repeat):
                ours.append(first_picture(browser, f"{app}/?run={given.run}", PLANE))
                theirs.append(first_picture(browser, native, ".js-plotly-plot .gl-canvas-context"))
            report_ratio("reload → plane", "plotly scattergl", ours, theirs)
            report("dial", [dial(browser, app) for _ in range(given.repeat)], "frames/s")
        report_first_paint(browser, folder)
        for points in (10_000, 70_000, 1_000_000):
            page = saved_page(points, folder)
            report(f"{points:,} points", [frames(browser, page) for _ in range(given.repeat)],
                   "frames/s")
        browser.close()


def report_first_paint(browser: Browser, folder: Path) -> None:
    minimal = folder / "minimal.py"
    minimal.write_text(MINIMAL_PAGE)
    ours, theirs = [], []
    for _ in range(FIRST_PAINTS):
        theirs.append(first_paint(browser, minimal, folder / "checkpoints", LINE_CHART))
        ours.append(first_paint(browser, ROOT / "app.py", folder / "checkpoints", PLANE))
    report_ratio("process start → first decoded digit", "st.line_chart", ours, theirs)


def report(what: str, values: list[float], unit: str) -> None:
    print(f"{what}: {spread(values, unit)}", flush=True)


def report_ratio(what: str, other: str, ours: list[float], theirs: list[float]) -> None:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"{what} {spread(ours, 's', 2)}; {other} {spread(theirs, 's', 2)}; ratio {ratio:.2f}",
          flush=True)


def report_latency(what: str, runs: list[list[float]]) -> None:
    medians = [float(np.median(run)) for run in runs]
    tails = [float(np.quantile(run, 0.99)) for run in runs]
    print(f"{what}: move → image {spread(medians, 'ms')}, 99th percentile {spread(tails, 'ms')}, "
          f"{len(runs[0])} moves", flush=True)


if __name__ == "__main__":
    main()
