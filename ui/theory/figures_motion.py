"""Play, pause and a place in time for a plotly Figure with frames."""

from __future__ import annotations

import plotly.graph_objects as go

from ui.figures import FAINT, GREY


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
        sliders=[dict(
            active=len(labels) - 1, x=0.3, len=0.7, xanchor="left", y=-0.13, yanchor="top",
            pad=dict(t=0, b=0), bgcolor=FAINT, bordercolor=FAINT, tickcolor="rgba(0,0,0,0)",
            ticklen=0, font=dict(color="rgba(0,0,0,0)", size=1), minorticklen=0,
            currentvalue=dict(prefix=prefix, xanchor="right", font=dict(color=GREY, size=12)),
            steps=[dict(label=label, method="animate", args=[[label], still])
                   for label in labels])])
    return figure
