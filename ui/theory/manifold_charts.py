"""Figures of the section on the manifold; arrays in, plotly Figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, ENVELOPE, GREY, add_prior_circles, ramp
from ui.theory.animation import slider

BUBBLE, OFF, BACK = "#E69F00", "#D55E00", "#009E73"
TURN, EYE = 72, (1.15, 0.85, 0.75)  # frames of a turn; where the camera stands at first


def space(data: np.ndarray, angle: np.ndarray, sheet_x: np.ndarray, triangles: np.ndarray,
          lines: list[np.ndarray], bubbles: np.ndarray, moves: list[tuple[np.ndarray, np.ndarray]],
          labels: list[str], first: int, dark: bool) -> go.Figure:
    """Data, the decoded plane with its grid lines, decoded posteriors, and points off the sheet.

    The slider that moves the points is the figure's own, as a new figure would forget how the
    reader has turned this one.

    Args:
        data, angle: (n, 3), and what colours them (n,).
        sheet_x, triangles: vertices (m, 3) and indices (k, 3).
        lines: pieces (·, 3) of the decoded grid.
        bubbles: closed loops (b, p, 3).
        moves: for each stop of the slider, points off the sheet and their reconstructions, (j, 3).
        labels, first: what stands at each stop; the one that is seen first.
    """
    blue = ENVELOPE[dark]
    figure = go.Figure()
    figure.add_mesh3d(**_xyz(sheet_x), i=triangles[:, 0], j=triangles[:, 1], k=triangles[:, 2],
                      color=blue, opacity=0.28, hoverinfo="skip", name="decoded plane",
                      showlegend=True, flatshading=False,
                      lighting=dict(ambient=0.75, diffuse=0.4, specular=0.05))
    figure.add_scatter3d(**_xyz(_joined(lines)), mode="lines", line=dict(color=blue, width=1.5),
                         hoverinfo="skip", showlegend=False)
    figure.add_scatter3d(**_xyz(data), mode="markers", hoverinfo="skip", name="data",
                         marker=dict(size=2, color=angle, colorscale=ramp(dark), opacity=0.8))
    figure.add_mesh3d(**_fans(bubbles), color=BUBBLE, opacity=0.75, hoverinfo="skip",
                      name="q(z|x) within 2σ, decoded", showlegend=True)
    figure.add_scatter3d(**_xyz(_joined(list(bubbles))), mode="lines", hoverinfo="skip",
                         line=dict(color=BUBBLE, width=3), showlegend=False)
    moving = len(figure.data)
    for trace, style in zip(_moved(*moves[first]), (
            dict(mode="lines", line=dict(color=GREY, width=4), showlegend=False),
            dict(mode="markers", marker=dict(size=5, color=OFF, symbol="diamond"),
                 name="moved off the sheet"),
            dict(mode="markers", marker=dict(size=5, color=BACK), name="reconstruction")),
            strict=True):
        figure.add_trace(trace.update(**style, hoverinfo="skip"))
    axis = dict(showbackground=False, showgrid=False, zeroline=False, showticklabels=False,
                title="", showspikes=False)
    figure.update_layout(
        **BLANK, margin=dict(l=0, r=0, t=0, b=0), uirevision="kept",
        scene=dict(xaxis=axis, yaxis=axis, zaxis=axis, aspectmode="data", dragmode="turntable",
                   camera=_camera(0), domain=dict(y=[0.12, 1])),
        legend=dict(orientation="h", x=0, y=0, yanchor="top", itemsizing="constant"),
        sliders=[slider(labels, first, _still(), x=0.02, len=0.7, y=0, yanchor="bottom",
                        currentvalue=dict(prefix="moved by ", xanchor="left", offset=2,
                                          font=dict(color=GREY, size=13)))],
        updatemenus=[dict(
            type="buttons", showactive=False, direction="left", x=0, y=1, xanchor="left",
            yanchor="top", pad=dict(l=4, t=4), bgcolor="rgba(0,0,0,0)", bordercolor=GREY,
            font=dict(color=GREY), buttons=[
                _button("turn", [str(step) for step in range(1, TURN + 1)]),
                _button("pause", [None])])])
    figure.frames = [go.Frame(layout=dict(scene=dict(camera=_camera(step))), name=str(step))
                     for step in range(1, TURN + 1)]
    figure.frames += tuple(go.Frame(data=_moved(*points), traces=list(range(moving, moving + 3)),
                                    name=label)
                           for points, label in zip(moves, labels, strict=True))
    return figure


def _moved(moved: np.ndarray, back: np.ndarray) -> tuple[go.Scatter3d, ...]:
    """Lines from points to their reconstructions, and both ends."""
    lines = _joined(list(np.stack([moved, back], axis=1)))
    return tuple(go.Scatter3d(**_xyz(points)) for points in (lines, moved, back))


def snap(offset: np.ndarray, before: np.ndarray, after: np.ndarray) -> go.Figure:
    """Mean distance to the sheet before and after, each (n,), over the offset (n,)."""
    figure = go.Figure()
    for values, colour, name in ((before, OFF, "of the point"),
                                 (after, BACK, "of its reconstruction")):
        figure.add_scatter(x=offset, y=values, mode="lines", name=name,
                           line=dict(color=colour, width=2.5),
                           hovertemplate="%{y:.3f}<extra></extra>")
    figure.update_layout(
        **BLANK, margin=dict(l=8, r=8, t=8, b=8), dragmode=False, hovermode="x",
        xaxis=dict(title="offset along the normal", zeroline=False, showgrid=False),
        yaxis=dict(title="mean distance to the sheet", zeroline=False, showgrid=False,
                   rangemode="tozero"),
        legend=dict(orientation="h", x=0, y=-0.42, yanchor="top"))
    return figure


def plane(mu: np.ndarray, angle: np.ndarray, circles: np.ndarray, reach: float, dark: bool
          ) -> go.Figure:
    """The latent plane: means (n, 2) in the data's colours, some ellipses (b, p, 2)."""
    figure = go.Figure()
    figure.add_scatter(x=mu[:, 0], y=mu[:, 1], mode="markers", hoverinfo="skip",
                       marker=dict(size=3, color=angle, colorscale=ramp(dark)))
    loops = _joined(list(circles))
    figure.add_scatter(x=loops[:, 0], y=loops[:, 1], mode="lines", fill="toself",
                       line=dict(color=BUBBLE, width=1.5), hoverinfo="skip")
    add_prior_circles(figure)
    plain = dict(zeroline=False, showgrid=False, range=[-reach, reach], constrain="domain")
    figure.update_layout(**BLANK, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
                         showlegend=False, xaxis=dict(title="z₁", **plain),
                         yaxis=dict(title="z₂", scaleanchor="x", **plain))
    return figure


def _xyz(points: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip("xyz", np.asarray(points, dtype=np.float32).T, strict=True))


def _joined(pieces: list[np.ndarray]) -> np.ndarray:
    """Pieces (·, d) one after another, parted by NaN, so that one trace draws them all."""
    gap = np.full((1, pieces[0].shape[1]), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)])


def _fans(loops: np.ndarray) -> dict[str, np.ndarray]:
    """Closed loops (b, p, 3) filled by triangles around their middles, as one mesh."""
    num, size = loops.shape[:2]
    middle = loops[:, :-1].mean(1)
    points = np.concatenate([loops.reshape(-1, 3), middle])
    first = (np.arange(num)[:, None] * size + np.arange(size - 1)).ravel()
    return _xyz(points) | dict(i=first, j=first + 1,
                               k=np.repeat(num * size + np.arange(num), size - 1))


def _camera(step: int) -> dict:
    angle = 2 * np.pi * step / TURN
    x, y, z = EYE
    return dict(eye=dict(x=float(x * np.cos(angle) - y * np.sin(angle)),
                         y=float(x * np.sin(angle) + y * np.cos(angle)), z=z))


def _button(label: str, frames: list) -> dict:
    going = dict(fromcurrent=True, frame=dict(duration=60, redraw=True)) if frames != [None] else {}
    return dict(label=label, method="animate", args=[frames, _still() | going])


def _still() -> dict:
    return dict(mode="immediate", transition=dict(duration=0), frame=dict(duration=0, redraw=True))
