"""Widgets made from TrainConfig: one for each field, all of them bound to the URL."""

import dataclasses
import math
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import runs
from ui.format import plain
from ui.widgets import errors_shown, number
from vae_core.config import Knob, TrainConfig, allowed, knobs
from vae_core.data.registry import DATASETS
from vae_core.runs import jobs

MAIN = "main"
TITLES = {"data": "Data", "likelihood": "Likelihood", "objective": "Objective",
          "network": "Network", "optimisation": "Optimisation", "machine": "Machine"}
LABELS = {"beta": "β", "sigma": "σ", "hidden_dim": "Width", "latent_dim": "Latent size",
          "beta_conditioned": "Train one β-conditioned model",
          "beta_min": "Lowest β", "beta_max": "Highest β", "beta_focus": "Focus on β from 4 to 16",
          "num_layers": "Hidden layers or residual blocks",
          "train_limit": "Training examples, 0 for all", "dataset": "Data set",
          "binarization": "Binarisation", "warmup_epochs": "Warm-up epochs",
          "schedule": "Learning-rate schedule", "max_grad_norm": "Maximum gradient norm"}
DECADE = (1, 2, 3, 4, 5, 7)  # the stops of a logarithmic slider within each power of ten
OCTAVE = (1, 1.5)  # and of one over whole numbers, within each power of two


def train_config_controls(main: DeltaGenerator) -> dict[str, Any]:
    """A widget for every setting, the main ones in `main`, the rest in an expander here."""
    fields = knobs()
    # What the URL asked for, on the visit's first run: later on it follows the widgets.
    wanted = {name: st.query_params[name] for name in fields
              if name in st.query_params and name not in st.session_state}
    # A box for whole numbers raises OverflowError when it is given an infinite one.
    unbound = {name for name, text in wanted.items() if math.isinf(number(text))}
    for name in unbound:
        del st.query_params[name]
    chosen = {}
    with main:
        for name, (field, kind, knob) in fields.items():
            if knob.group == MAIN:
                chosen[name] = control(name, field, kind, knob, name not in unbound)
                if name == "beta_conditioned":
                    beta_range = st.container()  # beside the switch
    with st.expander("More settings"):
        for group, title in TITLES.items():
            st.markdown(f"**{title}**")
            for name, (field, kind, knob) in fields.items():
                if knob.group == group:
                    chosen[name] = control(name, field, kind, knob, name not in unbound)
    for name, text in wanted.items():
        if not _same(text, chosen[name]):
            main.warning(plain(
                f"The URL asks for {name} = {text[:80]!r}, which isn't available here; it stays at "
                f"{chosen[name]}. {_instead(text, *fields[name])}"))
    if chosen["beta_conditioned"]:
        beta_range.caption(f"Trained from β = {chosen['beta_min']:g} to {chosen['beta_max']:g} "
                           "(see More settings); evaluated at "
                           f"β = {chosen['beta']:g} after each epoch, and over the whole range at "
                           "the end.")
    return chosen


def _instead(text: str, field: dataclasses.Field, kind: Any, knob: Knob) -> str:
    """What is available in place of a value in the URL."""
    wanted = number(text)
    if knob.usual and knob.log and knob.low <= wanted <= knob.high:
        there = sorted(stops(kind, knob, field.default), key=lambda stop: abs(stop - wanted))
        near = " and ".join(f"{stop:g}" for stop in sorted(there[:2]))
        return f"The nearest choices are {near}; the command line takes any value."
    return f"Allowed: {allowed(kind, knob)}."


def _same(text: str, value: Any) -> bool:
    """Whether a URL's text stands for a widget's value."""
    try:
        return float(text) == float(value)
    except ValueError:
        return text.lower() == str(value).lower()


def control(name: str, field: dataclasses.Field, kind: Any, knob: Knob, bound: bool = True) -> Any:
    """The widget for one field, bound to the URL: slider, select box, number box or toggle."""
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    if knob.unit and knob.unit not in label.lower():
        label += f" ({knob.unit})"
    common = {"key": name, "bind": "query-params" if bound else None, "help": help_text(knob)}
    if kind is str:
        options = [option for option in knob.choices
                   if name != "dataset" or DATASETS[option].pictures]
        return st.selectbox(label, options, index=options.index(field.default), **common)
    if kind is bool:
        return st.toggle(label, value=field.default, **common)
    if knob.usual and knob.log:
        return st.select_slider(label, stops(kind, knob, field.default), value=field.default,
                                format_func=lambda value: f"{value:g}", **common)
    if knob.usual:
        low, high = (kind(limit) for limit in knob.usual)
        return st.slider(label, low, high, field.default, **common)
    return st.number_input(label, kind(knob.low), kind(knob.high), field.default,
                           **({"format": "%g", "step": None} if kind is float else {}), **common)


def help_text(knob: Knob) -> str:
    return f"{knob.help} Source: {knob.source}." if knob.source else knob.help


def stops(kind: Any, knob: Knob, default: Any) -> list[Any]:
    """The values of a logarithmic slider; 0 comes first where it is allowed."""
    low, high = knob.usual
    base, within = (2, OCTAVE) if kind is int else (10, DECADE)
    exponents = range(math.floor(math.log(low, base)), math.ceil(math.log(high, base)) + 1)
    values = {round(step * base**exponent, 10) for exponent in exponents for step in within}
    values = {kind(value) for value in values if low <= value <= high and value == kind(value)}
    return sorted(values | {default} | ({kind(0)} if knob.low == 0 else set()))


def start_button(config: TrainConfig | None, name: str) -> None:
    """Start the run in a process of its own and watch it, or say why it can't be started."""
    if not st.button("Start training", type="primary", disabled=config is None, width="stretch"):
        return
    with errors_shown():
        st.query_params["run"] = jobs.start(config, runs.checkpoints(), name.strip()).run_id
        st.rerun()


def config_or_error(chosen: dict[str, Any]) -> TrainConfig | None:
    """The configuration, or None after the sentence that says what doesn't fit."""
    with errors_shown():
        return TrainConfig(**chosen)
    return None
