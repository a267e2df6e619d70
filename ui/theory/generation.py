"""Generation, step by step: sample z, decode p(x|z), sample x."""

import streamlit as st

from ui import widgets
from ui.images import enlarge, enlarge_row
from ui.model import ModelView
from ui.theory import parts
from vae_core.data.registry import DATASETS

SECTION = {"place": 13, "title": "Generation, step by step"}
SHOWN = 6  # samples side by side
NUMBERS = [1, 3, 10, 30, 100, 300, 1000, 3000]


def another() -> None:
    st.session_state["draw"] = (st.session_state["draw"] + 1) % 1000


def show() -> None:
    parts.statement(
        "A VAE generates an image by sampling twice. First a code z is sampled from the prior, "
        "which knows nothing about the data. The decoder then works like a lookup table: for this "
        "z it returns the parameters of a distribution over images. Only a sample from *that* is "
        "data. What is usually shown as “the generated image” is its mean; the average of many "
        "samples converges to it at a rate set by the variance of p(x|z). These two steps are the "
        "whole model, which is why its graph has an arrow from z to x and no encoder: the encoder "
        "is only a means of inferring z.",
        r"z \sim p(z) = \mathcal N(0, I), \qquad x \sim p(x \mid z)",
        "Kingma & Welling 2014, §2.1; Doersch 2016, §2.")
    chosen = parts.choose_model("generator", latent_dim=None, width=400)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        num = widgets.choose_number(st.select_slider, "Samples of x", NUMBERS, value=30,
                                    key="draws", width=400)
        seed = widgets.choose_number(st.number_input, "Seed of z", 0, 999, 0, key="draw",
                                     width=180)
        st.button("Sample another z", on_click=another)
    from vae_core.theory.generation import generate

    model, shape = ModelView(chosen).frozen(), DATASETS[chosen.config.dataset].shape
    found = generate(model, num, seed)
    numbers = ", ".join(parts.nats(value) for value in found.z[:4].tolist())
    one, two, three = st.columns([1, 1, 3])
    with one:
        st.markdown("**1 · z from the prior**")
        st.markdown(f"z = ({numbers}{', …' if len(found.z) > 4 else ''})")
        pin = tuple(found.z.tolist()) if len(found.z) == 2 else None
        parts.open_in_explore(chosen.run_id, pin)
    with two:
        st.markdown("**2 · p(x|z) decoded**")
        st.image(enlarge(found.mean.numpy(), shape, 5), width=140, alt="The mean of p(x|z)")
        st.caption("Its mean E[x|z].")
    with three:
        st.markdown("**3 · x sampled from it**")
        st.image(enlarge_row(found.x[:SHOWN].numpy(), shape, 4, gap=8), width="content",
                 alt="Samples from p(x|z)")
        st.image(enlarge(found.x.mean(0).numpy(), shape, 5), width=140, alt="Mean of the samples")
        st.caption(f"Above, the first {min(num, SHOWN)} of {num:,}; below, the mean of all.")
    with st.container(horizontal=True):
        st.metric("RMSE of the samples’ mean from E[x|z]", f"{found.rmse:.4f}")
        st.metric("Expected: √(mean variance / samples)", f"{found.expected_rmse:.4f}")
        st.metric("Ratio", f"{found.rmse / found.expected_rmse:.3f}"
                  if found.expected_rmse else "–")
