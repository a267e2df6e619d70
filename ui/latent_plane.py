"""The latent plane: arrays in, what the user did out; drawing and decoding run in the browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import streamlit as st

from ui.widgets import number

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
    """Encoded images: posterior means in the dimensions shown, labels (−1: none), nats.

    With a dial everything but the labels is (knots, n), else (n,). sxx, sxy, syy are the symmetric
    root of each posterior's covariance in the dimensions shown: σ where it is diagonal (then sxy
    may be left out). None: the posteriors can't be drawn.
    """

    x: np.ndarray
    y: np.ndarray
    label: np.ndarray
    rate: np.ndarray
    distortion: np.ndarray
    sxx: np.ndarray | None = None
    sxy: np.ndarray | None = None
    syy: np.ndarray | None = None


@dataclass(frozen=True)
class Dial:
    """What turns with β: a model's or a sweep's figures at its knots, test set, nats.

    `variance` is that of the posterior mean in each dimension; `active` counts the dimensions where
    it can't be counted from there. `names` and `turns` belong to models that were trained apart:
    between two knots nothing is interpolated but the points, and model k takes z as turns[k]ᵀ z.
    """

    beta: np.ndarray  # (knots,), rising, positive
    distortion: np.ndarray  # (knots,)
    rate: np.ndarray  # (knots,)
    variance: np.ndarray  # (knots, latent_dim)
    per_beta: float = 1.0  # the curve's slope is −β times this
    active: tuple[int, ...] | None = None
    names: tuple[str, ...] | None = None
    turns: np.ndarray | None = None  # (knots, latent_dim, latent_dim), orthogonal
    rate_per_dim: np.ndarray | None = None  # (knots, latent_dim); turned, that of the marginals


@dataclass(frozen=True)
class Decoder:
    """The decoder's layers as `vae_core.model.browser` describes them, and its weights, flat; of
    models trained apart, the weights of one after another."""

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
    axis: Literal["z", "PC", "UMAP"] = "z"  # what a dimension is called
    mode: Literal["points", "grid"] = "points"
    color_by: Literal["label", "rate", "distortion"] = "label"
    beta: float | None = None  # where a dial stands by itself; without one, the model's own
    lattice_x: tuple[float, ...] = ()
    lattice_y: tuple[float, ...] = ()
    class_names: tuple[str, ...] = ()
    closed: tuple[bool, ...] = ()  # dimensions whose mean doesn't depend on the data; no dial
    rate_per_dim: tuple[float, ...] = ()  # mean over the test set, nats; no dial, β > 0
    code_ranges: tuple[tuple[float, float], ...] = ()  # with β = 0, in each dimension
    start: Mapping[str, str] | None = None  # a saved page's state: see static/…/state.js
    side: Literal["left", "right"] | None = None  # of two planes that share cursor and selection


SETTINGS = ("pin", "beta", "layers", "show", "window", "tool", "image", "eps", "path", "drawn",
            "traverse", "select", "groups")  # the names in static/latent_plane/state.js
LONGEST = 2000  # characters of one of them
FARTHEST = 1e4  # a coordinate of a pin


@dataclass(frozen=True)
class PlaneState:
    """What the user has done to a plane, as it was told last; JavaScript owns it.

    settings: name → text as in the URL, without defaults. selected: which images, see
    `ui.explore.selection`.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    selected: Mapping[str, str] | None = None

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
    settings, selected = report.get("settings"), report.get("selected")
    return PlaneState(
        {name: text for name, text in (settings if isinstance(settings, Mapping) else {}).items()
         if name in SETTINGS and isinstance(text, str) and 0 < len(text) <= LONGEST},
        selected if isinstance(selected, Mapping) else None)


def latent_plane(points: Points, decoder: Decoder, view: View, dial: Dial | None = None, *,
                 key: str = "latent_plane") -> None:
    """Show the plane; `plane_state` has what the user does to it. What is sent by `messages` for
    the same key arrives in the plane too."""
    _component(key=key, data=payload(points, decoder, view, dial, key), default={"state": None},
               on_state_change=lambda: None)


def payload(points: Points, decoder: Decoder, view: View, dial: Dial | None, box: str
            ) -> dict[str, Any]:
    """What the component gets: tables of columns, and plain values for JSON."""
    columns = {name: value for name, value in vars(points).items() if value is not None}
    lattice = {"x": _floats(view.lattice_x), "y": _floats(view.lattice_y)}
    own = {"held": _floats(view.held), "lattice": lattice, "box": box}
    return {
        "labels": table({"label": columns.pop("label")}),
        "points": table(columns),
        "weights": table({"w": decoder.weights}),
        "decoder": dict(decoder.spec),
        "dial": dial and _plain(dial),
        "view": asdict(view) | own,
    }


def table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Flat columns, as the browser's typed arrays."""
    return pa.table({name: _column(name, values) for name, values in columns.items()})


def _column(name: str, values: np.ndarray) -> np.ndarray:
    """One flat column; numbers of half precision go as their bits, which JavaScript can widen."""
    values = np.asarray(values).ravel()
    if values.dtype == np.float16:
        return values.view(np.uint16)
    if values.dtype == np.uint8:
        return values
    return values.astype(np.int32 if name == "label" else np.float32, copy=False)


def _plain(dial: Dial) -> dict[str, Any]:
    """For JSON."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(dial).items() if value is not None}


def _floats(values: Iterable[float]) -> list[float]:
    return [float(value) for value in values]
