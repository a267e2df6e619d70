"""Two models side by side: the picker of the other one, and its plane.

The planes are linked in the browser, by the index of a test image: see
static/latent_plane/compare/link.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui import runs
from ui.explore import codes, dial, explorer, messages, pin
from ui.explore.explorer import Prepared
from ui.format import plain
from ui.latent_plane import latent_plane, plane_state
from vae_core.data.registry import CATALOG
from vae_core.measure.lattice import most_used_dims
from vae_core.runs.run import RunError, Summary

PLANE = "plane2"
PARAMETER = "with"
BESIDE_FROM = 900  # pixels: the width of the window from which on the planes stand side by side
# On a phone both pickers share a row: the plane below needs the room of one more.
_NARROW = """<style>@media (max-width: 640px) {
.st-key-run, .st-key-with { order: -1; width: auto !important; min-width: 0; }
.st-key-run { flex: 1 1 calc(100% - 8.6rem) !important; }
.st-key-with { flex: 0 0 7.4rem !important; }
}</style>"""


def comparable(chosen: Summary, summaries: Sequence[Summary]) -> list[Summary]:
    """The runs on the same pictures; with itself a model is compared at two β, if it has them."""
    return [s for s in runs.in_order(runs.openable(summaries))
            if s.config.dataset == chosen.config.dataset
            and (s.run_id != chosen.run_id or dial.for_every_beta(s))]


def choose(chosen: Summary, summaries: Sequence[Summary]) -> Summary | None:
    """The picker of the other model, bound to ?with=…; none is chosen unless one is asked for."""
    found = {s.run_id: s for s in comparable(chosen, summaries)}
    wanted = st.query_params.get(PARAMETER)
    other = st.selectbox("Compare with", list(found), index=None, key=PARAMETER,
                         bind="query-params", placeholder="none", width=270)
    st.html(_NARROW)
    if wanted and wanted not in found:
        st.warning(_refusal(wanted, chosen, summaries))
    return other and found[other]


def _refusal(wanted: str, chosen: Summary, summaries: Sequence[Summary]) -> str:
    """Why the run that the URL names can't stand beside the chosen one, in one sentence."""
    name = repr(wanted[:100])
    there = next((s for s in runs.openable(summaries) if s.run_id == wanted), None)
    if there is None:
        return plain(f"There is no run {name} to compare with: it may have been removed, renamed "
                     "or damaged, or its examples aren't pictures.")
    if there.run_id == chosen.run_id:
        return plain(f"Run {name} has one β alone, so that there is nothing to compare it with in "
                     "itself: choose another run.")
    titles = [CATALOG[s.config.dataset].title for s in (there, chosen)]
    return plain(f"Run {name} is of {titles[0]} and {chosen.run_id!r} of {titles[1]}: only models "
                 "of the same pictures can be compared.")


def prepare(first: Prepared, other: Summary | None) -> Prepared | None:
    """The other model in its two most used dimensions, or an error's sentence on the page."""
    if other is None:
        return None
    try:
        dims = tuple(range(min(2, other.config.latent_dim)))
        if other.config.latent_dim > 2:
            latents = explorer.latents(other)
            dims = tuple(most_used_dims(latents["mu"], latents["log_var"])[:2])
        second = explorer.prepare(other, dims, beta=plane_state(PLANE, "2").beta)
        shared = min(first.size, second.size)
        if not np.array_equal(first.points.label[:shared], second.points.label[:shared]):
            raise RunError(f"Run {other.run_id!r} was measured on other test images than "
                           f"{first.chosen.run_id!r}: train it again to compare them.")
    except (ValueError, OSError) as error:
        st.error(plain(error))
        return None
    return second


def show(row: Any, first: Prepared, second: Prepared, mode: str, color_by: str) -> Any:
    """The second plane, with its figures, at the end of the row that holds the first; its place."""
    st.html(f"<style>@media (max-width: {BESIDE_FROM - 0.02}px) "
            "{ .st-key-planes > * { min-width: 100%; } }</style>")
    column, latent_dim = row.container(), second.chosen.config.latent_dim
    with column:
        view = explorer.view(second, held=(0.0,) * latent_dim, mode=mode, color_by=color_by,
                             side="right")
        latent_plane(second.points, second.decoder, view, second.dial, key=PLANE)
        if second.words:
            st.caption(second.words)
        if latent_dim > len(second.dims):
            st.caption(f"Its two most used dimensions; the other {latent_dim - 2} are held at 0.")
        if second.chosen.last:
            pin.show_figures(second.chosen, second.figures)
        messages.post(messages.images(PLANE, second.subject, second.size))
        codes.send(PLANE, second, view.model, plane_state(PLANE, "2"), always=True)
    models = [s.chosen.config for s in (first, second)]
    if any(config.latent_dim > 2 for config in models):
        st.caption("A plane that follows the other one decodes the test image’s whole mean, also "
                   "in the dimensions that it doesn’t show.")
    if len(names := {config.observation_model for config in models}) > 1:
        st.caption(f"Distortions under {' and under '.join(sorted(names))} are of different "
                   "densities, and can’t be compared.")
    return column
