"""``d2l-autograd student``: exercises without their solutions, written over nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from d2l_autograd.cli.group import cli
from d2l_autograd.course.chapters import LANGUAGES, chapters

pytestmark = pytest.mark.quick


def student(*arguments: object) -> Any:
    return CliRunner().invoke(cli, ["student", *map(str, arguments)])


def cells(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["cells"])


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(path)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chapter_keeps_its_exercises_and_loses_its_solutions(
    lang: str, tmp_path: Path
) -> None:
    assert student("--to", tmp_path / "new" / "out", "--lang", lang).exit_code == 0
    for chapter in chapters(lang):
        written = tmp_path / "new" / "out" / chapter.path.name
        before, after = sources(chapter.path), sources(written)
        gone = [source for source in before if source not in after]
        assert after == [source for source in before if source in after]
        titles = [source for source in gone if source.startswith("####") or "## " in source[:4]]
        word = {"en": "Solution", "zh": "解答"}[lang]
        assert titles
        assert all(word in title.splitlines()[0] for title in titles)
        assert not any(word in source.splitlines()[0] for source in after if source[:2] == "##")
        assert not any("solved_" in source for source in after)
        asked = [source for source in after if "check_answer(" in source and "..." in source]
        assert len(asked) == sum("check_answer(" in s and "..." in s for s in before)
        assert not any(
            cell.get("outputs") or cell.get("execution_count") for cell in cells(written)
        )


def test_one_chapter_by_its_name(tmp_path: Path) -> None:
    done = student("autograd", "--to", tmp_path)
    assert done.output == f"One notebook without solutions and outputs in {tmp_path}.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["02_autograd.ipynb"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "02_autograd.ipynb").write_text("answers")
    done = student("01", "02", "--to", tmp_path)
    assert done.exit_code == 1
    assert "02_autograd.ipynb is in" in done.output
    assert [path.read_text() for path in tmp_path.iterdir()] == ["answers"]


def test_what_cannot_be_done_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "no chapter" in student("99", "--to", tmp_path).output.lower()
    done = student("01", "--to", tmp_path / "file" / "below")
    assert done.exit_code == 1
    assert "Name another folder with --to." in done.output
