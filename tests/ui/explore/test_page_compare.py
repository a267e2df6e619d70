"""Explore with a second model beside the first: what each plane is sent, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.conftest import sent_to, unescaped
from vae_core.data.dataset import Dataset, Splits
from vae_core.measure.embeddings import most_used_dims
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import LATENTS, Run

PAGE = "explore"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


@pytest.fixture
def other(train_run) -> Run:
    return train_run("checkpoints/other", beta=4, latent_dim=5)


def planes(page: AppTest) -> list[dict]:
    """What the planes are sent, in their order."""
    sent = [sent_to(each) for each in page.get("bidi_component")]
    return [each for each in sent if "view" in each]


def letters(page: AppTest) -> dict[str, dict]:
    sent = [sent_to(each) for each in page.get("bidi_component")]
    return {each["name"]: each for each in sent if "name" in each}


def test_nothing_is_compared_unless_one_asks(open_page, other):
    page = open_page(run="blobs")
    assert page.selectbox(key="with").value is None
    assert page.selectbox(key="with").options == ["other"]
    (only,) = planes(page)
    assert only["view"]["side"] is None and set(letters(page)) == {"plane:images", "plane:heard"}
    assert not any("st-key-planes" in each.proto.body for each in page.get("html"))


def test_a_second_plane_has_the_other_model_in_its_most_used_dimensions(open_page, other):
    page = open_page(**{"run": "blobs", "with": "other", "image": "3", "view": "grid"})
    assert not page.error and not page.warning
    left, right = planes(page)
    assert [each["view"]["side"] for each in (left, right)] == ["left", "right"]
    assert [each["view"]["title"] for each in (left, right)] == ["blobs", "other"]
    assert [each["view"]["box"] for each in (left, right)] == ["plane", "plane2"]
    latents = other.latents()
    assert right["view"]["dims"] == most_used_dims(latents["mu"], latents["log_var"])[:2]
    assert right["view"]["mode"] == "grid" and len(right["view"]["held"]) == 5
    assert "the other 3" in "\n".join(each.value for each in page.caption)
    assert {"plane:images", "plane2:images"} <= set(letters(page))


def test_the_second_model_is_chosen_on_the_page(open_page, other):
    page = open_page(run="blobs")
    page.selectbox(key="with").set_value("other").run()
    assert len(planes(page)) == 2
    page.selectbox(key="with").set_value(None).run()
    assert len(planes(page)) == 1


def test_each_plane_has_its_own_letters(open_page, other):
    page = open_page(**{"run": "blobs", "with": "other", "tool": "image", "image": "3"})
    page.session_state["plane"]["state"] = {
        "settings": {"tool": "image", "image": "3"}, "needs": ["encoder"]}
    found = letters(page.run())
    assert found["plane:encoder"]["run"] == "blobs"
    assert "plane2:encoder" not in found  # its tools are those of the first


@pytest.fixture
def every(train_run) -> Run:
    return train_run("checkpoints/every", beta_conditioned=True, beta=4)


def captions(page: AppTest) -> str:
    return "\n".join(unescaped(each.value) for each in page.caption)


def test_both_dials_stand_where_an_older_link_has_them(open_page, every):
    page = open_page(**{"run": "every", "with": "every", "beta": "0.5", "beta2": "2"})
    left, right = planes(page)
    assert left["dial"] and right["dial"]
    assert left["view"]["beta"] == right["view"]["beta"] == 4  # by themselves
    assert "β = 0.5 ·" in captions(page) and "β = 2 ·" in captions(page)
    page = open_page(**{"run": "blobs", "with": "every", "beta2": "nonsense"})
    assert "β = 4 ·" in captions(page) and not page.error


def test_a_turned_second_dial_is_heard_and_sends_nothing_again(open_page, every):
    page = open_page(**{"run": "blobs", "with": "every"})

    def right():
        return next(each.proto for each in page.get("bidi_component")
                    if sent_to(each).get("view", {}).get("side") == "right")

    before = right().SerializeToString()
    page.session_state["plane2"]["state"] = {"settings": {"beta": "0.5"}}
    page.run()
    assert right().SerializeToString() == before
    assert "β = 0.5 ·" in captions(page) and "β = 1 ·" in captions(page)


def test_only_a_model_for_every_beta_is_compared_with_itself(open_page, every):
    page = open_page(**{"run": "blobs", "with": "blobs"})
    assert "only one β" in unescaped(page.warning[0].value) and len(planes(page)) == 1
    assert "every" in open_page(run="every").selectbox(key="with").options


@pytest.mark.parametrize("name", ["nonsense", "![x](https://evil.invalid)", "../blobs", "x" * 5000])
def test_a_name_that_is_no_run_is_one_sentence(open_page, name):
    page = open_page(**{"run": "blobs", "with": name})
    (warning,) = page.warning
    assert "There is no run" in unescaped(warning.value) and "https://" not in warning.value
    assert len(warning.value) < 1000 and len(planes(page)) == 1


def test_other_pictures_are_refused(open_page, train_run, splits):
    train_run("checkpoints/shirts", dataset="fashion-mnist")
    page = open_page(**{"run": "blobs", "with": "shirts"})
    text = unescaped(page.warning[0].value)
    assert "only models of the same pictures" in text and "MNIST" in text
    assert len(planes(page)) == 1 and not page.error
    assert "shirts" not in page.selectbox(key="with").options


def test_other_test_images_are_refused(open_page, train_run, splits):
    test = splits.test
    turned = Dataset(test.x, torch.flip(test.labels, [0]), None, test.shape, test.domain)
    train_run("checkpoints/turned", data=Splits(splits.train, turned))
    page = open_page(**{"run": "blobs", "with": "turned"})
    assert "other test images" in unescaped(page.error[0].value)
    assert [each["view"]["side"] for each in planes(page)] == [None]


def test_a_damaged_second_run_leaves_the_first_as_it_is(open_page, other):
    other.path(LATENTS).write_bytes(b"PK")
    page = open_page(**{"run": "blobs", "with": "other"})
    assert "latents.npz" in unescaped(page.error[0].value)
    assert [each["view"]["side"] for each in planes(page)] == [None]


def test_distortions_of_two_observation_models_are_not_compared(open_page, train_run):
    train_run("checkpoints/gauss", likelihood="gaussian-shared")
    said = [each.value for each in open_page(**{"run": "blobs", "with": "gauss"}).caption]
    assert any("can’t be compared" in text for text in said)
    train_run("checkpoints/same", beta=2)
    said = [each.value for each in open_page(**{"run": "blobs", "with": "same"}).caption]
    assert not any("can’t be compared" in text for text in said)


def test_the_true_posterior_of_the_picked_image_comes_to_both(open_page, finished, train_run):
    second = train_run("checkpoints/second", beta=2)
    page = open_page(**{"run": "blobs", "with": "second", "layers": "points,truth", "image": "3"})
    assert not page.exception and not page.error
    found = letters(page)
    assert found["plane:truth"]["run"] == finished.run_id
    assert found["plane2:truth"]["run"] == second.run_id
    values = [float(each.value.split()[0].replace("−", "-")) for each in page.metric
              if each.label.startswith("log p(x)")]
    assert len(values) == 2 and values[0] != values[1]


@pytest.mark.parametrize("shape", [dict(latent_dim=1), dict(beta=0), dict(architecture="conv")])
def test_every_kind_of_model_stands_beside_another(open_page, train_run, shape):
    run = train_run("checkpoints/kind", **shape)
    for names in (("blobs", "kind"), ("kind", "blobs")):
        page = open_page(run=names[0], **{"with": names[1]})
        assert not page.error and [each["view"]["title"] for each in planes(page)] == list(names)
    assert np.isfinite(run.latents()["mu"]).all() and load_model(run)
