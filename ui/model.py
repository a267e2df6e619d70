"""One run as the pages see it: its files, read once, and what the model is at any β.

Only what decodes or encodes in Python imports torch.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import streamlit as st

from ui.latent_plane import table
from vae_core.data.registry import DATASETS
from vae_core.measure import embeddings
from vae_core.measure.beta_curve import ACTIVE_VARIANCE, BetaCurve
from vae_core.measure.embeddings import data_lattice, mean_rates, most_used_dims, prior_lattice
from vae_core.model.browser import browser_decoder, browser_encoder, turned_decoder
from vae_core.numerics import LOG_VAR_MIN
from vae_core.runs.run import BETA_CURVE, LATENTS, WEIGHTS, Summary

HALF = np.float16  # finer than a pixel, and half of what has to be sent
TILES = 20  # along each side of the grid view
CANDIDATES = 60  # encoded at β where the means are interpolated
# An optimiser loads torch._dynamo, which takes as long as torch.
SLOW_IMPORTS = ("torch", "vae_core.runs.checkpoint", "vae_core.theory.training", "torch._dynamo")


def cached(max_entries: int, show_spinner: bool | str = False) -> Callable[[Callable], Any]:
    """Keep what a function of a model returns for as long as the model's files stay the same."""
    by_files = {"ui.model.ModelView": lambda model: model.key, "ui.sweep.Sweep": lambda m: m.key,
                "ui.model.ModelAt": lambda at: (at.model.key, at.beta)}
    return st.cache_resource(max_entries=max_entries, show_spinner=show_spinner,
                             hash_funcs=by_files)


@dataclass(frozen=True, eq=False)
class Axes:
    """A plane in the latent space, in the coordinates u = Q z.

    On UMAP the browser places the points: a place there has no z.
    """

    dims: tuple[int, ...]  # the two that are shown, or the only one
    held: tuple[float, ...]  # (latent_dim,): u in the dimensions that aren't shown
    rotation: np.ndarray | None = None  # Q, orthogonal; None is the identity
    name: Literal["z", "PC", "UMAP"] = "z"

    def coordinates(self, place: tuple[float, float]) -> np.ndarray:
        """u of a place on the plane, (latent_dim,)."""
        u = np.array(self.held, dtype=np.float32)
        u[list(self.dims)] = place[:len(self.dims)]
        return u


class ModelView:
    """One run, and what is cached of it by the stamps of its files.

    every_beta: False takes a β-conditioned run at config.beta alone, as a run without a curve is.

    Raises (whatever reads a file): RunError, one sentence for the user.
    """

    rotations: np.ndarray | None = None  # (knots, latent_dim, latent_dim): see `Sweep`

    def __init__(self, summary: Summary, every_beta: bool = True):
        self.summary, self.run, self.config = summary, summary.run, summary.config
        self.run_id, self.facts = summary.run_id, DATASETS[self.config.dataset]
        self.has_dial = every_beta and has_curve(summary)

    @cached_property
    def key(self) -> tuple:
        """Changes whenever the run's weights, latents or curve are written again."""
        return str(self.run.folder), *self.run.stamps(WEIGHTS, LATENTS, BETA_CURVE)

    def identity(self, axes: Axes) -> str:
        """What the plane shows, by name: a new one resets pan and zoom."""
        return f"{self.run_id} {'-'.join(map(str, self.key[1:]))} {axes.name}"

    @property
    @cached(32)
    def latents(self) -> dict[str, np.ndarray]:
        """latents.npz: see `Run.latents`."""
        return self.run.latents()

    @property
    def curve(self) -> BetaCurve | None:
        """A β-conditioned run along β, once it is finished."""
        return self._curve() if self.has_dial else None

    @cached(8)
    def _curve(self) -> BetaCurve:
        return self.run.beta_curve()

    @property
    def betas(self) -> np.ndarray:
        """The β at which the model is known, rising; the one of an ordinary run."""
        return self.curve.beta if self.has_dial else np.array([self.config.beta])

    def covers(self, beta: float | None) -> bool:
        """Whether β lies in the model's range, up to the digits that a URL leaves out."""
        if beta is None:
            return False
        low, high = self.betas[[0, -1]]
        return bool(low * (1 - 1e-6) <= beta <= high * (1 + 1e-6))  # not so for NaN

    def at(self, beta: float | None = None) -> ModelAt:
        """The model at β, at config.beta if none is given.
        Raises ValueError: β lies outside the model's range."""
        low, high = map(float, self.betas[[0, -1]])
        if beta is None:
            beta = self.config.beta
        elif not self.covers(beta):
            raise ValueError(f"β = {beta:g} is outside the range of {self.run_id}: choose it from "
                             f"{low:g} to {high:g}.")
        return self._at(min(max(beta, low), high))

    def _at(self, beta: float) -> ModelAt:
        return ModelAt(self, beta)

    @property
    def posteriors(self) -> dict[str, np.ndarray]:
        """Of the test images that are drawn: mu, log_var (…, n, latent_dim), rate, distortion
        (…, n), and label (n,), where … is (knots,) if β can be turned."""
        if curve := self.curve:
            return {"mu": curve.mu, "log_var": curve.log_var, "rate": curve.point_rate,
                    "distortion": curve.point_distortion, "label": curve.label}
        return self.latents

    @property
    def size(self) -> int:
        """How many test images are drawn."""
        return len(self.posteriors["label"])

    def order(self) -> list[int]:
        """The dimensions by mean rate, highest first."""
        return most_used_dims(self.latents["mu"], self.latents["log_var"])

    def default_axes(self) -> Axes:
        """The two dimensions with the highest mean rate."""
        size = self.config.latent_dim
        return Axes(tuple(self.order()[:2] if size > 2 else range(size)), (0.0,) * size)

    def principal_axes(self, name: Literal["PC", "UMAP"] = "PC") -> Axes:
        """The first two principal axes of the posterior means, through their mean.

        A rotation leaves the prior as it is, and the decoder's first layer takes it in, so that
        what is decoded there is exact. Of a β-conditioned run they are those at config.beta.
        """
        mu = self.at().mu
        rotation = embeddings.principal_axes(mu)
        held = rotation @ mu.mean(0)
        held[:2] = 0
        return Axes((0, 1), tuple(map(float, held)), rotation, name)

    def rotation(self, axes: Axes) -> np.ndarray | None:
        """Q of the plane's coordinates u = Q z; one for each member of a sweep."""
        return composed(axes.rotation, self.rotations)

    def points(self, axes: Axes, num_points: int | None = None) -> dict[str, np.ndarray]:
        """x and y of the posterior means, rate, distortion, each (…, n), and the symmetric root of
        each posterior's covariance on the plane: sxx, sxy, syy (sxy left out where it is 0).

        No root on UMAP, where a posterior has no shape, nor where β = 0 and a code is a point.
        """
        each = {name: self.posteriors[name][..., :num_points] for name in ("rate", "distortion")}
        mu, log_var = (self.posteriors[name][..., :num_points, :] for name in ("mu", "log_var"))
        rotation, two = self.rotation(axes), len(axes.dims) > 1
        if rotation is None:
            shown = mu[..., list(axes.dims)]
            root = np.exp(0.5 * log_var[..., list(axes.dims)])
            root = {"sxx": root[..., 0], "syy": root[..., 1] if two else 0 * root[..., 0]}
        else:
            rows = np.asarray(rotation, np.float32)[..., list(axes.dims), :]
            shown = np.asarray(mu, np.float32) @ rows.swapaxes(-1, -2)
            root = _root(rows, np.exp(np.asarray(log_var, np.float32)))
        columns = {"x": shown[..., 0], "y": shown[..., 1] if two else 0 * shown[..., 0]}
        if axes.name != "UMAP" and (log_var > LOG_VAR_MIN).any():
            columns |= root
        if mu.ndim > 2:
            columns = {name: values.astype(HALF) for name, values in columns.items()}
        return columns | each

    def means(self, axes: Axes) -> tuple[list[float], np.ndarray]:
        """The knots of β (1 for an ordinary run) and u of every posterior mean, (knots, n,
        latent_dim)."""
        mu, rotation = self.posteriors["mu"], self.rotation(axes)
        if rotation is not None:
            mu = np.asarray(mu, np.float32) @ rotation.astype(np.float32).swapaxes(-1, -2)
        if mu.ndim == 2:
            return [1.0], mu[None]
        return self.betas.tolist(), mu.astype(HALF)

    def dial(self, axes: Axes) -> dict[str, Any] | None:
        """What follows β on the plane, at each knot: test set, nats; None for an ordinary run.

        `variance` is that of the posterior mean in each dimension, `active` counts the dimensions
        where it can't be counted from there, and the curve's slope is −β · `per_beta`.
        """
        curve = self.curve
        if curve is None:
            return None
        along = {"variance": curve.mu_variance, "rate_per_dim": curve.rate_per_dim}
        if axes.rotation is not None:
            along = self._marginals(axes) | {"active": curve.active_units}
        return for_json({"beta": curve.beta, "distortion": curve.distortion, "rate": curve.rate,
                       "per_beta": self.per_beta, **along})

    def _marginals(self, axes: Axes) -> dict[str, np.ndarray]:
        """Variance of the mean and rate in each of the plane's dimensions, (knots, latent_dim)."""
        mu, log_var = rotated(self.posteriors["mu"], self.posteriors["log_var"],
                              self.rotation(axes))
        rates = [mean_rates(*knot) for knot in zip(mu, log_var, strict=True)]
        return {"variance": mu.var(axis=1), "rate_per_dim": np.array(rates)}

    @property
    def per_beta(self) -> float:
        """On the curve of D and R the slope is −β over the weight of D."""
        weight = self.config.reconstruction_weight
        return 1 / weight if weight else 0.0

    def decoder(self, axes: Axes) -> tuple[dict[str, Any], np.ndarray]:
        """The layers as `vae_core.model.browser` describes them, of u, and all weights, flat."""
        held = self.config.beta if self.config.beta_conditioned and not self.has_dial else None
        layers, weights = self._decoder(held)
        if axes.rotation is not None:
            weights = turned_decoder(layers, weights, axes.rotation)
        return layers, weights

    @cached(32)
    def _decoder(self, held: float | None) -> tuple[dict[str, Any], np.ndarray]:
        return browser_decoder(self.config, self.run.weights(), held)

    @property
    @cached(8)
    def encoder(self) -> tuple[dict[str, Any], np.ndarray]:
        """The encoder's layers in the same way."""
        return browser_encoder(self.config, self.run.weights())

    @property
    def caption(self) -> str:
        """What is to be known about the dial, or about its absence; in markdown."""
        if curve := self.curve:
            return (f"β-conditioned model, trained from β = {curve.beta[0]:g} to "
                    f"{curve.beta[-1]:g}. Decoded images are exact at the dial's β; the embedding "
                    f"was computed at {len(curve.beta)} values of β and is interpolated linearly "
                    "between them.")
        if not self.config.beta_conditioned:
            return ""
        return (f"β-conditioned model, shown at β = {self.config.beta:g}: the dial becomes "
                "available when its training has finished.")

    def payload(self, axes: Axes, mode: str = "points", color_by: str = "label",
                side: Literal["left", "right"] | None = None, box: str = "latent_plane",
                num_points: int | None = None, start: Mapping[str, str] | None = None
                ) -> dict[str, Any]:
        """What the component `latent_plane` draws: tables of columns, and plain values for JSON.

        side: of two planes that share cursor and selection. box: where its messages arrive. start:
        a saved page's state, see static/latent_plane/state.js.
        """
        points, (layers, weights) = self.points(axes, num_points), self.decoder(axes)
        mu, log_var = rotated(self.latents["mu"], self.latents["log_var"], axes.rotation)
        # With β = 0 codes are points: no rate, and no prior that they were drawn to.
        prior = bool((self.latents["log_var"] > LOG_VAR_MIN).any())
        lattice = [data_lattice(points[name], TILES) if self.config.deterministic else
                   prior_lattice(TILES) for name in ("x", "y")]
        ranges = [] if prior else np.quantile(mu, [0.01, 0.99], axis=0).T
        return {
            "labels": table({"label": self.posteriors["label"][:num_points]}),
            "points": table(points), "weights": table({"w": weights}), "decoder": layers,
            "dial": self.dial(axes),
            "view": for_json({
                "title": self.run_id, "model": self.identity(axes),
                "held": axes.held, "dims": axes.dims, "axis": axes.name, "mode": mode,
                "color_by": color_by, "lattice": {"x": lattice[0].tolist(),
                                                  "y": lattice[1].tolist()},
                "class_names": self.facts.class_names,
                "closed": mu.var(axis=0) <= ACTIVE_VARIANCE,  # Burda et al. 2016, §5.4
                "rate_per_dim": mean_rates(mu, log_var) if prior else [],
                "code_ranges": ranges, "beta": self.at().beta, "start": start, "side": side,
                "box": box})}

    @property
    @cached(4, "Loading the model…")
    def vae(self) -> Any:
        """The torch model; a β-conditioned one takes any β."""
        import torch

        from vae_core.runs.checkpoint import load_model

        # Two threads on two cores wait for each other as soon as anything else runs beside them.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        return load_model(self.run)

    @cached(8)
    def frozen(self, beta: float | None = None) -> Any:
        """The torch model; a β-conditioned one held at β, config.beta by default: it decodes in
        half the time."""
        if not self.config.beta_conditioned:
            return self.vae
        from vae_core.model.conditioning import freeze

        return freeze(self.vae, self.config.beta if beta is None else beta)

    @property
    def encoder_input(self) -> Any:
        """All test images as the encoder takes them, (n, pixels)."""
        return encoder_input(self.config.dataset, self.config.binarized)


class ModelAt:
    """A model at one β: D, R, ELBO and active units of the test set, nats, and its posteriors.

    Between the knots of a curve they are interpolated; decoding and encoding are exact. Of a sweep
    it is the member nearest to β, which takes a place u of the common coordinates as z = Qᵀ u.
    """

    def __init__(self, model: ModelView, beta: float, rotation: np.ndarray | None = None):
        self.model, self.beta, self.rotation = model, float(beta), rotation
        self.curve = curve = model.curve
        if curve is None:
            last = model.summary.last or {}
            self.distortion, self.rate = (float(last.get(name, np.nan)) for name in
                                          ("test_distortion", "test_rate"))
            self.active_units = int(last.get("active_units", 0))
        else:
            self.distortion, self.rate = (float(curve.at(beta, values)) for values in
                                          (curve.distortion, curve.rate))
            self.active_units = int(curve.active_at(beta))

    @property
    def elbo(self) -> float:
        return -(self.distortion + self.rate)

    @property
    def objective(self) -> float:
        """J = w·D + β·R, with w the weight of the distortion."""
        return self.model.config.reconstruction_weight * self.distortion + self.beta * self.rate

    @cached_property
    def mu(self) -> np.ndarray:
        """Posterior means in the model's own coordinates, (n, latent_dim)."""
        return self.model.latents["mu"] if self.curve is None else \
            self.curve.at(self.beta, self.curve.mu)

    @cached_property
    def log_var(self) -> np.ndarray:
        return self.model.latents["log_var"] if self.curve is None else \
            self.curve.at(self.beta, self.curve.log_var)

    @property
    def label(self) -> np.ndarray:
        """(n,), −1 for none."""
        return self.model.posteriors["label"]

    def rotation_to(self, axes: Axes) -> np.ndarray | None:
        """Q of the plane's coordinates u = Q z."""
        return composed(axes.rotation, self.rotation)

    def on(self, axes: Axes) -> np.ndarray:
        """The posterior means on the plane, (n, 1 or 2)."""
        rotation, dims = self.rotation_to(axes), list(axes.dims)
        return self.mu[:, dims] if rotation is None else self.mu @ rotation.T[:, dims]

    def z(self, place: tuple[float, float], axes: Axes) -> np.ndarray:
        """The code of a place on the plane, (latent_dim,)."""
        u, rotation = axes.coordinates(place), self.rotation_to(axes)
        return u if rotation is None else (rotation.T @ u).astype(np.float32)

    @property
    def _beta(self) -> float | None:
        return None if self.curve is None else self.beta

    def decode(self, z: np.ndarray) -> np.ndarray:
        """E[x|z] in [0, 1]: (…, latent_dim) → (…, pixels)."""
        import torch

        with torch.no_grad():
            mean = self.model.vae.decode_mean(torch.from_numpy(np.asarray(z, np.float32)),
                                              self._beta)
        return np.clip(mean.numpy(), 0, 1)

    def nearest(self, z: np.ndarray, num: int) -> tuple[np.ndarray, np.ndarray]:
        """The num test images whose posterior means are nearest to z, and their distances."""
        distance = np.linalg.norm(self.mu - z, axis=1)
        if self.curve is None:
            nearest = np.argsort(distance)[:num]
            return nearest, distance[nearest]
        import torch

        near = np.argsort(distance)[:CANDIDATES]
        with torch.no_grad():
            mu = self.model.vae.encode(self.model.encoder_input[near], self.beta).mu.numpy()
        distance = np.linalg.norm(mu - z, axis=1)
        order = np.argsort(distance)[:num]
        return near[order], distance[order]

    def measured(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """mu and log_var, (rows, latent_dim), distortion and rate, (rows,), of these test images:
        encoded at β where the curve would interpolate."""
        names = ("mu", "log_var", "distortion", "rate")
        if self.curve is None:
            return {name: self.model.latents[name][rows] for name in names}
        import torch

        from vae_core.measure.test_set import FINAL_SAMPLES, per_example

        found = per_example(self.model.vae, self.model.encoder_input, FINAL_SAMPLES,
                            beta=self.beta, rows=torch.from_numpy(rows))
        return {name: getattr(found, name).numpy() for name in names}


def has_curve(summary: Summary) -> bool:
    """Whether the run is a β-conditioned model whose curve has been measured."""
    return not summary.problem and summary.config.beta_conditioned \
        and summary.run.has(BETA_CURVE)


def composed(outer: np.ndarray | None, inner: np.ndarray | None) -> np.ndarray | None:
    """The rotation outer · inner, where None is the identity."""
    return inner if outer is None else outer if inner is None else outer @ inner


def rotated(mu: np.ndarray, log_var: np.ndarray, rotation: np.ndarray | None
            ) -> tuple[np.ndarray, np.ndarray]:
    """Means of u = Q z and log σ² of its marginals: σ_d² = Σ_k Q_dk² σ_k²; (…, n, latent_dim)."""
    mu, log_var = (np.asarray(values, np.float32) for values in (mu, log_var))
    if rotation is None:
        return mu, log_var
    columns = np.asarray(rotation, np.float32).swapaxes(-1, -2)
    return mu @ columns, np.log(np.exp(log_var) @ columns**2)


def _root(rows: np.ndarray, variance: np.ndarray) -> dict[str, np.ndarray]:
    """The symmetric root S of the covariances C = S S on the plane, (…, n) each.

    S = (C + √det C · I) / √(tr C + 2 √det C)

    rows: (…, 1 or 2, latent_dim), of the rotation. variance: (…, n, latent_dim).
    """
    c = np.einsum("...ad,...nd,...bd->...nab", rows, variance, rows)
    if rows.shape[-2] == 1:
        root = np.sqrt(c[..., 0, 0])
        return {"sxx": root, "sxy": 0 * root, "syy": 0 * root}
    det = np.sqrt(np.maximum(np.linalg.det(c), 0))
    scale = np.sqrt(np.trace(c, axis1=-2, axis2=-1) + 2 * det)
    return {"sxx": (c[..., 0, 0] + det) / scale, "sxy": c[..., 0, 1] / scale,
            "syy": (c[..., 1, 1] + det) / scale}


def for_json(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.tolist() if isinstance(value, np.ndarray) else
            list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@st.cache_resource(max_entries=2, show_spinner="Loading the test images…")
def test_set(dataset: str) -> Any:
    from vae_core.data import load_split

    return load_split(dataset, "test")


@st.cache_resource(max_entries=2, show_spinner=False)
def encoder_input(dataset: str, binarized: bool) -> Any:
    """All test images as a model of binary pixels, or of grey ones, takes them: (n, pixels)."""
    from vae_core.measure.test_set import evaluation_x

    return evaluation_x(test_set(dataset).x, binarized)


@st.cache_resource(show_spinner=False)
def warm_up(after_seconds: float = 3.0) -> None:
    """Import torch and the like in the background, once the page is drawn; once for each server
    and delay."""
    timer = threading.Timer(after_seconds,
                            lambda: [importlib.import_module(name) for name in SLOW_IMPORTS])
    timer.daemon = True
    timer.start()
