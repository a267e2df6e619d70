"""What the core's tests share: one thread, tiny data, tiny configurations, the command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest
import torch

from vae_core import cli
from vae_core.config import TrainConfig
from vae_core.data import load_split
from vae_core.data.dataset import Dataset, Splits
from vae_core.data.registry import DATASETS
from vae_core.model.vae import VAE
from vae_core.runs.run import Run
from vae_core.training.trainer import train

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parent.parent
TINY = dict(hidden_dim=8, num_layers=1, channels=2, epochs=2, batch_size=32, device="cpu",
            threads=1, learning_rate=5e-3)

# The machine may be busy with a training: time says nothing here. Derandomised: the same every run.
hypothesis.settings.register_profile(
    "core", deadline=None, derandomize=True, max_examples=60, database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture,
                           hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("core")


@pytest.fixture(autouse=True)
def as_found() -> None:
    """A training sets both for the whole process; Hypothesis needs denormals to draw floats."""
    torch.set_flush_denormal(False)
    torch.set_num_threads(1)


def make_images(num: int, seed: int) -> Dataset:
    """Bright blobs, one place a class, of varying strength: enough for a tiny VAE to learn."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(num) % 10
    row, column = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    centre_row, centre_column = 6 + 16 * (labels % 2), 3 + 5 * (labels // 2)
    blobs = torch.exp(-((row - centre_row[:, None, None]) ** 2
                        + (column - centre_column[:, None, None]) ** 2) / 12)
    strength = 0.6 + 0.4 * torch.rand(num, 1, 1, generator=generator)
    x = (255 * blobs * strength).round().byte().reshape(num, -1)
    facts = DATASETS["mnist"]
    return Dataset(x, labels, None, facts.shape, facts.domain)


@pytest.fixture(scope="session")
def splits() -> Splits:
    """100 training and 40 test images: 4 batches of 32 an epoch, the last one smaller."""
    return Splits(make_images(100, seed=1), make_images(40, seed=2))


@pytest.fixture(scope="session")
def unit_x(splits: Splits) -> torch.Tensor:
    """The test images in [0, 1]."""
    return splits.test.x.float() / 255


@pytest.fixture(scope="session")
def tiny() -> Callable[..., TrainConfig]:
    """A configuration that trains in a blink, with changes."""
    return lambda **changes: TrainConfig(**(TINY | changes))


@pytest.fixture(scope="session")
def make_model(tiny) -> Callable[..., VAE]:
    """An untrained tiny model, the same for the same changes."""
    def make(**changes) -> VAE:
        torch.manual_seed(0)
        config = tiny(**changes)
        return VAE(config, DATASETS[config.dataset].shape).eval()

    return make


@pytest.fixture(scope="session")
def bent(make_model) -> Callable[..., VAE]:
    """A tiny β-conditioned model whose FiLM is away from its zeros."""
    def make(**changes) -> VAE:
        model = make_model(beta_conditioned=True, **changes)
        for maps in (model.film.encoder, model.film.decoder):
            for parameter in maps.parameters():
                torch.nn.init.normal_(parameter, std=0.03)
        for bases in model.film.bases.values():
            torch.nn.init.normal_(bases, std=0.03)
        return model

    return make


@pytest.fixture
def train_run(tmp_path, tiny, splits) -> Callable[..., Run]:
    """Train tiny data into tmp_path/name; what isn't a knob goes to `train`."""
    def go(name: str = "run", *, resume: bool = False, data: Splits = splits, progress=None,
           should_stop=lambda: False, **changes) -> Run:
        run = Run(tmp_path / name)
        train(tiny(**changes), run, resume=resume, data=data, progress=progress,
              should_stop=should_stop)
        return run

    return go


@pytest.fixture(scope="session")
def _finished(tmp_path_factory, tiny, splits) -> Run:
    run = Run(tmp_path_factory.mktemp("finished") / "blobs")
    train(tiny(), run, data=splits)
    return run


@pytest.fixture(scope="session")
def _stopped(tmp_path_factory, tiny, splits) -> Run:
    run = Run(tmp_path_factory.mktemp("stopped") / "half")
    train(tiny(), run, data=splits, should_stop=stop_after(5))
    return run


@pytest.fixture
def finished(_finished, tmp_path) -> Run:
    """A finished run of one's own, to damage at will."""
    return Run(Path(shutil.copytree(_finished.folder, tmp_path / "checkpoints" / "blobs")))


@pytest.fixture
def stopped(_stopped, tmp_path) -> Run:
    """A run stopped at step 5 of 8, of one's own."""
    return Run(Path(shutil.copytree(_stopped.folder, tmp_path / "checkpoints" / "half")))


def new_run(folder: Path) -> Run:
    """A run with an empty folder."""
    run = Run(folder)
    run.create()
    return run


def sent_to(component) -> dict:
    """The data that a component of a page under AppTest is sent, without its tables."""
    return json.loads(component.proto.mixed.json or component.proto.json)


def unescaped(markdown: str) -> str:
    """What a person reads where `ui.format.plain` has escaped a text."""
    return re.sub(r"\\(.)", r"\1", markdown)


def stop_after(steps: int) -> Callable[[], bool]:
    """A should_stop that says yes once it was asked `steps` times."""
    asked = iter(range(1, 10**9))
    return lambda: next(asked) >= steps


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Look until it holds; fail the test if it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    def is_one_sentence(self, *words: str) -> bool:
        """Exit 2, nothing on stdout, one line on stderr with these words, and no traceback."""
        assert self.code == 2, self
        assert self.out == "", self
        assert self.err.endswith("\n") and self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err, self.err
        return True


@pytest.fixture
def keep_signals() -> Iterator[None]:
    """Put back the handlers that a training in this process replaces."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def command(capsys, keep_signals) -> Callable[..., Said]:
    """`python -m vae_core …` in this process; --help's SystemExit is taken for its code."""
    def call(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def tiny_mnist(monkeypatch, splits) -> None:
    """Commands in this process find the tiny images under the name mnist."""
    def load(name: str, split: str) -> Dataset:
        return getattr(splits, split) if name == "mnist" else load_split(name, split)

    monkeypatch.setattr("vae_core.data.load_split", load)


@pytest.fixture
def open_page(tmp_path, monkeypatch, request):
    """The page that the test module names in PAGE, over tmp_path/checkpoints, with these URL
    parameters: go(**url) → AppTest."""
    import streamlit  # the core's tests run where there is none
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(tmp_path / "checkpoints"))
    streamlit.cache_resource.clear()

    def go(**url: str):
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if request.module.PAGE != "explore":  # the default one
            page.switch_page(f"pages/{request.module.PAGE}.py")
        for name, value in url.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return go


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")


@pytest.fixture
def spawn(environment, tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """`python -m vae_core …` as a real process; killed at the end if it still lives."""
    begun = []

    def go(*arguments: object, prefix: tuple[str, ...] = ("-m", "vae_core")) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *prefix, *map(str, arguments)], env=environment, text=True,
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        begun.append(process)
        return process

    yield go
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def process(spawn) -> Callable[..., Said]:
    """A real process, run to its end."""
    def call(*arguments: object, **rest) -> Said:
        begun = spawn(*arguments, **rest)
        out, err = begun.communicate(timeout=120)
        return Said(begun.returncode, out, err)

    return call
