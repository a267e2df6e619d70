"""The theory page's sections: a module each, which holds its own row of the registry.

To add one, write `ui/theory/NAME.py` with a literal `SECTION` and a function `show()`, and what it
computes as `vae_core/theory/NAME.py`.
"""

import ast
from pathlib import Path
from typing import NamedTuple


class Section(NamedTuple):
    """A section's row; its name, in the URL too, is that of its module."""

    place: int  # in the list, counted from 1
    title: str
    former_names: tuple[str, ...] = ()  # in old links


def find_sections(folder: Path) -> dict[str, Section]:
    """The rows in a folder by name, in their order: read, not imported, as a visit needs one."""
    rows = {path.stem: Section(**ast.literal_eval(node.value))
            for path in folder.glob("*.py")
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SECTION"}
    return dict(sorted(rows.items(), key=lambda row: row[1].place))


SECTIONS = find_sections(Path(__file__).parent)
FORMER_NAMES = {former: name for name, section in SECTIONS.items()
                for former in section.former_names}
