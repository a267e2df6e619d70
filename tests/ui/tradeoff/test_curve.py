"""The curve of one run on the Trade-off page: over a closed form, and over a tiny model."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from tests.conftest import ROOT, unescaped
from tests.ui.tradeoff.test_page_tradeoff import drawn, names_in_plane, text, write_run
from tests.vae_core.measure.test_beta_curve import BASE, SCALE, make_curve
from ui.model import ModelView
from ui.tradeoff import curve, embedding, families, plane
from vae_core.measure.beta_curve import knots
from vae_core.runs.checkpoint import load_model
from vae_core.runs.run import BETA_CURVE, Run, Summary, summarize

PAGE = "tradeoff"
NAME = "mlp · z = 2 · 8 units × 2 · β-conditioned, 0.01–10"
SWEEP = "mlp · z = 2 · 8 units × 2"


def write_curve(folder, closing: tuple[float, ...] = (3.0,), latent_dim: int = 2, **config) -> Run:
    """A conditioned run with D = 100 + 20√β and R = 20/√β, in equal parts of each dimension; the
    first dimensions close at these β. Means move outwards as log β falls."""
    run = write_run(folder, beta_conditioned=True, latent_dim=latent_dim, **config)
    beta = knots(0.01, 10)
    variance = np.ones((len(beta), latent_dim))
    for d, place in enumerate(closing):
        variance[:, d] = 0.01 * (place / beta) ** 2
    shares = np.repeat(np.sqrt(SCALE / beta)[:, None] / latent_dim, latent_dim, axis=1)
    made = make_curve(beta, rate_per_dim=shares, mu_variance=variance)
    rng = np.random.default_rng(3)
    label = (np.arange(30) % 10).astype(np.int16)
    mu = (1 - 0.2 * np.log(beta))[:, None, None] * rng.standard_normal((1, 30, latent_dim))
    half = mu.astype(np.float16)
    flat = np.zeros((len(beta), 30), np.float16)
    run.write_beta_curve(type(made)(**{**vars(made), "mu": half, "log_var": -np.abs(half),
                                       "label": label, "point_distortion": flat,
                                       "point_rate": flat}))
    return run


@pytest.fixture
def runs(tmp_path):
    """A curve, a sweep of four to compare it with, and one of another size of the code."""
    folder = tmp_path / "checkpoints"
    write_curve(folder / "every")
    for beta in (0.0, 1.0, 4.0, 20.0):
        write_run(folder / f"sweep-{beta:g}", beta=beta, **({"rate": 70.0} if not beta else {}))
    write_run(folder / "wide", latent_dim=16, beta=2.0)
    return folder


def model_of(folder, name="every") -> ModelView:
    return ModelView(summarize(Run(folder / name)))


def companions_of(folder, name="every") -> list[Summary]:
    found = [summarize(Run(path)) for path in sorted(folder.iterdir())]
    return families.companions(next(s for s in found if s.run_id == name), found)


def ring(page) -> float:
    """The β that the ring is put at."""
    data = drawn(page)
    return data["line"]["beta"][data["at"]]


def embedded(page) -> dict:
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def labels(page) -> list[str]:
    return [mark["text"] for mark in drawn(page)["marks"]]


# 1: the line, and the dots on it

def test_the_curve_is_a_line_with_the_single_beta_models_on_it(runs, open_page):
    page = open_page()
    assert page.selectbox(key="family").value == NAME
    line = drawn(page)["line"]
    assert {0.01, 0.1, 1.0, 4.0, 10.0} <= set(line["beta"]) and len(line["beta"]) >= 120
    assert {len(values) for values in line.values()} == {len(line["beta"])}
    knot = line["beta"].index(1.0)
    assert line["distortion"][knot] == pytest.approx(BASE + 20)
    assert line["rate"][knot] == pytest.approx(20)
    assert line["weight"] == line["beta"]
    assert names_in_plane(page) == {"sweep-0", "sweep-1", "sweep-4", "sweep-20", "wide"}
    assert "Coloured line: one β-conditioned model" in text(page)


def figures_of(values) -> list[float]:
    """Numbers of a figure's trace, which plotly may have packed."""
    import base64
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).tolist()
    return values


def test_every_gap_is_said_with_its_sign_and_what_was_trained(runs, open_page):
    page = open_page()
    table = next(d.value for d in page.dataframe if "gap" in d.value)
    rows = table.set_index("β").to_dict("index")
    assert rows["1"] == {"J, single-β model": "146.00", "J, conditioned model": "140.00",
                         "gap": "−6.00 (−4.11 %)", "single-β model": "sweep-1"}
    assert rows["4"]["gap"] == "+24.40 (+15.68 %)"  # 100 + 40 + 4·10 against 146 + 4·2.4
    assert rows["0"]["gap"] == rows["20"]["gap"] == "outside the trained range"
    assert rows["20"]["J, conditioned model"] == ""
    assert "wide" not in set(table["single-β model"])
    assert "The conditioned model was trained for 4 epochs, 0.1 minutes; the single-β models for " \
        "4 epochs each, 0.2 minutes in total." in text(page)
    assert "differ in size" not in text(page)


def test_networks_of_other_sizes_are_said_to_be(runs):
    write_run(runs / "large", num_layers=5)
    model, companions = model_of(runs), companions_of(runs)
    assert [s.run_id for s in companions if s.config.beta == 1] == ["large", "sweep-1"]
    assert "the conditioned model has 8 units × 2, large has 8 units × 5." in \
        curve.training_words(model, companions)
    write_run(runs / "larger", num_layers=5, beta=4.0)
    assert "the conditioned model has 8 units × 2, 2 others have 8 units × 5." in \
        curve.training_words(model, companions_of(runs))


def test_only_what_was_trained_to_the_end_on_the_same_is_compared(runs):
    write_run(runs / "half", state="stopped", beta=2.0)
    write_run(runs / "gauss", likelihood="gaussian-shared")
    write_run(runs / "weighted", reconstruction_weight=2.0)
    write_run(runs / "conv", architecture="conv")
    write_curve(runs / "again", beta=2.0)
    write_run(runs / "fewer-images", train_limit=2000)
    held = write_run(runs / "held-at-4", beta=4.0)  # frozen at one β, never trained
    held.write_metrics(held.metrics()[-1:])
    assert [s.run_id for s in companions_of(runs)] == \
        ["sweep-0", "sweep-1", "sweep-4", "sweep-20"]


def test_a_weight_of_the_distortion_counts_in_j_and_in_the_slope(tmp_path):
    write_curve(tmp_path / "every", reconstruction_weight=2.0)
    write_run(tmp_path / "alone", reconstruction_weight=2.0)
    model, companions = model_of(tmp_path), companions_of(tmp_path)
    assert curve.gaps(model, companions)[0]["J, conditioned model"] == f"{2 * 120 + 20:.2f}"
    line = curve.line(model, curve.places(model))
    np.testing.assert_allclose(line["weight"], np.array(line["beta"]) / 2)
    assert "J = 2·D + βR" in curve.training_words(model, companions)


def test_where_the_rate_alone_counts_the_slope_is_none(tmp_path):
    write_curve(tmp_path / "every", reconstruction_weight=0.0)
    model = model_of(tmp_path)
    assert set(curve.line(model, curve.places(model))["weight"]) == {None}


def test_alone_the_curve_says_that_nothing_is_comparable(tmp_path, open_page):
    write_curve(tmp_path / "checkpoints" / "every")
    page = open_page()
    assert "No finished single-β model is comparable" in text(page)
    assert names_in_plane(page) == set() and drawn(page)["line"]


# 2: β along the curve

def test_the_slider_moves_everything_that_follows_beta(runs, open_page):
    page = open_page()
    slider = page.select_slider(key="at")
    assert slider.value == 1.0 and len(slider.options) >= 120
    assert [m.value for m in page.metric] == ["120.00", "20.00", "−140.00", "2"]
    assert [m.delta for m in page.metric] == [""] * 4
    before, codes = drawn(page), embedded(page)
    assert ring(page) == 1
    slider.set_value(4.0).run()
    assert not page.exception
    assert [m.value for m in page.metric] == ["140.00", "10.00", "−150.00", "1"]
    assert page.metric[0].delta == "+20.00" and page.metric[3].delta == "-1"
    assert ring(page) == 4
    assert drawn(page) | {"at": None} == before | {"at": None}  # not redrawn: it keeps its zoom
    shrunk = [np.ptp(figures_of(f["data"][0]["x"])) for f in (codes, embedded(page))]
    assert shrunk[1] / shrunk[0] == pytest.approx(1 - 0.2 * math.log(4), abs=0.01)
    assert embedded(page)["layout"]["xaxis"]["range"] == codes["layout"]["xaxis"]["range"]
    link, = (link for link in page.get("page_link") if link.proto.label == "Open in Explore")
    assert "beta=4" in link.proto.query_string and "run=every" in link.proto.query_string


@pytest.mark.parametrize("given, found", [
    ("2", 2.0), ("0.01", 0.01), ("3.3", 3.35), ("77", 1.0), ("-1", 1.0), ("nonsense", 1.0),
    ("nan", 1.0)])
def test_beta_comes_from_the_url_or_from_next_to_it(runs, open_page, given, found):
    page = open_page(at=given)
    assert page.select_slider(key="at").value == found
    assert ring(page) == found


def test_from_the_curve_to_the_sweep_and_back_beta_stays_where_it_can(runs, open_page):
    page = open_page(at="4")
    page.selectbox(key="family").select(SWEEP).run()
    assert page.select_slider(key="at").value == 4.0 and drawn(page)["line"] is None
    page.select_slider(key="at").set_value(20.0).run()
    page.selectbox(key="family").select(NAME).run()
    assert page.select_slider(key="at").value == 1.0 and not page.exception


def test_the_places_are_even_and_hold_every_beta_of_interest(runs):
    places = curve.places(model_of(runs), companions_of(runs))
    steps = np.diff(np.log(places))
    assert steps.max() < 1.6 * math.log(10) / 40 and steps.min() > 0.4 * math.log(10) / 40
    assert {0.01, 0.1, 1.0, 4.0, 10.0} <= set(places) and 20.0 not in places
    assert all(float(f"{beta:g}") == beta for beta in places)


def test_units_are_counted_between_the_knots_too(runs):
    model = model_of(runs)
    assert model.curve.active_at([2.95, 3.05]).tolist() == [2, 1]
    assert model.at(2.95).active_units == 2


@pytest.fixture
def tiny_run(train_run):
    """A tiny conditioned model, trained, in the page's folder."""
    return train_run("checkpoints/tiny", beta_conditioned=True, beta_min=0.1, beta_max=10.0)


def test_pictures_are_decoded_at_beta(tiny_run, open_page):
    view, model = model_of(tiny_run.folder.parent, "tiny"), load_model(tiny_run)
    stored = tiny_run.latents()
    np.testing.assert_array_equal(embedding.pictures(view.at(1.0))["samples"], stored["samples"])
    z = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
    found = embedding.pictures(view.at(4.22))
    np.testing.assert_array_equal(found["originals"], stored["originals"])
    mu = torch.from_numpy(view.curve.at(4.22, view.curve.mu[:, :10])).float()
    with torch.no_grad():
        expected = model.decode_mean(mu, 4.22)
        assert (model.decode_mean(z, 4.22) - model.decode_mean(z, 1.0)).abs().max() > 1e-3
    assert np.abs(found["reconstructions"] - 255 * expected.numpy()).max() <= 0.51
    assert not np.array_equal(found["samples"], stored["samples"])
    page = open_page(at="4.22")
    assert len(page.get("image") or page.get("imgs")) == 3 and not page.error


def test_at_the_runs_own_beta_decoding_gives_the_pictures_that_are_stored(tiny_run):
    """One image a class, by the same rule; the same codes of the samples."""
    at, stored = model_of(tiny_run.folder.parent, "tiny").at(1.0), tiny_run.latents()
    decoded = embedding._decoded(at, embedding.pictured(at.label), 10)
    for name in ("reconstructions", "samples"):
        assert np.abs(decoded[name].astype(int) - stored[name]).max() <= 1  # means: half precision


def test_pictures_of_other_images_are_refused_in_a_sentence(runs, open_page):
    run = Run(runs / "every")
    latents = run.latents()
    run.write_latents(latents | {"originals": latents["originals"][:4]})
    page = open_page(at="4")
    assert len(page.error) == 1 and "other test images" in unescaped(page.error[0].value)
    assert len(page.get("plotly_chart")) == 1


def test_the_first_paint_needs_no_torch(runs):
    script = ("import sys; from ui import model; model.warm_up = lambda *_: None;"
              "from streamlit.testing.v1 import AppTest;"
              f"page = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60);"
              "page.switch_page('pages/tradeoff.py').run();"
              "assert not page.exception and len(page.get('bidi_component')) == 1;"
              "assert 'torch' not in sys.modules; import os; os._exit(0)")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True,
                          env=dict(os.environ, VAE_EXPLORER_CHECKPOINTS=str(runs)))
    assert done.returncode == 0, done.stderr


# 3: marks

def test_marks_say_where_something_happens_and_can_be_put_away(runs, open_page):
    page = open_page()
    assert set(labels(page)) == {"knee (β = 0.32)", "ELBO peaks here (β = 1)",
                                 "z₁ collapses (β = 3)"}
    page.toggle(key="marks").set_value(False).run()
    assert not labels(page) and not page.exception


def window(left, right, low, high) -> plane.Window:
    return {"rate": (left, right), "distortion": (low, high)}


def test_dimensions_that_collapse_together_share_a_label(tmp_path):
    write_curve(tmp_path / "every", (5.0, 5.1, 0.5, 5.2, 5.3), latent_dim=6)
    found = plane.marks(model_of(tmp_path).curve, window(0, 200, 100, 170))
    assert [mark["text"] for mark in found] == [
        "knee (β = 0.32)", "z₃ collapses (β = 0.5)", "ELBO peaks here (β = 1)",
        "4 dimensions collapse (β = 5–5.3)"]
    zoomed = plane.marks(model_of(tmp_path).curve, window(8.5, 9.5, 144, 148))
    assert "z₂ collapses (β = 5.1)" in [mark["text"] for mark in zoomed]
    for mark in found:  # on the line
        assert (mark["distortion"] - BASE) * mark["rate"] == pytest.approx(SCALE, rel=0.01)


def test_three_that_collapse_together_are_named(tmp_path):
    write_curve(tmp_path / "every", (5.0, 5.1), latent_dim=3)
    found = plane.marks(model_of(tmp_path).curve, window(0, 200, 100, 170))
    assert "z₁, z₂ collapse (β = 5–5.1)" in [mark["text"] for mark in found]


@pytest.mark.parametrize(("url", "words"), [
    ({"at": "abc"}, "The URL asks for at = 'abc', which isn't available here: β = 1 is shown; the"),
    ({"at": "nan"}, "β = 1 is shown"), ({"at": "1e999"}, "β = 1 is shown"),
    ({"at": "20"}, "from 0.01 to 10"), ({"below": "-1"}, "106 nats is used"),
    ({"below": "inf"}, "below = 'inf'"), ({"family": "**none**"}, f"{NAME} is shown"),
    ({"data": "cifar"}, "mnist is shown"), ({"observations": "x"}, "Bernoulli, binarised is")])
def test_what_the_address_asks_for_in_vain_is_said_once(runs, open_page, url, words):
    page = open_page(**url)
    said, = page.warning
    assert words.replace("106", f"{100 + 20:g}") in unescaped(said.value)
    page.select_slider(key="at").set_value(4.0).run()
    assert not page.warning


@pytest.mark.parametrize("url", [{"at": "3"}, {"at": "0.0101"}, {"below": "130.5"},
                                 {"family": SWEEP, "at": "4"}])
def test_what_the_address_asks_for_is_not_complained_of(runs, open_page, url):
    assert not open_page(**url).warning


def test_a_beta_that_a_sweep_lacks_is_said(runs, open_page):
    said, = open_page(family=SWEEP, at="3").warning
    assert "β = 1 is shown; the sweep has 0, 1, 4, 20." in unescaped(said.value)


def test_numbers_of_one_digit_are_on_the_slider(runs):
    assert {0.02, 0.5, 2.0, 3.0, 5.0, 9.0} <= set(curve.places(model_of(runs)))


def test_a_name_from_outside_is_no_markdown(runs, open_page):
    write_run(runs / "**[x](y)**", beta=2.0, num_layers=3)
    write_run(runs / ":red[far]", beta=2.0, rate=300.0, latent_dim=3)
    words = text(open_page())
    assert "**[x](y)**" not in words and ":red[far]" not in words
    assert ":red[far] (R = 300.0" in unescaped(words)
    assert "**[x](y)** has 8 units × 3" in unescaped(words)


# 4: the highest β below a distortion

def test_the_highest_beta_below_a_distortion_opens_in_explore_or_here(runs, open_page):
    page = open_page()
    page.number_input(key="below").set_value(130.0).run()
    said = " ".join(unescaped(m.value) for m in page.markdown)
    beta = float(re.search(r"β = ([\d.]+): D = 1(?:30.00|29.9\d), R = 13.\d\d nats", said)[1])
    assert 2.2 < beta <= 2.25
    link, = (each for each in page.get("page_link") if "in Explore" in each.proto.label
             and "β" in each.proto.label)
    assert f"beta={beta:g}" in link.proto.query_string
    assert "run=every" in link.proto.query_string
    page.button(key="choose_below").click().run()
    assert not page.exception
    assert 2.1 < page.select_slider(key="at").value <= beta
    assert float(page.metric[0].value) <= 130


def test_the_bound_follows_the_curve_until_somebody_chooses_one(runs, open_page):
    higher = write_curve(runs / "higher", seed=1)
    kept = higher.beta_curve()
    higher.write_beta_curve(dataclasses.replace(kept, distortion=kept.distortion + 20))
    page = open_page()
    options = page.selectbox(key="family").options
    assert page.number_input(key="below").value == 120
    other = next(name for name in options if name != NAME and "β-conditioned" in name)
    page.selectbox(key="family").select(other).run()
    assert page.number_input(key="below").value == 140
    page.number_input(key="below").set_value(130.0).run()
    page.selectbox(key="family").select(options[0]).run()
    assert page.number_input(key="below").value == 130


def test_none_below_a_distortion_says_the_lowest_there_is(runs, open_page):
    page = open_page(below="90")
    said = " ".join(unescaped(m.value) for m in page.markdown)
    assert "Not reached: the lowest distortion on this curve is 102.00 nats, at β = 0.01." in said
    assert not [b for b in page.button if b.key == "choose_below"]


def test_the_answer_keeps_its_word_after_rounding(runs):
    model = model_of(runs)
    for limit in np.linspace(102, 165, 200):
        beta, _ = curve.below(model, limit)
        assert model.at(beta).distortion <= limit
        assert beta == 10 or model.at(min(1.01 * beta, 10)).distortion > limit


# 5: a sweep of dedicated runs lies on one plane

def turn(angle: float) -> np.ndarray:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def test_a_sweeps_embeddings_are_aligned(tmp_path, open_page):
    folder = tmp_path / "checkpoints"
    mirrored = np.diag([1.0, -1.0])
    for beta, q in ((0.5, turn(2.0)), (1.0, np.eye(2)), (2.0, turn(-1.0)), (4.0, mirrored)):
        run = write_run(folder / f"b{beta:g}", beta=beta)
        latents = run.latents()
        run.write_latents(latents | {"mu": (latents["mu"] @ q).astype(np.float32)})
    page = open_page()
    straight = [figures_of(trace["x"]) for trace in embedded(page)["data"]]
    assert "other models are aligned to this one, β = 1." in text(page)
    for beta in (0.5, 2.0, 4.0):
        page.select_slider(key="at").set_value(beta).run()
        for here, there in zip(embedded(page)["data"], straight, strict=True):
            np.testing.assert_allclose(figures_of(here["x"]), there, atol=1e-4)
        assert "rotated or mirrored" in text(page) and "β = 1" in text(page)
        assert "mixture of this model's dimensions" in text(page)
        assert embedded(page)["layout"]["xaxis"]["title"]["text"].endswith(
            "of the model with β = 1")


def test_a_model_of_other_images_stays_as_it_is(tmp_path, open_page):
    folder = tmp_path / "checkpoints"
    write_run(folder / "a", beta=1.0)
    run = write_run(folder / "b", beta=2.0)
    latents = run.latents()
    run.write_latents(latents | {"label": latents["label"][::-1].copy()})
    page = open_page(at="2")
    assert "measured on other test images" in text(page) and not page.exception


def test_one_dimension_is_mirrored_at_most():
    words = embedding.alignment_words(2.0, 1.0, 1)
    assert "mirrored if necessary" in words and "rotated" not in words


# 6: the table and the file

def test_a_conditioned_run_is_one_row_with_its_range(runs, open_page):
    table = next(d.value for d in open_page().dataframe if "run_id" in d.value)
    row, = table[table["run_id"] == "every"].to_dict("records")
    assert (row["beta"], row["beta_range"]) == (1.0, "0.01–10")
    assert set(table[table["run_id"] != "every"]["beta_range"]) == {""}


def test_without_one_the_table_is_as_it_was(tmp_path, open_page):
    write_run(tmp_path / "checkpoints" / "a")
    page = open_page()
    assert "beta_range" not in page.dataframe[0].value
    assert drawn(page)["line"] is None and "oloured line" not in text(page)


def test_the_file_has_the_whole_curve(runs, open_page):
    own = model_of(runs).curve
    frame = pd.read_csv(io.StringIO(pd.DataFrame(curve.rows(own)).to_csv(index=False)))
    assert list(frame) == ["beta", "distortion", "rate", "elbo", "active_units", "rate_z1",
                           "rate_z2"]
    np.testing.assert_array_equal(frame["beta"], own.beta)
    np.testing.assert_allclose(frame["rate_z1"] + frame["rate_z2"], frame["rate"])
    np.testing.assert_allclose(frame["elbo"], -(frame["distortion"] + frame["rate"]))
    assert "Download the curve (CSV)" in [b.proto.label for b in open_page().get("download_button")]


# What isn't as it should be

def test_a_damaged_curve_is_one_warning_and_the_others_go_on(runs, open_page):
    (runs / "every" / BETA_CURVE).write_bytes(b"no zip")
    page = open_page()
    assert len(page.warning) == 1 and BETA_CURVE in unescaped(page.warning[0].value)
    assert drawn(page)["line"] is None and "every" in names_in_plane(page)
    page.selectbox(key="family").select(SWEEP).run()
    assert not page.exception and len(page.get("plotly_chart")) == 1


def test_a_conditioned_run_without_a_curve_yet_is_a_point_as_any_other(runs, open_page):
    (runs / "every" / BETA_CURVE).unlink()
    page = open_page()
    assert not page.warning and "every" in names_in_plane(page)
    assert page.selectbox(key="family").value == SWEEP
    page.selectbox(key="family").select(NAME).run()
    assert "One run, β = 1" in text(page) and not page.exception


def test_of_several_curves_the_one_with_most_to_compare_comes_first(runs, open_page):
    write_curve(runs / "a-wide-one", latent_dim=16)
    page = open_page()
    assert page.selectbox(key="family").value == NAME
    assert page.selectbox(key="family").options[1].startswith("mlp · z = 16")
    assert [other["name"] for other in drawn(page)["others"]] == ["a-wide-one"]
    assert "a-wide-one" in names_in_plane(page)


def test_an_older_link_opens_the_same_family(runs, open_page):
    page = open_page(family="mlp · z = 2 · 8 units × 2 · β 0.01–10, one run")
    assert page.selectbox(key="family").value == NAME and not page.warning


def test_two_curves_of_one_recipe_can_both_be_chosen(runs, open_page):
    write_curve(runs / "every-2")
    page = open_page()
    names = [f"{NAME} · every", f"{NAME} · every-2"]
    assert page.selectbox(key="family").options[:2] == names
    for name, run_id in zip(names, ("every", "every-2"), strict=True):
        page.selectbox(key="family").select(name).run()
        assert {"every", "every-2"} - names_in_plane(page) == {run_id}  # a line, and no point


def test_beside_a_sweep_curves_are_thin_lines(runs, open_page):
    page = open_page(family=SWEEP)
    assert drawn(page)["line"] is None and drawn(page)["others"][0]["name"] == "every"
    assert "Thin lines: β-conditioned models." in text(page)
    assert len(drawn(page)["envelope"]["rate"]) > 1
    assert "every" in names_in_plane(page)
