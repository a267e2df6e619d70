"""A value that the URL and a component in the browser both set: which of the two is the newer one.

Each message of the browser brings the component's whole state, however old, beside the URL. So a
value is the user's new one only if it is another than before; else the URL's is newer, as after the
browser's Back. What Python sets, the component sends back once, so that its state isn't old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st


@dataclass(frozen=True)
class Exchange:
    """What both sides last had from each other."""

    sent: Any  # to the browser, where the revision is a new one
    revision: int  # grows only when Python sets the value, so that no click sends all data again
    wanted: Any  # by the URL, in the run before
    heard: Any  # from the browser, in the run before
    awaited: bool = False  # what was sent has not come back yet

    def comes_back(self, heard: Any) -> bool:
        return self.awaited and same(heard, self.sent)


def settle(key: str, name: str, wanted: Any) -> tuple[Any, Exchange]:
    """The value that holds now of the component `key`, and what to send it; once a run."""
    mounted, before = st.session_state.get(key), last(key, name)
    if mounted is None or before is None:
        value, now = wanted, Exchange(wanted, before.revision + 1 if before else 1, wanted, wanted)
    else:
        heard = mounted.get(name)
        back = before.comes_back(heard)
        by_user = not back and not same(heard, before.heard)
        by_url = not by_user and not same(wanted, before.wanted) and not same(wanted, heard)
        value = heard if by_user else wanted
        now = replace(before, wanted=wanted, heard=heard,
                      awaited=before.awaited and not back and not by_user)
        if by_url:
            now = replace(now, sent=wanted, revision=before.revision + 1, awaited=True)
    st.session_state[_memory(key, name)] = now
    return value, now


def last(key: str, name: str) -> Exchange | None:
    return st.session_state.get(_memory(key, name))


def same(one: Any, other: Any) -> bool:
    """Equal, numbers but for the digits that a URL leaves out."""
    if one is None or other is None or isinstance(one, Mapping) or isinstance(other, Mapping):
        return one == other
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-5, atol=1e-6)


def _memory(key: str, name: str) -> str:
    return f"_{key}_{name}"
