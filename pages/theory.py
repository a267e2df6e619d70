"""Theory: every statement about VAEs as an instrument, each section with a URL of its own."""

import importlib

import streamlit as st

from ui import runs, widgets
from ui.format import plain
from ui.model import warm_up
from ui.theory import FORMER_NAMES, SECTIONS

runs.require_registry()

LEFT = "theory_left"  # the query when this page was last shown, restored on the way back


def keep_section() -> None:
    """Alone: the controls of the previous section leave the URL with it."""
    st.query_params.from_dict({"section": st.session_state["section"]})


# Not bound: a bound radio would put the titles into the URL.
wanted = st.query_params.get("section")
wanted = FORMER_NAMES.get(wanted, wanted)
if wanted is None and "section" not in st.session_state and LEFT in st.session_state:
    st.switch_page("pages/theory.py", query_params=st.session_state[LEFT])
if wanted in SECTIONS and st.session_state.get("section") != wanted:
    st.session_state["section"] = wanted
with st.sidebar:
    section = st.radio("Section", list(SECTIONS), format_func=lambda name: SECTIONS[name].title,
                       key="section", on_change=keep_section)
st.header(SECTIONS[section].title)
if wanted is not None and wanted not in SECTIONS:
    widgets.complain("section", wanted, f"“{SECTIONS[section].title}” is shown.")
st.session_state[LEFT] = {name: st.query_params.get_all(name) for name in st.query_params} \
    | {"section": section}
try:
    importlib.import_module(f"ui.theory.{section}").show()
except (ValueError, OSError) as error:  # a run that is damaged, or removed at this very moment
    st.error(plain(error))
except OverflowError:  # raised by Streamlit for a number in the URL
    st.error("A number in the URL is infinite: give a finite one, or leave it out.")
warm_up(0.0)
