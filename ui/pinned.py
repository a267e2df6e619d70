"""What stands below the plane: the model's figures, and the pinned point with its neighbours."""

from __future__ import annotations

import importlib
import threading
from typing import Any

import numpy as np
import streamlit as st

from ui.pictures import difference, enlarge
from ui.text import plain
from vae_core.config import TrainConfig
from vae_core.data.catalog import CATALOG
from vae_core.runs import Run, Summary

NEIGHBOURS = 6
WIDTH = 128  # of one image with its caption, in CSS pixels
WARM_UP_SECONDS = 3.0


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Import torch once the page has been painted, so that the first pin doesn't wait for it."""
    def load() -> None:
        importlib.import_module("vae_core.checkpoint")
        importlib.import_module("vae_core.data.torchvision_sets")

    timer = threading.Timer(WARM_UP_SECONDS, load)
    timer.daemon = True
    timer.start()


def show_figures(summary: Summary) -> None:
    """Distortion, rate, ELBO and active units on the test set, in one line."""
    last, config = summary.last, summary.config
    words = [f"β = {config.beta:g}", config.architecture, f"latent size {config.latent_dim}",
             config.observation_model]
    if config.deterministic:
        words.append(f"test set: distortion {last['test_distortion']:.2f} nats. With β = 0 the "
                     "code is a point, whose rate is infinite and whose ELBO says nothing")
    else:
        elbo = f"{last['test_elbo']:.2f}".replace("-", "−")
        words += [f"test set: distortion {last['test_distortion']:.2f}, rate "
                  f"{last['test_rate']:.2f}, ELBO {elbo} nats",
                  f"{last['active_units']} of {config.latent_dim} units active"]
    st.caption(" · ".join(words))


@st.cache_resource(max_entries=4, show_spinner="Loading the model…")
def _model(_run: Run, folder: str, version: str) -> Any:
    from vae_core.checkpoint import load_model

    return load_model(_run)


@st.cache_resource(max_entries=2, show_spinner="Loading the test images…")
def _test_images(dataset: str) -> np.ndarray:
    from vae_core.data import load_dataset

    return load_dataset(dataset).test.x.numpy()


def show_pin(run: Run, config: TrainConfig, latents: dict[str, np.ndarray],
             pin: tuple[float, float] | None, dims: tuple[int, int], held: tuple[float, ...],
             version: str) -> None:
    """The pinned image, its z, the nearest test images and the difference to each."""
    if pin is None:
        st.caption("Click the plane to keep a point: its image and the nearest test images will "
                   "stand here.")
        return
    import torch

    z = np.array(held, dtype=np.float32)
    z[list(dims)] = pin[:len(dims)]
    distance = np.linalg.norm(latents["mu"] - z, axis=1)
    nearest = np.argsort(distance)[:NEIGHBOURS]
    try:
        with torch.no_grad():
            decoded = _model(run, str(run.folder), version).decode_mean(torch.from_numpy(z))
        decoded = np.clip(decoded.numpy(), 0, 1)
        images = _test_images(config.dataset)[nearest] / 255.0
    except ValueError as error:
        st.error(plain(error))
        return
    _draw(config, z, decoded, nearest, images, distance, latents["label"])


def _draw(config: TrainConfig, z: np.ndarray, decoded: np.ndarray, nearest: np.ndarray,
          images: np.ndarray, distance: np.ndarray, labels: np.ndarray) -> None:
    facts = CATALOG[config.dataset]
    numbers = ", ".join(f"{value:.4f}" for value in z).replace("-", "−")
    with st.container(horizontal=True, gap="small", key="pinned"):
        with st.container(width=WIDTH):
            st.markdown("**Pinned**")
            st.image(enlarge(decoded, facts.shape, 4), alt=f"The image decoded at z = ({numbers})")
            st.caption(f"z = ({numbers})" if len(z) < 5 else "z below")
        for rank, index in enumerate(nearest):
            name = facts.class_names[labels[index]] if labels[index] >= 0 else "no label"
            rmse = float(np.sqrt(np.mean((decoded - images[rank]) ** 2)))
            with st.container(width=WIDTH):
                st.markdown(f"{name} · test {index}")
                st.image(enlarge(images[rank], facts.shape, 4), alt=f"Test image {index}, {name}")
                st.image(difference(decoded, images[rank], facts.shape, 4),
                         alt=f"Decoded image minus test image {index}")
                st.caption(f"distance {distance[index]:.3f}, RMSE {rmse:.3f}")
    if len(z) >= 5:
        st.caption(f"z = ({numbers})")
    st.caption("The nearest test images by the distance of their posterior means to z. Below each, "
               "the decoded image minus it: orange where the decoded one is brighter, blue where "
               "it is darker.")
