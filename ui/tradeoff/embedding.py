"""The test set's posterior means and pictures of a model of Trade-off, at one β."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ui.model import Axes, ModelAt, ModelView, cached
from ui.sweep import Sweep, alike
from ui.tradeoff.families import start_beta
from ui.tradeoff.plane import subscripted
from vae_core.measure.embeddings import pictured
from vae_core.runs.run import RunError, Summary

COMMON_SPAN = 12.0  # means that reach farther get axes of their own
SAMPLES_SEED = 2  # as in vae_core.measure.test_set: the samples are those of latents.npz


def along_curve(model: ModelView, beta: float) -> tuple[dict[str, Any], str]:
    """A β-conditioned model: what `charts.embedding` draws, and what must be said about it."""
    axes = model.default_axes()
    knots = model.points(axes)
    far = np.maximum(np.abs(knots["x"]), np.abs(knots["y"])).max(axis=1)
    drawing, words = _view(model.at(beta), axes, far.tolist(), "curve")
    return drawing, (f"{words} At β = {beta:g}: the means are measured at "
                     f"{len(model.betas)} values of β and interpolated between them.")


def in_sweep(at: ModelAt, sweep: Mapping[float, Summary]) -> tuple[dict[str, Any], str]:
    """The same of one model beside its sweep's, which are aligned to the one with β nearest 1. Left
    out are models whose latents can't be read or are of other test images.
    Raises RunError: the run's latents can't be read."""
    members = alike(list(sweep.values()), at.model.summary)
    if len(members) == 1:
        drawing, words = _view(at, at.model.default_axes(), [])
        return drawing, f"{words} The rest of the sweep was measured on other test images, or " \
            "can't be read: not aligned." if len(sweep) > 1 else words
    middle = start_beta([s.config.beta for s in members])
    aligned = Sweep(members, sweep[middle])
    axes = aligned.default_axes()
    spans = [_span(aligned.at(each).on(axes)) for each in aligned.betas]
    drawing, words = _view(aligned.at(at.beta), axes, spans)
    if at.beta != middle:
        drawing["titles"] = tuple(title if title == "class" else
                                  f"{title} of the model with β = {middle:g}"
                                  for title in drawing["titles"])
    return drawing, f"{words} {alignment_words(at.beta, middle, at.model.config.latent_dim)}"


def alignment_words(beta: float, middle: float, latent_dim: int) -> str:
    """What was done to the codes so that the plane stays where it is along the sweep."""
    if beta == middle:
        return f"The sweep's other models are aligned to this one, β = {middle:g}."
    turned = "rotated or mirrored" if latent_dim > 1 else "mirrored if necessary"
    words = ("Models trained separately have no common coordinates, so the latent space is "
             f"{turned} (which leaves the prior unchanged): aligned by Procrustes to the model "
             f"with β = {middle:g}, from neighbour to neighbour.")
    return f"{words} An axis is then a mixture of this model's dimensions." if latent_dim > 1 \
        else words


def common_range(spans: Sequence[float]) -> float:
    """Half the side of the axes that models of a sweep share: at least 3 prior deviations."""
    return 1.03 * max([3.0, *(each for each in spans if each <= COMMON_SPAN)])


def _view(at: ModelAt, axes: Axes, spans: Sequence[float], along: str = "sweep"
          ) -> tuple[dict[str, Any], str]:
    """spans: how far from 0 the means of each model along the sweep or curve reach. They share
    axes, so that a growing β is seen to contract the codes; a model that reaches too far and would
    hide the others has its own. A 1-D code gets a row a class.
    """
    config, mu = at.model.config, at.on(axes)
    flat, own, prior = mu.shape[1] == 1, _span(mu) > COMMON_SPAN, not config.deterministic
    x, y = mu[:, 0], _rows(at.label) if flat else mu[:, 1]
    side = common_range(spans or [_span(mu)])
    ranges = _square(x, y) if own else ((-side, side), (-side, side))
    words = [f"Posterior means of {len(x):,} test images."]
    if config.latent_dim > 2:
        words.append(f"Shown: the two of {config.latent_dim} dimensions with the highest mean "
                     "rate.")
    if prior and not flat:
        words.append("Circles: 1, 2 and 3 standard deviations of the prior.")
    if own and len(spans) > 1:
        words.append(f"These means lie outside the {along}'s common axes and have axes of their "
                     "own.")
    elif len(spans) > 1:
        words.append(f"The axes are the same along the {along}.")
    if flat:
        ranges = ranges[0], (float(y.min()) - 0.6, float(y.max()) + 0.6)
    titles = [subscripted(dim) for dim in axes.dims]
    return dict(x=x, y=y, label=at.label, ranges=ranges, circles=prior and not flat,
                equal_axes=not flat, class_names=at.model.facts.class_names,
                titles=(titles[0], "class" if flat else titles[1])), " ".join(words)


def _span(mu: np.ndarray) -> float:
    return float(np.abs(mu).max(initial=0.0))


def _rows(label: np.ndarray) -> np.ndarray:
    """A height for each point of a 1-D code: its class, spread evenly by the golden ratio."""
    return label + (np.arange(len(label)) * 0.6180339887 % 1 - 0.5) * 0.7


def _square(x: np.ndarray, y: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Axes of one scale that hold every point."""
    half = 0.52 * max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    middle = [(float(v.min()) + float(v.max())) / 2 for v in (x, y)]
    return (middle[0] - half, middle[0] + half), (middle[1] - half, middle[1] + half)


def pictures(at: ModelAt) -> Mapping[str, np.ndarray]:
    """Test images, their reconstructions and samples, (k, pixels) uint8: those in latents.npz, or
    decoded where the model is at another β than they.
    Raises RunError: a file can't be read, or the pictures and the curve are of different images."""
    stored = at.model.latents
    if at.curve is None or at.beta == at.model.config.beta:
        return stored
    places = pictured(at.curve.label)
    if len(places) != len(stored["originals"]):
        raise RunError(f"Run {at.model.run_id!r} has pictures of other test images than its curve: "
                       f"train it again to see them at β = {at.beta:g}.")
    return {"originals": stored["originals"], **_decoded(at, places, len(stored["samples"]))}


@cached(200, "Decoding at this β …")
def _decoded(at: ModelAt, places: np.ndarray, num_samples: int) -> dict[str, np.ndarray]:
    import torch

    from vae_core.random import seeded

    z = torch.randn(num_samples, at.mu.shape[1],
                    generator=seeded(torch.Generator(), SAMPLES_SEED)).numpy()
    return {name: np.rint(255 * at.decode(codes)).astype(np.uint8)
            for name, codes in (("reconstructions", at.mu[places]), ("samples", z))}
