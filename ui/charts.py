"""Arrays in, plotly Figure out; no Streamlit calls.

Grounds are transparent and text takes the theme's colour; `dark` only chooses among colours that
would fade into one of the two grounds. Class colours and the ramp are those of the latent plane
(static/latent_plane/canvas/palette.js).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vae_core.measure.envelope import lower_envelope

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
BETA_ZERO, RATE_ONLY = "#D55E00", "#CC79A7"  # no place on the logarithmic ramp
ENVELOPE = {False: "#0072B2", True: "#56B4E9"}
TEXT = {False: "#1A1A1A", True: "#F2F2F2"}
LABELS_HEIGHT, LABEL_STEP = 440, 19  # of the plane and from label to label, in pixels
GREY, FAINT = "#858585", "rgba(133,133,133,0.45)"
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagram", "cross")
CLEAR_ABOVE, CLEAR_FOR_RING = 0.05, 0.18  # of the plane's height; `curve_handle` writes there
BESIDE = 0.02  # of the plane's width and height: so near a model a click means the model
FAR = 20.0  # nats of ELBO below a sweep's worst model, beyond which a run doesn't widen the axes
BLANK = dict(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
# st.plotly_chart's config: four tools, no logo, and a double click puts the axes back.
MODEBAR = {"displaylogo": False, "doubleClick": "reset",
           "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d", "toImage"]]}
Range = tuple[float, float]


@dataclass(frozen=True)
class RatePoints:
    """Models in the rate–distortion plane; every field (n,), rate and distortion in nats.

    weight is β as the objective D + β·R has it (with the distortion's own weight divided out): 0
    for the plain autoencoder, infinite for a model trained on the rate alone. kind is what a symbol
    stands for; hover is shown under the name.
    """

    name: tuple[str, ...]
    rate: np.ndarray
    distortion: np.ndarray
    weight: np.ndarray
    kind: tuple[str, ...]
    finished: np.ndarray
    hover: tuple[str, ...]

    @property
    def on_ramp(self) -> np.ndarray:
        """Whether β has a logarithm: these are the models that the axes are fitted to."""
        return (self.weight > 0) & np.isfinite(self.weight)


@dataclass(frozen=True)
class RateLine:
    """One run measured along β; every array (n,), by rising β, rate and distortion in nats.

    weight as in `RatePoints`; active: units.
    """

    name: str
    beta: np.ndarray
    rate: np.ndarray
    distortion: np.ndarray
    weight: np.ndarray
    active: np.ndarray


@dataclass(frozen=True)
class Mark:
    """A place on a line where something happens, and what."""

    rate: float
    distortion: float
    text: str


def plane_range(points: RatePoints, show_all: bool = False, sweep: Collection[str] = (),
                line: RateLine | None = None) -> tuple[Range, Range]:
    """The axes (rate, distortion): they hold every model with 0 < β < ∞ that isn't much worse than
    the sweep of these names; with a line, it and the models with 0 < β < ∞ of these names; or
    every model."""
    if line is not None:
        held = points.on_ramp & np.isin(points.name, list(sweep)) | show_all
        return (_padded(np.concatenate([points.rate[held], line.rate]), 2.0),
                _padded(np.concatenate([points.distortion[held], line.distortion]), 10.0))
    everything = np.ones(len(points.name), dtype=bool)
    fitted = everything if show_all else points.on_ramp
    elbo = -(points.rate + points.distortion)
    anchors = fitted & np.isin(points.name, list(sweep))
    if anchors.any() and not show_all:
        fitted &= elbo >= elbo[anchors].min() - FAR
    fitted = fitted if fitted.any() else everything
    return _padded(points.rate[fitted], 2.0), _padded(points.distortion[fitted], 10.0)


def outside(points: RatePoints, ranges: tuple[Range, Range]) -> np.ndarray:
    """Which models lie beyond the axes, (n,) of bool."""
    (left, right), (low, high) = ranges
    return (points.rate < left) | (points.rate > right) | (points.distortion < low) | \
        (points.distortion > high)


def rate_distortion_plane(points: RatePoints, ranges: tuple[Range, Range],
                          highlighted: str | None = None, dark: bool = False,
                          line: RateLine | None = None, others: Sequence[RateLine] = (),
                          marks: Sequence[Mark] = ()) -> go.Figure:
    """Rate across, distortion up; envelope, lines of equal ELBO, and slope −β at each model.

    A line, if there is one, takes the envelope's place, coloured by β; its places carry "" and
    their β as customdata. Nothing here depends on the β chosen along it: `curve_handle` shows that.
    The others are thin. Marks are of the line.

    A model's marker carries its name as customdata; nothing else can be selected. The envelope is
    that of the finished models within the axes; those with β = 0 decode without noise, so that
    their rate is nominal, and it leaves them out.
    """
    figure = go.Figure()
    _add_elbo_lines(figure, ranges, CLEAR_ABOVE if line is None else CLEAR_FOR_RING)
    counted = np.flatnonzero((points.weight > 0) & points.finished & ~outside(points, ranges))
    corners = counted[lower_envelope(points.rate[counted], points.distortion[counted])]
    for other in others:
        figure.add_scatter(x=other.rate, y=other.distortion, mode="lines", name=other.name,
                           line=dict(color=GREY, width=1.5), hoverinfo="skip", showlegend=False)
    if line is not None:
        _add_line(figure, line, points, ranges)
    elif len(corners) > 1:
        figure.add_scatter(x=points.rate[corners], y=points.distortion[corners], mode="lines",
                           line=dict(color=ENVELOPE[dark], width=2), hoverinfo="skip",
                           showlegend=False, name="envelope")
    _add_slopes(figure, points, ranges)
    if highlighted in points.name:
        at = points.name.index(highlighted)
        figure.add_scatter(x=points.rate[[at]], y=points.distortion[[at]], mode="markers",
                           marker=dict(symbol="circle-open", size=24, color=ENVELOPE[dark],
                                       line=dict(width=3)), hoverinfo="skip",
                           showlegend=False, name="shown")
    _add_models(figure, points)
    _add_marks(figure, marks, ranges, dark)
    weights = [points.weight[points.on_ramp], *([line.weight] if line is not None else [])]
    logs = np.log10(np.concatenate(weights))
    logs = logs[np.isfinite(logs)]
    if len(logs):
        figure.update_layout(coloraxis=_beta_axis(logs, dark))
    figure.update_layout(
        **BLANK, height=600, margin=dict(l=8, r=8, t=64, b=8), hovermode="closest",
        dragmode=False, clickmode="event+select",
        xaxis=dict(title="Rate R (nats)", range=ranges[0], zeroline=False, showgrid=False),
        yaxis=dict(title="Distortion D (nats)", range=ranges[1], zeroline=False, showgrid=False),
        legend=dict(orientation="h", x=0, y=-0.16, yanchor="top", itemclick=False,
                    itemdoubleclick=False))
    return figure


def _padded(values: np.ndarray, least: float) -> Range:
    low, high = float(values.min()), float(values.max())
    pad = max(0.09 * (high - low), least / 2 if high - low < least else 0.0)
    return low - pad, high + pad


def _add_elbo_lines(figure: go.Figure, ranges: tuple[Range, Range], clear: float) -> None:
    """D + R = −ELBO at round values, labelled where a line leaves the picture, but for this part of
    its height at the top."""
    (left, right), (low, high) = ranges
    step = _round_step((right - left + high - low) / 7)
    totals = np.arange(math.ceil((left + low) / step), (right + high) / step) * step
    x = [v for _ in totals for v in (2 * left - right, 2 * right - left, None)]
    y = [v for total in totals for v in (total - 2 * left + right, total - 2 * right + left, None)]
    figure.add_scatter(x=x, y=y, mode="lines", line=dict(color=FAINT, width=1, dash="dot"),
                       hoverinfo="skip", showlegend=False, name="equal ELBO")
    for total in totals:
        end = total - right
        if low + 0.02 * (high - low) < end < high - clear * (high - low):
            figure.add_annotation(x=right, y=end, text=f"ELBO {_minus(-total)}", showarrow=False,
                                  xanchor="right", yanchor="bottom", yshift=6, font=dict(size=11))


def _add_slopes(figure: go.Figure, points: RatePoints, ranges: tuple[Range, Range]) -> None:
    """Through each model a piece of D = J − βR, of equal length on the screen."""
    (left, right), (low, high) = ranges
    width, height = right - left, high - low
    x: list[float | None] = []
    y: list[float | None] = []
    for rate, distortion, weight in zip(points.rate, points.distortion, points.weight,
                                        strict=True):
        across, down = (0.0, 1.0) if math.isinf(weight) else (1.0, weight)
        half = 0.045 / math.hypot(across / width, down / height)
        x += [rate - half * across, rate + half * across, None]
        y += [distortion + half * down, distortion - half * down, None]
    figure.add_scatter(x=x, y=y, mode="lines", line=dict(color=GREY, width=2), hoverinfo="skip",
                       showlegend=False, name="slope −β")


def _add_models(figure: go.Figure, points: RatePoints) -> None:
    kinds = list(dict.fromkeys(points.kind))
    symbol = {kind: SYMBOLS[i % len(SYMBOLS)] for i, kind in enumerate(kinds)}
    symbols = np.array([symbol[kind] + ("" if done else "-open")
                        for kind, done in zip(points.kind, points.finished, strict=True)])
    edge = np.where(points.finished, 1.0, 2.5)
    zero, rate_only = points.weight == 0, np.isinf(points.weight)
    for chosen, colour in ((points.on_ramp, None), (zero, BETA_ZERO), (rate_only, RATE_ONLY)):
        at = np.flatnonzero(chosen)
        if not len(at):
            continue
        paint = dict(color=colour) if colour else \
            dict(color=np.log10(points.weight[at]), coloraxis="coloraxis")
        figure.add_scatter(
            x=points.rate[at], y=points.distortion[at], mode="markers", showlegend=False,
            customdata=[[points.name[i], points.hover[i]] for i in at],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
            marker=dict(symbol=symbols[at], size=13, opacity=1,
                        line=dict(color=GREY, width=edge[at]), **paint),
            unselected=dict(marker=dict(opacity=1)))
    for kind in kinds:
        _add_key(figure, kind, symbol[kind], GREY)
    if zero.any():
        _add_key(figure, "β = 0: autoencoder", "circle", BETA_ZERO)
    if rate_only.any():
        _add_key(figure, "rate alone: β → ∞", "circle", RATE_ONLY)
    if not points.finished.all():
        _add_key(figure, "hollow: not finished", "circle-open", GREY)


def _add_line(figure: go.Figure, line: RateLine, points: RatePoints, ranges: tuple[Range, Range]
              ) -> None:
    """So many places that they look like a line that changes its colour. What can be clicked is a
    layer over them, which leaves out places near a model: plotly would prefer them to it."""
    logs = np.log10(line.weight)
    paint = dict(color=logs, coloraxis="coloraxis") if np.isfinite(logs).all() else \
        dict(color=RATE_ONLY)
    figure.add_scatter(x=line.rate, y=line.distortion, mode="lines", hoverinfo="skip",
                       showlegend=False, name=line.name, line=dict(color=GREY, width=3))
    figure.add_scatter(x=line.rate, y=line.distortion, mode="markers", hoverinfo="skip",
                       showlegend=False, name="curve", unselected=dict(marker=dict(opacity=1)),
                       marker=dict(size=7, opacity=1, line=dict(width=0), **paint))
    width, height = (high - low for low, high in ranges)
    apart = np.hypot((line.rate[:, None] - points.rate) / width,
                     (line.distortion[:, None] - points.distortion) / height)
    free = np.flatnonzero((apart > BESIDE).all(axis=1))
    elbo = -(line.rate + line.distortion)
    figure.add_scatter(
        x=line.rate[free], y=line.distortion[free], mode="markers", showlegend=False, name="places",
        customdata=[["", float(line.beta[k]), float(elbo[k]), int(line.active[k])] for k in free],
        hovertemplate="<b>β = %{customdata[1]:.3~g}</b><br>D %{y:.2f} · R %{x:.2f} nats<br>"
        "ELBO %{customdata[2]:.2f} nats<br>%{customdata[3]} units active<extra></extra>",
        marker=dict(size=7, opacity=0), selected=dict(marker=dict(opacity=0)),
        unselected=dict(marker=dict(opacity=0)))


def _add_marks(figure: go.Figure, marks: Sequence[Mark], ranges: tuple[Range, Range], dark: bool
               ) -> None:
    """A small diamond each on the line, and its words where a convex line leaves room: above and to
    the right or, where there is none to the right, below and to the left. They don't overlap."""
    if not marks:
        return
    figure.add_scatter(
        x=[mark.rate for mark in marks], y=[mark.distortion for mark in marks], mode="markers",
        marker=dict(symbol="diamond", size=9, color=TEXT[dark]), hoverinfo="skip",
        showlegend=False, name="marks", unselected=dict(marker=dict(opacity=1)))
    (left, right), (low, high) = ranges
    lowest, highest = 0.0, math.inf  # where the label before this one ended, in pixels
    for mark in sorted(marks, key=lambda m: m.distortion):
        height = LABELS_HEIGHT * (mark.distortion - low) / (high - low)
        above = (mark.rate - left) / (right - left) < 0.6
        if above:
            lowest = max(lowest + LABEL_STEP, height + 26)
        else:
            highest = min(highest - LABEL_STEP, height - 26)
        figure.add_annotation(
            x=mark.rate, y=mark.distortion, ax=28 if above else -16,
            ay=height - (lowest if above else highest), text=mark.text,
            xanchor="left" if above else "right", yanchor="middle", showarrow=True,
            arrowhead=0, arrowwidth=1, arrowcolor=GREY, standoff=5, font=dict(size=12))


def _add_key(figure: go.Figure, name: str, symbol: str, colour: str) -> None:
    """A line of the legend that stands for no single trace."""
    figure.add_scatter(x=[None], y=[None], mode="markers", name=name, hoverinfo="skip",
                       marker=dict(symbol=symbol, size=11, color=colour))


def _beta_axis(logs: np.ndarray, dark: bool) -> dict:
    """The colour bar over log β, with ticks at the values there are if they are few."""
    low, high = float(logs.min()), float(logs.max())
    if high - low < 0.5:
        low, high = low - 0.5, high + 0.5
    ticks = np.unique(logs.round(6))
    if len(ticks) > 8:
        ticks = np.arange(math.ceil(low), math.floor(high) + 1)
    return dict(
        cmin=low, cmax=high, colorscale=ramp(dark),
        colorbar=dict(orientation="h", x=0, xanchor="left", xpad=0, yref="container", y=1,
                      yanchor="top", ypad=0, thickness=10, len=0.7, tickvals=ticks,
                      title=dict(text="β", side="top"), outlinewidth=0,
                      ticktext=[f"{10.0 ** t:.3g}" for t in ticks]))


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


def _round_step(wanted: float) -> float:
    """The number of 1, 2, 5 · 10ᵏ next above."""
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= wanted * (1 - 1e-9))


def _minus(value: float) -> str:
    return f"{value:g}".replace("-", "−")


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
