"""The test images selected on a plane, as a table to download: CSV or Parquet."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import streamlit as st

from ui import models
from ui.explore.pin import Subject
from ui.latent_plane import PlaneState

KEPT = "select"
FILES = {"CSV": ("csv", "text/csv"), "Parquet": ("parquet", "application/vnd.apache.parquet")}


def offer(subject: Subject, size: int, model: str, placed: PlaneState) -> None:
    """Two buttons, if any of the plane's `size` images are selected."""
    rows = indices(placed, model, size)
    if rows is None or not len(rows):
        return
    name = subject.run.run_id + (f"-beta{subject.beta:.4g}" if subject.beta else "") + "-selection"
    with st.container(horizontal=True, vertical_alignment="center", key="selection"):
        many = f"{len(rows):,} selected image{'s' if len(rows) > 1 else ''}"
        st.caption(f"{many} with labels, μ, log σ², distortion and rate:", width="content")
        for title, (suffix, mime) in FILES.items():
            st.download_button(
                title, lambda suffix=suffix: as_bytes(table(subject, rows), suffix),
                f"{name}.{suffix}", mime, key=f"selection_{suffix}", on_click="ignore",
                icon=":material/download:")


def indices(placed: PlaneState, model: str, size: int) -> np.ndarray | None:
    """The selected images' indices, rising; None where the browser hasn't told them for this
    selection of this model, or not as it tells them."""
    said = placed.selected
    if not isinstance(said, Mapping) or said.get("model") != model \
            or not said.get("text") or said["text"] != placed.get(KEPT):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(said["bits"], validate=True), np.uint8)
    except (KeyError, TypeError, ValueError):
        return None
    mask = np.unpackbits(packed, bitorder="little")
    return np.flatnonzero(mask[:size]) if len(packed) == -(-size // 8) else None


def table(subject: Subject, rows: np.ndarray) -> pa.Table:
    """index, label (−1: none), mu_1 …, log_var_1 …, distortion, rate (nats) of these images.

    A β-conditioned model encodes them at the dial's β; of a sweep they are the nearest model's own.
    """
    each = measured(subject, rows)
    columns = {"index": rows.astype(np.int32), "label": subject.label[rows].astype(np.int16)}
    for name in ("mu", "log_var"):
        columns |= {f"{name}_{d + 1}": column for d, column in enumerate(each[name].T)}
    return pa.table(columns | {name: each[name] for name in ("distortion", "rate")})


def measured(subject: Subject, rows: np.ndarray) -> dict[str, np.ndarray]:
    """mu and log_var, (rows, latent_dim), distortion and rate, (rows,)."""
    names = ("mu", "log_var", "distortion", "rate")
    run, folder = subject.run, str(subject.run.folder)
    if subject.beta is None:
        latents = models.latents(run, folder, subject.version)
        return {name: latents[name][rows] for name in names}
    import torch

    from vae_core.measure.test_set import FINAL_SAMPLES, per_example

    model = models.vae(run, folder, subject.version)
    x = models.encoder_input(subject.config.dataset, subject.config.binarized)
    found = per_example(model, x, FINAL_SAMPLES, beta=subject.beta, rows=torch.from_numpy(rows))
    return {name: getattr(found, name).numpy() for name in names}


def as_bytes(content: pa.Table, suffix: str) -> bytes:
    """The file."""
    file = io.BytesIO()
    if suffix == "csv":
        from pyarrow import csv

        csv.write_csv(content, file)
    else:
        from pyarrow import parquet

        parquet.write_table(content, file)
    return file.getvalue()
