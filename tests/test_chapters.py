"""Chapters are listed in order, named by their headings, and found by any sensible name."""

import json
from pathlib import Path

import pytest
from cli_process import write_notebook

from d2l_autograd.course import chapters as module
from d2l_autograd.course.chapters import (
    Chapter,
    ChapterError,
    chapters,
    default_language,
    find_chapter,
)

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("02_autograd", "01_start", "10_jacobian", "11_jacobian", "notes"):
        write_notebook(tmp_path / "en" / f"{name}.ipynb", title=f"About {name}")
    monkeypatch.setattr(module, "notebooks_root", lambda: tmp_path)
    return tmp_path


def test_chapters_are_the_numbered_notebooks_in_order() -> None:
    ids = [chapter.id for chapter in chapters("en")]
    assert ids == ["01_start", "02_autograd", "10_jacobian", "11_jacobian"]


def test_language_without_chapters_names_the_other() -> None:
    with pytest.raises(ChapterError, match="--lang en"):
        chapters("zh")


@pytest.mark.parametrize("name", ["02_autograd", "02_autograd.ipynb", "autograd", "02", "2", "002"])
def test_find_chapter(name: str) -> None:
    assert find_chapter(name, "en").id == "02_autograd"


@pytest.mark.parametrize("name", ["", "3", "auto", "autograd_02", "²", "notes"])
def test_find_chapter_lists_all_when_none_matches(name: str) -> None:
    with pytest.raises(ChapterError) as caught:
        find_chapter(name, "en")
    assert all(chapter.id in str(caught.value) for chapter in chapters("en"))


def test_find_chapter_lists_the_candidates_when_several_match() -> None:
    with pytest.raises(ChapterError) as caught:
        find_chapter("jacobian", "en")
    listed = [chapter.id for chapter in chapters("en") if chapter.id in str(caught.value)]
    assert listed == ["10_jacobian", "11_jacobian"]


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ([("markdown", "# Gradients")], "Gradients"),
        ([("markdown", "Prose first.\n\n## 2. Gradients ##\n# Later")], "2. Gradients"),
        ([("code", "# a comment"), ("markdown", "#hashtag"), ("markdown", "# 梯度")], "梯度"),
        ([("markdown", ["# In", " parts\n", "text"])], "In parts"),
        ([("code", "# a comment")], "03_x"),
    ],
)
def test_title(cells: list[tuple[str, str | list[str]]], title: str, tmp_path: Path) -> None:
    path = tmp_path / "03_x.ipynb"
    contents = [{"cell_type": kind, "source": source} for kind, source in cells]
    path.write_text(json.dumps({"cells": contents}), encoding="utf-8")
    assert Chapter(path).title == title


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": [1]}', '{"cells": 1}'])
def test_title_of_what_is_no_notebook(text: str, tmp_path: Path) -> None:
    path = tmp_path / "03_x.ipynb"
    path.write_text(text)
    with pytest.raises(ChapterError, match=r"03_x\.ipynb is not a Jupyter notebook"):
        _ = Chapter(path).title


def test_engine_of_chapter_3_is_as_long_as_the_chapter_says() -> None:
    path = Path(__file__).parents[1] / "notebooks" / "en" / "03_computational_graph.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    engine = [cell["source"] for cell in cells if "".join(cell["source"]).startswith("# Engine,")]
    assert [len(engine), sum(map(len, engine))] == [3, 71]
    assert "71 lines" in "".join(line for cell in cells for line in cell["source"])


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
    ],
)
def test_default_language(variables: dict[str, str], lang: str) -> None:
    assert default_language(variables) == lang
