"""The language of a session is found by folder, by environment variable, by locale."""

import json
from pathlib import Path

import pytest

from d2l_autograd.course.languages import session_language

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
    ("prose", "locale", "expected"),
    [
        ("导数是变化率。", "en_US", "zh"),
        ("A derivative (导数) is a rate of change.", "zh_CN", "en"),
        ("", "zh_CN", "zh"),
        (None, "zh_CN", "zh"),
    ],
)
def test_a_notebook_that_was_moved_keeps_its_language(
    prose: str | None, locale: str, expected: str, tmp_path: Path
) -> None:
    notebook = tmp_path / "moved.ipynb"
    cells = [{"cell_type": "markdown", "source": [prose]}] if prose else []
    notebook.write_text("{" if prose is None else json.dumps({"cells": cells}), "utf-8")
    assert session_language({"JPY_SESSION_NAME": str(notebook), "LANG": locale}) == expected
