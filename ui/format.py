"""Text from outside, escaped for markdown: names in a URL, in folders, in messages."""

import re

LONGEST = 400


def plain(text: object) -> str:
    """The text escaped so that markdown shows it literally, without links, images, formulas or
    directives; cut after 400 characters."""
    line = " ".join(str(text).split())
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    escaped = re.sub(r"([\\`*_\[\]<>#!:$~|@])", r"\\\1", line)
    return re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}\\.", escaped)
