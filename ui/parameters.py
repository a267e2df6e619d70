"""URL parameters that the browser and Python both write, read without losing the newer one.

What Python writes reaches the browser a moment later. A message that the browser sends before that
still has the old value beside it, and the plane would be put back to what the user has just left.
"""

from __future__ import annotations

import time

import streamlit as st

ARRIVES_SECONDS = 2.0
_MEMORY = "_written_parameters"


def read(name: str) -> str:
    """The parameter, or "". For a moment after it was written, the values that it had before are
    taken for the browser's delay, and it is written again."""
    given = st.query_params.get(name, "")
    newest, before = _memory().get(name, ("", []))
    late = time.monotonic() - ARRIVES_SECONDS
    if given != newest and given in [value for at, value in before if at > late]:
        _put(name, newest)
        return newest
    return given


def write(name: str, value: str) -> None:
    """Put it into the URL, or take it out (""); known at once to `read`."""
    given = st.query_params.get(name, "")
    newest, before = _memory().get(name, (given, []))
    now = time.monotonic()
    left = [(now, old) for old in {given, newest} if old != value]
    _memory()[name] = (value, [each for each in before if each[0] > now - ARRIVES_SECONDS] + left)
    _put(name, value)


def _put(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _memory() -> dict[str, tuple[str, list[tuple[float, str]]]]:
    """By name: the value written last, and those that it had before, each with its time."""
    return st.session_state.setdefault(_MEMORY, {})
