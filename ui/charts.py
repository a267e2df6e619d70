"""Arrays in, plotly Figure out; no Streamlit calls.

Grounds are transparent and text takes the theme's colour; `dark` only chooses among colours that
would fade into one of the two grounds. Class colours and the ramp are those of the latent plane
(static/shared/palette.js).
"""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

CLASSES = {
    False: ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9",
            "#CC79A7", "#1A1A1A", "#E3CF1B", "#882255", "#332288"),
    True: ("#1F7FC4", "#E69F00", "#009E73", "#D55E00", "#7CC8F5",
           "#CC79A7", "#F2F2F2", "#F0E442", "#B03070", "#7C5CFF"),
}
NO_CLASS = {False: "#9A9A9A", True: "#7A7A7A"}
# Cividis (Nuñez, Anderton & Renslow 2018) at nine equal steps, and the part of it that doesn't fade
# into the ground.
CIVIDIS = ("#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369",
           "#FEE838")
RAMP_RANGE = {False: (0.0, 0.94), True: (0.16, 1.0)}
ENVELOPE = {False: "#0072B2", True: "#56B4E9"}
GREY, FAINT = "#858585", "rgba(133,133,133,0.45)"
BLANK = dict(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
# st.plotly_chart's config: four tools, no logo, and a double click puts the axes back.
MODEBAR = {"displaylogo": False, "doubleClick": "reset",
           "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d", "toImage"]]}
Range = tuple[float, float]


def embedding(x: np.ndarray, y: np.ndarray, label: np.ndarray, class_names: tuple[str, ...],
              ranges: tuple[Range, Range], titles: tuple[str, str], circles: bool = True,
              equal_axes: bool = True, dark: bool = False) -> go.Figure:
    """Posterior means (n,) in class colours (label −1: none), each class a line of the legend.

    circles: radii 1, 2 and 3 of the prior N(0, I) as a measure.
    """
    figure = go.Figure()
    for value in np.unique(label):
        here = label == value
        colour = NO_CLASS[dark] if value < 0 else CLASSES[dark][value % len(CLASSES[dark])]
        named = 0 <= value < len(class_names)
        figure.add_scattergl(
            x=x[here], y=y[here], mode="markers", marker=dict(size=3, color=colour, opacity=0.75),
            name=class_names[value] if named else "no label" if value < 0 else str(value),
            hovertemplate="(%{x:.2f}, %{y:.2f})")
    if circles:
        add_prior_circles(figure)
    figure.update_layout(
        **BLANK, height=450, margin=dict(l=8, r=8, t=8, b=8), dragmode=False, hovermode="closest",
        xaxis=dict(title=titles[0], range=ranges[0], zeroline=False, showgrid=False,
                   constrain="domain"),
        yaxis=dict(title=titles[1], range=ranges[1], zeroline=False, showgrid=False,
                   constrain="domain", constraintoward="top",
                   scaleanchor="x" if equal_axes else None),
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.16, yanchor="top",
                    itemsizing="constant"))
    return figure


def add_prior_circles(figure: go.Figure) -> None:
    """Radii 1, 2 and 3 of the prior N(0, I) around the origin of a latent plane."""
    for radius in (1, 2, 3):
        figure.add_shape(type="circle", x0=-radius, x1=radius, y0=-radius, y1=radius,
                         line=dict(color=GREY, width=1, dash="dot"))


def rgb(colour: str) -> tuple[int, int, int]:
    """Of #rrggbb, each from 0 to 255."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def fade(dark: bool) -> list[list]:
    """plotly's colour scale of a density: the ground where there is none, then ever more blue."""
    return [[at, f"rgba{(*rgb(ENVELOPE[dark]), at)}"] for at in (0, 1)]


def ramp(dark: bool) -> list[list]:
    """plotly's colour scale: the part of cividis for this ground."""
    stops = np.linspace(0, 1, len(CIVIDIS))
    channels = np.array([rgb(colour) for colour in CIVIDIS])
    at = np.linspace(*RAMP_RANGE[dark], 9)
    red, green, blue = (np.interp(at, stops, column).round().astype(int) for column in channels.T)
    return [[i / 8, f"#{red[i]:02x}{green[i]:02x}{blue[i]:02x}"] for i in range(9)]


def loss_curves(rows: list[dict[str, float]], dark: bool = False) -> go.Figure:
    """Distortion and rate by epoch, each on an axis of its own, for training and test set.

    rows: the lines of metrics.jsonl. Nats.
    """
    figure = make_subplots(cols=2, horizontal_spacing=0.1,
                           subplot_titles=("Distortion (nats)", "Rate (nats)"))
    epochs = [row["epoch"] for row in rows]
    for column, term in enumerate(("distortion", "rate"), start=1):
        for split, dash, colour in (("train", "dot", GREY), ("test", "solid", ENVELOPE[dark])):
            figure.add_trace(go.Scatter(
                x=epochs, y=[row[f"{split}_{term}"] for row in rows], name=split,
                mode="lines+markers" if len(rows) < 3 else "lines", legendgroup=split,
                showlegend=column == 1, line=dict(color=colour, dash=dash, width=2),
                hovertemplate=f"epoch %{{x}}: %{{y:.2f}} nats<extra>{split} {term}</extra>",
            ), row=1, col=column)
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_layout(height=320, margin=dict(l=10, r=10, t=30, b=10), hovermode="x unified",
                         legend=dict(orientation="h", y=-0.28, x=0.5, xanchor="center"), **BLANK)
    return figure
