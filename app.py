"""VAE Explorer: page configuration and the registry of pages."""

from pathlib import Path

import pandas  # noqa: F401  two visits at once must not find it half imported
import streamlit as st

from ui import runs

ICON = Path(__file__).parent / "static" / "icon.png"

st.set_page_config(page_title="VAE Explorer", page_icon=str(ICON), layout="wide")
# Streamlit leaves 6 rem above a page; the plane needs them more.
st.html("<style>.stMainBlockContainer { padding-top: 4rem; padding-bottom: 3rem; }</style>")
runs.note_registry()
st.navigation(
    [
        st.Page("pages/explore.py", title="Explore", default=True),
        st.Page("pages/train.py", title="Train", url_path="train"),
        st.Page("pages/tradeoff.py", title="Trade-off", url_path="tradeoff"),
        st.Page("pages/theory.py", title="Theory", url_path="theory"),
    ],
    position="top",
).run()
