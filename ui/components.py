"""The app's own components: their JavaScript as one file, and how each is registered.

The modules under static/ are plain ES modules, which node tests one by one. A page that fetched
them one after another would wait a second, so that they are joined when the server starts: each
becomes a function that returns its exports, called once, in the order of the imports.
"""

from __future__ import annotations

import functools
import hashlib
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

STATIC = Path(__file__).resolve().parents[1] / "static"
# What each component mounts: export `mount(component, order)`.
ENTRIES = {"latent_plane": "latent_plane/main.js", "messages": "latent_plane/payload/mailbox.js",
           "rd_plane": "rd_plane/main.js", "frames": "frames/main.js"}

_IMPORT = re.compile(r'^import\s+(\*\s+as\s+\w+|\{[^}]*\})\s+from\s+"([^"]+)";', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?function\*?|class|const|let)\s+(\w+)", re.MULTILINE)
_LIST = re.compile(r"\bexport\s*\{([^}]*)\};?\s*$", re.MULTILINE)  # as published libraries have it
# Types and docstrings, which are a third of the file.
_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
# Inline JavaScript is a blob: module, in which relative imports fail; hence the absolute URL. While
# the file loads, calls can arrive in another order than they were made.
_LOADER = """
const modules = new URL("{address}", document.baseURI);
let calls = 0;
export default async (component) => {{
  const order = calls++;
  return (await import(modules)).{entry}.mount(component, order);
}};
"""


def register(name: str, html: str = "<i hidden></i>", css: str | None = None) -> Any:
    """The component `name` of ENTRIES, for Streamlit to mount; once a process, at import."""
    return st.components.v2.component(
        name, html=html, css=css, js=_LOADER.format(address=address(), entry=name))


@functools.cache
def modules() -> str:
    """All JavaScript of the app."""
    return joined(tuple(ENTRIES))


@functools.cache
def address() -> str:
    """Where the server has `modules`, relative to the app; another one when they change."""
    return f"modules/{hashlib.sha256(modules().encode()).hexdigest()[:16]}.js"


def joined(entries: Sequence[str]) -> str:
    """One module that exports what each entry exports, under the entry's name.

    Raises:
        ValueError: modules import each other in a circle, or by a statement that isn't known here.
    """
    order: list[str] = []
    for entry in entries:
        _visit(ENTRIES[entry], order, ())
    names = {path: f"m{number}" for number, path in enumerate(order)}
    parts = [f"// {path}\nconst {names[path]} = (() => {{\n{_body(path, names)}}})();\n"
             for path in order]
    parts += [f"export const {entry} = {names[ENTRIES[entry]]};\n" for entry in entries]
    return "".join(parts)


def _source(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")


def _imported(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))


def _visit(path: str, order: list[str], above: tuple[str, ...]) -> None:
    """Put a module behind all that it imports."""
    if path in above:
        raise ValueError(f"static/{path} imports itself by way of {', '.join(above)}.")
    if path in order:
        return
    for match in _IMPORT.finditer(_source(path)):
        _visit(_imported(path, match[2]), order, (*above, path))
    order.append(path)


def _body(path: str, names: dict[str, str]) -> str:
    """A module's source with constants in place of imports, and a return in place of exports."""
    def constants(match: re.Match[str]) -> str:
        wanted, home = match[1], names[_imported(path, match[2])]
        if wanted.startswith("*"):
            return f"const {wanted.split()[-1]} = {home};"
        renamed = re.sub(r"(\w+)\s+as\s+", r"\1: ", wanted)
        return f"const {renamed} = {home};"

    source = _IMPORT.sub(constants, _COMMENT.sub("", _source(path)))
    exported = {match[2]: match[2] for match in _EXPORT.finditer(source)}
    for match in _LIST.finditer(source):
        exported |= {each.split()[-1]: each.split()[0] for each in match[1].split(",")}
    source = _LIST.sub("", _EXPORT.sub(r"\1 \2", source))
    if left := _LEFT_OVER.search(source):
        raise ValueError(f"static/{path} has a statement that can't be joined: {left[0]}")
    # Read when they are asked for, as a module's exports are.
    getters = ", ".join(f"get {name}() {{ return {own}; }}" for name, own in exported.items())
    return f"{source}\nreturn {{ {getters} }};\n"
