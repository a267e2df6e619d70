"""The latent plane: arrays in, what the user did out; drawing and decoding run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import streamlit as st

from ui.explore import exchange, parameters

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
    """The decoder's layers as `vae_core.model.browser` describes them, and all its weights, flat; of
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
    pin: tuple[float, float] | None = None
    lattice_x: tuple[float, ...] = ()
    lattice_y: tuple[float, ...] = ()
    class_names: tuple[str, ...] = ()
    closed: tuple[bool, ...] = ()  # dimensions whose mean doesn't depend on the data; no dial
    rate_per_dim: tuple[float, ...] = ()  # mean over the test set, nats; no dial, β > 0
    code_ranges: tuple[tuple[float, float], ...] = ()  # with β = 0, in each dimension
    beta: float | None = None  # where the dial is to stand
    kept: Mapping[str, str] = field(default_factory=dict)  # what the URL keeps: see state.KEPT
    side: Literal["left", "right"] | None = None  # of two planes that share cursor and selection


@dataclass(frozen=True)
class PlaneState:
    """What the user did: the pinned place in the dimensions shown, the dial's β at rest, what the
    URL is to keep, and which images it selects: see `ui.explore.selection`."""

    pin: tuple[float, float] | None
    beta: float | None
    kept: Mapping[str, str]
    selected: Mapping[str, str] | None = None


def latent_plane(
    points: Points,
    decoder: Decoder,
    view: View,
    dial: Dial | None = None,
    *,
    key: str = "latent_plane",
    keep: Mapping[str, Callable[[Any], None]] = MappingProxyType({}),
) -> PlaneState:
    """Show the plane; new values of `view.pin`, `beta` and `kept` are set in it, unchanged ones are
    left to the user, and `keep` puts the user's into the URL. What is sent by `letters` for the
    same key arrives in the plane too."""
    wanted = {"pin": _floats(view.pin), "beta": view.beta, "kept": dict(view.kept)}
    data = payload(points, decoder, view, dial, key)
    values = {}
    for name, given in wanted.items():
        values[name], now = exchange.settle(key, name, given)
        data["view"][name], data["view"][f"{name}_revision"] = now.sent, now.revision
    listeners = {f"on_{name}_change": partial(_pass_on, key, name, keep) for name in wanted}
    result = _component(key=key, data=data, default=wanted | {"selected": None},
                        on_selected_change=parameters.touch, **listeners)
    # What the user did, a run that was cut short may have lost on its way to the URL.
    lost = [name for name in keep if not exchange.same(values[name], wanted[name])]
    for name in lost:
        keep[name](values[name])
    if lost:
        st.rerun()
    return PlaneState(pin=tuple(values["pin"]) if values["pin"] else None, beta=values["beta"],
                      kept=dict(values["kept"] or {}), selected=result.selected)


def _pass_on(key: str, name: str, keep: Mapping[str, Callable[[Any], None]]) -> None:
    """The user's new value to the URL, before the page is run."""
    value, before = st.session_state[key][name], exchange.last(key, name)
    if name in keep and not (before and before.comes_back(value)):
        keep[name](value)


def payload(points: Points, decoder: Decoder, view: View, dial: Dial | None, box: str
            ) -> dict[str, Any]:
    """What the component gets: tables of columns, and plain values for JSON."""
    columns = {name: value for name, value in vars(points).items() if value is not None}
    lattice = {"x": _floats(view.lattice_x), "y": _floats(view.lattice_y)}
    own = {"held": _floats(view.held), "pin": _floats(view.pin), "kept": dict(view.kept),
           "lattice": lattice, "box": box}
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


def _floats(values: Iterable[float] | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]
