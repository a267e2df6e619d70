"""The ring that is dragged along a curve in the rate–distortion plane: a component over plotly's.

plotly_chart tells of clicks only, and any change of its figure makes a new chart: on a busy machine
that took 0.7 to 1.7 s, and the zoom is lost. So the figure stays, and ring, tangent and numbers are
drawn over it in the browser, at every frame. plotly's own sliders tell Python nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from ui.charts import RateLine

PLANE = "rate_plane"  # the key of the container with the chart; the ring is looked for nowhere else
COLOUR = "#D55E00"
# Inline JavaScript is a blob: module, in which relative imports fail; hence the absolute address.
_LOADER = """
const main = new URL("app/static/rd_plane/handle.js", document.baseURI);
export default async (component) => (await import(main)).mount(component);
"""
_component = st.components.v2.component("curve_handle", html="<span></span>", js=_LOADER)


def curve_handle(line: RateLine, beta: float, on_choose: Callable[[float], None],
                 key: str = "handle") -> None:
    """Put the ring at β, which is one of the line's; on_choose gets the β it is dragged to, or that
    of the place on the line that is clicked."""
    curve = {name: np.asarray(getattr(line, name), dtype=float).tolist()
             for name in ("beta", "rate", "distortion", "weight", "active")}
    _component(key=key, data={"curve": curve, "at": line.beta.tolist().index(beta),
                              "colour": COLOUR},
               on_beta_change=lambda: on_choose(float(st.session_state[key]["beta"])))
