"""What is shown below the plane: the model's figures, and the pinned point with its neighbours."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.format import plain
from ui.images import difference, enlarge
from ui.model import Axes, ModelAt, test_set

NEIGHBOURS = 6
WIDTH = 128  # of one image with its caption, in CSS pixels


def show_figures(at: ModelAt) -> None:
    """Distortion, rate, ELBO and active units on the test set, in one line."""
    config = at.model.config
    facts = [f"β = {at.beta:.3g}", config.architecture, f"latent size {config.latent_dim}",
             config.observation_model]
    if config.deterministic:
        facts.append(f"test set: distortion {at.distortion:.2f} nats. With β = 0 the code is a "
                     "point: its rate is infinite, and there is no ELBO to speak of")
    else:
        elbo = f"{at.elbo:.2f}".replace("-", "−")
        facts += [f"test set: distortion {at.distortion:.2f}, rate {at.rate:.2f}, "
                  f"ELBO {elbo} nats", f"{at.active_units} of {config.latent_dim} units active"]
    st.caption(" · ".join(facts))


def show_pin(at: ModelAt, axes: Axes, pin: tuple[float, float] | None) -> None:
    """The pinned image, its z, the nearest test images and the difference to each."""
    if pin is None:
        st.caption("Click the plane to pin a point: its image and the nearest test images appear "
                   "here.")
        return
    try:
        z = at.z(pin, axes)
        nearest, distance = at.nearest(z, NEIGHBOURS)
        decoded = at.decode(z)
        images = test_set(at.model.config.dataset).x.numpy()[nearest] / 255.0
    except ValueError as error:
        st.error(plain(error))
        return
    _draw(at, axes.coordinates(pin), decoded, nearest, images, distance)


def _draw(at: ModelAt, u: np.ndarray, decoded: np.ndarray, nearest: np.ndarray,
          images: np.ndarray, distance: np.ndarray) -> None:
    facts, label = at.model.facts, at.label
    numbers = ", ".join(f"{value:.4f}" for value in u).replace("-", "−")
    with st.container(horizontal=True, gap="small", key="pinned"):
        with st.container(width=WIDTH):
            st.markdown("**Pinned**")
            st.image(enlarge(decoded, facts.shape, 4), alt=f"The image decoded at z = ({numbers})")
            st.caption(f"z = ({numbers})" if len(u) < 5 else "z below")
        for rank, index in enumerate(nearest):
            name = facts.class_names[label[index]] if label[index] >= 0 else "no label"
            rmse = float(np.sqrt(np.mean((decoded - images[rank]) ** 2)))
            with st.container(width=WIDTH):
                st.markdown(f"{name} · test {index}")
                st.image(enlarge(images[rank], facts.shape, 4), alt=f"Test image {index}, {name}")
                st.image(difference(decoded, images[rank], facts.shape, 4),
                         alt=f"Decoded image minus test image {index}")
                st.caption(f"distance {distance[rank]:.3f}, RMSE {rmse:.3f}")
    if len(u) >= 5:
        st.caption(f"z = ({numbers})")
    st.caption(f"{_which(at)}The nearest test images by the distance of their posterior means to "
               "z. Below each, the decoded image minus it: orange where the decoded one is "
               "brighter, blue where it is darker.")


def _which(at: ModelAt) -> str:
    """Which model the dial has chosen."""
    if at.rotation is not None:
        return f"Decoded and measured with {plain(at.model.run_id)}. "
    return "" if at.curve is None else f"Decoded and measured at β = {at.beta:.3g}. "
