"""Exact inference: with two latent dimensions, the "intractable" integral can be computed."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import CLASSES, ENVELOPE, GREY, rgb
from ui.images import enlarge
from ui.theory import parts
from ui.theory.frames import ellipses, gaussians, plane, shading, show_frames
from vae_core.data.registry import DATASETS

SECTION = {"place": 1, "title": "Exact inference in two dimensions"}
STEPS, GRID, MARGIN = 60, 100, 0.15  # steps of the ascent, cells along each side, room around


def compute(model: Any, x: Any) -> dict[str, Any]:
    """Everything exact about the last image of x."""
    import torch

    from vae_core.theory.exact import infer

    truth, best_elbo, path = infer(model, x[-1:], STEPS, GRID, MARGIN)
    decoded = model.decode_mean(torch.cat((path.mu[0], truth.mode))).detach().numpy()
    return truth._asdict() | {
        "best_elbo": best_elbo, "axes": truth.axes.numpy(), "density": truth.density.numpy(),
        "image": x[-1].numpy(),
        "path": {name: part[:, 0].numpy() for name, part in path._asdict().items()},
        "reconstruction": decoded[0], "mode": decoded[1], "mean": tuple(path.mu[0, 0].tolist())}


def show() -> None:
    parts.statement(
        "Computing p(x) means integrating over z, which textbooks call intractable. In two "
        "dimensions it isn't: a fine grid gives log p(x) to within a thousandth of a nat, and with "
        "it the *true* posterior, shown here with the encoder's Gaussian. The ELBO falls short of "
        "log p(x) by exactly the divergence between the two. That gap has two parts: what the "
        "encoder loses by sharing its weights among all images, and what no diagonal Gaussian can "
        "represent.",
        r"\begin{gathered} \log p(x) = \mathrm{ELBO} + \mathrm{KL}(q(z \mid x) \,\|\, p(z \mid x)) "
        r"\\ p(x) = \int p(x \mid z)\, p(z)\, dz \end{gathered}",
        "Kingma & Welling 2014, eq. 1; the two gaps: Cremer, Li & Duvenaud 2018, table 1; the "
        "quadrature: Trefethen & Weideman 2014, §5.")
    chosen = parts.choose_model("model", width=400)
    facts = DATASETS[chosen.config.dataset]
    index = widgets.choose_number(st.slider, "Test image", 0, 199, 78, key="image")
    found = parts.measured(compute, chosen, index + 1)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_posterior(found["axes"], found["density"], **found["path"])
        st.caption("Blue: p(z|x), exact. Ellipses: 1 and 2 standard deviations. Dashed: after "
                   f"{STEPS} steps of ascent on this image's ELBO alone." + better_optimum(found))
    with right:
        with st.container(horizontal=True):
            for title, key in (("the image x", "image"), ("q's mean, decoded", "reconstruction"),
                               ("mode of p(z|x), decoded", "mode")):
                with st.container(width=88):
                    st.image(enlarge(np.asarray(found[key]), facts.shape, 3), alt=title)
                    st.caption(title)
        parts.open_in_explore(chosen.run_id, found["mean"])
        total = found["elbo"] + found["kl"]
        st.metric("log p(x), on a grid", parts.nats(found["log_px"], 3))
        st.metric("ELBO + KL, computed independently", parts.nats(total, 3),
                  f"{parts.nats(total - found['log_px'], 4)} nats from log p(x)",
                  delta_color="off", delta_arrow="off")
    show_bound(found)


def show_posterior(axes: np.ndarray, density: np.ndarray, mu: np.ndarray, log_var: np.ndarray,
                   elbo: np.ndarray) -> None:
    """p(z|x) (k, k), the encoder's q(z|x), and the Gaussian that climbs the ELBO from there.

    density[i, j] belongs to (axes[0, i], axes[1, j]); mu, log_var (steps, 2) and elbo (steps,),
    nats.
    """
    colours, scale = CLASSES[parts.dark()], np.exp(0.5 * log_var)[:, :, None] * np.eye(2)
    half = 0.5 * np.ptp(axes, axis=1).max()  # a square, as there is nothing beyond the axes
    ranges = [((axis[0] + axis[-1]) / 2 - half, (axis[0] + axis[-1]) / 2 + half) for axis in axes]
    shade = shading(*axes, density.T / density.max(), rgb(ENVELOPE[parts.dark()]), "p(z|x)")
    names = [f"{step}: ELBO {parts.nats(value)} nats" for step, value in enumerate(elbo)]
    show_frames(
        plane(*ranges, ("z₁", "z₂"), shade),
        [ellipses(mu[:1], scale[:1], colours[3], name="q(z|x), encoder"),
         ellipses(mu[:1], scale[:1], colours[2], dash=[7, 5], name="q, optimised for this image")],
        [1], [[gaussians(mu[[k]], scale[[k]])] for k in range(len(mu))], names, "step",
        key="posterior", height=440,
        alt="The true posterior of the image as a heat map under the encoder's Gaussian")


def better_optimum(found: dict[str, Any]) -> str:
    """A sentence where an ascent from the encoder's q ends below one from the posterior's mode."""
    lost = found["best_elbo"] - found["path"]["elbo"][-1]
    if lost < 1:
        return ""
    return (" This is a local optimum: ascent from the mode of p(z|x) ends "
            f"{parts.nats(lost, 1)} nats higher.")


def show_bound(found: dict[str, Any]) -> None:
    """From the ELBO to log p(x): above, ELBO + KL; below, the gap in its two parts. Nats."""
    nats, colours = parts.nats, CLASSES[parts.dark()]
    elbo, best, kl, log_px = (found[name] for name in ("elbo", "best_elbo", "kl", "log_px"))
    figure = go.Figure()
    for name, row, start, length, colour in (
            ("KL(q ‖ p(z|x))", "ELBO + KL", elbo, kl, colours[0]),
            ("amortisation gap", "its two parts", elbo, best - elbo, colours[3]),
            ("approximation gap", "its two parts", best, log_px - best, colours[2])):
        figure.add_bar(y=[row], x=[length], base=[start], orientation="h", name=name,
                       marker_color=colour, width=0.55,
                       hovertemplate=f"{name}: {length:.4f} nats<extra></extra>")
    width = max(log_px - elbo, 1e-3)
    for value, text, side, y in ((elbo, "ELBO", "left", 1.0), (log_px, "log p(x)", "right", 1.15)):
        figure.add_vline(x=value, line=dict(color=GREY, width=2))
        figure.add_annotation(x=value, y=y, yref="paper", yanchor="bottom", showarrow=False,
                              text=f"{text} {nats(value, 3)}", xanchor=side)
    parts.finish(
        figure, height=250, barmode="overlay", margin=dict(l=8, r=8, t=52, b=8), showlegend=True,
        xaxis=parts.PLAIN | dict(title="nats", range=[elbo - 0.1 * width, log_px + 0.1 * width]),
        yaxis=dict(autorange="reversed"),
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.4, yanchor="top"))
    parts.chart(figure, "bound", "ELBO, KL divergence and log p(x) in nats")
    st.caption(f"Nats. ELBO {nats(elbo, 3)} by Gauss–Hermite quadrature, KL {nats(kl, 3)} on a "
               f"grid around q; log p(x) ± {found['error']:.1g}. Amortisation gap "
               f"{nats(best - elbo, 3)}, approximation gap {nats(log_px - best, 3)}.")
