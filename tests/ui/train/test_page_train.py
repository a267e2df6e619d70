"""The Train page: widgets made from TrainConfig, and every state a run can be in."""

from __future__ import annotations

import dataclasses
import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import unescaped
from ui.train.controls import stops
from ui.train.progress import duration
from vae_core.config import TrainConfig, knobs
from vae_core.data.registry import DATASETS
from vae_core.runs import jobs
from vae_core.runs.run import Run

PAGE = "train"
pytestmark = pytest.mark.usefixtures("finished")


@pytest.fixture
def started(monkeypatch) -> list[tuple[TrainConfig, str]]:
    """What the page asks jobs to start, instead of a process."""
    calls = []

    def start(config: TrainConfig, checkpoints, run_id: str) -> Run:
        calls.append((config, run_id))
        return Run(checkpoints / "blobs")

    monkeypatch.setattr(jobs, "start", start)
    return calls


def button(page: AppTest, label: str):
    return next(b for b in page.button if b.label == label)


def widget_keys(page: AppTest) -> set[str]:
    kinds = (page.selectbox, page.select_slider, page.slider, page.number_input, page.toggle)
    return {widget.key for kind in kinds for widget in kind}


def test_every_knob_has_a_widget_with_its_default(open_page, started):
    page = open_page()
    assert set(knobs()) <= widget_keys(page)
    button(page, "Start training").click().run()
    assert started == [(TrainConfig(), "")]


def test_what_is_chosen_is_what_is_trained(open_page, started):
    page = open_page()
    page.select_slider(key="beta").set_value(4.0)
    page.slider(key="latent_dim").set_value(8)
    page.selectbox(key="likelihood").set_value("gaussian-shared")
    page.toggle(key="compile").set_value(True)
    page.text_input(key="name").set_value("mine")
    button(page, "Start training").click().run()
    (config, name), = started
    assert name == "mine"
    assert config == TrainConfig(beta=4, latent_dim=8, likelihood="gaussian-shared", compile=True)


def test_sets_of_points_are_not_offered_as_pictures(open_page):
    options = open_page().selectbox(key="dataset").options
    assert options == [name for name in DATASETS if DATASETS[name].pictures] and "mnist" in options


def test_one_switch_trains_a_conditioned_model(open_page, started):
    page = open_page()
    page.toggle(key="beta_conditioned").set_value(True)
    button(page, "Start training").click().run()
    assert started == [(TrainConfig(beta_conditioned=True), "")]


def test_knobs_come_from_the_url(open_page, started):
    page = open_page(beta="0.5", epochs="7", architecture="conv", seed="3")
    button(page, "Start training").click().run()
    assert started[0][0] == TrainConfig(beta=0.5, epochs=7, architecture="conv", seed=3)


@pytest.mark.parametrize("url", [{"beta": "abc"}, {"latent_dim": "999"}, {"epochs": "-3"},
                                 {"train_limit": "inf"}, {"seed": "-1e999"}, {"seed": "nan"},
                                 {"architecture": "transformer"}, {"beta": "<b>1</b>"}])
def test_a_value_in_the_url_that_is_not_available_is_said(open_page, url):
    (name, text), = url.items()
    page = open_page(**url)
    assert f"The URL asks for {name} = {text!r}" in unescaped(page.warning[0].value)
    assert not button(page, "Start training").disabled
    assert not page.run().exception and not page.warning


@pytest.mark.parametrize(("url", "near"), [
    ({"beta": "2.6"}, "The nearest choices are 2 and 3;"), ({"beta": "2000"}, "from 0 to 1,000."),
    ({"hidden_dim": "200"}, "The nearest choices are 192 and 256;"),
    ({"beta_max": "500"}, "The nearest choices are 70 and 100;")])
def test_a_value_between_the_stops_of_a_slider_is_not_called_forbidden(open_page, url, near):
    assert near in unescaped(open_page(**url).warning[0].value)


def test_a_conditioned_model_says_over_which_betas(open_page):
    page = open_page(beta_conditioned="true", beta_max="50")
    assert "Trained from β = 0.01 to 50" in page.caption[0].value
    page.toggle(key="beta_conditioned").set_value(False).run()
    assert not any("Trained from β" in caption.value for caption in page.caption)


def test_a_value_that_is_changed_after_it_came_by_url_is_not_complained_of(open_page):
    page = open_page(beta="0.5", compile="true", architecture="conv")
    assert not page.warning
    page.select_slider(key="beta").set_value(4.0).run()
    assert not page.warning


def test_a_combination_without_meaning_is_said_and_cannot_be_started(open_page):
    page = open_page(warmup_epochs="30")
    assert "warmup_epochs = 30 is longer than epochs = 20" in unescaped(page.error[0].value)
    assert button(page, "Start training").disabled


@pytest.mark.parametrize("name", ["../outside", "a b", ".hidden", "x" * 101])
def test_a_name_that_cannot_be_a_folder_is_said(open_page, name):
    page = open_page()
    page.text_input(key="name").set_value(name)
    button(page, "Start training").click().run()
    assert "is not allowed" in unescaped(page.error[0].value)


def test_a_name_that_is_taken_is_said(open_page, finished):
    page = open_page()
    page.text_input(key="name").set_value(finished.run_id)
    button(page, "Start training").click().run()
    assert "exists already" in unescaped(page.error[0].value)


def test_a_finished_run_can_be_opened(open_page, finished):
    page = open_page(run=finished.run_id)
    assert page.get("page_link")[0].proto.label == "Open in Explore"
    assert page.get("plotly_chart") and page.get("bidi_component")


@pytest.mark.parametrize("name", ["nonsense", "../checkpoints", ".."])
def test_a_run_that_is_not_there_is_said(open_page, name):
    assert "There is no run" in unescaped(open_page(run=name).warning[0].value)


def test_an_interrupted_run_offers_resume(open_page, stopped):
    run = stopped
    run.write_status(dataclasses.replace(run.status(), state="running", pid=2**22 - 1))
    page = open_page(run=run.run_id)
    assert "the process has exited" in unescaped(page.warning[0].value)
    assert button(page, "Resume")


def test_a_failed_run_says_why(open_page, finished):
    finished.write_status(dataclasses.replace(finished.status(), state="failed",
                                              message="The loss became NaN at step 3."))
    page = open_page(run=finished.run_id)
    assert unescaped(page.error[0].value) == "The loss became NaN at step 3."


def test_a_running_one_can_be_stopped_though_its_config_is_gone(open_page, finished):
    finished.write_status(dataclasses.replace(finished.status(), state="running", total_steps=9)
                          .of_this_process())
    finished.path("config.json").unlink()
    page = open_page()
    assert button(page, "Stop")
    assert "has no config.json" in unescaped(page.error[0].value)


def test_a_running_one_is_found_without_its_name(open_page, finished):
    status = dataclasses.replace(finished.status(), state="running", total_steps=100, step=25,
                                 seconds_left=75.0).of_this_process()
    finished.write_status(status)
    page = open_page()
    assert "1 min 15 s left" in page.get("progress")[0].proto.text
    assert button(page, "Stop")


def test_a_process_that_is_suspended_is_not_said_to_go_on(open_page, finished):
    """Its process exists, but doesn't update the status."""
    status = dataclasses.replace(finished.status(), state="running", total_steps=100, step=25,
                                 seconds_left=75.0).of_this_process()
    finished.write_status(dataclasses.replace(status, heartbeat=status.heartbeat - 125))
    text = open_page().get("progress")[0].proto.text
    assert "no update for 2 min" in text and "left" not in text  # the seconds go on
    finished.write_status(dataclasses.replace(status, heartbeat=status.heartbeat - 125,
                                              total_steps=0))
    assert "no update for 2 min" in open_page().get("progress")[0].proto.text


@pytest.mark.parametrize("name", ["**bold** [x](y)", "ünï β", ".hidden"])
def test_a_run_whose_folder_has_an_odd_name_can_be_watched(open_page, finished, name):
    finished.folder.rename(finished.folder.with_name(name))
    page = open_page(run=name)
    assert not page.warning
    assert any(unescaped(each.value) == f"**{name}**" for each in page.markdown)


@pytest.mark.parametrize("seconds, text", [
    (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (75, "1 min 15 s"), (7500, "2 h 5 min")])
def test_durations_read_as_a_person_says_them(seconds, text):
    assert duration(seconds) == text


def test_the_stops_of_a_slider_hold_its_default_and_its_limits():
    for name, (field, kind, knob) in knobs().items():
        if knob.usual and knob.log:
            values = stops(kind, knob, field.default)
            assert values == sorted(set(values)), name
            assert field.default in values
            assert all(isinstance(value, kind) and knob.low <= value <= knob.high
                       for value in values)
            assert len(values) > 8


def test_without_a_run_it_says_that_nothing_trains(open_page):
    assert "No training is running." in open_page().caption[-1].value


def test_a_finished_conditioned_run_is_drawn_at_its_beta(open_page, train_run):
    """As after each epoch of its training; Explore has the dial."""
    train_run("checkpoints/every", beta_conditioned=True, beta=4)
    data = json.loads(open_page(run="every").get("bidi_component")[0].proto.mixed.json)
    assert data["dial"] is None and "film" not in data["decoder"]
    assert data["view"]["title"] == "every" and data["view"]["beta"] == 4
