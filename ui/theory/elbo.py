"""The ELBO of one image by three derivations, and the bound during training."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui import widgets
from ui.charts import CLASSES
from ui.images import enlarge
from ui.model import test_set
from ui.theory import parts
from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS

SECTION = {"place": 2, "title": "Three derivations of the ELBO"}
NUM_SAMPLES, BINS = 2000, 60
LIVE = TrainConfig(hidden_dim=64, num_layers=1, activation="silu", epochs=8, batch_size=64,
                   learning_rate=3e-3, device="cpu")
EXAMPLES, WATCHED = 3000, 20


def compute(model: Any, x: Any) -> dict[str, Any]:
    """The bound of the last image of x."""
    from vae_core.theory.elbo import three_ways

    found = three_ways(model, x[-1:], NUM_SAMPLES)
    return found._asdict() | {"log_w": found.log_w.numpy(), "image": x[-1].numpy()}


def moments() -> Iterator[Any]:
    """The bound before training and after each epoch."""
    from vae_core.measure.test_set import evaluation_x
    from vae_core.theory.elbo import bound_in_training

    data = test_set("mnist")
    watched = evaluation_x(data.x[:WATCHED], binarized=True)
    return bound_in_training(LIVE, data.x[WATCHED:WATCHED + EXAMPLES], data.shape, watched)


def show() -> None:
    parts.statement(
        "There are three ways to derive the bound: from a divergence that can't be negative, by "
        "rewriting log p(x), and by Jensen's inequality. They must give the same number. Here "
        "each is computed by its own method, for one image and one model.",
        r"\begin{aligned} \mathrm{ELBO} &= \log p(x) - \mathrm{KL}(q \,\|\, p(z \mid x)) "
        r"& (1) \\ &= \mathbb E_q \log p(x \mid z) - \mathrm{KL}(q \,\|\, p(z)) & (2) \\ "
        r"&= \mathbb E_q \log \tfrac{p(x, z)}{q(z \mid x)} \le \log p(x) & (3) \end{aligned}",
        "Kingma & Welling 2014, eq. 1 to 3; Doersch 2016, eq. 5; by Jensen: Jordan et al. 1999.")
    chosen = parts.choose_model("bounded", width=400)
    index = widgets.choose_number(st.slider, "Test image", 0, 199, 4, key="example")
    found = parts.measured(compute, chosen, index + 1)
    nats = parts.nats
    with st.container(horizontal=True):
        st.image(enlarge(found["image"], DATASETS[chosen.config.dataset].shape, 3), alt="The image")
        st.metric("1 · log p(x) − KL, on grids", nats(found["from_kl"], 3))
        st.metric("2 · −(D + R), by sampling",
                  f"{nats(found['from_terms'], 3)} ± {found['standard_error']:.3f}")
        st.metric("3 · E log w, by Gauss–Hermite", nats(found["from_jensen"], 3))
        st.metric("log p(x)", nats(found["log_px"], 3))
    show_weights(found["log_w"], found["from_jensen"], found["log_px"])
    estimate = np.logaddexp.reduce(found["log_w"]) - np.log(NUM_SAMPLES)
    st.caption(
        f"{NUM_SAMPLES:,} samples of z from q, in nats; D = −E log p(x|z) and R = KL(q ‖ p(z)). "
        "± is one standard error, an underestimate where a few samples dominate the mean. The mean "
        "of log w is the ELBO. The mean of w is p(x), dominated by samples far to the right: from "
        f"these {NUM_SAMPLES:,} alone its logarithm is {nats(estimate, 3)}, "
        f"{nats(abs(estimate - found['log_px']), 3)} nats too "
        f"{'low' if estimate < found['log_px'] else 'high'}."
        + (" q is so far from the posterior that no sample has hit the region that dominates p(x)."
           if found["log_px"] - estimate > 0.5 else ""))
    parts.open_in_explore(chosen.run_id)
    st.subheader("The bound during training")
    st.markdown(f"A small model is trained on {EXAMPLES:,} of the test digits in a few seconds. "
                f"After each epoch, the exact log p(x) of {WATCHED} other digits is compared with "
                "their ELBO: both rise, and the ELBO never exceeds log p(x).")
    if st.toggle("Train and watch", key="watch", bind="query-params"):
        slot = st.container(height=320, border=False).empty()
        seen = parts.watched(("bound", LIVE), moments, lambda moment: moment.epoch / LIVE.epochs,
                                lambda seen: show_training(slot, seen), "a small model")
        st.caption("Smallest gap between the two after any epoch: "
                   f"{min(m.log_px - m.elbo for m in seen[1:]):.2f} nats.")


def show_weights(log_w: np.ndarray, elbo: float, log_px: float) -> None:
    """Histogram of log w under q, with its mean and the logarithm of the mean of w."""
    colours = CLASSES[parts.dark()]
    figure = go.Figure(go.Histogram(x=log_w, nbinsx=BINS, marker_color=colours[4],
                                    hovertemplate="log w %{x}: %{y} samples<extra></extra>"))
    for value, text, colour, side in ((elbo, "E log w = ELBO", colours[3], "right"),
                                      (log_px, "log E w = log p(x)", colours[2], "left")):
        figure.add_vline(x=value, line=dict(color=colour, width=3))
        figure.add_annotation(x=value, y=1.0, yref="paper", yanchor="bottom", showarrow=False,
                              text=text, xanchor=side, font=dict(color=colour))
    parts.finish(figure, height=300, margin=dict(l=8, r=8, t=28, b=8), bargap=0.02,
                 xaxis=dict(title="log w = log p(x, z) − log q(z|x), nats"),
                 yaxis=dict(title="samples"))
    parts.chart(figure, "weights", "Histogram of the logarithms of the weights under q")


def show_training(slot: Any, seen: list[Any]) -> None:
    epochs, elbo, log_px = zip(*seen)
    figure, colours = go.Figure(), CLASSES[parts.dark()]
    for name, values, colour in (("log p(x), exact", log_px, colours[2]),
                                 ("ELBO", elbo, colours[3])):
        figure.add_scatter(x=epochs[1:], y=values[1:], name=name, mode="lines+markers",
                           line=dict(color=colour, width=2.5))
    parts.finish(figure, height=300, hovermode="x unified", yaxis=dict(title="nats"),
                 xaxis=dict(title="epoch", dtick=1, range=[0.8, LIVE.epochs + 0.2]),
                 legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.25))
    with slot:
        parts.chart(figure, None, "ELBO and log p(x) by epoch")
