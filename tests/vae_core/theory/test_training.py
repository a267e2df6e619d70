"""A training in memory: the trainer's steps, and nothing changed outside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from vae_core.config import TrainConfig
from vae_core.data import load_dataset, load_split
from vae_core.data.dataset import Splits
from vae_core.model.vae import VAE
from vae_core.runs.run import Run
from vae_core.theory.training import REPORTS, train_live, untrained
from vae_core.training.trainer import train

CONFIG = dict(dataset="ring", likelihood="gaussian-shared", hidden_dim=8, num_layers=1, epochs=3,
              batch_size=50, learning_rate=1e-2, device="cpu", threads=1, schedule="one-cycle",
              warmup_epochs=1)


def test_the_weights_are_those_of_the_trainer(tmp_path):
    data = load_dataset("ring")
    data, config = Splits(data.train.first(220), data.test.first(20)), TrainConfig(**CONFIG)
    model = train_live(config, data.train.x, data.train.shape)
    train(config, Run(tmp_path / "run"), data=data)
    for name, value in Run(tmp_path / "run").weights().items():
        np.testing.assert_array_equal(value, model.state_dict()[name], err_msg=name)
    assert not model.training


def test_progress_rises_to_the_end_and_the_process_is_left_as_found():
    x, seen = load_split("ring", "train").x[:500], []
    torch.set_num_threads(2)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_live(TrainConfig(**CONFIG | dict(epochs=10)), x, (1, 1, 2),
               lambda share, model: seen.append(share))
    assert torch.equal(torch.rand(3), expected) and torch.get_num_threads() == 2
    assert seen == sorted(seen) and seen[-1] == 1 and len(seen) == REPORTS


def test_a_training_that_leaves_the_numbers_says_so():
    torch.set_num_threads(2)
    x = load_split("ring", "train").x[:100].clone()
    x[0] = float("nan")
    with pytest.raises(ValueError, match=r"lower learning_rate \(now 0.01\)"):
        train_live(TrainConfig(**CONFIG), x, (1, 1, 2))
    assert torch.get_num_threads() == 2


def test_models_built_by_two_threads_at_once_begin_as_they_would_alone():
    config = TrainConfig(dataset="ring", likelihood="gaussian-shared", hidden_dim=16, seed=3)
    alone = untrained(config, (1, 1, 2)).state_dict()

    def right(_: int) -> bool:
        built = untrained(config, (1, 1, 2)).state_dict()
        VAE(config, (1, 1, 2))  # as loading a run does
        return all(built[name].equal(value) for name, value in alone.items())

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(right, range(200)))
