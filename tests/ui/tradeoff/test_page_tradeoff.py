"""The Trade-off page as Streamlit draws it, over run folders made by hand: no model is trained."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, unescaped
from ui.tradeoff import families, plane
from vae_core.config import TrainConfig
from vae_core.runs.run import CONFIG, LATENTS, WEIGHTS, Run, summarize
from vae_core.runs.status import Status

PAGE = "tradeoff"
NUM = 60


def write_run(folder, state="finished", rate=None, measured=True, **config) -> Run:
    """A run that looks trained: D = 130 + 20·(β/(1+β)), R = 12/(1+β) nats."""
    config = TrainConfig(epochs=4, hidden_dim=8, **config)
    run, rng = Run(folder), np.random.default_rng(0)
    run.write_config(config)
    run.write_status(Status(state, epoch=4))
    distortion = 130 + 20 * config.beta / (1 + config.beta)
    rate = 12 / (1 + config.beta) if rate is None else rate
    terms = dict(distortion=distortion, rate=rate, elbo=-distortion - rate,
                 loss=distortion + config.beta * rate)
    row = dict(epoch=4, step=8, seconds=3.5, beta=config.beta,
               active_units=min(2, config.latent_dim),
               **{f"{split}_{name}": value for split in ("train", "test")
                  for name, value in terms.items()})
    run.write_metrics([row | {"epoch": epoch} for epoch in range(1, 5)] if measured else [])
    spread = 30 if config.beta == 0 else 1
    mu = spread * rng.standard_normal((NUM, config.latent_dim)).astype(np.float32)
    pictures = rng.integers(0, 256, (10, 784), dtype=np.uint8)
    run.write_latents(dict(
        mu=mu, log_var=np.full_like(mu, -3), label=(np.arange(NUM) % 10).astype(np.int16),
        distortion=np.full(NUM, distortion), rate=np.full(NUM, rate), originals=pictures,
        reconstructions=pictures, samples=pictures))
    run.write(WEIGHTS, b"never read by this page")
    return run


@pytest.fixture
def runs(tmp_path):
    """A sweep of three, one of another size that was stopped, and one Gaussian run."""
    folder = tmp_path / "checkpoints"
    for beta in (0.0, 1.0, 4.0):
        write_run(folder / f"sweep-{beta:g}", beta=beta, **({"rate": 70.0} if not beta else {}))
    write_run(folder / "wide", state="stopped", latent_dim=16, beta=2.0)
    write_run(folder / "gauss", likelihood="gaussian-shared")
    return folder


def drawn(page: AppTest) -> dict:
    """What the plane is given."""
    proto = page.get("bidi_component")[0].proto
    assert isinstance(proto, BidiComponent)
    return json.loads(proto.json)


def names_in_plane(page: AppTest) -> set[str]:
    return {point["run"] for point in drawn(page)["points"]}


def text(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def test_no_run_leads_to_the_train_page(open_page):
    page = open_page()
    assert "no trained model" in page.info[0].value
    assert not page.get("bidi_component")


def test_runs_of_one_observation_model_share_the_plane(runs, open_page):
    assert names_in_plane(open_page(observations="Gaussian, shared σ")) == {"gauss"}
    page = open_page()
    assert page.selectbox(key="observations").options == ["Bernoulli, binarised",
                                                          "Gaussian, shared σ"]
    assert names_in_plane(page) == {"sweep-0", "sweep-1", "sweep-4", "wide"}
    assert list(page.dataframe[0].value["run_id"]) == ["wide", "sweep-0", "sweep-1", "sweep-4"]


def test_the_slider_switches_the_model(runs, open_page):
    page = open_page()
    assert page.selectbox(key="family").value == "mlp · z = 2 · 8 units × 2"
    assert page.select_slider(key="at").value == 1.0
    assert [m.delta for m in page.metric] == [""] * 4
    page.select_slider(key="at").set_value(4.0).run()
    assert not page.exception
    distortion, rate, elbo, active = page.metric
    assert (distortion.value, distortion.delta) == ("146.00", "+6.00")
    assert (rate.value, rate.delta) == ("2.40", "-3.60")
    assert (elbo.value, elbo.delta) == ("−148.40", "-2.40")
    assert (active.value, active.delta) == ("2", "")
    assert drawn(page)["shown"] == "sweep-4"


def test_data_set_observations_sweep_and_beta_come_from_the_url(runs, open_page):
    page = open_page(data="mnist", observations="Bernoulli, binarised", at="0",
                     family="mlp · z = 2 · 8 units × 2", all="true")
    assert page.select_slider(key="at").value == 0.0
    assert page.toggle(key="all").value is True
    assert "Outside these axes" not in text(page)
    assert "axes of their own" in text(page)


def test_values_in_the_url_that_arent_there_are_left_out(runs, open_page):
    page = open_page(data="nonsense", observations="Bernoulli, binarised", family="gone",
                     at="77")
    assert page.selectbox(key="data").value == "mnist"
    assert page.select_slider(key="at").value == 1.0


def test_a_click_opens_the_run_and_coming_back_does_not(runs, open_page, monkeypatch):
    seen = []
    monkeypatch.setattr("ui.tradeoff.plane.rd_plane", lambda *_: seen.append(1) or "sweep-4")
    page = open_page()
    assert page.query_params["run"] in ("sweep-4", ["sweep-4"]) and len(seen) == 1
    monkeypatch.undo()
    monkeypatch.setenv("VAE_EXPLORER_CHECKPOINTS", str(runs))
    page.switch_page("pages/tradeoff.py").run()
    assert names_in_plane(page) and len(page.get("plotly_chart")) == 1


def test_runs_beyond_the_axes_are_named(runs, open_page):
    page = open_page()
    assert "Outside these axes: sweep-0 (R = 70.0, D = 130.0)" in text(page)
    assert "narrowest Gaussian" in text(page)


def test_a_single_run_is_a_page_without_a_slider(runs, open_page):
    page = open_page(observations="Gaussian, shared σ")
    assert not page.select_slider and len(page.metric) == 4
    assert len(page.get("plotly_chart")) == 1 and len(page.get("image")) == 3
    assert "One run, β = 1" in text(page)


def test_of_many_dimensions_the_two_most_used_are_shown(runs, open_page):
    page = open_page(family="mlp · z = 16 · 8 units × 2")
    assert "two of 16 dimensions" in text(page)


def test_one_dimension_gets_a_row_a_class(tmp_path, open_page):
    write_run(tmp_path / "checkpoints" / "line", latent_dim=1)
    figure = json.loads(open_page().get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["yaxis"]["title"]["text"] == "class"
    assert "scaleanchor" not in figure["layout"]["yaxis"]


def test_a_damaged_run_is_one_warning_and_no_more(runs, open_page):
    (runs / "wide" / CONFIG).write_text('{"dataset": ')
    page = open_page()
    assert len(page.warning) == 1 and "wide" in unescaped(page.warning[0].value)
    assert names_in_plane(page) == {"sweep-0", "sweep-1", "sweep-4"}


@pytest.mark.parametrize("damage, word", [
    (lambda file: file.unlink(), "has no latents.npz"),
    (lambda file: file.write_bytes(file.read_bytes()[:200]), "damaged")])
def test_damaged_latents_are_one_sentence_beside_the_plane(runs, open_page, damage, word):
    damage(runs / "sweep-1" / LATENTS)
    page = open_page()
    assert len(page.error) == 1 and word in unescaped(page.error[0].value)
    assert len(page.dataframe) == 1
    page.select_slider(key="at").set_value(4.0).run()
    assert not page.error and not page.exception


def test_a_run_before_its_first_epoch_is_listed_only(tmp_path, open_page):
    write_run(tmp_path / "checkpoints" / "young", state="stopped", measured=False)
    page = open_page()
    assert "first epoch" in page.info[0].value
    assert list(page.dataframe[0].value["run_id"]) == ["young"]


def test_the_rate_alone_is_a_model_of_its_own(runs, open_page):
    write_run(runs / "kl-only", reconstruction_weight=0.0, rate=0.0)
    page = open_page()
    assert "kl-only" in names_in_plane(page)
    assert "mlp · z = 2 · 8 units × 2 · reconstruction weight 0" in \
        page.selectbox(key="family").options


def test_the_page_needs_no_torch(runs):
    script = ("import sys; from streamlit.testing.v1 import AppTest;"
              f"page = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60);"
              "page.switch_page('pages/tradeoff.py').run();"
              "assert not page.exception and page.get('bidi_component');"
              "assert 'torch' not in sys.modules")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True,
        env=dict(os.environ, VAE_EXPLORER_CHECKPOINTS=str(runs)))
    assert done.returncode == 0, done.stderr


def summaries(folder):
    return [summarize(Run(path)) for path in sorted(folder.iterdir())]


def test_a_sweep_ignores_the_machine_and_knobs_out_of_use(tmp_path):
    write_run(tmp_path / "a", beta=1.0, threads=1)
    write_run(tmp_path / "b", beta=2.0, threads=2, channels=8, sigma=0.5, beta_max=20.0)
    sweep, = families.families(summaries(tmp_path)).values()
    assert list(sweep) == [1.0, 2.0]


def test_other_knobs_part_sweeps_and_are_named(tmp_path):
    write_run(tmp_path / "a", beta=1.0)
    write_run(tmp_path / "b", beta=2.0, seed=1234567)
    write_run(tmp_path / "c", beta=4.0, seed=1234567)
    assert list(families.families(summaries(tmp_path))) == [
        "mlp · z = 2 · 8 units × 2 · seed 1234567", "mlp · z = 2 · 8 units × 2"]


def test_of_two_runs_with_one_beta_the_finished_one_counts(tmp_path):
    write_run(tmp_path / "a", beta=1.0)
    write_run(tmp_path / "b", beta=1.0, state="stopped")
    sweep, = families.families(summaries(tmp_path)).values()
    assert sweep[1.0].run_id == "a"


def test_the_start_is_beta_one_or_next_to_it():
    assert families.start_beta([0, 0.1, 1, 10]) == 1
    assert families.start_beta([0, 0.1, 4]) == 4
    assert families.start_beta([0]) == 0


def test_the_slope_divides_the_distortions_weight_out():
    assert plane.weight(TrainConfig(beta=3, reconstruction_weight=2)) == 1.5
    assert plane.weight(TrainConfig(reconstruction_weight=0)) == float("inf")


def test_the_file_is_named_after_what_it_holds():
    assert families.file_name("mnist", "Bernoulli, binarised") == \
        "tradeoff-mnist-bernoulli-binarised.csv"
    assert families.file_name("kmnist", "Gaussian, σ = 0.1") == \
        "tradeoff-kmnist-gaussian-sigma-0.1.csv"
