"""A plane as one HTML file that works without a server: a teacher's handout."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from ui import components
from ui.explore import messages
from ui.latent_plane import PlaneState
from ui.model import Axes, ModelAt, ModelView

BOX = "handout"


def offer(model: ModelView, axes: Axes, view: dict[str, str], at: ModelAt, state: PlaneState
          ) -> None:
    """A button that writes the page with the plane's state: pin, β, layers and tool."""
    def make() -> bytes:
        sent = [messages.images(BOX, model), *messages.encoder(BOX, model, axes, at)]
        if model.config.latent_dim > 2:
            sent.append(messages.all_means(BOX, model, axes))
        if truth := messages.truth(BOX, model, at, state):
            sent.append(truth)
        data = model.payload(axes, **view, box=BOX, start=dict(state.settings))
        return write(model.run_id, model.facts.title, data, sent)

    st.download_button("Save page", make, f"{model.run_id}.html", "text/html", key="save_page",
                       icon=":material/download:", on_click="ignore",
                       help="One HTML file with this plane, its decoder and its points: it works "
                            "offline, without a server.")


def write(title: str, words: str, plane: Mapping[str, Any],
          sent: Sequence[Mapping[str, Any]]) -> bytes:
    """The file's bytes: `plane` is the component's data, `sent` the messages it gets beside it."""
    files = components.STATIC / "latent_plane"
    page = Template(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
    data = json.dumps(_written({"plane": plane, "messages": list(sent)}), ensure_ascii=False)
    return page.substitute(
        title=html.escape(title), words=html.escape(words),
        css=(files / "plane.css").read_text(encoding="utf-8"),
        html=(files / "plane.html").read_text(encoding="utf-8"),
        modules=components.joined(("latent_plane", "messages")).replace("</script", r"<\/script"),
        data=data.replace("<", "\\u003c")).encode()


def _written(value: Any) -> Any:
    """For JSON: tables as columns of base64, everything else as it is."""
    if isinstance(value, pa.Table):
        return {"columns": {name: _column(value.column(name).to_numpy())
                            for name in value.column_names}}
    if isinstance(value, Mapping):
        return {name: _written(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_written(each) for each in value]
    return value


def _column(values: np.ndarray) -> dict[str, str]:
    return {"kind": str(values.dtype), "base64": base64.b64encode(values.tobytes()).decode()}
