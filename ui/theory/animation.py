"""Play, pause and a place in time for a plotly Figure with frames; Gaussians as lines."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from ui.charts import FAINT, GREY

_TURN = np.linspace(0, 2 * np.pi, 73)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], -1)


def ellipses(mu: np.ndarray, scale: np.ndarray, radii: tuple[float, ...] = (1.0, 2.0)
             ) -> tuple[np.ndarray, np.ndarray]:
    """The 1σ and 2σ lines of N(mu, scale scaleᵀ) as one broken line, x and y."""
    gap = np.full((1, 2), np.nan)
    parts = [part for radius in radii for part in (mu + radius * _CIRCLE @ scale.T, gap)]
    line = np.concatenate(parts).astype(np.float32)
    return line[:, 0], line[:, 1]


def shading(x: np.ndarray, y: np.ndarray, share: np.ndarray, colour: tuple[int, int, int]) -> dict:
    """share (len(y), len(x)) in [0, 1] as a layout image below the traces: a heat map or contour
    would be lost in the first frame of an animation."""
    picture = np.empty((*share.shape, 4), dtype=np.uint8)
    picture[..., :3] = colour
    picture[..., 3] = (215 * share[::-1]).round()
    return dict(source=Image.fromarray(picture), xref="x", yref="y", x=x[0], y=y[-1],
                layer="below", sizex=x[-1] - x[0], sizey=y[-1] - y[0], sizing="stretch")


def animate(figure: go.Figure, frames: list[list[go.Scatter]], labels: list[str], traces: list[int],
            prefix: str, pause: int = 60) -> go.Figure:
    """Give the figure these frames, one label each, and let the last one be what is seen first.

    frames: for each moment the new state of `traces` (their numbers in the figure).
    """
    figure.frames = [go.Frame(data=data, name=label, traces=traces)
                     for data, label in zip(frames, labels, strict=True)]
    for number, trace in zip(traces, frames[-1], strict=True):
        figure.data[number].update(trace)
    how = dict(mode="immediate", fromcurrent=True, transition=dict(duration=0),
               frame=dict(duration=pause, redraw=False))
    still = how | dict(frame=dict(duration=0, redraw=False))
    figure.update_layout(
        updatemenus=[dict(
            type="buttons", direction="left", x=0, xanchor="left", y=-0.13, yanchor="top",
            pad=dict(t=6, l=0, r=8), showactive=False, bgcolor="rgba(0,0,0,0)", bordercolor=GREY,
            borderwidth=1, buttons=[
                dict(label="Play", method="animate", args=[labels, how | dict(fromcurrent=False)]),
                dict(label="Pause", method="animate", args=[[None], still])])],
        sliders=[slider(labels, len(labels) - 1, still, x=0.4, len=0.6, xanchor="left", y=-0.13,
                        yanchor="top",
                        currentvalue=dict(prefix=prefix, xanchor="right",
                                          font=dict(color=GREY, size=12)))])
    return figure


def slider(labels: list[str], active: int, still: dict, **place: object) -> dict:
    """A slider of a plotly figure: it goes to the frame of each label, and shows no ticks."""
    return dict(active=active, pad=dict(t=0, b=0), bgcolor=FAINT, bordercolor=FAINT, ticklen=0,
                minorticklen=0, tickcolor="rgba(0,0,0,0)",
                font=dict(color="rgba(0,0,0,0)", size=1),
                steps=[dict(label=label, method="animate", args=[[label], still])
                       for label in labels], **place)
