"""A figure with frames: played, or moved by a slider, in the browser; in a plane or in space."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from ui import components

_FILES = components.STATIC / "frames"
_component = components.register(
    "frames", html=(_FILES / "frames.html").read_text(encoding="utf-8"),
    css=(_FILES / "frames.css").read_text(encoding="utf-8"))

Trace = dict[str, Any]  # what static/frames/plane.js calls a Trace


def show_frames(view: dict[str, Any], traces: list[Trace], moving: Sequence[int],
                frames: Iterable[Sequence[Trace]], names: Sequence[str], label: str, *, key: str,
                alt: str, height: int, first: int | None = None, pause: int = 60) -> None:
    """Draw the traces, and a slider over the frames with a play button.

    Args:
        view: `plane(…)` or `space(…)`.
        moving: which traces the frames change.
        frames: for each moment what is new in each of `moving`, such as `dict(p=points(…))`.
        names: one a frame; the slider is called by the label.
        first: the frame that is seen first; None: the last.
        pause: milliseconds from frame to frame.
    """
    _component(key=key, data=dict(
        view=view, traces=traces, moving=list(moving), frames=list(frames), names=list(names),
        label=label, alt=alt, height=height, first=len(names) - 1 if first is None else first,
        pause=pause))


def plane(x: tuple[float, float], y: tuple[float, float], titles: tuple[str, str],
          image: dict[str, Any] | None = None, equal: bool = True) -> dict[str, Any]:
    """Two axes with these ranges; equal: with one unit for both."""
    return dict(kind="plane", x=list(map(float, x)), y=list(map(float, y)), titles=titles,
                image=image, equal=equal)


def space(azimuth: float, elevation: float) -> dict[str, Any]:
    """Three dimensions, seen from these angles (radians) at first."""
    return dict(kind="space", azimuth=azimuth, elevation=elevation)


def line(p: np.ndarray, color: str, **style: Any) -> Trace:
    """Straight lines through p (n, d), broken at NaN."""
    return dict(kind="line", p=points(p), color=color, **style)


def ellipses(mu: np.ndarray, scale: np.ndarray, color: str, radii: tuple[float, ...] = (1, 2),
             **style: Any) -> Trace:
    """The lines radius·σ of N(mu, scale scaleᵀ): mu (n, 2), scale (n, 2, 2)."""
    return dict(kind="ellipses", color=color, radii=radii, **gaussians(mu, scale), **style)


def gaussians(mu: np.ndarray, scale: np.ndarray) -> Trace:
    """What a frame changes in `ellipses`."""
    return dict(p=points(mu), scale=np.round(scale, 5).tolist())


def points(p: np.ndarray) -> list[list[float] | None]:
    """Points (n, d) to five digits; None where they have a NaN."""
    return [None if np.isnan(row[0]) else row.tolist() for row in np.round(np.float64(p), 5)]


def shading(x: np.ndarray, y: np.ndarray, share: np.ndarray, rgb: tuple[int, int, int], name: str
            ) -> dict[str, Any]:
    """share (len(y), len(x)) in [0, 1] as an image over these ranges, for `plane`."""
    pixels = np.empty((*share.shape, 4), dtype=np.uint8)
    pixels[..., :3] = rgb
    pixels[..., 3] = (215 * share[::-1]).round()
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "PNG")
        png = base64.b64encode(file.getvalue()).decode()
    return dict(src=f"data:image/png;base64,{png}", x=[float(x[0]), float(x[-1])],
                y=[float(y[0]), float(y[-1])], color=f"rgba{(*rgb, 0.85)}", name=name)
