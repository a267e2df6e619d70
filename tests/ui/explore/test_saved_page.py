"""A saved page: one script, tables as bytes, and nothing in them ends the script."""

from __future__ import annotations

import base64
import json
import re

import numpy as np

from ui.explore import saved_page
from ui.latent_plane import table


def test_the_data_come_back_and_cannot_end_the_script():
    values = np.array([1.5, -2.0], np.float32)
    page = saved_page.write("a <b>", "words", {"view": {"title": "</script><b>"},
                                            "points": table({"x": values})}, []).decode()
    assert "a &lt;b&gt;" in page and "</script><b>" not in page
    assert page.count("</script>") == 2
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]
    data = json.loads(found)
    assert data["plane"]["view"]["title"] == "</script><b>"
    column = data["plane"]["points"]["columns"]["x"]
    assert column["kind"] == "float32"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(column["base64"]), np.float32),
                                  values)
