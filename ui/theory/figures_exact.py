"""The true posterior with Gaussians over it, and the bound as lengths on one axis."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.figures import BLANK, CLASSES, GREY

ANGLES = np.linspace(0, 2 * np.pi, 73)
FRAME_MS = 60


def ellipse(mu: np.ndarray, log_var: np.ndarray, radius: float = 1.0
            ) -> tuple[np.ndarray, np.ndarray]:
    """Points of μ + radius·σ ⊙ (cos, sin); both (2,)."""
    sigma = np.exp(0.5 * log_var)
    return (mu[0] + radius * sigma[0] * np.cos(ANGLES), mu[1] + radius * sigma[1] * np.sin(ANGLES))


def _ring(mu: np.ndarray, log_var: np.ndarray) -> dict:
    """Both rings, 1σ and 2σ, as one line."""
    rings = [ellipse(mu, log_var, radius) for radius in (1.0, 2.0)]
    x, y = (np.concatenate([rings[0][k], [np.nan], rings[1][k]]) for k in (0, 1))
    return dict(x=x, y=y)


def posterior(axes: tuple[np.ndarray, np.ndarray], density: np.ndarray,
              encoder: tuple[np.ndarray, np.ndarray], path: list[tuple[np.ndarray, np.ndarray]],
              dark: bool) -> go.Figure:
    """p(z|x) (k, k) as a heat map, the encoder's q(z|x), and a Gaussian on its path to the best.

    density[i, j] belongs to (axes[0][i], axes[1][j]). The figure plays the path.
    """
    blue = "86,180,233" if dark else "0,114,178"
    colours = CLASSES[dark]
    figure = go.Figure()
    figure.add_heatmap(x=axes[0], y=axes[1], z=density.T, showscale=False, zsmooth="best",
                       colorscale=[[0, f"rgba({blue},0)"], [1, f"rgba({blue},1)"]],
                       hovertemplate="p(z|x) = %{z:.3g}<extra></extra>")
    figure.add_scatter(**_ring(*encoder), mode="lines", name="q(z|x), encoder",
                       line=dict(color=colours[3], width=2.5), hoverinfo="skip")
    figure.add_scatter(**_ring(*path[-1]), mode="lines", name="climbed from there",
                       line=dict(color=colours[2], width=2.5, dash="dash"), hoverinfo="skip")
    figure.frames = [go.Frame(data=[go.Scatter(**_ring(*place))], traces=[2], name=str(k))
                     for k, place in enumerate(path)]
    play = dict(label="▶ climb from the encoder's", method="animate", args=[None, dict(
        frame=dict(duration=FRAME_MS, redraw=False), transition=dict(duration=0),
        fromcurrent=False)])
    figure.update_layout(
        **BLANK, height=460, margin=dict(l=8, r=8, t=40, b=8), dragmode=False,
        xaxis=dict(title="z1", zeroline=False, showgrid=False, constrain="domain",
                   range=[axes[0][0], axes[0][-1]]),
        yaxis=dict(title="z2", zeroline=False, showgrid=False, scaleanchor="x",
                   constrain="domain", range=[axes[1][0], axes[1][-1]]),
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.14, yanchor="top"),
        updatemenus=[dict(type="buttons", showactive=False, x=0, xanchor="left", y=1.0,
                          yanchor="bottom", buttons=[play], bgcolor="rgba(133,133,133,0.15)")])
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
    width = max(log_px - elbo, 1e-3)  # annotations stand outside the bars
    for value, text, side in ((elbo, "ELBO", "right"), (log_px, "log p(x)", "left")):
        figure.add_vline(x=value, line=dict(color=GREY, width=2))
        figure.add_annotation(x=value, y=1.02, yref="paper", yanchor="bottom", showarrow=False,
                              text=f"{text} {value:.3f}".replace("-", "−"), xanchor=side)
    figure.update_layout(
        **BLANK, height=230, barmode="overlay", margin=dict(l=8, r=8, t=36, b=8), dragmode=False,
        xaxis=dict(title="nats", range=[elbo - 0.35 * width, log_px + 0.35 * width],
                   zeroline=False, showgrid=False),
        yaxis=dict(autorange="reversed"), showlegend=True,
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.4, yanchor="top"))
    return figure
