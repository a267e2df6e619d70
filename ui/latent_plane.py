"""The latent plane: arrays in, what the user did out; drawing and decoding run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import streamlit as st

from ui import parameters

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
    """The decoder's layers as `vae_core.export` describes them, and all its weights, flat; of
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
    URL is to keep, and which images it selects: see `ui.selection`."""

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
    on_pin_change: Callable[[], None] = lambda: None,
    on_beta_change: Callable[[], None] = lambda: None,
    on_kept_change: Callable[[], None] = lambda: None,
) -> PlaneState:
    """Show the plane; new values of `view.pin`, `beta` and `kept` are set in it, unchanged ones are
    left to the user. What is sent by `letters` for the same key arrives in it too."""
    wanted = {"pin": _floats(view.pin), "beta": view.beta, "kept": dict(view.kept)}
    data = payload(points, decoder, view, dial, key)
    for name, value in wanted.items():
        data["view"][name], data["view"][f"{name}_revision"] = _to_send(name, value, key)
    result = _component(key=key, data=data, default=wanted | {"selected": None},
                        on_pin_change=on_pin_change, on_beta_change=on_beta_change,
                        on_kept_change=on_kept_change, on_selected_change=parameters.touch)
    return PlaneState(pin=tuple(result.pin) if result.pin else None, beta=result.beta,
                      kept=dict(result.kept or {}), selected=result.selected)


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


def _to_send(name: str, wanted: Any, key: str) -> tuple[Any, int]:
    """A value for the browser, with a number that grows only when Python sets it.

    What is set in the browser isn't sent back, so that a click doesn't send all weights again.
    """
    memory = f"_{key}_{name}"
    mounted = st.session_state.get(key)
    sent, revision, before = st.session_state.get(memory, (None, 0, None))
    if mounted is None or wanted not in (before, mounted.get(name)):
        sent, revision = wanted, revision + 1
        if mounted is not None:
            mounted[name] = wanted
    st.session_state[memory] = (sent, revision, wanted)
    return sent, revision


def _floats(values: Iterable[float] | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]
