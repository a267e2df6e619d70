"""plotly's own sliders and buttons by keyboard, on the page where this is mounted."""

from __future__ import annotations

import streamlit as st

# Inline JavaScript is a blob: module, in which relative imports fail; hence the absolute address.
_LOADER = """
const main = new URL("app/static/frames/keys.js", document.baseURI);
export default async (component) => (await import(main)).mount(component);
"""
_component = st.components.v2.component("chart_keys", html="<i hidden></i>", js=_LOADER)


def chart_keys() -> None:
    _component(key="chart_keys")
