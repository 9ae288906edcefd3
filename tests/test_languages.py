"""The language of a session is found by folder, by environment variable, by locale."""

from pathlib import Path

import pytest

from d2l_autograd.course.languages import session_language


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
