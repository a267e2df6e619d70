"""Sections of the theory page that live in small worlds: their numbers on the page agree."""

from __future__ import annotations

import json

import pytest

PAGE = "theory"
SMALL = ("variational", "divergence", "sampling", "gradients", "forces")


def metrics(page) -> dict[str, str]:
    return {m.label: m.value for m in page.metric}


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "").split(" ± ")[0])


def figures(page) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def captions(page) -> str:
    return " ".join(caption.value for caption in page.caption)


@pytest.mark.parametrize("section", SMALL)
def test_every_section_has_a_formula_a_picture_a_number_and_sources(section, open_page):
    page = open_page(section=section)
    assert page.latex and figures(page) and page.metric
    assert "20" in page.caption[0].value  # the sources
    assert not page.error and not page.warning


@pytest.mark.parametrize("name", ["tilted", "banana", "two modes"])
def test_log_px_is_elbo_plus_kl_for_each_q(name, open_page):
    page = open_page(section="variational", posterior=name)
    table = page.dataframe[0].value
    log_px = number(metrics(page)["log p(x), quadrature"])
    assert table["ELBO + KL(q‖p)"].sub(log_px).abs().max() < 1e-4
    assert (table["KL(q‖p)"] >= 0).all() and len(table) == 4
    if name == "tilted":
        shown = metrics(page)
        assert shown["mean field: σ²"] == shown["1/Λ₁₁, closed form"] == "0.2000"
        assert shown["log p(x), closed form"] == shown["log p(x), quadrature"]


def test_the_way_of_q_can_be_played(open_page):
    first, _, climb = figures(open_page(section="variational"))
    for figure in (first, climb):
        steps = figure["layout"]["sliders"][0]["steps"]
        assert len(figure["frames"]) == len(steps) > 10
        assert [b["label"] for b in figure["layout"]["updatemenus"][0]["buttons"]] == \
            ["Play", "Pause"]


def test_expectation_maximisation_ends_at_maximum_likelihood(open_page):
    shown = metrics(open_page(section="variational"))
    assert shown["w after 30 steps"] == shown["maximum likelihood"] == "1.5000"
    assert shown["ELBO after 30 steps"] == shown["log p(x) there"]


def test_the_shift_turns_the_boxes_kl_infinite_and_not_the_gaussians(open_page):
    page = open_page(section="divergence", apart="0.5")
    assert metrics(page)["KL of boxes"] == "0.6931" and metrics(page)["q's box outside p"] == "0.0%"
    page.slider(key="apart").set_value(2.0).run()
    shown = metrics(page)
    assert shown["KL of boxes"] == "∞" and shown["KL of Gaussians"] == shown["by quadrature"]
    boxes = page.dataframe[0].value.iloc[0]
    assert boxes["its slope"] == "none" and boxes["bound on log p(x)"] == "−∞"


def test_apart_boxes_have_a_flat_js_of_log_two(open_page):
    boxes = open_page(section="divergence", apart="3").dataframe[0].value.iloc[0]
    assert boxes["Jensen–Shannon"] == "0.6931" and boxes["slope of JS"] == "0.0000"


def test_many_dimensions_defeat_the_prior_and_not_q(open_page):
    page = open_page(section="sampling", dims="32")
    shown = metrics(page)
    exact = number(shown["log p(x), closed form"])
    assert number(shown["z from the prior"]) < exact - 50
    assert abs(number(shown["z from q"]) - exact) < 0.05
    page.select_slider(key="dims").set_value(1).run()
    shown = metrics(page)
    assert abs(number(shown["z from the prior"]) - number(shown["log p(x), closed form"])) < 0.05


def test_gradient_estimates_agree_within_their_errors(open_page):
    page = open_page(section="gradients", size="32")
    for label in ("reparameterised: mean", "score, with baseline: mean", "score function: mean"):
        mean, error = metrics(page)[label].replace("−", "-").split(" ± ")
        assert abs(float(mean) + 1) < 4 * float(error) + 1e-3
    assert "There is no finished model" in page.info[0].value


def test_a_models_randomness_is_resampled(finished, splits, open_page, monkeypatch):
    # models.test_set loads the real data set
    monkeypatch.setattr("vae_core.data.load_split", lambda name, split: getattr(splits, split))
    page = open_page(section="gradients", coder="blobs", digit="3")
    shown = metrics(page)
    assert number(shown["variance of x, measured"]) == pytest.approx(
        number(shown["through z, plus through x|z"]), rel=0.05)
    assert len(page.get("image")) == 2
    before = [image.proto.imgs[0].url for image in page.get("image")]
    page.number_input(key="again").set_value(1).run()
    assert [image.proto.imgs[0].url for image in page.get("image")] != before


def test_relaxed_bubbles_have_the_rate_in_closed_form(open_page):
    page = open_page(section="forces")
    shown = metrics(page)
    assert shown["mean rate, measured"] == shown["in closed form"] == "2.0794"
    page.select_slider(key="weight").set_value(30.0).run()
    shown = metrics(page)
    assert shown["mean rate, measured"].lstrip("-") == shown["in closed form"] == "0.0000"
    assert shown["mean σ₁"] == "1.0000" and "collapsed" in captions(page)


def test_each_force_has_a_switch(open_page):
    page = open_page(section="forces")
    pills = page.get("button_group")[0]
    pills.set_value(["reconstruction"]).run()
    assert not page.exception
    assert "shrink to points" in captions(page) and "in closed form" not in metrics(page)
    pills = page.get("button_group")[0]
    pills.set_value([]).run()
    assert not page.exception and "No force" in captions(page)
