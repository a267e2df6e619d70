"""The parts of the Explore page, each called alone with its arguments."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import sent_to
from ui.model import ModelView
from vae_core.runs.run import Run, summarize

pytestmark = pytest.mark.usefixtures("tiny_mnist")


def part(script, *args, **url: str) -> AppTest:
    """The elements that a function draws, with these URL parameters."""
    page = AppTest.from_function(script, args=args, default_timeout=60)
    for name, value in url.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def deep(train_run) -> ModelView:
    return ModelView(summarize(train_run("checkpoints/deep", latent_dim=4)))


def axes_of(model, principal, umap):
    import streamlit as st

    from ui.explore.page import choose_axes

    below = st.container()
    st.session_state["chosen"] = choose_axes(st, below, model, principal, umap)


def test_axes_are_dimensions_unless_others_are_chosen(deep):
    page = part(axes_of, deep, True, True, d1="z2", d2="z4", z1="1.5")
    axes = page.session_state["chosen"]
    assert (axes.dims, axes.held, axes.name) == ((1, 3), (1.5, 0, 0, 0), "z")
    assert page.expander[0].label == "Fix the other 2 dimensions (1 moved)"
    assert part(axes_of, deep, True, True, axes="PCA").session_state["chosen"].name == "PC"
    assert part(axes_of, deep, True, True, axes="UMAP").session_state["chosen"].name == "UMAP"


def test_axes_that_are_not_possible_are_not_offered(deep, finished):
    kinds = [group.options for group in part(axes_of, deep, True, False).button_group]
    assert kinds == [["dimensions", "PCA"]]
    assert not part(axes_of, deep, False, False).button_group
    flat = part(axes_of, ModelView(summarize(finished)), True, True)
    assert flat.session_state["chosen"].dims == (0, 1) and not flat.selectbox and not flat.slider


def sweep_of(chosen, summaries):
    import streamlit as st

    from ui.explore.page import choose_sweep

    st.session_state["chosen"] = choose_sweep(st, chosen, summaries)


def test_a_sweep_is_shown_when_it_is_asked_for(train_run):
    runs = [summarize(train_run(f"checkpoints/beta{beta}", beta=beta)) for beta in (1, 2, 4)]
    page = part(sweep_of, runs[1], runs)
    assert type(page.session_state["chosen"]) is ModelView
    page.toggle[0].set_value(True).run()
    sweep = page.session_state["chosen"]
    assert [member.run_id for member in sweep.members] == ["beta1", "beta2", "beta4"]
    assert sweep.run_id == "beta2"
    assert not part(sweep_of, runs[1], runs[1:2]).toggle


def pin_of(at, axes, place):
    from ui.explore.page import show_pin

    show_pin(at, axes, place)


def test_a_pin_has_its_image_its_code_and_six_neighbours(deep):
    page = part(pin_of, deep.at(), deep.default_axes(), None)
    assert page.caption[0].value.startswith("Click the plane to pin a point")
    page = part(pin_of, deep.at(), deep.default_axes(), (0.5, -1.0))
    assert sum("RMSE" in caption.value for caption in page.caption) == 6
    assert "0.5000" in page.caption[0].value and "−1.0000" in page.caption[0].value


def plane_of(model, axes, key):
    import streamlit as st

    from ui.explore.page import show_plane

    st.session_state["shown"] = show_plane(
        model, axes, {"mode": "points", "color_by": "rate"}, key, "2")


@pytest.mark.parametrize("given, shown", [("0.5", 0.5), ("11", 4), ("x", 4), ("", 4)])
def test_a_plane_says_where_its_dial_is(train_run, given, shown):
    run: Run = train_run("checkpoints/every", beta_conditioned=True, beta=4)
    model = ModelView(summarize(run))
    page = part(plane_of, model, model.default_axes(), "second", beta2=given)
    state, at = page.session_state["shown"]
    assert at.beta == shown and state.pin is None
    data = sent_to(page.get("bidi_component")[0])
    assert data["view"]["box"] == "second" and data["view"]["color_by"] == "rate"
    assert page.caption[0].value == model.caption


def beside_of(first, other):
    import streamlit as st

    from ui.explore.compare import open_beside

    st.session_state["second"] = open_beside(first, other)


def test_a_second_model_is_opened_or_refused(deep, finished):
    assert part(beside_of, deep, None).session_state["second"] is None
    opened = part(beside_of, deep, summarize(finished))
    assert opened.session_state["second"].run_id == finished.run_id and not opened.error
    finished.path("latents.npz").unlink()
    refused = part(beside_of, deep, summarize(finished))
    assert refused.session_state["second"] is None and "has no latents" in refused.error[0].value
