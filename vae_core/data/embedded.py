"""The MNIST files that come with the project, read without torch."""

from __future__ import annotations

import gzip
import hashlib
from importlib import resources

import numpy as np

# MD5 of each embedded file once unpacked (vae_core/data/mnist/README.md has them too).
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def embedded(filename: str) -> bytes:
    """The unpacked content of one of the files that `MNIST_MD5` names, in IDX format.

    Raises:
        ValueError: the file is missing or damaged.
    """
    md5 = MNIST_MD5[filename]
    packed = resources.files("vae_core.data").joinpath("mnist", f"{filename}.gz")
    try:
        content = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise ValueError(f"The embedded file {packed} can't be read ({error}): restore it with "
                         "git checkout -- vae_core/data/mnist.") from error
    if md5_of(content) != md5:
        raise ValueError(f"The embedded file {packed} is damaged (its MD5 isn't {md5}): restore it "
                         "with git checkout -- vae_core/data/mnist.")
    return content


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def mnist_test_images() -> np.ndarray:
    """The test images, uint8, (10,000, 784).

    Raises:
        ValueError: the file is missing or damaged.
    """
    header = 16  # magic number, number of images, rows, columns
    content = embedded("t10k-images-idx3-ubyte")
    return np.frombuffer(content, np.uint8, offset=header).reshape(-1, 28 * 28)
