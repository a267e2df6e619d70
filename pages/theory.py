"""Theory: every statement about VAEs as an instrument, each section with a URL of its own."""

from __future__ import annotations

import importlib

import streamlit as st

from ui import runs
from ui.format import plain
from ui.model import warm_up
from ui.theory import FORMER_NAMES, SECTIONS
from ui.theory.chart_keys import chart_keys

runs.require_registry()

LEFT = "theory_left"  # the address when this page was shown last: who comes back finds it again


def keep_section() -> None:
    """Alone, as the controls of the section before it leave the address with it."""
    st.query_params.from_dict({"section": st.session_state["section"]})


# By hand: a bound radio would put the titles into the URL.
wanted = st.query_params.get("section")
wanted = FORMER_NAMES.get(wanted, wanted)
if wanted is None and "section" not in st.session_state and LEFT in st.session_state:
    st.switch_page("pages/theory.py", query_params=st.session_state[LEFT])
if wanted in SECTIONS and st.session_state.get("section") != wanted:
    st.session_state["section"] = wanted
with st.sidebar:
    section = st.radio("Section", list(SECTIONS), format_func=SECTIONS.get, key="section",
                       on_change=keep_section)
st.header(SECTIONS[section])
st.session_state[LEFT] = {name: st.query_params.get_all(name) for name in st.query_params} \
    | {"section": section}
try:
    importlib.import_module(f"ui.theory.{section}").show()
except (ValueError, OSError) as error:  # a run that is damaged, or removed at this very moment
    st.error(plain(error))
except OverflowError:  # Streamlit's, of a number that the address has
    st.error("A number in the address is infinite: give a smaller one, or leave it out.")
chart_keys()
warm_up(0.0)
