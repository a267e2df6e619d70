"""Learning a manifold: a VAE with two latent dimensions fits a sheet to data in space."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.colors import sample_colorscale

from ui import runs, widgets
from ui.charts import ENVELOPE, GREY, add_prior_circles, ramp, rgb
from ui.model import ModelView, cached
from ui.theory import parts
from ui.theory.frames import line, points, show_frames, space
from vae_core.runs.run import Run, summarize

SECTION = {"place": 10, "title": "Learning a manifold"}
SHEETS = ["swiss-roll", "s-curve"]
ELLIPSES, PROBES, MOVED = 28, 8, 200  # posteriors drawn; moved points drawn, and averaged
OFFSETS, FIRST = np.linspace(-0.25, 0.25, 21), 16  # along the normal; the one shown first
BUNDLED = Path(__file__).parent / "runs"
REACH, EVERY = 3.6, 5  # of the latent plane; which of its grid lines are drawn
AZIMUTH, ELEVATION = 0.64, 0.48  # of the camera, radians
POSTERIOR, OFF, BACK = "#E69F00", "#D55E00", "#009E73"


def show() -> None:
    parts.statement(
        "Data often have far fewer degrees of freedom than dimensions: these points in space lie "
        "near a curved sheet f(t, h), with t along its curve and h across, plus a little noise. "
        "With two latent dimensions the decoder can only produce a sheet too, so training fits "
        "that sheet to the data. What lies off it can't be represented: a point moved away along "
        "the normal is encoded to nearly the same z, and its reconstruction is back on the sheet.",
        r"\begin{gathered} x = f(t, h) + \varepsilon, \quad "
        r"\varepsilon \sim \mathcal N(0, \sigma^2 I_3) \\ "
        r"\sqrt{\mathbb E\,\lVert x - \hat x \rVert^2} \approx \sigma \sqrt{3 - 2} \end{gathered}",
        "Tenenbaum, de Silva & Langford 2000; Roweis & Saul 2000; Dai & Wipf 2019.")
    name = widgets.choose(st.segmented_control, "Data set", SHEETS, "sheet", default=SHEETS[0],
                          required=True, width=240)
    run = model_of(name)
    if run is None:
        st.info(f"There is no finished model of {name} with two latent dimensions here.")
        return
    found = _measure(ModelView(summarize(run)), name)
    before, after = (np.array([getattr(each, kind).mean() for each in found.moved])
                     for kind in ("before", "after"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_space(found, before, after)
    with right:
        show_plane(found)
        show_distances(before, after)
    rest = found.residuals
    with st.container(horizontal=True):
        st.metric("RMS of ‖x − x̂‖, test points", f"{rest.reconstruction:.4f}")
        st.metric("Noise along the normal, σ", f"{rest.noise:.4f}")
        st.metric("Test points to the sheet (RMS)", f"{rest.data_to_sheet:.4f}")
        st.metric("… their reconstructions", f"{rest.reconstruction_to_sheet:.4f}")
    st.caption(
        f"Distances are to the true sheet from which the data were generated, averaged over "
        f"{len(found.moved[0].x):,} points away from its edges. The decoded part of the plane "
        f"contains {found.sheet.mass:.0%} of q(z). Drag to rotate, scroll to zoom.")
    if run.folder.parent == runs.checkpoints():
        parts.open_in_explore(run.run_id)


def model_of(name: str) -> Run | None:
    """The model of a sheet that comes with this section; without it, the user's first one."""
    bundled = Run(BUNDLED / f"{name}-mlp-z2")
    if bundled.folder.is_dir():
        return bundled
    return next((s.run for s in runs.openable(runs.all_runs())
                 if s.config.dataset == name and s.config.latent_dim == 2 and
                 s.state == "finished" and not s.config.deterministic), None)


class Measured(NamedTuple):
    """What is shown of a model; the rest as in `vae_core.theory.manifold`."""

    x: np.ndarray
    angle: np.ndarray
    mu: np.ndarray
    ellipses: np.ndarray
    decoded_ellipses: np.ndarray
    sheet: Any
    lines: list[np.ndarray]
    residuals: Any
    moved: list[Any]  # a `Moved` for each of OFFSETS


@cached(4, "Decoding the sheet …")
def _measure(view: ModelView, name: str) -> Measured:
    from vae_core.data import load_split
    from vae_core.theory import manifold

    test, model = load_split(name, "test"), view.frozen()
    posterior = manifold.posterior(model, test.x)
    some = type(posterior)(*(value[:ELLIPSES] for value in posterior))
    factors = manifold.interior(name, test.factors.double().numpy())[:MOVED]
    sheet = manifold.decoded_sheet(model, posterior, reach=REACH)
    return Measured(
        test.x.numpy(), test.factors[:, 0].numpy(), posterior.mu.numpy(), manifold.ellipses(some),
        manifold.decoded_ellipses(model, some), sheet, manifold.grid_lines(sheet, EVERY),
        manifold.residuals(model, name, test.x.double().numpy()),
        [manifold.move_off(model, name, factors, offset) for offset in OFFSETS])


def show_space(found: Measured, before: np.ndarray, after: np.ndarray) -> None:
    """Data, the decoded plane with its grid, decoded posteriors, and points off the sheet.

    before, after: mean distances to the sheet at each offset, of points and reconstructions.
    """
    blue = ENVELOPE[parts.dark()]
    share = (found.angle - found.angle.min()) / np.ptp(found.angle)
    loops, faces = found.decoded_ellipses, np.arange(found.decoded_ellipses[..., 0].size)
    first, second = np.split(found.sheet.triangles, 2)  # the two halves of each cell
    traces = [
        dict(kind="faces", p=points(found.sheet.x), color=f"rgba{(*rgb(blue), 0.28)}",
             faces=np.hstack([first, second[:, 2:]]).tolist(), name="decoded plane"),
        line(joined(found.lines), blue, width=1),
        dict(kind="points", p=points(found.x), size=3, color=GREY, name="data",
             colors=sample_colorscale(ramp(parts.dark()), share)),
        dict(kind="faces", p=points(loops.reshape(-1, 3)), color=f"rgba{(*rgb(POSTERIOR), 0.75)}",
             faces=faces.reshape(loops.shape[:2]).tolist(), name="q(z|x) within 2σ, decoded"),
        line(joined(list(loops)), POSTERIOR, width=2)]
    moving = [
        dict(kind="line", color=GREY, width=3),
        dict(kind="points", color=OFF, size=9, symbol="diamond", name="moved off the sheet"),
        dict(kind="points", color=BACK, size=7, name="reconstruction")]
    frames = []
    for each in found.moved:
        off, back = each.x[:PROBES], each.reconstruction[:PROBES]
        frames.append([dict(p=points(p)) for p in
                       (joined(list(np.stack([off, back], axis=1))), off, back)])
    names = [f"{offset:.3f}: {off:.3f} off the sheet, reconstruction {back:.3f}".replace("-", "−")
             for offset, off, back in zip(OFFSETS, before, after, strict=True)]
    fixed = len(traces)
    traces += [trace | new for trace, new in zip(moving, frames[FIRST], strict=True)]
    show_frames(space(AZIMUTH, ELEVATION), traces, range(fixed, len(traces)), frames, names,
                "moved by", key="sheet-space", height=500, first=FIRST, pause=120,
                alt="Data in space, the decoded latent plane, decoded posteriors, and points off "
                "the sheet")


def show_plane(found: Measured) -> None:
    """The latent plane: means (n, 2) in the data's colours, and some posteriors."""
    figure = go.Figure()
    figure.add_scatter(x=found.mu[:, 0], y=found.mu[:, 1], mode="markers", hoverinfo="skip",
                       marker=dict(size=3, color=found.angle, colorscale=ramp(parts.dark())))
    loops = joined(list(found.ellipses))
    figure.add_scatter(x=loops[:, 0], y=loops[:, 1], mode="lines", fill="toself",
                       line=dict(color=POSTERIOR, width=1.5), hoverinfo="skip")
    add_prior_circles(figure)
    side = parts.PLAIN | dict(range=[-REACH, REACH], constrain="domain")
    parts.finish(figure, showlegend=False, xaxis=dict(title="z₁", **side),
                 yaxis=dict(title="z₂", scaleanchor="x", **side))
    parts.chart(figure, "sheet-plane", "The latent plane", 300)


def show_distances(before: np.ndarray, after: np.ndarray) -> None:
    """Mean distance to the sheet before and after, over the offset."""
    figure = go.Figure()
    for values, colour, name in ((before, OFF, "of the point"),
                                 (after, BACK, "of its reconstruction")):
        figure.add_scatter(x=OFFSETS, y=values, mode="lines", name=name,
                           line=dict(color=colour, width=2.5),
                           hovertemplate="%{y:.3f}<extra></extra>")
    parts.finish(figure, hovermode="x", legend=dict(orientation="h", x=0, y=-0.42, yanchor="top"),
                 xaxis=parts.PLAIN | dict(title="offset along the normal"),
                 yaxis=parts.PLAIN | dict(title="mean distance", rangemode="tozero"))
    parts.chart(figure, "sheet-distances", "Distance to the sheet before and after, by offset", 260)


def joined(pieces: list[np.ndarray]) -> np.ndarray:
    """Pieces (·, d) one after another, separated by NaN: one trace draws them all."""
    gap = np.full((1, pieces[0].shape[1]), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)])
