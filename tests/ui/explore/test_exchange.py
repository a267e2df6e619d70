"""Which of two is newer: what the URL says, or what the browser says beside it."""

from __future__ import annotations

import pytest

from ui.explore import exchange


class Page:
    """Runs of a page: the URL and the component's whole state come with every message."""

    def __init__(self, state: dict):
        self.state = state

    def run(self, url, browser=...):
        """What holds, and the revision that the browser is sent."""
        if browser is not ...:
            self.state["plane"] = {"pin": browser}
        value, now = exchange.settle("plane", "pin", url)
        self.sent = now.sent
        return value, now.revision


@pytest.fixture
def page(monkeypatch) -> Page:
    state: dict = {}
    monkeypatch.setattr(exchange.st, "session_state", state)
    return Page(state)


A, B, C = [0.5, 1.0], [1.0, 2.0], [2.0, 3.0]


def test_a_link_is_sent_and_what_the_user_does_is_not_sent_back(page):
    assert page.run(A) == (A, 1)
    assert page.run(B, B) == (B, 1) and page.sent == A
    assert page.run(None, None) == (None, 1)
    assert page.run(B, B) == (B, 1)


def test_what_a_run_that_was_cut_short_lost_is_the_users_new_value(page):
    page.run(A, A)
    assert page.run(A, B) == (B, 1)


def test_digits_that_a_url_leaves_out_are_nothing_new(page):
    page.run([0.3333333, 1.0], [0.3333333, 1.0])
    assert page.run([0.333333, 1.0], [0.3333333, 1.0])[1] == 1


def test_back_beats_the_old_state_that_comes_with_it(page):
    page.run(A)
    page.run(B, B)
    assert page.run(A, B) == (A, 2) and page.sent == A
    assert page.run(A, B) == (A, 2)  # another message, before the plane has answered
    assert page.run(A, A) == (A, 2)
    assert page.run(B, B) == (B, 2)  # the user pins the same place again


def test_back_twice_is_not_undone_by_the_answer_to_the_first(page):
    page.run(A)
    page.run(B, B)
    page.run(C, C)
    assert page.run(B, C) == (B, 2)
    assert page.run(A, B) == (A, 3)
    assert page.run(A, A) == (A, 3)


def test_the_plane_is_sent_everything_anew_when_it_is_mounted_anew(page):
    page.run(A)
    page.run(B, B)
    del page.state["plane"]
    assert page.run(B) == (B, 2)


def test_an_answer_is_told_from_the_users_doing(page):
    page.run(A)
    page.run(B, B)
    page.run(A, B)
    assert exchange.last("plane", "pin").comes_back(A)
    page.run(A, A)
    assert not exchange.last("plane", "pin").comes_back(A)


@pytest.mark.parametrize("one, other, equal", [
    (None, None, True), (None, A, False), (A, [0.5, 1.000001], True), (1.0, 1.0000001, True),
    (0.4, 1.0, False), ({"tool": "find"}, {"tool": "find"}, True), ({}, None, False),
])
def test_same(one, other, equal):
    assert exchange.same(one, other) is equal
