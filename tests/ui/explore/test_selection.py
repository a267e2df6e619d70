"""What is selected on a plane, as Python reads it from the browser, and the table made of it."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import torch
from pyarrow import csv, parquet

from ui.explore import messages, selection
from ui.latent_plane import PlaneState
from ui.model import ModelAt, ModelView
from ui.model import test_set as images_of
from vae_core.measure.test_set import FINAL_SAMPLES, per_example
from vae_core.measure.test_set import test_x as encoder_input
from vae_core.model.conditioning import freeze
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import Run, summarize

PAGE = "explore"
pytestmark = pytest.mark.usefixtures("tiny_mnist")


def placed(rows: list[int], size: int, text: str = "label:3", **said: object) -> PlaneState:
    mask = np.zeros(size, np.uint8)
    mask[rows] = 1
    bits = base64.b64encode(np.packbits(mask, bitorder="little")).decode()
    return PlaneState({"select": text},
                      {"model": "m", "text": "label:3", "bits": bits, **said})


def test_the_indices_are_those_of_the_bits():
    assert selection.indices(placed([0, 3, 9], 10), "m", 10).tolist() == [0, 3, 9]
    assert selection.indices(placed([7], 8), "m", 8).tolist() == [7]


@pytest.mark.parametrize("state", [
    placed([1], 10, text="label:4"), placed([1], 10, model="other"), placed([1], 10, bits="?"),
    placed([1], 10, bits=None), placed([1], 100), placed([1], 10, bits="Ü"),
    PlaneState({"select": "label:3"}), PlaneState({}, {"bits": 3})])
def test_what_belongs_to_another_selection_or_is_no_mask_selects_nothing(state):
    assert selection.indices(state, "m", 10) is None


def model_at(run: Run, beta: float | None = None) -> ModelAt:
    return ModelView(summarize(run)).at(beta)


def test_the_table_is_the_rows_of_latents_npz_in_both_formats(finished):
    rows = np.array([2, 5, 11])
    latents = finished.latents()
    made = selection.table(model_at(finished), rows)
    assert made.column_names[:4] == ["index", "label", "mu_1", "mu_2"]
    for suffix, read in (("csv", csv.read_csv), ("parquet", parquet.read_table)):
        found = read(io.BytesIO(selection.as_bytes(made, suffix))).to_pydict()
        assert found["index"] == rows.tolist()
        assert found["label"] == latents["label"][rows].tolist()
        for name, expected in (("mu_2", latents["mu"][rows, 1]), ("rate", latents["rate"][rows]),
                               ("log_var_1", latents["log_var"][rows, 0]),
                               ("distortion", latents["distortion"][rows])):
            np.testing.assert_array_equal(np.float32(found[name]), expected, err_msg=name)


def test_of_a_sweep_the_nearest_models_own_coordinates(finished):
    at = model_at(finished)
    rotated = ModelAt(at.model, at.beta, rotation=np.eye(2)[::-1])
    assert selection.table(rotated, np.arange(4)) == selection.table(at, np.arange(4))


@pytest.fixture
def every(train_run) -> Run:
    return train_run("checkpoints/every", beta_conditioned=True, beta=4)


def test_a_conditioned_model_is_measured_at_beta_as_when_it_is_frozen_there(every):
    rows, beta = np.array([1, 4, 30]), 0.5
    found = selection.table(model_at(every, beta), rows).to_pydict()
    model = freeze(load_model(every), beta)
    each = per_example(model, encoder_input(model, images_of("mnist")), FINAL_SAMPLES)
    np.testing.assert_allclose(found["mu_1"], each.mu[rows, 0], atol=1e-5)
    np.testing.assert_allclose(found["rate"], each.rate[rows], rtol=1e-4)
    np.testing.assert_allclose(found["distortion"], each.distortion[rows], rtol=1e-4)


def test_rows_have_the_draws_that_they_have_among_all(finished):
    model = load_model(finished)
    x, rows = encoder_input(model, images_of("mnist")), torch.tensor([3, 17])
    every, some = per_example(model, x, 3), per_example(model, x, 3, rows=rows)
    for whole, part in zip(every, some, strict=True):
        torch.testing.assert_close(part, whole[rows])


@pytest.mark.parametrize(("settings", "needs", "wanted"), [
    ({"tool": "arithmetic"}, ["codes", "encoder"], True),
    ({"select": "near@z3,z7:0,0:5"}, [], True),
    ({"groups": "label:3|box@PC1,PC2:0,0,1,1"}, [], True),
    ({"select": "rate@2:50"}, [], False), ({"tool": "image"}, ["encoder"], False)])
def test_all_means_are_sent_where_they_are_needed(settings, needs, wanted):
    assert messages.needs_means(PlaneState(settings, needs=frozenset(needs))) == wanted
