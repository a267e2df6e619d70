"""Two models side by side: the picker of the other one, and its plane.

The planes are linked in the browser, by the index of a test image: see
static/latent_plane/link.js.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui import runs
from ui.explore import messages
from ui.explore.page import show_figures, show_plane
from ui.format import plain
from ui.latent_plane import PlaneState
from ui.model import ModelView, has_curve
from ui.widgets import errors_shown
from vae_core.data.registry import DATASETS
from vae_core.runs.run import RunError, Summary

PLANE = "plane2"
BESIDE_FROM = 900  # pixels: the width of the window from which on the planes stand side by side
# On a phone both pickers share a row: the plane below needs the room of one more.
_NARROW = """<style>@media (max-width: 640px) {
.st-key-run, .st-key-with { order: -1; width: auto !important; min-width: 0; }
.st-key-run { flex: 1 1 calc(100% - 8.6rem) !important; }
.st-key-with { flex: 0 0 7.4rem !important; }
}</style>"""
_STACKED = f"""<style>@media (max-width: {BESIDE_FROM - 0.02}px) {{
.st-key-planes > * {{ min-width: 100%; }}
}}</style>"""


def choose(bar: Any, chosen: Summary, summaries: Sequence[Summary]) -> Summary | None:
    """The picker of the other model, bound to ?with=…; none is chosen unless one is asked for.

    It has the runs on the same pictures; a β-conditioned model is compared with itself at two β.
    """
    found = {s.run_id: s for s in runs.in_order(runs.openable(summaries))
             if s.config.dataset == chosen.config.dataset
             and (s.run_id != chosen.run_id or has_curve(s))}
    wanted = st.query_params.get("with")
    with bar:
        other = st.selectbox("Compare with", list(found), index=None, key="with",
                             bind="query-params", placeholder="none", width=270)
    st.html(_NARROW)
    if wanted and wanted not in found:
        st.warning(_refusal(wanted, chosen, summaries))
    return other and found[other]


def _refusal(wanted: str, chosen: Summary, summaries: Sequence[Summary]) -> str:
    """Why the run that the URL names can't be compared with the chosen one, in one sentence."""
    name = repr(wanted[:100])
    run = next((s for s in runs.openable(summaries) if s.run_id == wanted), None)
    if run is None:
        return plain(f"There is no run {name} to compare with: it may have been removed, renamed "
                     "or damaged, or its examples aren't pictures.")
    if run.run_id == chosen.run_id:
        return plain(f"Run {name} has only one β, so it can't be compared with itself: choose "
                     "another run.")
    titles = [DATASETS[s.config.dataset].title for s in (run, chosen)]
    return plain(f"Run {name} is of {titles[0]} and {chosen.run_id!r} of {titles[1]}: only models "
                 "of the same pictures can be compared.")


def open_beside(first: ModelView, other: Summary | None) -> ModelView | None:
    """The other model, if there is one, or an error message on the page."""
    if other is None:
        return None
    with errors_shown():
        second = ModelView(other)
        shared = min(first.size, second.size)
        if not np.array_equal(first.posteriors["label"][:shared],
                              second.posteriors["label"][:shared]):
            raise RunError(f"Run {other.run_id!r} was measured on other test images than "
                           f"{first.run_id!r}: train it again to compare them.")
        return second
    return None


def show(row: Any, first: ModelView, second: ModelView, view: dict[str, str], state: PlaneState
         ) -> None:
    """The second plane, with its figures, at the end of the row that holds the first."""
    st.html(_STACKED)
    axes, latent_dim = second.default_axes(), second.config.latent_dim
    with row.container():
        _, at = show_plane(second, axes, view, PLANE, "2", "right")
        if latent_dim > len(axes.dims):
            st.caption(f"The two dimensions with the highest rate; the other {latent_dim - 2} are "
                       "fixed at 0.")
        if second.summary.last:
            show_figures(at)
        messages.post(messages.images(PLANE, second))
        if latent_dim > 2:
            messages.post(messages.all_means(PLANE, second, axes))
        messages.send_truth(PLANE, second, at, state)
    configs = [first.config, second.config]
    if any(config.latent_dim > 2 for config in configs):
        st.caption("A plane that follows the other one decodes the test image’s whole mean, "
                   "including the dimensions that it doesn’t show.")
    if len(names := {config.observation_model for config in configs}) > 1:
        st.caption(f"Distortions under {' and under '.join(sorted(names))} are of different "
                   "densities and can’t be compared.")
