"""A saved page: each module by a name of its own, tables as bytes, nothing ends the script."""

from __future__ import annotations

import base64
import json
import re

import numpy as np

from ui.explore import saved_page
from ui.latent_plane import table


def test_every_import_of_a_module_is_in_the_map():
    modules = saved_page.modules()
    assert {"latent_plane/main.js", "latent_plane/tools/image.js"} <= set(modules)
    for name, address in modules.items():
        source = base64.b64decode(address.partition("base64,")[2]).decode()
        wanted = re.findall(r'^(?:import|export)[^;]*?from "([^"]+)";', source, re.MULTILINE)
        assert set(wanted) <= set(modules), name
        code = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)  # types are named by import(…)
        assert "import(" not in code and "import.meta" not in code, name


def test_the_data_come_back_and_cannot_end_the_script():
    values = np.array([1.5, -2.0], np.float32)
    page = saved_page.write("a <b>", "words", {"view": {"title": "</script><b>"},
                                            "points": table({"x": values})}, []).decode()
    assert "a &lt;b&gt;" in page and "</script><b>" not in page
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]
    data = json.loads(found)
    assert data["plane"]["view"]["title"] == "</script><b>"
    column = data["plane"]["points"]["columns"]["x"]
    assert column["kind"] == "float32"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(column["base64"]), np.float32),
                                  values)
