"""Generation, step by step: draw z, look p(x|z) up, draw x."""

from __future__ import annotations

import streamlit as st

from ui import widgets
from ui.images import enlarge, enlarge_row
from ui.theory import parts
from vae_core.data.registry import DATASETS

SHOWN = 6  # draws side by side
NUMBERS = [1, 3, 10, 30, 100, 300, 1000, 3000]


def another() -> None:
    st.session_state["draw"] = (st.session_state["draw"] + 1) % 1000


def show() -> None:
    parts.statement(
        "A VAE makes an image in two draws. First a code z comes from the prior, which knows "
        "nothing of the data. The decoder then works like a table: for this z it looks up the "
        "parameters of a distribution over images. Only a draw from *that* is data. What is "
        "usually shown as “the generated image” is its mean; the mean of many draws approaches it "
        "at the pace that the variance of p(x|z) dictates. These two draws are the whole model, "
        "which is why its graph has an arrow from z to x and no encoder: that one is only how z "
        "is inferred.",
        r"z \sim p(z) = \mathcal N(0, I), \qquad x \sim p(x \mid z)",
        "Kingma & Welling 2014, §2.1; Doersch 2016, §2.")
    chosen = parts.choose_model("generator", latent_dim=None, width=400)
    if chosen is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        num = widgets.choose_number(st.select_slider, "Draws of x", NUMBERS, value=30,
                                    key="draws", width=400)
        seed = widgets.choose_number(st.number_input, "Draw number of z", 0, 999, 0, key="draw",
                                     width=180)
        st.button("Draw another z", on_click=another)
    from vae_core.theory.generation import generate

    model, shape = parts.torch_model(chosen.run), DATASETS[chosen.config.dataset].shape
    found = generate(model, num, seed)
    numbers = ", ".join(parts.nats(value) for value in found.z[:4].tolist())
    one, two, three = st.columns([1, 1, 3])
    with one:
        st.markdown("**1 · z from the prior**")
        st.markdown(f"z = ({numbers}{', …' if len(found.z) > 4 else ''})")
        pin = tuple(found.z.tolist()) if len(found.z) == 2 else None
        parts.open_in_explore(chosen.run_id, pin)
    with two:
        st.markdown("**2 · p(x|z) looked up**")
        st.image(enlarge(found.mean.numpy(), shape, 5), width=140, alt="The mean of p(x|z)")
        st.caption("Its mean E[x|z].")
    with three:
        st.markdown("**3 · x drawn from it**")
        st.image(enlarge_row(found.x[:SHOWN].numpy(), shape, 4, gap=8), width="content",
                 alt="Draws from p(x|z)")
        st.image(enlarge(found.x.mean(0).numpy(), shape, 5), width=140, alt="Mean of the draws")
        st.caption(f"Above, the first {min(num, SHOWN)} of {num:,}; below, the mean of all.")
    with st.container(horizontal=True):
        st.metric("Mean of the draws off E[x|z] by (RMSE)", f"{found.rmse:.4f}")
        st.metric("Expected: √(mean variance / draws)", f"{found.expected_rmse:.4f}")
        st.metric("Ratio", f"{found.rmse / found.expected_rmse:.3f}"
                  if found.expected_rmse else "–")
