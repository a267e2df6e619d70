"""The manifold: a VAE with two codes lays a sheet through data in space."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from ui import models, runs, widgets
from ui.theory import manifold_charts as figures
from ui.theory import parts
from vae_core.runs.run import Run

SHEETS = ["swiss-roll", "s-curve"]
BUBBLES, PROBES, MOVED = 28, 8, 200  # posteriors drawn; moved points drawn, and averaged
OFFSETS, FIRST = np.linspace(-0.25, 0.25, 21), 16  # along the normal; the one that is seen first
BUNDLED = Path(__file__).parent / "runs"
REACH, EVERY = 3.6, 5  # of the latent plane; grid lines drawn


def show() -> None:
    parts.statement(
        "Data often fill far fewer dimensions than they have: these points of space lie near a "
        "curved sheet f(t, h), t along its curve and h across, with a little noise off it. With "
        "two codes the decoder can only make a sheet too, so training lays that sheet through the "
        "data. What lies off it can't be expressed: a point that is moved away along the normal is "
        "encoded to nearly the same code, and comes back.",
        r"\begin{gathered} x = f(t, h) + \varepsilon, \quad "
        r"\varepsilon \sim \mathcal N(0, \sigma^2 I_3) \\ "
        r"\sqrt{\mathbb E\,\lVert x - \hat x \rVert^2} \approx \sigma \sqrt{3 - 2} \end{gathered}",
        "Tenenbaum, de Silva & Langford 2000; Roweis & Saul 2000; Dai & Wipf 2019.")
    name = widgets.choose(st.segmented_control, "Data set", SHEETS, "sheet", default=SHEETS[0],
                          required=True, width=240)
    run = _model_of(name)
    if run is None:
        st.info(f"There is no finished model of {name} with two latent dimensions here.")
        return
    found = _measure(parts.torch_model(run), run.run_id, models.version(run), name)
    _show(found, run)


def _model_of(name: str) -> Run | None:
    """The model of a sheet that comes with this section; without it, the user's first one."""
    bundled = Run(BUNDLED / f"{name}-mlp-z2")
    if bundled.folder.is_dir():
        return bundled
    return next((s.run for s in runs.openable(runs.all_runs())
                 if s.config.dataset == name and s.config.latent_dim == 2 and
                 s.state == "finished" and not s.config.deterministic), None)


class Measured(NamedTuple):
    x: np.ndarray
    angle: np.ndarray
    mu: np.ndarray
    ellipses: np.ndarray
    bubbles: np.ndarray
    sheet: Any
    residuals: Any
    moved: list[Any]  # a sheet.Moved for each of OFFSETS


@st.cache_resource(show_spinner="Decoding the sheet …", max_entries=4)
def _measure(_model: Any, run_id: str, version: str, name: str) -> Measured:
    from vae_core.data import load_split
    from vae_core.theory import manifold

    test = load_split(name, "test")
    posterior = manifold.posterior(_model, test.x)
    some = type(posterior)(*(value[:BUBBLES] for value in posterior))
    factors = manifold.interior(name, test.factors.double().numpy())[:MOVED]
    return Measured(
        test.x.numpy(), test.factors[:, 0].numpy(), posterior.mu.numpy(), manifold.ellipses(some),
        manifold.bubbles(_model, some), manifold.decoded_sheet(_model, posterior, reach=REACH),
        manifold.residuals(_model, name, test.x.double().numpy()),
        [manifold.move_off(_model, name, factors, offset) for offset in OFFSETS])


def _show(found: Measured, run: Any) -> None:
    from vae_core.theory import manifold

    dark = parts.dark()
    before, after = (np.array([getattr(each, kind).mean() for each in found.moved])
                     for kind in ("before", "after"))
    labels = [f"{offset:.3f}: {off:.3f} off the sheet, reconstructed {back:.3f}".replace("-", "−")
              for offset, off, back in zip(OFFSETS, before, after, strict=True)]
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(
        figures.space(found.x, found.angle, found.sheet.x, found.sheet.triangles,
                      manifold.grid_lines(found.sheet, EVERY), found.bubbles,
                      [(each.x[:PROBES], each.reconstruction[:PROBES]) for each in found.moved],
                      labels, FIRST, dark),
        config=parts.PLOT, height=560, key="sheet-space",
        alt="Data in space, the decoded latent plane, decoded posteriors, points off the sheet")
    right.plotly_chart(
        figures.plane(found.mu, found.angle, found.ellipses, REACH, dark),
        config=parts.PLOT, height=300, key="sheet-plane", alt="The latent plane")
    right.plotly_chart(
        figures.snap(OFFSETS, before, after), config=parts.PLOT, height=260, key="sheet-snap",
        alt="Distance to the sheet before and after, over the offset")
    rest = found.residuals
    with st.container(horizontal=True):
        st.metric("RMS of ‖x − x̂‖, test points", f"{rest.reconstruction:.4f}")
        st.metric("Noise along the normal, σ", f"{rest.noise:.4f}")
        st.metric("Test points off the sheet (RMS)", f"{rest.data_to_sheet:.4f}")
        st.metric("… their reconstructions", f"{rest.reconstruction_to_sheet:.4f}")
    st.caption(
        f"Distances are to the true sheet that the data were made from; means of "
        f"{len(found.moved[0].x):,} points away from its edges. The decoded part of the plane "
        f"holds {found.sheet.mass:.0%} of q(z). Drag to turn, scroll to come closer.")
    if run.folder.parent == runs.checkpoints():
        parts.open_in_explore(run.run_id)
