"""VAE Explorer: page configuration, the registry of pages, and the server that shows them."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent


def show() -> None:
    """The page that the URL names."""
    from ui import runs

    st.set_page_config(page_title="VAE Explorer", page_icon=str(HERE / "static" / "icon.png"),
                       layout="wide")
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


if st.runtime.exists():  # a visit: Streamlit runs this file from its top
    show()
else:  # the start of the server: `streamlit run app.py` imports it, and serves `app`
    from ui import server

    app = st.App(__file__, routes=server.routes(), middleware=server.middleware(),
                 lifespan=server.lifespan)
