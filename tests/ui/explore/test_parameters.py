"""URL parameters between a browser that lags behind and a script that is cut short."""

from __future__ import annotations

import pytest

from ui.explore import parameters


@pytest.fixture
def url(monkeypatch) -> dict[str, str]:
    """The query string as the browser sends it."""
    found: dict[str, str] = {}
    monkeypatch.setattr(parameters.st, "query_params", found)
    monkeypatch.setattr(parameters.st, "session_state", {})
    return found


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(parameters.time, "monotonic", lambda: now[0])
    return now


def test_what_was_not_written_is_read_as_it_is(url):
    url["tool"] = "find"
    assert parameters.read("tool") == "find" and parameters.read("image") == ""


def test_a_message_that_was_sent_before_the_new_value_arrived_does_not_bring_the_old_one_back(
        url, clock):
    url["select"] = "label:3"
    parameters.write("select", "label:8")
    assert url["select"] == "label:8"
    for old in ("label:3", ""):  # twice late: the second value is written, the first one not there
        parameters.write("select", "")
        parameters.write("select", "rate:5")
        url["select"] = old
        assert parameters.read("select") == "rate:5" == url["select"]


def test_back_and_a_link_are_followed(url, clock):
    url["select"] = "label:3"
    parameters.write("select", "label:8")
    clock[0] += parameters.ARRIVES_SECONDS + 1
    url["select"] = "label:3"  # the browser's back button
    assert parameters.read("select") == "label:3"
    parameters.write("select", "label:8")
    url["select"] = "rate:1"  # another address
    assert parameters.read("select") == "rate:1"


def test_a_message_of_the_planes_keeps_the_newest_value_however_late_it_is(url, clock):
    url["select"] = "label:3"
    parameters.write("select", "label:8")
    clock[0] += 10 * parameters.ARRIVES_SECONDS  # a long computation kept the message waiting
    url["select"] = "label:3"
    parameters.touch()
    assert parameters.read("select") == "label:8"


def test_what_was_gone_back_to_stays_when_the_plane_sends_something_else(url, clock):
    url["select"] = "label:3"
    parameters.write("select", "label:8")
    clock[0] += parameters.ARRIVES_SECONDS + 1
    url["select"] = "label:3"
    assert parameters.read("select") == "label:3"
    parameters.touch()
    assert parameters.read("select") == "label:3"


def test_there_and_back_again_is_the_newest_value(url, clock):
    parameters.write("pin", "1,2")
    parameters.write("pin", "")
    assert parameters.read("pin") == "" and "pin" not in url
    parameters.write("pin", "1,2")
    url.pop("pin")
    assert parameters.read("pin") == "1,2" == url["pin"]


def test_a_page_that_writes_the_same_in_every_run_does_not_hold_back_against_back(url, clock):
    url["select"] = "label:3"
    parameters.write("select", "label:8")
    clock[0] += parameters.ARRIVES_SECONDS + 1
    url["select"] = "label:3"
    parameters.write("beta2", "")
    assert parameters.read("select") == "label:3"
