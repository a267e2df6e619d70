"""The embedded MNIST, its relatives through torchvision, and what can go wrong."""

from __future__ import annotations

import errno
import gzip
import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets as tv

from vae_core.config import TrainConfig
from vae_core.data import load_dataset, load_split, mnist
from vae_core.data.dataset import to_unit
from vae_core.data.mnist import MNIST_MD5
from vae_core.data.registry import DATASETS
from vae_core.data.torchvision_sets import cache_folder

OTHERS = {"fashion-mnist": tv.FashionMNIST, "kmnist": tv.KMNIST}
IMAGES = "t10k-images-idx3-ubyte"


def idx(array: np.ndarray) -> bytes:
    """The IDX format: two zeros, 8 for bytes, the number of dimensions, the sizes, the data."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def offline(monkeypatch) -> None:
    """Every attempt to reach the network fails as it does without one."""
    def refuse(*_, **__):
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)


# MNIST


def test_mnist_is_all_there():
    splits = load_dataset("mnist")
    facts = DATASETS["mnist"]
    for data, num in ((splits.train, facts.num_train), (splits.test, facts.num_test)):
        assert data.x.shape == (num, 784) and data.x.dtype == torch.uint8
        assert data.labels.shape == (num,) and data.labels.dtype == torch.int64
        assert data.labels.unique().tolist() == list(range(len(facts.class_names)))
        assert (data.shape, data.domain, data.factors) == ((1, 28, 28), "unit_interval", None)
    assert (splits.test.x.min(), splits.test.x.max()) == (0, 255)
    assert splits.test.labels[:5].tolist() == [7, 2, 1, 0, 4]  # as everyone's MNIST begins


def test_mnist_is_what_torchvision_reads_from_the_same_files(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in Path(mnist.__file__).parent.glob("*.gz"):
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    for part, train in zip(load_dataset("mnist"), (True, False), strict=True):
        theirs = tv.MNIST(tmp_path, train=train)
        assert part.x.equal(theirs.data.flatten(1)) and part.labels.equal(theirs.targets)


@pytest.mark.parametrize(("packed", "what"), [
    (None, "can't be read"), (b"", "is damaged|can't be read"), (b"nonsense", "can't be read"),
    (gzip.compress(b"others"), "is damaged"), (gzip.compress(b"cut" * 999)[:-9], "can't be read"),
    (gzip.compress(os.urandom(50))[:15] + b"\xff" * 40, "can't be read")],
    ids=["missing", "empty", "no gzip", "other content", "truncated", "corrupt"])
def test_a_damaged_embedded_file_is_one_sentence(tmp_path, monkeypatch, packed, what):
    folder = tmp_path
    (folder / "mnist").mkdir(parents=True)
    for filename in MNIST_MD5:
        if packed is not None:
            (folder / "mnist" / f"{filename}.gz").write_bytes(packed)
    monkeypatch.setattr(mnist.resources, "files", lambda _: folder)
    with pytest.raises(ValueError, match=rf"The embedded file .*\.gz ({what}).*restore it with git "
                                         "checkout") as error:
        load_dataset("mnist")
    assert "\n" not in str(error.value)


# The others, from small files in their own format


def test_the_cache_folder_is_the_chosen_one(monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_EXPLORER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("VAE_EXPLORER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "vae-explorer"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "vae-explorer"


@pytest.fixture(params=OTHERS)
def placed(request, tmp_path, monkeypatch) -> tuple[str, Path, np.ndarray, np.ndarray]:
    """A data set's four files, 30 examples each, where torchvision looks for them."""
    monkeypatch.setenv("VAE_EXPLORER_CACHE", str(tmp_path))
    name = request.param
    raw = tmp_path / OTHERS[name].__name__ / "raw"
    raw.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for part in ("train", "t10k"):
        x = generator.integers(0, 256, (30, 28, 28), dtype=np.uint8)
        labels = np.arange(30, dtype=np.uint8) % 10
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(x))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return name, tmp_path, x, labels


def test_files_in_their_place_are_read(placed, offline):
    name, _, x, labels = placed
    test = load_split(name, "test")
    np.testing.assert_array_equal(test.x, x.reshape(30, -1))
    assert test.labels.tolist() == labels.tolist()
    assert test.shape == DATASETS[name].shape


def test_a_truncated_file_of_another_set_is_one_sentence(placed, offline):
    name, root, *_ = placed
    path = root / OTHERS[name].__name__ / "raw" / IMAGES
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=DATASETS[name].title):
        load_split(name, "test")


@pytest.mark.parametrize("name", OTHERS)
def test_without_internet_the_message_says_what_to_do(tmp_path, offline, name, monkeypatch):
    monkeypatch.setenv("VAE_EXPLORER_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match=rf"{DATASETS[name].title} isn't in .* couldn't be "
                       r"downloaded .*connect to the internet once.* or choose mnist") as error:
        load_split(name, "test")
    assert "\n" not in str(error.value)


def test_an_unknown_name_is_answered_with_the_known():
    with pytest.raises(ValueError, match="'mnits' is not a known data set: known are mnist"):
        load_dataset("mnits")


def test_every_name_can_be_chosen_and_has_a_row():
    assert list(DATASETS) == ["mnist", "fashion-mnist", "kmnist", "ring", "spiral", "clusters",
                              "clusters-3d", "swiss-roll", "s-curve"]
    for name, spec in DATASETS.items():
        likelihood = "gaussian-shared" if spec.domain == "real" else "bernoulli"
        assert TrainConfig(dataset=name, likelihood=likelihood).dataset == name
        assert spec.title and spec.num_train > spec.num_test > 0


# Dataset


@pytest.mark.parametrize(("n", "kept"), [(0, 100), (7, 7), (100, 100), (1000, 100)])
def test_first_takes_the_first(splits, n, kept):
    cut = splits.train.first(n)
    assert len(cut) == kept and len(cut.labels) == kept
    assert cut.x.equal(splits.train.x[:kept]) and cut.labels.equal(splits.train.labels[:kept])
    assert (cut.shape, cut.domain) == (splits.train.shape, splits.train.domain)


def test_first_takes_labels_and_factors_along_or_neither(splits):
    cut = replace(splits.train, factors=torch.arange(200).view(100, 2)).first(3)
    assert cut.factors.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert replace(splits.train, labels=None).first(3).labels is None


def test_bytes_become_units():
    assert to_unit(torch.tensor([0, 51, 255], dtype=torch.uint8)).tolist() == \
        pytest.approx([0, 0.2, 1])
