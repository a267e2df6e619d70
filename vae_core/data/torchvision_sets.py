"""Data sets that torchvision reads: MNIST from the files embedded here, others by download."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import logging
import os
import uuid
from importlib import resources
from pathlib import Path

from torchvision import datasets as tv

from vae_core.data.catalog import CATALOG
from vae_core.data.dataset import Dataset, Splits

logger = logging.getLogger(__name__)

# MD5 of each embedded file once unpacked (vae_core/data/mnist/README.md has them too).
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
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
        content = _embedded(filename, md5)
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
        if _md5(target.read_bytes()) == md5:
            return True
        why = f"its MD5 isn't {md5}"
    except OSError as error:
        why = str(error.strerror)
    logger.warning("%s is damaged (%s): unpacking it again.", target, why)
    return False


def _embedded(filename: str, md5: str) -> bytes:
    packed = resources.files("vae_core.data").joinpath("mnist", f"{filename}.gz")
    try:
        content = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The embedded file {packed} can't be read ({error}): restore it with "
                         "git checkout -- vae_core/data/mnist.") from error
    if _md5(content) != md5:
        raise ValueError(f"The embedded file {packed} is damaged (its MD5 isn't {md5}): restore it "
                         "with git checkout -- vae_core/data/mnist.")
    return content


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


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
