"""The latent plane in the browser, where drawing and decoding run: data in, its state out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from ui import components
from ui.widgets import number

_FILES = components.STATIC / "latent_plane"
_component = components.register(
    "latent_plane", html=(_FILES / "plane.html").read_text(encoding="utf-8"),
    css=(_FILES / "plane.css").read_text(encoding="utf-8"))


SETTINGS = ("pin", "beta", "layers", "show", "window", "tool", "image", "eps", "path", "drawn",
            "traverse", "select", "groups")  # the names in static/latent_plane/state.js
LONGEST = 2000  # characters of one of them
FARTHEST = 1e4  # a coordinate of a pin


@dataclass(frozen=True)
class PlaneState:
    """What the user has done to a plane, as it was told last; JavaScript owns it.

    settings: name → text as in the URL, without defaults. selected: which images, see
    `ui.explore.selection`. needs: the messages that the open tool waits for ("encoder", "codes").
    serial: of the report that told it, 0 where none did.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    selected: Mapping[str, str] | None = None
    needs: frozenset[str] = frozenset()
    serial: int = 0

    def get(self, name: str) -> str:
        """The setting's text, or ""."""
        return self.settings.get(name, "")

    @property
    def pin(self) -> tuple[float, float] | None:
        """The pinned place in the dimensions shown."""
        place = tuple(map(number, self.get("pin").split(",")))
        # Not so for NaN.
        return place if len(place) == 2 and all(abs(v) < FARTHEST for v in place) else None

    @property
    def beta(self) -> float | None:
        """The β that the user has turned to; the model may not reach it."""
        beta = number(self.get("beta"))
        return beta if 0 < beta < float("inf") else None

    @property
    def image(self) -> int | None:
        """The index of the picked test image; the plane may not have it."""
        text = self.get("image")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(self.get("layers").split(",")) if self.get("layers") else ("points",)


def plane_state(key: str = "latent_plane", suffix: str = "") -> PlaneState:
    """The state of the plane `key`; until it has told its own, that of the URL's query, as older
    links have it, under each name with the suffix."""
    told = st.session_state.get(key) or {}
    report = told.get("state")
    if not isinstance(report, Mapping):
        report = {"settings": {name: st.query_params.get(name + suffix, "") for name in SETTINGS}}
    settings, selected, needs, serial = (
        report.get(name) for name in ("settings", "selected", "needs", "serial"))
    return PlaneState(
        {name: text for name, text in (settings if isinstance(settings, Mapping) else {}).items()
         if name in SETTINGS and isinstance(text, str) and 0 < len(text) <= LONGEST},
        selected if isinstance(selected, Mapping) else None,
        frozenset(name for name in (needs if isinstance(needs, list) else ())
                  if isinstance(name, str)),
        serial if isinstance(serial, int) else 0)


def latent_plane(data: Mapping[str, Any], key: str) -> None:
    """Show the plane of `ModelView.payload`; `plane_state` has what the user does to it. What
    `ui.explore.messages` sends for the same key arrives in it too."""
    _component(key=key, data=data, default={"state": None}, on_state_change=lambda: None)


def table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Flat columns, as the browser's typed arrays."""
    flat = [np.ascontiguousarray(_column(name, values)) for name, values in columns.items()]
    # From their buffers, as they are: pa.table would copy them.
    return pa.Table.from_arrays(
        [pa.Array.from_buffers(pa.from_numpy_dtype(each.dtype), len(each),
                               [None, pa.py_buffer(each)]) for each in flat], names=list(columns))


def _column(name: str, values: np.ndarray) -> np.ndarray:
    """One flat column; numbers of half precision go as their bits, which JavaScript can widen."""
    values = np.asarray(values).ravel()
    if values.dtype == np.float16:
        return values.view(np.uint16)
    if values.dtype == np.uint8:
        return values
    return values.astype(np.int32 if name == "label" else np.float32, copy=False)
