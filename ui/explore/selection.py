"""The test images selected on a plane, as a table to download: CSV or Parquet."""

import base64
import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import streamlit as st

from ui.latent_plane import PlaneState
from ui.model import Axes, ModelAt, ModelView

FILES = {"CSV": ("csv", "text/csv"), "Parquet": ("parquet", "application/vnd.apache.parquet")}


def offer(model: ModelView, axes: Axes, at: ModelAt, state: PlaneState) -> None:
    """Two buttons, if any of the plane's images are selected."""
    rows = indices(state, model.identity(axes), model.size)
    if rows is None or not len(rows):
        return
    name = at.model.run_id + (f"-beta{at.beta:.4g}" if at.curve else "") + "-selection"
    with st.container(horizontal=True, vertical_alignment="center", key="selection"):
        many = f"{len(rows):,} selected image{'s' if len(rows) > 1 else ''}"
        st.caption(f"{many} with labels, μ, log σ², distortion and rate:", width="content")
        for title, (suffix, mime) in FILES.items():
            st.download_button(
                title, lambda suffix=suffix: as_bytes(table(at, rows), suffix),
                f"{name}.{suffix}", mime, key=f"selection_{suffix}", on_click="ignore",
                icon=":material/download:")


def indices(state: PlaneState, model: str, size: int) -> np.ndarray | None:
    """The selected images' indices, rising; None where what the browser has sent is of another
    selection or model, or has no such format."""
    sent = state.selected
    if not isinstance(sent, Mapping) or sent.get("model") != model \
            or not sent.get("text") or sent["text"] != state.get("select"):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(sent["bits"], validate=True), np.uint8)
    except (KeyError, TypeError, ValueError):
        return None
    mask = np.unpackbits(packed, bitorder="little")
    return np.flatnonzero(mask[:size]) if len(packed) == -(-size // 8) else None


def table(at: ModelAt, rows: np.ndarray) -> pa.Table:
    """index, label (−1: none), mu_1 …, log_var_1 …, distortion, rate (nats) of these images.

    A β-conditioned model encodes them at the dial's β; of a sweep they are the nearest model's own.
    """
    each = at.measured(rows)
    columns = {"index": rows.astype(np.int32), "label": at.label[rows].astype(np.int16)}
    for name in ("mu", "log_var"):
        columns |= {f"{name}_{d + 1}": column for d, column in enumerate(each[name].T)}
    return pa.table(columns | {name: each[name] for name in ("distortion", "rate")})


def as_bytes(content: pa.Table, suffix: str) -> bytes:
    file = io.BytesIO()
    if suffix == "csv":
        from pyarrow import csv

        csv.write_csv(content, file)
    else:
        from pyarrow import parquet

        parquet.write_table(content, file)
    return file.getvalue()
