"""Data sets that torchvision reads: MNIST from the files embedded here, others by download."""

from __future__ import annotations

import contextlib
import gzip
import logging
import os
import uuid
from pathlib import Path

from torchvision import datasets as tv

from vae_core.data.catalog import CATALOG
from vae_core.data.dataset import Dataset, Splits
from vae_core.data.embedded import MNIST_MD5, embedded, md5_of

logger = logging.getLogger(__name__)

_CLASSES = {"mnist": tv.MNIST, "fashion-mnist": tv.FashionMNIST, "kmnist": tv.KMNIST}


def cache_folder() -> Path:
    """Where data sets are unpacked: $VAE_EXPLORER_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("VAE_EXPLORER_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vae-explorer"


def load(name: str, root: Path | None = None) -> Splits:
    """Read a data set through torchvision, unpacking or downloading what is missing.

    Raises:
        ValueError: unknown name; embedded file damaged; files neither there nor to be downloaded.
    """
    if name not in _CLASSES:
        raise ValueError(f"{name!r} is not a known data set: known are {', '.join(CATALOG)}. "
                         "Choose one of these.")
    root = root or cache_folder()
    if name == "mnist":
        unpack_mnist(root)
    return Splits(_read(name, root, train=True), _read(name, root, train=False))


def unpack_mnist(root: Path) -> None:
    """Put the embedded files, checked, where torchvision.datasets.MNIST(root) looks for them."""
    raw = root / "MNIST" / "raw"
    for filename, md5 in MNIST_MD5.items():
        target = raw / filename
        if _is_whole(target, md5):
            continue
        content = embedded(filename)
        # A name of its own, since two processes may unpack at the same time.
        temporary = raw / f".{filename}.{uuid.uuid4().hex}"
        try:
            raw.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise ValueError(f"MNIST can't be unpacked to {raw} ({error.strerror}): free "
                             "space there, or set VAE_EXPLORER_CACHE to a folder to write to."
                             ) from error


def _is_whole(target: Path, md5: str) -> bool:
    """Whether an unpacked file is there with its checksum; says so if it is there without."""
    if not target.exists():
        return False
    try:
        if md5_of(target.read_bytes()) == md5:
            return True
        why = f"its MD5 isn't {md5}"
    except OSError as error:
        why = str(error.strerror)
    logger.warning("%s is damaged (%s): unpacking it again.", target, why)
    return False


def _read(name: str, root: Path, train: bool) -> Dataset:
    facts = CATALOG[name]
    try:
        pictures = _CLASSES[name](root, train=train, download=name != "mnist")
    except (ValueError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The files of {facts.title} in {root} are damaged ({error}): remove "
                         "them, and they are fetched again.") from error
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{facts.title} isn't in {root} and couldn't be downloaded "
                         f"({str(error).splitlines()[0]}): connect to the internet once, put its "
                         f"files there, or choose mnist, which comes with the project.") from error
    x = pictures.data.reshape(len(pictures.data), -1).contiguous()
    return Dataset(x, pictures.targets.long(), None, facts.shape, facts.domain)
