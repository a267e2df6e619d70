"""The MNIST files that come with the project, read without torch."""

import gzip
import hashlib
from importlib import resources

import numpy as np

from vae_core.data.dataset import Arrays, DatasetSpec, Split

# MD5 of each embedded file once unpacked (vae_core/data/mnist/README.md has them too).
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
_PREFIX = {"train": "train", "test": "t10k"}  # of the files' names


def read(split: Split) -> Arrays:
    """Images and labels; else as `mnist_images`."""
    return Arrays(mnist_images(split), mnist_labels(split))


def mnist_images(split: Split) -> np.ndarray:
    """uint8, (60,000, 784) for training, (10,000, 784) for the test; they can't be written to.
    Raises ValueError: the file is missing or damaged."""
    return _read(f"{_PREFIX[split]}-images-idx3-ubyte", header=16).reshape(-1, 28 * 28)


def mnist_labels(split: Split) -> np.ndarray:
    """uint8, (60,000,) or (10,000,); else as `mnist_images`."""
    return _read(f"{_PREFIX[split]}-labels-idx1-ubyte", header=8)


def _read(filename: str, header: int) -> np.ndarray:
    """The bytes behind an IDX file's header: a magic number and the sizes, four bytes each."""
    packed = resources.files("vae_core.data").joinpath("mnist", f"{filename}.gz")
    try:
        content = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The embedded file {packed} can't be read ({error}): restore it with "
                         "git checkout -- vae_core/data/mnist.") from error
    md5 = MNIST_MD5[filename]
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise ValueError(f"The embedded file {packed} is damaged (its MD5 isn't {md5}): restore it "
                         "with git checkout -- vae_core/data/mnist.")
    return np.frombuffer(content, np.uint8, offset=header)


DATASETS = {"mnist": DatasetSpec("MNIST", (1, 28, 28), "unit_interval", tuple("0123456789"),
                                 60_000, 10_000, read)}
