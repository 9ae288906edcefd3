"""The language of a session is that of the notebook, else of the folder, variable or locale."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font

from d2l_autograd.course import fonts
from d2l_autograd.course.labels import _CHINESE, label
from d2l_autograd.course.languages import session_language
from d2l_autograd.course.noto_sans_sc import FONT

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"JPY_SESSION_NAME": "/home/reader/d2l/zh/01.ipynb", "LANG": "en_US"}, "zh"),
        ({"JPY_SESSION_NAME": "zh/01.ipynb"}, "zh"),
        ({"JPY_SESSION_NAME": "/home/zh/d2l/en/01.ipynb", "LANG": "zh_CN"}, "en"),
        ({"JPY_SESSION_NAME": "/d2l/en/01.ipynb", "D2L_AUTOGRAD_LANG": "zh"}, "en"),
        ({"JPY_SESSION_NAME": "/d2l/mine.ipynb", "D2L_AUTOGRAD_LANG": "zh"}, "zh"),
        ({"JPY_SESSION_NAME": "/d2l/zh", "LANG": "C"}, "en"),
        ({"D2L_AUTOGRAD_LANG": "zh", "LANG": "en_US"}, "zh"),
        ({"D2L_AUTOGRAD_LANG": "fr", "LANG": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({}, "en"),
    ],
)
def test_language_of_the_session(environ: dict[str, str], expected: str) -> None:
    assert session_language(environ) == expected


def test_folder_of_the_kernel_tells_the_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "zh").mkdir()
    monkeypatch.chdir(tmp_path / "zh")
    assert session_language({}) == "zh"


@pytest.mark.parametrize(
    ("folder", "prose", "locale", "expected"),
    [
        ("lesson", "导数是变化率。", "en_US", "zh"),
        ("en", "导数是变化率。", "en_US", "zh"),
        ("zh", "A derivative (导数) is a rate of change.", "zh_CN", "en"),
        ("lesson", "", "zh_CN", "zh"),
        ("lesson", None, "zh_CN", "zh"),
    ],
)
def test_a_notebook_that_was_moved_keeps_its_language(
    folder: str, prose: str | None, locale: str, expected: str, tmp_path: Path
) -> None:
    notebook = tmp_path / folder / "moved.ipynb"
    notebook.parent.mkdir()
    cells = [{"cell_type": "markdown", "source": [prose]}] if prose else []
    notebook.write_text("{" if prose is None else json.dumps({"cells": cells}), "utf-8")
    assert session_language({"JPY_SESSION_NAME": str(notebook), "LANG": locale}) == expected


def test_visual_studio_code_tells_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "lesson.ipynb"
    cell = {"cell_type": "markdown", "source": ["导数是变化率。"]}
    notebook.write_text(json.dumps({"cells": [cell]}), "utf-8")
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(notebook)})
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert session_language({"LANG": "en_US"}) == "zh"


def _labels_of_chapters() -> list[str]:
    calls = []
    for path in sorted((Path(__file__).parents[1] / "notebooks" / "en").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "code":
                found = ast.walk(ast.parse("".join(cell["source"])))
                calls += [node for node in found if isinstance(node, ast.Call)]
    return [
        ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "d2l.label"
    ]


def test_the_labels_of_the_chapters_are_those_that_have_a_translation() -> None:
    assert sorted(set(_labels_of_chapters())) == sorted(_CHINESE)


def test_every_character_of_the_labels_is_drawn() -> None:
    glyphs = FT2Font(str(FONT)).get_charmap()
    text = "".join(_CHINESE.values())
    assert [one for one in text if "\u4e00" <= one <= "\u9fff" and ord(one) not in glyphs] == []
    for english, chinese in _CHINESE.items():
        assert english.count("{") == chinese.count("{")


@pytest.mark.parametrize(
    ("lang", "given", "expected"),
    [
        ("en", ("height",), "height"),
        ("zh", ("height",), "高度"),
        ("zh", ("rate {}", 0.1), "学习率 0.1"),
        ("en", ("rate {}", 0.1), "rate 0.1"),
        ("zh", ("slope {slope:.4f}",), "斜率 {slope:.4f}"),
        ("zh", ("nothing of the course",), "nothing of the course"),
        ("zh", ("mine: {}", 2), "mine: 2"),
    ],
)
def test_label(
    lang: str, given: tuple[Any, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", lang)
    assert label(*given) == expected


def test_a_larger_font_of_the_machine_stands_in_for_rare_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, known = fonts.chinese_font(), ["DejaVu Sans"]
    monkeypatch.setattr(fontManager, "get_font_names", lambda: known)
    assert fonts.with_chinese([ours, "DejaVu Sans"]) == ["DejaVu Sans", ours]
    known += ["Noto Sans CJK JP", "WenQuanYi Zen Hei"]
    assert fonts.with_chinese(["DejaVu Sans"]) == ["DejaVu Sans", ours, "WenQuanYi Zen Hei"]
