"""What Python and the plane's JavaScript have in common: the names of the plane's state."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.conftest import ROOT
from ui.latent_plane import LONGEST, SETTINGS, PlaneState

STATE = ROOT / "static" / "latent_plane" / "state.js"


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_python_knows_the_names_of_the_browsers_state():
    script = f"import {{ NAMES }} from {str(STATE)!r}; console.log(JSON.stringify(NAMES))"
    ended = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True,
                           text=True, check=True)
    # The second plane's β is told as that plane's own.
    assert [name for name in json.loads(ended.stdout) if name != "beta2"] == list(SETTINGS)


@pytest.mark.parametrize(("text", "pin"), [
    ("0.5,-1.2", (0.5, -1.2)), ("1e-7,0", (1e-7, 0)), ("", None), ("1", None), ("1,2,3", None),
    ("nan,0", None), ("inf,1", None), ("1e9,0", None)])
def test_a_pin_is_two_numbers_on_the_plane(text, pin):
    assert PlaneState({"pin": text}).pin == pin


@pytest.mark.parametrize(("text", "beta"), [
    ("4", 4.0), ("0.05", 0.05), ("", None), ("0", None), ("-1", None), ("nan", None),
    ("inf", None), ("4,5", None)])
def test_beta_is_a_positive_number(text, beta):
    assert PlaneState({"beta": text}).beta == beta


@pytest.mark.parametrize(("text", "image"), [
    ("7", 7), ("", None), ("-1", None), ("1e9", None), ("3.5", None), ("٣", None),
    ("1234567890", None)])
def test_an_image_is_an_index(text, image):
    assert PlaneState({"image": text}).image == image


def test_layers_are_the_points_by_themselves():
    assert PlaneState().layers == ("points",)
    assert PlaneState({"layers": "points,truth"}).layers == ("points", "truth")
    assert LONGEST >= 1990  # what writeDrawing allows itself
