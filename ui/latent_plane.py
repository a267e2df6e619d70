"""The latent plane: arrays in, what the user did out; drawing and decoding run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import streamlit as st

_FILES = Path(__file__).parents[1] / "static" / "latent_plane"
# Inline JavaScript is a blob: module, in which relative imports fail; hence the absolute address.
_LOADER = """
const main = new URL("app/static/latent_plane/main.js", document.baseURI);
let calls = 0;
export default async (component) => {
  const order = calls++;
  return (await import(main)).mount(component, order);
};
"""

_HTML = (_FILES / "plane.html").read_text(encoding="utf-8")
_CSS = (_FILES / "plane.css").read_text(encoding="utf-8")
_component = st.components.v2.component("latent_plane", html=_HTML, css=_CSS, js=_LOADER)


@dataclass(frozen=True)
class Points:
    """Encoded images: posterior means in the dimensions shown, labels (−1: none), nats."""

    x: np.ndarray
    y: np.ndarray
    label: np.ndarray
    rate: np.ndarray
    distortion: np.ndarray


@dataclass(frozen=True)
class Decoder:
    """The decoder's layers as `vae_core.export` describes them, and all its weights, flat."""

    spec: Mapping[str, Any]
    weights: np.ndarray


@dataclass(frozen=True)
class View:
    """What is shown of a model; `model` changes when the model does, and resets pan and zoom.

    The lattice holds the values of z at the grid's columns (x) and rows (y), increasing.
    """

    title: str
    model: str
    held: tuple[float, ...]
    dims: tuple[int, ...] = (0, 1)
    mode: Literal["points", "grid"] = "points"
    color_by: Literal["label", "rate", "distortion"] = "label"
    pin: tuple[float, float] | None = None
    lattice_x: tuple[float, ...] = ()
    lattice_y: tuple[float, ...] = ()
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaneState:
    """What the user did: the pinned place, in the dimensions shown."""

    pin: tuple[float, float] | None


def latent_plane(
    points: Points,
    decoder: Decoder,
    view: View,
    *,
    key: str = "latent_plane",
    on_pin_change: Callable[[], None] = lambda: None,
) -> PlaneState:
    """Show the plane; a new `view.pin` moves the pin, an unchanged one leaves it to the user."""
    pin, revision = _pin_to_send(_floats(view.pin), key)
    lattice = {"x": _floats(view.lattice_x), "y": _floats(view.lattice_y)}
    own = {"held": _floats(view.held), "lattice": lattice, "pin": pin, "pin_revision": revision}
    data = {
        "points": _table(vars(points)),
        "weights": _table({"w": decoder.weights}),
        "decoder": dict(decoder.spec),
        "view": asdict(view) | own,
    }
    start = {"pin": _floats(view.pin)}
    result = _component(key=key, data=data, default=start, on_pin_change=on_pin_change)
    return PlaneState(pin=tuple(result.pin) if result.pin else None)


def _table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    kinds = {"label": np.int32}
    return pa.table({k: np.asarray(v, kinds.get(k, np.float32)) for k, v in columns.items()})


def _pin_to_send(wanted: list[float] | None, key: str) -> tuple[list[float] | None, int]:
    """The pin for the browser, with a number that grows only when Python moves it.

    A pin set in the browser isn't sent back, so that a click doesn't send all weights again.
    """
    memory = f"_{key}_pin"
    mounted = st.session_state.get(key)
    sent, revision, before = st.session_state.get(memory, (None, 0, None))
    if mounted is None or wanted not in (before, mounted.get("pin")):
        sent, revision = wanted, revision + 1
        if mounted is not None:
            mounted["pin"] = wanted
    st.session_state[memory] = (sent, revision, wanted)
    return sent, revision


def _floats(values: Iterable[float] | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]
