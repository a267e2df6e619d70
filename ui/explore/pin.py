"""What stands below the plane: the model's figures, and the pinned point with its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import models
from ui.explore.dial import Figures, Turning, nearest
from ui.format import plain
from ui.images import difference, enlarge
from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Run, Summary

NEIGHBOURS = 6
CANDIDATES = 60  # looked at where the means are known nearly only
WIDTH = 128  # of one image with its caption, in CSS pixels


@dataclass(frozen=True)
class Subject:
    """The model that a pin is decoded with, and where it has the test images.

    beta: where a β-conditioned run is taken; mu is then known nearly, and encoded anew for the
    neighbours. turn: the model takes a place z of the plane as turnᵀ z.
    """

    run: Run
    config: TrainConfig
    version: str
    mu: np.ndarray
    label: np.ndarray
    beta: float | None = None
    turn: np.ndarray | None = None


def subject(chosen: Summary, latents: dict[str, np.ndarray], version: str,
            turning: Turning | None, beta: float | None) -> Subject:
    """The model that the dial at β stands for: itself at β, or the sweep's nearest one."""
    run, config = chosen.run, chosen.config
    if turning is None:
        return Subject(run, config, version, latents["mu"], latents["label"])
    if curve := turning.curve:
        return Subject(run, config, version, curve.at(beta, curve.mu), curve.label, beta)
    k = nearest(turning.dial, beta)
    run, config = turning.runs[k].run, turning.runs[k].config
    version = models.version(run)
    latents = models.latents(run, str(run.folder), version)
    return Subject(run, config, version, latents["mu"], latents["label"],
                   turn=turning.dial.turns[k])


def show_figures(summary: Summary, figures: Figures | None = None) -> None:
    """Distortion, rate, ELBO and active units on the test set, in one line; of a model with a dial
    those at its β."""
    last, config = summary.last, summary.config
    beta = config.beta if figures is None else figures.beta
    words = [f"β = {beta:.3g}", config.architecture, f"latent size {config.latent_dim}",
             config.observation_model]
    if config.deterministic:
        words.append(f"test set: distortion {last['test_distortion']:.2f} nats. With β = 0 the "
                     "code is a point, whose rate is infinite and whose ELBO says nothing")
    else:
        figures = figures or Figures(beta, last["test_distortion"], last["test_rate"],
                                     int(last["active_units"]))
        elbo = f"{figures.elbo:.2f}".replace("-", "−")
        words += [f"test set: distortion {figures.distortion:.2f}, rate {figures.rate:.2f}, "
                  f"ELBO {elbo} nats", f"{figures.active} of {config.latent_dim} units active"]
    st.caption(" · ".join(words))


def show_pin(subject: Subject, pin: tuple[float, float] | None, dims: tuple[int, ...],
             held: tuple[float, ...]) -> None:
    """The pinned image, its z, the nearest test images and the difference to each."""
    if pin is None:
        st.caption("Click the plane to keep a point: its image and the nearest test images will "
                   "stand here.")
        return
    z = np.array(held, dtype=np.float32)
    z[list(dims)] = pin[:len(dims)]
    own = z if subject.turn is None else (subject.turn.T @ z).astype(np.float32)
    try:
        nearest, distance = _neighbours(subject, own)
        decoded = _decode(subject, own)
        images = models.test_set(subject.config.dataset).x.numpy()[nearest] / 255.0
    except ValueError as error:
        st.error(plain(error))
        return
    _draw(subject, z, decoded, nearest, images, distance)


def _decode(subject: Subject, z: np.ndarray) -> np.ndarray:
    import torch

    model = models.vae(subject.run, str(subject.run.folder), subject.version)
    with torch.no_grad():
        return np.clip(model.decode_mean(torch.from_numpy(z), subject.beta).numpy(), 0, 1)


def _neighbours(subject: Subject, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest test images, and the distance of each one's mean to z."""
    distance = np.linalg.norm(subject.mu - z, axis=1)
    if subject.beta is None:
        nearest = np.argsort(distance)[:NEIGHBOURS]
        return nearest, distance[nearest]
    import torch

    model = models.vae(subject.run, str(subject.run.folder), subject.version)
    x = models.encoder_input(subject.config.dataset, subject.config.binarized)
    near = np.argsort(distance)[:CANDIDATES]
    with torch.no_grad():
        exact = np.linalg.norm(model.encode(x[near], subject.beta).mu.numpy() - z, axis=1)
    order = np.argsort(exact)[:NEIGHBOURS]
    return near[order], exact[order]


def _draw(subject: Subject, z: np.ndarray, decoded: np.ndarray, nearest: np.ndarray,
          images: np.ndarray, distance: np.ndarray) -> None:
    facts, labels = DATASETS[subject.config.dataset], subject.label
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
                st.caption(f"distance {distance[rank]:.3f}, RMSE {rmse:.3f}")
    if len(z) >= 5:
        st.caption(f"z = ({numbers})")
    st.caption(f"{_by_what(subject)}The nearest test images by the distance of their posterior "
               "means to z. Below each, the decoded image minus it: orange where the decoded one "
               "is brighter, blue where it is darker.")


def _by_what(subject: Subject) -> str:
    """Of a model that the dial has chosen, which one it is."""
    if subject.turn is not None:
        return f"Decoded and measured with {plain(subject.run.run_id)}. "
    return "" if subject.beta is None else f"Decoded and measured at β = {subject.beta:.3g}. "
