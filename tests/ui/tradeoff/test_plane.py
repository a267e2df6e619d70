"""What the plane is given of runs: its axes, the envelope, and points that go into JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.ui.tradeoff.test_page_tradeoff import write_run
from tests.vae_core.measure.test_envelope import envelope_at
from ui.tradeoff import plane
from vae_core.runs.run import Run, Summary, summarize

RUNS = {  # β, distortion, rate
    "autoencoder": (0.0, 120.0, 80.0), "low": (0.1, 128.0, 12.0), "half": (1.0, 132.0, 6.0),
    "high": (4.0, 150.0, 2.0), "rate-only": (math.inf, 540.0, 0.0)}
LINE = {"beta": [0.5, 2.0], "rate": [4.0, 1.0], "distortion": [125.0, 165.0],
        "weight": [0.5, 2.0], "active": [2, 2]}


def made(folder, name, beta, distortion, rate, state="finished") -> Summary:
    config = {"reconstruction_weight": 0.0} if math.isinf(beta) else {"beta": beta}
    run = write_run(folder / name, state=state, **config)
    terms = {"test_distortion": distortion, "test_rate": rate, "test_elbo": -distortion - rate}
    run.write_metrics([row | terms for row in run.metrics()])
    return summarize(Run(folder / name))


@pytest.fixture
def runs(tmp_path) -> list[Summary]:
    return [made(tmp_path, name, *figures, "stopped" if name == "half" else "finished")
            for name, figures in RUNS.items()]


def outside(runs, window) -> list[str]:
    return [run.run_id for run in runs if not plane.inside(run, window)]


def envelope(runs, window) -> list[float]:
    return plane.drawing(runs, window)["envelope"]["rate"]


def test_every_model_is_one_point_that_json_can_hold(runs):
    points = json.loads(json.dumps(plane.drawing(runs, plane.window_of(runs)),
                                   allow_nan=False))["points"]
    assert {p["run"]: (p["distortion"], p["rate"]) for p in points} == {
        name: figures[1:] for name, figures in RUNS.items()}
    assert [p["weight"] for p in points] == [0, 0.1, 1, 4, None]
    assert [p["finished"] for p in points] == [True, True, False, True, True]
    assert points[2]["text"][-1] == "stopped" and "ELBO −138.00 nats" in points[2]["text"]
    assert "weight of D: 0" in points[4]["text"]


def test_the_axes_are_fitted_to_finite_betas_unless_all_are_wanted(runs):
    assert outside(runs, plane.window_of(runs)) == ["autoencoder", "rate-only"]
    assert outside(runs, plane.window_of(runs, show_all=True)) == []


def test_models_without_a_logarithm_of_beta_set_the_axes_if_they_are_alone(runs):
    window = plane.window_of(runs[:1])
    assert window["rate"][0] < 80 < window["rate"][1]
    assert window["distortion"][0] < 120 < window["distortion"][1]
    assert envelope(runs[:1], window) == []


def test_a_model_much_worse_than_the_sweep_does_not_widen_the_axes(tmp_path, runs):
    poor = [*runs, made(tmp_path, "poor", 4.0, 250.0, 2.0)]
    assert "poor" in outside(poor, plane.window_of(poor, sweep=["low", "half"]))
    assert "poor" not in outside(poor, plane.window_of(poor))
    assert "poor" not in outside(poor, plane.window_of(poor, sweep=["poor"]))
    assert "poor" not in outside(poor, plane.window_of(poor, sweep=["gone"]))


def test_the_axes_hold_the_line_and_what_it_is_compared_with(runs):
    window = plane.window_of(runs, sweep=["autoencoder", "low", "rate-only"], line=LINE)
    assert outside(runs, window) == ["autoencoder", "rate-only"]
    for name in ("rate", "distortion"):
        assert window[name][0] < min(LINE[name]) and max(LINE[name]) < window[name][1]
    assert outside(runs, plane.window_of(runs, show_all=True, line=LINE)) == []


def test_a_line_alone_has_axes_too():
    window = plane.window_of([], line=LINE)
    assert window["rate"][0] < 1 and window["rate"][1] > 4
    assert plane.drawing([], window, line=LINE)["points"] == []


def test_the_envelope_is_of_finished_models_with_a_rate_of_their_own(runs):
    """The autoencoder has β = 0, `half` isn't finished, `rate-only` lies beyond the axes."""
    assert envelope(runs, plane.window_of(runs)) == [2, 12]
    assert envelope(runs, plane.window_of(runs, show_all=True)) == [0, 2, 12]


def test_the_drawn_envelope_is_that_of_the_measure(runs):
    drawn = plane.drawing(runs, plane.window_of(runs, show_all=True))["envelope"]
    counted = [s for s in runs if s.state == "finished" and s.run_id != "autoencoder"]
    rate, distortion = np.array([plane.place(s) for s in counted]).T
    np.testing.assert_allclose(drawn["distortion"],
                               envelope_at(np.array(drawn["rate"]), rate, distortion))


def test_runs_beyond_the_axes_are_counted_when_they_are_many(runs):
    words = plane.places_outside(runs * 3)
    assert words.endswith("; and 3 more") and "autoencoder (R = 80.0, D = 120.0)" in words
