"""The gallery shows what the picture functions draw today: all of them, with four inputs each."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt
from PIL import Image

import d2l_autograd
from notebook_check.figures.comparing import compare_figures
from notebook_check.tolerance import Tolerance

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
STORED = json.loads((FOLDER / "descriptions.json").read_text("utf-8"))
PICTURES = [n for n in d2l_autograd.__all__ if n.startswith(("plot_", "animate_", "draw_"))]


DECADES = 1.0  # by which rounding noise on a logarithmic axis may differ between processors


@pytest.fixture(scope="module")
def make() -> Any:
    """The script as a module; it calls start(), which a reader's settings would not survive."""
    plt.switch_backend("agg")
    spec = importlib.util.spec_from_file_location("make_gallery", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["make_gallery"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_function_has_four_inputs(make: Any) -> None:
    assert sorted(make.GALLERY) == sorted(PICTURES) == sorted(STORED)
    assert {len(entry.calls) for entry in make.GALLERY.values()} == {4}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_show_what_is_stored(name: str, make: Any) -> None:
    _, shown = make.pictures(name, "light")
    for stored, new in zip(STORED[name], json.loads(json.dumps(shown)), strict=True):
        if "told" in stored:
            assert stored == new
        else:
            atol = DECADES if name == "plot_step_errors" else 1e-6
            assert compare_figures(stored, new, Tolerance(rtol=1e-4, atol=atol)) == []


def test_pages_and_sheets_are_there(make: Any) -> None:
    for lang, name in make.PAGES.items():
        assert (FOLDER / name).read_text("utf-8") == make.page(lang)
    for mode in make.MODES:
        assert {path.stem for path in (FOLDER / mode).glob("*.png")} == {*PICTURES}
        for path in (FOLDER / mode).glob("*.png"):
            with Image.open(path) as image:
                assert image.width == 1240
                assert path.stat().st_size < 200_000
