"""What a person does on Train: start, watch, reload, stop, resume, open in Explore."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, committed_runs, free_port, plane, serving, start_server
from tests.conftest import wait_for as wait_until
from vae_core.runs.run import Run

SMALL = "latent_dim=2&hidden_dim=16&train_limit=2000&batch_size=100"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """One of its own, as every test adds a run."""
    with serving(committed_runs(tmp_path_factory)) as running:
        yield running


def start(page: Page, url: str, name: str, knobs: str) -> None:
    page.goto(f"{url}/train?{knobs}")
    field = page.get_by_role("textbox", name="Name of the run")
    field.fill(name)
    field.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(name, exact=True).first).to_be_visible()


def wait_for(run: Run, state: str) -> None:
    wait_until(lambda: run.path("status.json").exists() and run.status().state == state)


def test_train_from_the_page_to_the_finished_run_in_explore(server, page):
    start(page, server.url, "small", f"{SMALL}&epochs=3")
    wait_for(Run(server.checkpoints / "small"), "finished")
    expect(page.get_by_text(re.compile(r"finished · epoch 3"))).to_be_visible()
    plane(page)
    config = Run(server.checkpoints / "small").config()
    assert (config.epochs, config.hidden_dim, config.train_limit) == (3, 16, 2000)
    page.get_by_role("link", name="Open in Explore").click()
    expect(plane(page)).to_have_attribute("aria-label", re.compile("small"))
    expect(page).to_have_url(re.compile(r"/\?run=small"))


def test_a_reload_finds_the_training_again_and_stop_keeps_it(server, page):
    start(page, server.url, "long", f"{SMALL}&epochs=200")
    run = Run(server.checkpoints / "long")
    wait_for(run, "running")
    page.goto(f"{server.url}/train")
    expect(page.get_by_text("long", exact=True).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"running · epoch"))).to_be_visible()
    page.get_by_role("button", name="Stop").first.click()
    wait_for(run, "stopped")
    expect(page.get_by_text(re.compile(r"stopped · epoch"))).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_an_interrupted_run_is_shown_and_resumed(server, page):
    start(page, server.url, "killed", f"{SMALL}&epochs=200")
    run = Run(server.checkpoints / "killed")
    wait_for(run, "running")
    wait_until(run.metrics)
    os.kill(run.status().pid, signal.SIGKILL)
    expect(page.get_by_text(re.compile("Interrupted in epoch"))).to_be_visible()
    epochs = len(run.metrics())
    page.get_by_role("button", name="Resume").click()
    wait_until(lambda: len(run.metrics()) > epochs)
    expect(page.get_by_text(re.compile(r"running · epoch"))).to_be_visible()
    page.get_by_role("button", name="Stop").first.click()
    wait_for(run, "stopped")
    assert [row["epoch"] for row in run.metrics()] == list(range(1, len(run.metrics()) + 1))


def test_a_second_training_waits_for_the_first(server, page):
    start(page, server.url, "first", f"{SMALL}&epochs=200")
    start(page, server.url, "second", f"{SMALL}&epochs=1")
    first, second = (Run(server.checkpoints / name) for name in ("first", "second"))
    wait_for(second, "queued")
    expect(page.get_by_text(re.compile("one trains at a time"))).to_be_visible()
    assert first.status().state == "running"
    os.kill(first.status().pid, signal.SIGTERM)
    wait_for(second, "finished")


def test_a_training_survives_the_server(server, page):
    other = start_server(server.checkpoints, free_port())
    start(page, other.url, "survivor", f"{SMALL}&epochs=200")
    run = Run(server.checkpoints / "survivor")
    wait_for(run, "running")
    other.process.terminate()
    other.process.wait(10)
    epochs = len(run.metrics())
    wait_until(lambda: len(run.metrics()) > epochs)
    assert run.status().state == "running"
    page.goto(f"{server.url}/train")
    expect(page.get_by_text("survivor", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Stop").first.click()
    wait_for(run, "stopped")


def test_a_combination_without_meaning_is_one_sentence(server, page):
    page.goto(f"{server.url}/train?warmup_epochs=30&epochs=20")
    expect(page.get_by_text(re.compile("warmup_epochs = 30 is longer"))).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
