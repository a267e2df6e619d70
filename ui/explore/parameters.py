"""URL parameters that the browser and Python both write, read without losing the newer one.

What Python writes reaches the browser a moment later. A message that the browser sends before that
still has the old value beside it, and the plane would be put back to what the user has just left.
"""

from __future__ import annotations

import math
import time

import streamlit as st

ARRIVES_SECONDS = 2.0  # after the plane's last message
MOST_REMEMBERED = 6  # values of each parameter
_MEMORY, _TOUCHED = "_written_parameters", "_parameters_touched"


def read(name: str) -> str:
    """The parameter, or "". For a moment after the plane has sent anything, the values that it had
    before are taken for the browser's delay, and the newest one is written again."""
    given = st.query_params.get(name, "")
    newest, before = _memory().get(name, (given, []))
    if given == newest:
        return given
    if given in before and time.monotonic() < _touched() + ARRIVES_SECONDS:
        _put(name, newest)
        return newest
    _memory()[name] = (given, [])  # a link, or the browser's back button
    return given


def write(name: str, value: str) -> None:
    """Put it into the URL, or take it out (""); known at once to `read`. What is there already is
    no news, so that a page may write it in every run."""
    given = st.query_params.get(name, "")
    newest, before = _memory().get(name, (given, []))
    if value == given == newest:
        return
    touch()
    before = [old for old in dict.fromkeys((*before, newest, given)) if old != value]
    _memory()[name] = (value, before[-MOST_REMEMBERED:])
    _put(name, value)


def touch() -> None:
    """The plane has sent something: the URL beside it may be old."""
    st.session_state[_TOUCHED] = time.monotonic()


def _touched() -> float:
    return st.session_state.get(_TOUCHED, -math.inf)


def _put(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _memory() -> dict[str, tuple[str, list[str]]]:
    """By name: the value written last, and those that it had before."""
    return st.session_state.setdefault(_MEMORY, {})
