"""Exact inference: with two latent dimensions the integral that "is intractable" is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from ui import widgets
from ui.images import enlarge
from ui.theory import exact_charts, parts
from vae_core.data.registry import DATASETS

STEPS, GRID, MARGIN = 60, 100, 0.15  # steps of the ascent, cells along each side, room around


def compute(model: Any, x: Any) -> dict[str, Any]:
    """Everything exact about the last image of x."""
    import torch

    from vae_core.theory.exact import infer

    truth, best_elbo, path = infer(model, x[-1:], STEPS, GRID, MARGIN)
    shown = model.decode_mean(torch.cat((path.mu[0], truth.mode))).detach().numpy()
    return truth._asdict() | {
        "best_elbo": best_elbo, "axes": truth.axes.numpy(), "density": truth.density.numpy(),
        "image": x[-1].numpy(),
        "path": {name: part[:, 0].numpy() for name, part in path._asdict().items()},
        "reconstruction": shown[0], "mode": shown[1], "mean": tuple(path.mu[0, 0].tolist())}


def show() -> None:
    parts.statement(
        "To know p(x) one must integrate over all z, and textbooks call that intractable. Over a "
        "plane it is not: a fine lattice gives log p(x) to a thousandth of a nat, and with it "
        "the *true* posterior. Here it is, with the encoder's Gaussian. What the ELBO lacks is "
        "exactly their divergence, and that splits in two: what the encoder loses by serving "
        "every image with the same weights, and what no diagonal Gaussian can have.",
        r"\begin{gathered} \log p(x) = \mathrm{ELBO} + \mathrm{KL}(q(z \mid x) \,\|\, p(z \mid x)) "
        r"\\ p(x) = \int p(x \mid z)\, p(z)\, dz \end{gathered}",
        "Kingma & Welling 2014, eq. 1; the split: Cremer, Li & Duvenaud 2018, table 1; the "
        "lattice: Trefethen & Weideman 2014, §5.")
    chosen = parts.choose_model("model", width=400)
    if chosen is None:
        return
    facts = DATASETS[chosen.config.dataset]
    index = widgets.choose_number(st.slider, "Test image", 0, 199, 78, key="image")
    found = parts.measured(compute, chosen, index + 1)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.plotly_chart(
            exact_charts.posterior(found["axes"], found["density"], **found["path"],
                                    dark=parts.dark()),
            key="posterior", config=parts.PLOT,
            alt="The true posterior of the image as a heat map under the encoder's Gaussian")
        st.caption("Blue: p(z|x), exact. Rings: 1 and 2 standard deviations. Dashed: after "
                   f"{STEPS} steps of ascent for this image alone." + wrong_place(found))
    with right:
        with st.container(horizontal=True):
            for title, key in (("the image x", "image"), ("q's mean, decoded", "reconstruction"),
                               ("mode of p(z|x), decoded", "mode")):
                with st.container(width=88):
                    st.image(enlarge(np.asarray(found[key]), facts.shape, 3), alt=title)
                    st.caption(title)
        parts.open_in_explore(chosen.run_id, found["mean"])
        show_numbers(found)
    show_bound(found)


def wrong_place(found: dict[str, Any]) -> str:
    """A sentence where an ascent from the encoder's q ends below one from the posterior's mode."""
    lost = found["best_elbo"] - found["path"]["elbo"][-1]
    if lost < 1:
        return ""
    return (" There is a better place, which no ascent from here reaches: from the mode of p(z|x) "
            f"one ends {parts.nats(lost, 1)} nats higher.")


def show_numbers(found: dict[str, Any]) -> None:
    """The identity: each of its three terms by a rule of its own."""
    nats, total = parts.nats, found["elbo"] + found["kl"]
    st.metric("log p(x), over the plane", nats(found["log_px"], 3))
    st.metric("ELBO + KL, computed apart from it", nats(total, 3),
              f"{nats(total - found['log_px'], 4)} nats from log p(x)", delta_color="off",
              delta_arrow="off")


def show_bound(found: dict[str, Any]) -> None:
    """From the ELBO to log p(x), and the gap's two parts."""
    nats = parts.nats
    st.plotly_chart(exact_charts.bound(found["elbo"], found["best_elbo"], found["kl"],
                                        found["log_px"], parts.dark()),
                    key="bound", config=parts.PLOT, alt="ELBO, its divergence and log p(x) in nats")
    st.caption(f"Nats. ELBO {nats(found['elbo'], 3)} by Gauss–Hermite, KL {nats(found['kl'], 3)} "
               f"on a lattice around q; log p(x) ± {found['error']:.1g}. Amortization gap "
               f"{nats(found['best_elbo'] - found['elbo'], 3)}, approximation gap "
               f"{nats(found['log_px'] - found['best_elbo'], 3)}.")
