"""Flat pixel vectors in, sharp enlarged pictures out: arrays (height, width, 4), uint8.

Browsers smooth small pictures that they enlarge; these are enlarged here, each pixel to a square.
Gaps are transparent, so that the strips suit the light theme and the dark one.
"""

import numpy as np

Shape = tuple[int, int, int]  # channels (1 or 3), height, width

# Okabe & Ito's vermillion and sky blue: brighter and darker, in `difference`.
BRIGHTER, DARKER = (213, 94, 0), (86, 180, 233)


def enlarge(image: np.ndarray, shape: Shape, scale: int) -> np.ndarray:
    """One image (pixels,), uint8 or grey levels in [0, 1], each pixel scale × scale."""
    return enlarge_row(np.asarray(image)[None], shape, scale, gap=0)


def enlarge_row(images: np.ndarray, shape: Shape, scale: int, gap: int = 2) -> np.ndarray:
    """Images (k, pixels) side by side, each pixel scale × scale, gap screen pixels between them.
    Raises ValueError: pixels that don't fit the shape, or no image at all."""
    each = [np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
            for image in _rgba(_as_bytes(images), shape)]
    space = np.zeros((each[0].shape[0], gap, 4), dtype=np.uint8)
    return np.concatenate([part for image in each for part in (space, image)][1:], axis=1)


def difference(image: np.ndarray, other: np.ndarray, shape: Shape, scale: int) -> np.ndarray:
    """image − other, (pixels,) each: orange where the first is brighter, blue where it is darker.

    Opacity is the size of the difference, so that equal pixels show the page's own ground. Colours
    are averaged over channels.
    """
    channels = shape[0]
    signed = (_as_bytes(image).astype(int) - _as_bytes(other)).reshape(channels, -1).mean(axis=0)
    colours = np.where(signed[:, None] > 0, BRIGHTER, DARKER)
    rgba = np.concatenate([colours, np.abs(signed)[:, None].round()], axis=1).astype(np.uint8)
    rgba = rgba.reshape(shape[1], shape[2], 4)
    return np.repeat(np.repeat(rgba, scale, axis=0), scale, axis=1)


def _as_bytes(images: np.ndarray) -> np.ndarray:
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    return (np.clip(images, 0, 1) * 255).round().astype(np.uint8)


def _rgba(images: np.ndarray, shape: Shape) -> np.ndarray:
    """(k, pixels) → (k, height, width, 4), opaque."""
    channels, height, width = shape
    if images.ndim != 2 or images.shape[1] != channels * height * width or not len(images):
        raise ValueError(f"images of shape {images.shape} don't fit {channels}×{height}×{width}: "
                         f"give at least one row of {channels * height * width} pixels.")
    planes = images.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    opaque = np.full((*planes.shape[:3], 1), 255, dtype=np.uint8)
    return np.concatenate([np.broadcast_to(planes, (*planes.shape[:3], 3)), opaque], axis=3)
