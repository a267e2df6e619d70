"""All JavaScript as one file: what each module exports is there, and nothing else is asked for."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.conftest import ROOT
from ui import components

USED = [path for path in (ROOT / "static").rglob("*.js")
        if not path.name.endswith((".min.js", "_worker.js"))]


@pytest.fixture
def static(tmp_path, monkeypatch):
    """Modules of one's own: static({path: source}) makes `main.js` the entry."""
    def write(files: dict[str, str]) -> None:
        for name, source in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(source, encoding="utf-8")
        monkeypatch.setattr(components, "STATIC", tmp_path)
        monkeypatch.setattr(components, "ENTRIES", {"main": "main.js"})

    return write


def run(code: str, tmp_path) -> str:
    (tmp_path / "joined.mjs").write_text(code, encoding="utf-8")
    script = tmp_path / "script.mjs"
    script.write_text('import { main } from "./joined.mjs";\n'
                      "console.log(JSON.stringify(main.all));")
    done = subprocess.run(["node", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_modules_mean_what_they_meant(static, tmp_path):
    """Every form of import and export that is used; names that several modules have; an export
    that changes later; strings and comments that look like statements."""
    static({
        "main.js": 'import {\n  two as deux, Kind,\n  count,\n} from "./inner/a.js";\n'
                   'import * as b from "./b.js";\nimport { own } from "./inner/a.js";\n'
                   "/** import { no } from \"./no.js\";\n * export const no = 1; */\n"
                   'const text = `\n// export is a word here`;\n'
                   'const one = "main";\n'
                   "b.next();\n"
                   "export const all = [deux(), new Kind().name, count, b.one, b.now, own, one,\n"
                   "  text.length];\n",
        "inner/a.js": 'import { one } from "../b.js";\nconst own_ = one + 1;\n'
                      "export function two() { return own_; }\n"
                      'export class Kind { name = "kind"; }\nexport const count = 3;\n'
                      "export { own_ as own };\n",
        "b.js": "export const one = 1;\nexport let now = 0;\n"
                "export function next() { now += 1; }\nexport function* steps() { yield one; }\n"
                "export async function later() { return one; }\n"})
    assert run(components.joined(["main"]), tmp_path) == '[2,"kind",3,1,1,2,"main",25]'


@pytest.mark.parametrize(("files", "words"), [
    ({"main.js": 'import { a } from "./a.js";\n', "a.js": 'import { b } from "./main.js";\n'},
     "main.js imports itself by way of main.js, a.js"),
    ({"main.js": "export default 3;\n"}, "a statement that can't be joined: export default 3;"),
    ({"main.js": 'export * from "./a.js";\n'}, "can't be joined")])
def test_what_cannot_be_joined_is_said(static, files, words):
    static(files)
    with pytest.raises(ValueError, match=re.escape(words)):
        components.joined(["main"])


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_the_apps_modules_are_all_in_one_file(tmp_path):
    source = components.modules()
    for path in USED:
        assert f"// {path.relative_to(ROOT / 'static').as_posix()}\n" in source, path
    code = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)  # types are named by import(…)
    assert "import(" not in code and "import.meta" not in code
    (tmp_path / "joined.mjs").write_text(source, encoding="utf-8")
    script = tmp_path / "script.mjs"
    script.write_text('import * as all from "./joined.mjs";\n'
                      "console.log(Object.keys(all).map((name) => typeof all[name].mount).join());")
    done = subprocess.run(["node", script], capture_output=True, text=True)
    assert done.stdout.strip() == ",".join(["function"] * len(components.ENTRIES)), done.stderr


def test_the_address_changes_with_the_content(monkeypatch):
    assert re.fullmatch(r"modules/[0-9a-f]{16}\.js", components.address())
    before = components.address()
    components.address.cache_clear()
    monkeypatch.setattr(components, "modules", lambda: "other")
    try:
        assert components.address() != before
    finally:
        components.address.cache_clear()
