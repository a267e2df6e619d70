"""The page on gradient estimators: unbiased, and a model resampled."""

from __future__ import annotations

import pytest

from tests.ui.theory.reading import metrics, number

PAGE = "theory"


def test_gradient_estimates_agree_within_their_errors(open_page):
    page = open_page(section="gradients", size="32")
    for label in ("reparameterised: mean", "score, with baseline: mean", "score function: mean"):
        mean, error = metrics(page)[label].replace("−", "-").split(" ± ")
        assert abs(float(mean) + 1) < 4 * float(error) + 1e-3
    assert "There is no finished model" in page.info[0].value


def test_a_models_randomness_is_resampled(finished, splits, open_page, monkeypatch):
    # ui.model.test_set loads the real data set
    monkeypatch.setattr("vae_core.data.load_split", lambda name, split: getattr(splits, split))
    page = open_page(section="gradients", coder="blobs", digit="3")
    shown = metrics(page)
    assert number(shown["variance of x, measured"]) == pytest.approx(
        number(shown["through z, plus through x|z"]), rel=0.05)
    assert len(page.get("image")) == 2
    before = [image.proto.imgs[0].url for image in page.get("image")]
    page.number_input(key="again").set_value(1).run()
    assert [image.proto.imgs[0].url for image in page.get("image")] != before
