"""Data sets through torchvision: the embedded MNIST, others from files, and what can go wrong."""

from __future__ import annotations

import errno
import gzip
import hashlib
import logging
import os
import shutil
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets as tv

from vae_core.data import embedded as embedded_files
from vae_core.data import load_dataset, manifolds, torchvision_sets
from vae_core.data.catalog import CATALOG
from vae_core.data.embedded import MNIST_MD5, mnist_test_images
from vae_core.data.torchvision_sets import cache_folder, load, unpack_mnist

OTHERS = {"fashion-mnist": tv.FashionMNIST, "kmnist": tv.KMNIST}
IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.fixture
def own_cache(mnist_cache, tmp_path) -> Path:
    """A copy of the unpacked MNIST, to damage; hard links, so that it takes no time."""
    root = tmp_path / "cache"
    shutil.copytree(mnist_cache, root, copy_function=os.link)
    return root


def damage(root: Path, filename: str, content: bytes) -> Path:
    target = root / "MNIST" / "raw" / filename
    target.unlink()
    target.write_bytes(content)
    return target


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


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


def test_mnist_is_all_there(mnist_cache):
    splits = load("mnist", mnist_cache)
    facts = CATALOG["mnist"]
    for data, num in ((splits.train, facts.num_train), (splits.test, facts.num_test)):
        assert data.x.shape == (num, 784) and data.x.dtype == torch.uint8
        assert data.labels.shape == (num,) and data.labels.dtype == torch.int64
        assert data.labels.unique().tolist() == list(range(len(facts.class_names)))
        assert (data.shape, data.domain, data.factors) == ((1, 28, 28), "unit_interval", None)
    assert (splits.test.x.min(), splits.test.x.max()) == (0, 255)
    assert splits.test.labels[:5].tolist() == [7, 2, 1, 0, 4]  # as everyone's MNIST begins


def test_the_cache_folder_is_the_chosen_one(monkeypatch, mnist_cache, tmp_path, offline):
    monkeypatch.setenv("VAE_EXPLORER_CACHE", str(mnist_cache))
    assert cache_folder() == mnist_cache
    assert len(load_dataset("mnist").test) == 10_000
    monkeypatch.delenv("VAE_EXPLORER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "vae-explorer"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "vae-explorer"


def test_whole_files_are_left_alone(mnist_cache, caplog):
    raw = mnist_cache / "MNIST" / "raw"
    before = {path: path.stat().st_mtime_ns for path in raw.iterdir()}
    unpack_mnist(mnist_cache)
    assert {path: path.stat().st_mtime_ns for path in raw.iterdir()} == before
    assert set(MNIST_MD5) == {path.name for path in raw.iterdir()}
    assert not caplog.messages


@pytest.mark.parametrize("content", [b"", b"nonsense", None], ids=["empty", "nonsense", "cut"])
@pytest.mark.parametrize("filename", [IMAGES, LABELS])
def test_a_damaged_file_is_unpacked_again_with_one_sentence(own_cache, caplog, filename, content):
    whole = (own_cache / "MNIST" / "raw" / filename).read_bytes()
    target = damage(own_cache, filename, whole[:-1] if content is None else content)
    with caplog.at_level(logging.WARNING):
        unpack_mnist(own_cache)
    assert caplog.messages == [f"{target} is damaged (its MD5 isn't {MNIST_MD5[filename]}): "
                               "unpacking it again."]
    assert md5(target) == MNIST_MD5[filename]


def test_a_missing_file_is_unpacked_without_a_word(own_cache, caplog):
    target = own_cache / "MNIST" / "raw" / LABELS
    target.unlink()
    unpack_mnist(own_cache)
    assert md5(target) == MNIST_MD5[LABELS] and not caplog.messages


@pytest.mark.parametrize(("packed", "what"), [
    (None, "can't be read"), (b"", "is damaged|can't be read"), (b"nonsense", "can't be read"),
    (gzip.compress(b"others"), "is damaged"), (gzip.compress(b"cut" * 999)[:-9], "can't be read"),
    (gzip.compress(os.urandom(50))[:15] + b"\xff" * 40, "can't be read")],
    ids=["missing", "empty", "no gzip", "other content", "truncated", "corrupt"])
def test_a_damaged_embedded_file_is_one_sentence(tmp_path, monkeypatch, packed, what):
    folder = tmp_path / "package"
    (folder / "mnist").mkdir(parents=True)
    for filename in MNIST_MD5:
        if packed is not None:
            (folder / "mnist" / f"{filename}.gz").write_bytes(packed)
    monkeypatch.setattr(embedded_files.resources, "files", lambda _: folder)
    with pytest.raises(ValueError, match=rf"The embedded file .*\.gz ({what}).*restore it with git "
                                         "checkout") as error:
        unpack_mnist(tmp_path / "cache")
    assert "\n" not in str(error.value)


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match=r"MNIST can't be unpacked to .*set VAE_EXPLORER_CACHE"):
        unpack_mnist(tmp_path / "file")


def test_a_cached_file_that_cannot_be_read_is_one_sentence(own_cache):
    target = own_cache / "MNIST" / "raw" / LABELS
    target.unlink()
    target.mkdir()
    with pytest.raises(ValueError, match="VAE_EXPLORER_CACHE"):
        unpack_mnist(own_cache)


@pytest.mark.parametrize("fails", ["replace", pytest.param("write_bytes", id="write")])
def test_a_full_disk_leaves_no_scraps(own_cache, monkeypatch, fails):
    target = own_cache / "MNIST" / "raw" / LABELS
    target.unlink()
    write = Path.write_bytes

    def fail(self, content):
        if fails == "write_bytes":
            write(self, content[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, fails, fail)
    with pytest.raises(ValueError, match="No space left on device"):
        unpack_mnist(own_cache)
    assert len(list(target.parent.iterdir())) == 3


# The others, from small files in their own format


@pytest.fixture(params=OTHERS)
def placed(request, tmp_path) -> tuple[str, Path, np.ndarray, np.ndarray]:
    """A data set's four files, 30 examples each, where torchvision looks for them."""
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
    name, root, x, labels = placed
    test = load(name, root).test
    np.testing.assert_array_equal(test.x, x.reshape(30, -1))
    assert test.labels.tolist() == labels.tolist()
    assert test.shape == CATALOG[name].shape


def test_a_truncated_file_of_another_set_is_one_sentence(placed, offline):
    name, root, *_ = placed
    path = root / OTHERS[name].__name__ / "raw" / IMAGES
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=CATALOG[name].title):
        load(name, root)


@pytest.mark.parametrize("name", OTHERS)
def test_without_internet_the_message_says_what_to_do(tmp_path, offline, name, capsys):
    with pytest.raises(ValueError, match=rf"{CATALOG[name].title} isn't in .* couldn't be "
                       r"downloaded .*connect to the internet once.* or choose mnist") as error:
        load(name, tmp_path)
    assert "\n" not in str(error.value)


def test_an_unknown_name_is_answered_with_the_known():
    with pytest.raises(ValueError, match="'mnits' is not a known data set: known are mnist"):
        load_dataset("mnits")


def test_every_data_set_of_the_catalogue_can_be_loaded():
    assert {*torchvision_sets._CLASSES, *manifolds.NAMES} == set(CATALOG)


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


def test_the_test_images_are_those_of_torchvision(tmp_path):
    np.testing.assert_array_equal(mnist_test_images(), load("mnist", tmp_path).test.x)
