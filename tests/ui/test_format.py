"""What comes from outside is shown as it is."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import unescaped
from ui.format import LONGEST, plain


@given(st.text(max_size=300))
def test_the_words_stay_and_no_sign_acts(text):
    shown = plain(text)
    assert unescaped(shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]<>#!:$~|@]", shown)
    assert "www." not in shown.lower()


def test_links_images_and_directives_are_broken():
    assert plain("![x](https://a.b/c.png)") == r"\!\[x\](https\://a.b/c.png)"
    assert plain("www.a.b :material/home: $x$") == r"www\.a.b \:material/home\: \$x\$"


def test_a_long_text_ends():
    assert len(unescaped(plain("x" * 5000))) == LONGEST + 1
