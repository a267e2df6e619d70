"""The true posterior with Gaussians over it, and the bound as lengths on one axis."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts import BLANK, CLASSES, ENVELOPE, GREY, rgb
from ui.theory.animation import animate, ellipses, shading


def posterior(axes: np.ndarray, density: np.ndarray, mu: np.ndarray, log_var: np.ndarray,
              elbo: np.ndarray, dark: bool) -> go.Figure:
    """p(z|x) (k, k) as a shade, the encoder's q(z|x), and the Gaussian that climbs from it.

    density[i, j] belongs to (axes[0, i], axes[1, j]); mu, log_var (steps, 2) and elbo (steps,),
    nats, of the climb, which can be played.
    """
    colours, blue = CLASSES[dark], rgb(ENVELOPE[dark])
    rings = [ellipses(*place) for place in
             zip(mu, np.exp(0.5 * log_var)[:, None] * np.eye(2), strict=True)]
    figure = go.Figure()
    figure.add_layout_image(shading(*axes, density.T / density.max(), blue))
    figure.add_scatter(x=[None], y=[None], mode="markers", name="p(z|x)", marker=dict(
        symbol="square", size=12, color=f"rgba{(*blue, 0.85)}"))
    figure.add_scatter(x=rings[0][0], y=rings[0][1], mode="lines", name="q(z|x), encoder",
                       line=dict(color=colours[3], width=2), hoverinfo="skip")
    figure.add_scatter(mode="lines", name="climbed from there", hoverinfo="skip",
                       line=dict(color=colours[2], width=2, dash="dash"))
    labels = [f"{step}: ELBO {value:.2f} nats".replace("-", "−")
              for step, value in enumerate(elbo)]
    climbing = len(figure.data) - 1
    animate(figure, [[go.Scatter(x=x, y=y)] for x, y in rings], labels, [climbing], "step ")
    half = 0.5 * np.ptp(axes, axis=1).max()  # a square, as there is nothing beyond the axes
    z1, z2 = ((axis[0] + axis[-1]) / 2 + np.array([-half, half]) for axis in axes)
    figure.update_layout(
        **BLANK, height=500, margin=dict(l=8, r=8, t=8, b=8), dragmode=False,
        xaxis=dict(title="z₁", zeroline=False, showgrid=False, constrain="domain",
                   range=z1),
        yaxis=dict(title="z₂", zeroline=False, showgrid=False, scaleanchor="x",
                   constrain="domain", range=z2),
        legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
    return figure


def bound(elbo: float, best_elbo: float, kl: float, log_px: float, dark: bool) -> go.Figure:
    """From the ELBO to log p(x): above, ELBO + KL; below, the gap in its two parts. Nats."""
    colours = CLASSES[dark]
    figure = go.Figure()
    rows = ("ELBO + KL", "the gap split")
    for name, row, start, length, colour in (
            ("KL(q ‖ p(z|x))", rows[0], elbo, kl, colours[0]),
            ("amortization gap", rows[1], elbo, best_elbo - elbo, colours[3]),
            ("approximation gap", rows[1], best_elbo, log_px - best_elbo, colours[2])):
        figure.add_bar(y=[row], x=[length], base=[start], orientation="h", name=name,
                       marker_color=colour, width=0.55,
                       hovertemplate=f"{name}: {length:.4f} nats<extra></extra>")
    width = max(log_px - elbo, 1e-3)
    for value, text, side, y in ((elbo, "ELBO", "left", 1.0), (log_px, "log p(x)", "right", 1.15)):
        figure.add_vline(x=value, line=dict(color=GREY, width=2))
        figure.add_annotation(x=value, y=y, yref="paper", yanchor="bottom", showarrow=False,
                              text=f"{text} {value:.3f}".replace("-", "−"), xanchor=side)
    figure.update_layout(
        **BLANK, height=250, barmode="overlay", margin=dict(l=8, r=8, t=52, b=8), dragmode=False,
        xaxis=dict(title="nats", range=[elbo - 0.1 * width, log_px + 0.1 * width],
                   zeroline=False, showgrid=False),
        yaxis=dict(autorange="reversed"), showlegend=True,
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.4, yanchor="top"))
    return figure
