"""What a plane gets beside its data, once it has been painted: images, an encoder, a posterior.

Each is a letter of its own, so that a new one doesn't send the plane's points and weights again.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from ui import models
from ui.explore.pin import Subject
from ui.format import plain
from ui.latent_plane import PlaneState, table
from vae_core.data.mnist import mnist_images
from vae_core.data.registry import CATALOG
from vae_core.model.browser import browser_encoder

NEED_ENCODER = ("image", "draw", "traverse", "arithmetic")  # tools
GRID = 140  # cells along each side of a posterior
MARGIN = 0.15  # of its box, left free around it

_LOADER = """
const mailbox = new URL("app/static/latent_plane/payload/mailbox.js", document.baseURI);
export default async ({ data }) => {
  (await import(mailbox)).post(data.name, data);
};
"""
_component = st.components.v2.component("letter", html="<i hidden></i>", js=_LOADER)


def send(box: str, subject: Subject, size: int, placed: PlaneState) -> None:
    """Everything that the plane `box` lacks in its present state, of its first `size` points."""
    try:
        post(images(box, subject, size))
        if placed.get("tool") in NEED_ENCODER:
            for letter in encoder(box, subject, size):
                post(letter)
    except (ValueError, OSError) as error:
        st.error(plain(error))
    send_truth(box, subject, size, placed)


def send_truth(box: str, subject: Subject, size: int, placed: PlaneState) -> None:
    """The true posterior of the picked image, where its layer is shown."""
    try:
        if letter := truth(box, subject, size, placed):
            post(letter)
            _show_bound(box, letter["index"], _truth_of(subject, letter["index"]))
    except (ValueError, OSError) as error:
        st.error(plain(error))


def post(letter: dict[str, Any]) -> None:
    """One letter; its name is that of the plane and the slot: "plane:images"."""
    _component(key=letter["name"], data=letter)


def images(box: str, subject: Subject, size: int) -> dict[str, Any]:
    """The test images as they are."""
    return {"name": f"{box}:images", **_images(subject.config.dataset, size, False)}


def encoder(box: str, subject: Subject, size: int) -> Iterator[dict[str, Any]]:
    """The encoder and, where it takes binary pixels, the test images as it sees them; one by one,
    as the second may have to wait for torch."""
    yield {"name": f"{box}:encoder", **_encoder(subject)}
    if subject.config.binarized:
        yield {"name": f"{box}:seen", **_images(subject.config.dataset, size, True)}


@st.cache_resource(max_entries=4, show_spinner=False)
def _images(dataset: str, size: int, binarized: bool) -> dict[str, Any]:
    """The first test images, gzipped: as they are, or as a model of binary pixels sees them."""
    if binarized:
        x = (255 * models.encoder_input(dataset, True)[:size]).byte().numpy()
    elif dataset == "mnist":
        x = mnist_images("test")[:size]  # at once, as this needs no torch
    else:
        x = models.test_set(dataset).x[:size].numpy()
    packed = gzip.compress(x.tobytes(), compresslevel=1, mtime=0)
    channels, height, width = CATALOG[dataset].shape
    return {"packed": table({"bytes": np.frombuffer(packed, np.uint8)}), "channels": channels,
            "height": height, "width": width}


def _encoder(subject: Subject) -> dict[str, Any]:
    spec, weights = _exported(subject.run, str(subject.run.folder), subject.version)
    return {"run": subject.run.run_id, "spec": spec, "weights": table({"w": weights}),
            "turn": None if subject.turn is None else subject.turn.tolist()}


@st.cache_resource(max_entries=8, show_spinner=False)
def _exported(_run: Any, folder: str, version: str) -> tuple[dict[str, Any], np.ndarray]:
    return browser_encoder(_run.config(), _run.weights())


def truth(box: str, subject: Subject, size: int, placed: PlaneState) -> dict[str, Any] | None:
    """The true posterior of the picked image; None where its layer isn't shown, no image is picked
    or the model has none."""
    config, image = subject.config, placed.image
    if "truth" not in placed.layers or config.latent_dim != 2 or image is None or image >= size \
            or config.deterministic or subject.turn is not None:
        return None
    found = _truth_of(subject, image)
    return {"name": f"{box}:truth", "run": subject.run.run_id, "index": image,
            "beta": subject.beta or config.beta, **found["box"],
            "density": table({"density": found["density"]})}


def _truth_of(subject: Subject, image: int) -> dict[str, Any]:
    return _truth(subject.run, str(subject.run.folder), subject.version, subject.beta, image)


@st.cache_resource(max_entries=64, show_spinner="Integrating over the plane…")
def _truth(_run: Any, folder: str, version: str, beta: float | None, index: int) -> dict[str, Any]:
    """p(z|x) on a grid, and log p(x), ELBO and KL, each by a rule of its own."""
    from vae_core.theory.exact import true_posterior

    model, config = models.frozen_vae(_run, folder, version, beta), _run.config()
    x = models.encoder_input(config.dataset, config.binarized)[index:index + 1]
    found = true_posterior(model, x, GRID, MARGIN)
    box = {"low": found.low.tolist(), "high": found.high.tolist(), "size": GRID}
    return {"box": box, "density": found.density.numpy().T, "log_px": found.log_px,
            "elbo": found.elbo, "kl": found.kl}


def _show_bound(box: str, index: int, found: dict[str, Any]) -> None:
    log_px, elbo, kl = (f"{found[name]:.3f}".replace("-", "−") for name in ("log_px", "elbo", "kl"))
    with st.container(horizontal=True, key=f"{box}_bound"):
        st.metric(f"log p(x) of test image {index}", f"{log_px} nats", width="content")
        st.metric("= ELBO", f"{elbo} nats", width="content")
        st.metric("+ KL(q(z|x) ‖ p(z|x))", f"{kl} nats", width="content")
    st.caption("Each computed by itself: over the whole plane, by Gauss–Hermite under q, and on a "
               "lattice around q. They agree to "
               f"{abs(found['log_px'] - found['elbo'] - found['kl']):.1g} nats.")
