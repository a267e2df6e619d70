"""TrainConfig: every knob declared, every wrong value answered with a sentence."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.config import TrainConfig, allowed, knob_table, knobs
from vae_core.data.registry import DATASETS
from vae_core.model.architectures import ARCHITECTURES
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.lifecycle import check_run_id

NUMBERS = [name for name, (_, kind, _) in knobs().items() if kind in (int, float)]
CHOICES = [name for name, (_, kind, _) in knobs().items() if kind is str]


def values(kind, knob) -> st.SearchStrategy:
    """What a field of this type may hold."""
    if kind is str:
        return st.sampled_from(list(knob.choices))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(int(knob.low), int(knob.high))
    return st.floats(knob.low, knob.high)


@st.composite
def configs(draw) -> TrainConfig:
    chosen = {name: draw(values(kind, knob)) for name, (_, kind, knob) in knobs().items()}
    if chosen["beta"] == 0:
        chosen["reconstruction_weight"] = 1.0
    chosen["warmup_epochs"] = min(chosen["warmup_epochs"], float(chosen["epochs"]))
    if chosen["beta_conditioned"]:
        low, high = sorted((chosen["beta_min"], chosen["beta_max"]))
        chosen |= dict(beta_min=low, beta_max=max(high, 2 * low), warmup_epochs=0.0)
        chosen["beta_conditioned"] = chosen["beta_max"] <= 1000
        if chosen["beta_conditioned"]:
            chosen["beta"] = min(max(chosen["beta"], low), chosen["beta_max"])
        else:
            chosen["beta_max"] = high
    if DATASETS[chosen["dataset"]].domain == "real":
        chosen["likelihood"] = draw(st.sampled_from([n for n in LIKELIHOODS if n != "bernoulli"]))
        if chosen["architecture"] == "conv":
            chosen["architecture"] = "conv-res"
    return TrainConfig(**chosen)


@pytest.mark.parametrize("name", knobs())
def test_every_field_says_what_it_is(name):
    _, kind, knob = knobs()[name]
    assert knob.help.endswith(".") and knob.group and allowed(kind, knob)
    if kind in (int, float):
        assert knob.low < knob.high


def test_the_groups_begin_with_what_matters():
    main = {name for name, (_, _, knob) in knobs().items() if knob.group == "main"}
    assert main == {"beta", "beta_conditioned", "latent_dim", "hidden_dim", "architecture",
                    "epochs", "learning_rate"}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_number_beyond_its_range_is_refused(name, end):
    _, kind, knob = knobs()[name]
    limit = getattr(knob, end)
    beyond = limit + (1 if end == "high" else -1) * (1 if kind is int else max(1e-9, limit / 10))
    with pytest.raises(ValueError, match=f"{name} = .* is not allowed: it must be .*number from"):
        TrainConfig(**{name: beyond})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), "3", None, True, [1], 2 + 1j])
def test_what_is_no_finite_number_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = .* is not allowed"):
        TrainConfig(**{name: value})


def test_an_enormous_whole_number_is_refused():
    with pytest.raises(ValueError, match="epochs"):
        TrainConfig(epochs=10**400)


def test_a_whole_number_may_come_as_a_float_but_no_fraction():
    assert TrainConfig(epochs=3.0).epochs == 3
    assert isinstance(TrainConfig(epochs=3.0).epochs, int)
    assert isinstance(TrainConfig(beta=2).beta, float)
    with pytest.raises(ValueError, match=r"epochs = 3.5 is not allowed: it must be a whole number"):
        TrainConfig(epochs=3.5)


@pytest.mark.parametrize("name", CHOICES)
def test_a_near_miss_of_a_choice_is_named(name):
    right = list(knobs()[name][2].choices)[-1]
    with pytest.raises(ValueError, match=f"one of .*{right}.* Did you mean '{right}'"):
        TrainConfig(**{name: right + "x"})


def test_a_choice_that_is_like_none_gets_no_hint():
    with pytest.raises(ValueError, match="dataset = 'qqqq' is not allowed") as error:
        TrainConfig(dataset="qqqq")
    assert "Did you mean" not in str(error.value)


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_switch_takes_only_true_and_false(value):
    with pytest.raises(ValueError, match=r"compile = .* true or false"):
        TrainConfig(compile=value)


def test_an_unknown_key_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"'latentdim' is not .* did you mean 'latent_dim'"):
        TrainConfig.from_dict({"latentdim": 3})
    with pytest.raises(ValueError, match=r"known are dataset, .*threads"):
        TrainConfig.from_dict({"qqqq": 3})


def test_nothing_to_minimise_is_refused():
    with pytest.raises(ValueError, match="leave nothing to minimise"):
        TrainConfig(beta=0, reconstruction_weight=0)
    assert TrainConfig(beta=0).deterministic
    assert not TrainConfig(reconstruction_weight=0).deterministic


def test_a_warm_up_longer_than_the_training_is_refused():
    with pytest.raises(ValueError, match=r"warmup_epochs = 4 .* epochs = 3.* never reach 1"):
        TrainConfig(warmup_epochs=4, epochs=3)


@pytest.mark.parametrize(("changes", "words"), [
    (dict(beta=0), "beta = 0, .* is not from beta_min = 0.01 to beta_max = 10"),
    (dict(beta=11), "beta = 11, .* give a beta from this range too, or widen it"),
    (dict(beta_min=2), "beta = 1, at which .* is not from beta_min = 2 to"),
    (dict(beta_min=1, beta_max=1), "beta_min = 1 isn't below beta_max = 1"),
    (dict(beta_min=1, beta_max=1.0000001), "beta_min = 1 isn't below beta_max = 1.0000001 by 1 %"),
    (dict(beta_min=3, beta_max=0.3), "beta_min = 3 isn't below beta_max = 0.3"),
    (dict(warmup_epochs=2), "warmup_epochs = 2 and beta_conditioned = true contradict")])
def test_what_contradicts_conditioning_on_beta_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        TrainConfig(beta_conditioned=True, **changes)
    if changes != dict(warmup_epochs=2):
        assert not TrainConfig(**changes).beta_conditioned  # and has no bearing without it


def test_a_conditioned_run_is_named_by_every_beta_at_once():
    assert TrainConfig(beta_conditioned=True).default_run_id() == "mnist-mlp-z2-multirate"
    assert not TrainConfig(beta_conditioned=True).deterministic


def test_bernoulli_is_refused_on_real_values(monkeypatch):
    facts = dataclasses.replace(DATASETS["mnist"], domain="real")
    monkeypatch.setitem(DATASETS, "mnist", facts)
    with pytest.raises(ValueError, match=r"within \[0, 1\], and mnist has real values: choose one "
                                         r"of gaussian-fixed, gaussian-shared, gaussian-per-p"):
        TrainConfig()
    assert TrainConfig(likelihood="gaussian-fixed").likelihood == "gaussian-fixed"


def test_convolutions_are_refused_where_halving_twice_is_not_possible(monkeypatch):
    facts = dataclasses.replace(DATASETS["mnist"], shape=(1, 28, 30))
    monkeypatch.setitem(DATASETS, "mnist", facts)
    with pytest.raises(ValueError, match=r"divisible by 4, .* 28×30: choose 'conv-res'"):
        TrainConfig(architecture="conv")
    for other in ("mlp", "conv-res"):
        assert TrainConfig(architecture=other).architecture == other


def test_a_registry_that_grows_is_a_choice_at_once(monkeypatch):
    with pytest.raises(ValueError, match="architecture = 'deep' is not allowed"):
        TrainConfig(architecture="deep")
    monkeypatch.setitem(ARCHITECTURES, "deep", ARCHITECTURES["mlp"])
    assert TrainConfig(architecture="deep").architecture == "deep"
    assert "deep" in knob_table()


def test_an_older_config_may_say_that_it_is_conditioned_by_film():
    old = TrainConfig(beta_conditioned=True).to_dict() | {"conditioning": "film"}
    assert TrainConfig.from_dict(old) == TrainConfig(beta_conditioned=True)
    assert "conditioning" in old
    with pytest.raises(ValueError, match="conditioning = 'gates' is not supported any more"):
        TrainConfig.from_dict(old | {"conditioning": "gates"})


@given(configs())
def test_a_config_survives_json(config):
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@given(configs())
def test_the_default_run_id_is_a_run_id(config):
    assert check_run_id(config.default_run_id()).startswith(config.dataset)


@pytest.mark.parametrize("changes", [
    dict(beta=2), dict(latent_dim=3), dict(architecture="conv"), dict(seed=1),
    dict(likelihood="gaussian-shared"), dict(binarization="none"), dict(reconstruction_weight=0)])
def test_the_default_run_id_tells_runs_apart(changes):
    assert TrainConfig(**changes).default_run_id() != TrainConfig().default_run_id()


def test_observation_models_are_told_apart():
    kinds = [dict(), dict(binarization="none"), dict(likelihood="gaussian-fixed"),
             dict(likelihood="gaussian-fixed", sigma=0.2), dict(likelihood="gaussian-shared"),
             dict(likelihood="gaussian-per-pixel")]
    assert len({TrainConfig(**kind).observation_model for kind in kinds}) == len(kinds)
    # What has no bearing on a likelihood doesn't part runs: σ's first value where it is learned.
    assert TrainConfig(likelihood="gaussian-shared", sigma=0.3).observation_model == \
        TrainConfig(likelihood="gaussian-shared").observation_model


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().beta = 2
