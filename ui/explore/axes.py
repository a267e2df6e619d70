"""The plane that is shown of a latent space with more than two dimensions, chosen by widgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import widgets
from ui.model import Axes, ModelView

HELD_RANGE = 3.0  # of the prior's standard deviations


def choose_axes(bar: Any, below: Any, model: ModelView, principal: bool, umap: bool) -> Axes:
    """Two dimensions, the first two principal axes, or a map by UMAP, where these are possible."""
    if model.config.latent_dim <= 2:
        return model.default_axes()
    kinds = ["dimensions", "PCA", *["UMAP"] * umap]
    kind = widgets.choose(bar.segmented_control, "Projection", kinds, "axes", default="dimensions",
                          required=True) if principal else "dimensions"
    if kind != "dimensions":
        return model.principal_axes("UMAP" if kind == "UMAP" else "PC")
    dims = choose_dims(bar, model.order())
    with below:
        return Axes(dims, fix_others(model.order(), dims))


def choose_dims(bar: Any, order: list[int]) -> tuple[int, int]:
    """Two select boxes over the dimensions, the most used ones first."""
    names = [f"z{d + 1}" for d in order]
    x = widgets.choose(bar.selectbox, "Horizontal", names, "d1", width=110)
    others = [name for name in names if name != x]
    y = widgets.choose(bar.selectbox, "Vertical", others, "d2", width=110)
    return int(x[1:]) - 1, int(y[1:]) - 1


def fix_others(order: list[int], dims: tuple[int, ...]) -> tuple[float, ...]:
    """A slider for every dimension that isn't shown, the most used ones first; z of all."""
    held = [0.0] * len(order)
    others = [d for d in order if d not in dims]
    moved = sum(st.session_state.get(f"z{d + 1}", 0.0) != 0 for d in others) or \
        sum(f"z{d + 1}" in st.query_params for d in others)
    with st.expander(f"Fix the other {len(others)} dimensions"
                     + (f" ({moved} moved)" if moved else ""), expanded=bool(moved)):
        st.caption("Sorted by rate; the last ones barely affect the image.")
        columns = st.columns(4)
        for position, d in enumerate(others):
            held[d] = widgets.choose_number(
                columns[position % 4].slider, f"z{d + 1}", -HELD_RANGE, HELD_RANGE, 0.0, 0.1,
                key=f"z{d + 1}")
    return tuple(held)
