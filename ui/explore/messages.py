"""What a plane gets beside its data, once it is painted: images, an encoder, means, a posterior.

Each is a message of its own, so that a new one doesn't send the plane's points and weights again.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from ui import components
from ui.format import plain
from ui.latent_plane import PlaneState, plane_state, table
from ui.model import Axes, ModelAt, ModelView, cached, encoder_input, test_set
from vae_core.data.mnist import mnist_images
from vae_core.data.registry import DATASETS

PLACED = re.compile("@(z|PC)[0-9]")  # a place on axes of its own: see terms.js
GRID = 140  # cells along each side of a posterior
MARGIN = 0.15  # of its box, left free around it

_component = components.register("messages")


def send(box: str, model: ModelView, axes: Axes, at: ModelAt, state: PlaneState,
         means: bool = False) -> None:
    """What the plane `box` lacks in its present state; means: send them whatever its state is."""
    try:
        post(images(box, model))
        if "encoder" in state.needs:
            for message in encoder(box, model, axes, at):
                post(message)
    except (ValueError, OSError) as error:
        st.error(plain(error))
    if model.config.latent_dim > 2 and (means or axes.name == "UMAP" or needs_means(state)):
        post(all_means(box, model, axes))
    send_truth(box, model, at, state)


def send_truth(box: str, model: ModelView, at: ModelAt, state: PlaneState) -> None:
    """The true posterior of the picked image, where its layer is shown."""
    try:
        if message := truth(box, model, at, state):
            post(message)
            _show_bound(box, message["index"], _truth(at, message["index"]))
    except (ValueError, OSError) as error:
        st.error(plain(error))


def post(message: dict[str, Any]) -> None:
    """One message; its name is that of the plane and the slot: "plane:images"."""
    _component(key=message["name"], data=message)


def acknowledge(*boxes: str) -> None:
    """Last on the page: each plane has been sent everything that its report asks for."""
    for box in boxes:
        post({"name": f"{box}:heard", "serial": plane_state(box).serial})


def images(box: str, model: ModelView) -> dict[str, Any]:
    """The test images as they are."""
    return {"name": f"{box}:images", **_images(model.config.dataset, model.size, False)}


def encoder(box: str, model: ModelView, axes: Axes, at: ModelAt) -> Iterator[dict[str, Any]]:
    """The encoder and, where it takes binary pixels, the test images as it sees them; one by one,
    as the second may have to wait for torch."""
    layers, weights = at.model.encoder
    rotation = at.rotation_to(axes)
    yield {"name": f"{box}:encoder", "run": at.model.run_id, "spec": layers,
           "weights": table({"w": weights}),
           "turn": None if rotation is None else rotation.tolist()}
    if at.model.config.binarized:
        yield {"name": f"{box}:seen", **_images(at.model.config.dataset, model.size, True)}


@st.cache_resource(max_entries=4, show_spinner=False)
def _images(dataset: str, size: int, binarized: bool) -> dict[str, Any]:
    """The first test images, gzipped: as they are, or as a model of binary pixels sees them."""
    if binarized:
        x = (255 * encoder_input(dataset, True)[:size]).byte().numpy()
    elif dataset == "mnist":
        x = mnist_images("test")[:size]  # at once, as this needs no torch
    else:
        x = test_set(dataset).x[:size].numpy()
    packed = gzip.compress(x.tobytes(), compresslevel=1, mtime=0)
    channels, height, width = DATASETS[dataset].shape
    return {"packed": table({"bytes": np.frombuffer(packed, np.uint8)}), "channels": channels,
            "height": height, "width": width}


def needs_means(state: PlaneState) -> bool:
    """Whether a tool or a selection needs all dimensions: directions are computed in all of them,
    and a lasso may have been drawn on other axes than those shown."""
    return "codes" in state.needs or any(
        PLACED.search(state.get(name)) for name in ("select", "groups"))


def all_means(box: str, model: ModelView, axes: Axes) -> dict[str, Any]:
    """The posterior means in every dimension."""
    beta, mu = model.means(axes)
    return {"name": f"{box}:codes", "model": model.identity(axes), "beta": beta,
            "latent_dim": model.config.latent_dim, "mu": table({"mu": mu})}


def truth(box: str, model: ModelView, at: ModelAt, state: PlaneState) -> dict[str, Any] | None:
    """The true posterior of the picked image; None where its layer isn't shown, no image is picked
    or the model has none."""
    config, image = model.config, state.image
    if "truth" not in state.layers or config.latent_dim != 2 or image is None \
            or image >= model.size or config.deterministic or at.rotation is not None:
        return None
    found = _truth(at, image)
    return {"name": f"{box}:truth", "run": at.model.run_id, "index": image, "beta": at.beta,
            **found["box"], "density": table({"density": found["density"]})}


@cached(64, "Integrating over the plane…")
def _truth(at: ModelAt, index: int) -> dict[str, Any]:
    """p(z|x) on a grid, and log p(x), ELBO and KL, each computed independently."""
    from vae_core.theory.exact import true_posterior

    found = true_posterior(at.model.frozen(at.beta), at.model.encoder_input[index:index + 1],
                           GRID, MARGIN)
    box = {"low": found.low.tolist(), "high": found.high.tolist(), "size": GRID}
    return {"box": box, "density": found.density.numpy().T, "log_px": found.log_px,
            "elbo": found.elbo, "kl": found.kl}


def _show_bound(box: str, index: int, found: dict[str, Any]) -> None:
    log_px, elbo, kl = (f"{found[name]:.3f}".replace("-", "−") for name in ("log_px", "elbo", "kl"))
    with st.container(horizontal=True, key=f"{box}_bound"):
        st.metric(f"log p(x) of test image {index}", f"{log_px} nats", width="content")
        st.metric("= ELBO", f"{elbo} nats", width="content")
        st.metric("+ KL(q(z|x) ‖ p(z|x))", f"{kl} nats", width="content")
    st.caption("Each is computed independently: log p(x) over the whole plane, the ELBO by "
               "Gauss–Hermite quadrature under q, the KL on a lattice around q. They agree to "
               f"{abs(found['log_px'] - found['elbo'] - found['kl']):.1g} nats.")
