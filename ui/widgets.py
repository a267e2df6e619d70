"""Widgets bound to the URL, and a warning where the URL asks for what a page doesn't have.

| what               | page           | URL parameter            | written by                      |
|--------------------|----------------|--------------------------|---------------------------------|
| run                | explore, train | run                      | widget bound to the URL; page   |
| view, colour       | explore        | view, color              | widgets bound to the URL        |
| axes, dimensions   | explore        | axes, d1, d2, z1, z2, …  | widgets bound to the URL        |
| a sweep's dial     | explore        | sweep                    | widget bound to the URL         |
| the model beside   | explore        | with                     | widget bound to the URL         |
| every setting      | train          | the field's name         | widgets bound to the URL        |
| axes, sweep, its β | tradeoff       | data, observations,      | widgets bound to the URL        |
|                    |                | family, at, all          |                                 |
| section            | theory         | section                  | written by the page             |
| its one control    | theory         | a name of its own        | widget bound to the URL         |

The plane's own state (pin, β, layers, tool, …) belongs to JavaScript, in the URL's fragment: see
static/latent_plane/state.js.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import streamlit as st

from ui.format import plain


@contextlib.contextmanager
def errors_shown() -> Iterator[None]:
    """What can't be read or isn't allowed, as a sentence on the page; then it goes on."""
    try:
        yield
    except (ValueError, OSError) as error:
        st.error(plain(error))


def asked(key: str) -> str | None:
    """What the URL has for a widget that is about to be drawn for the first time; later on the URL
    follows the widget."""
    return None if key in st.session_state else st.query_params.get(key)


def complain(key: str, text: str, instead: str) -> None:
    """One sentence on a value that was asked for, and what is shown instead."""
    st.warning(plain(f"The URL asks for {key} = {text[:80]!r}, which isn't available here: "
                     f"{instead}"))


def choose(widget: Callable[..., str], label: str, options: Sequence[str], key: str, **more: Any
           ) -> str:
    """One of the options by a widget bound to the URL, and a warning where that asks for another.

    The warning is drawn outside of the container that the widget is a method of.
    """
    wanted = asked(key)
    # An empty value in the URL is none, in spite of required = True.
    chosen = widget(label, options, key=key, bind="query-params", **more) or more.get("default")
    if wanted is not None and wanted not in options:
        complain(key, wanted, f"{chosen} is shown.")
    return chosen


def choose_number(widget: Callable[..., float], label: str, *allowed: Any, key: str, **more: Any
                  ) -> float:
    """A number by a widget bound to the URL, and a warning where that asks for another.

    allowed: the widget's options in one sequence, or its lowest and highest number and what else it
        takes by position.
    """
    wanted = asked(key)
    chosen = widget(label, *allowed, key=key, bind="query-params", **more)
    if wanted is not None and number(wanted) != chosen:
        choice = f"from {allowed[0]:g} to {allowed[1]:g}" if len(allowed) > 1 else \
            f"one of {', '.join(f'{option:g}' for option in allowed[0])}"
        complain(key, wanted, f"{chosen:g} is used; choose {choice}.")
    return chosen


def number(text: str) -> float:
    """The number that a text stands for; NaN for none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
