"""The reader's copies of the chapters follow the course, and nothing of the reader's is lost."""

import json
from pathlib import Path

import pytest

from d2l_autograd.course.copies import MANIFEST, copy_chapters, without_outputs
from notebook_check.files import write_atomically

pytestmark = pytest.mark.quick


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "data").mkdir(parents=True)
    (folder / "01.ipynb").write_text("one")
    (folder / "data" / "02.csv").write_text("two")
    for hidden in (".ipynb_checkpoints", "__pycache__"):
        (folder / hidden).mkdir()
        (folder / hidden / "01.ipynb").write_text("hidden")
    return folder


def contents(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_copy_is_complete_and_again_does_nothing(source: Path, tmp_path: Path) -> None:
    copied = copy_chapters(source, tmp_path / "mine")
    assert copied.new == ["01.ipynb", "data/02.csv"]
    assert contents(tmp_path / "mine") == {"01.ipynb": "one", "data/02.csv": "two"}
    again = copy_chapters(source, tmp_path / "mine")
    assert (again.new, again.updated, again.kept) == ([], [], [])


def test_unchanged_copy_follows_the_course(source: Path, tmp_path: Path) -> None:
    copy_chapters(source, tmp_path / "mine")
    for version in ("newer", "newest"):
        (source / "01.ipynb").write_text(version)
        assert copy_chapters(source, tmp_path / "mine").updated == ["01.ipynb"]
        assert contents(tmp_path / "mine")["01.ipynb"] == version


def test_changed_copy_is_kept_until_the_reader_removes_it(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "01.ipynb"
    copy_chapters(source, mine.parent)
    mine.write_text("my notes")
    for version in ("one", "newer", "newest"):
        (source / "01.ipynb").write_text(version)
        assert copy_chapters(source, mine.parent).kept == ["01.ipynb"]
        assert mine.read_text() == "my notes"
    mine.unlink()
    assert copy_chapters(source, mine.parent).new == ["01.ipynb"]
    assert mine.read_text() == "newest"


@pytest.mark.parametrize("manifest", [None, "", "{", "[]", '{"01.ipynb": 1}', "\x00"])
def test_without_a_readable_manifest_every_other_file_is_kept(
    manifest: str | None, source: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    copy_chapters(source, mine)
    (source / "01.ipynb").write_text("newer")
    (mine / MANIFEST).unlink() if manifest is None else (mine / MANIFEST).write_text(manifest)
    assert copy_chapters(source, mine).kept == ["01.ipynb"]
    assert contents(mine)["01.ipynb"] == "one"


def test_file_the_reader_had_before_is_kept(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "01.ipynb").write_text("another course")
    assert copy_chapters(source, mine).kept == ["01.ipynb"]
    assert contents(mine) == {"01.ipynb": "another course", "data/02.csv": "two"}


@pytest.mark.parametrize("obstacle", ["folder", "dangling link"])
def test_what_is_no_file_is_kept(obstacle: str, source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    if obstacle == "folder":
        (mine / "01.ipynb").mkdir()
    else:
        (mine / "01.ipynb").symlink_to(tmp_path / "nowhere")
    assert copy_chapters(source, mine).kept == ["01.ipynb"]


def test_the_course_is_not_copied_over_itself(source: Path) -> None:
    before = contents(source)
    assert copy_chapters(source, source).new == []
    assert contents(source) == before
    assert not (source / MANIFEST).exists()


def test_manifest_of_the_first_release_is_one_of_copies_with_outputs(
    source: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    copy_chapters(source, mine, outputs=True)
    written = json.loads((mine / MANIFEST).read_text())
    (mine / MANIFEST).write_text(json.dumps(written["files"]))
    (source / "01.ipynb").write_text("newer")
    copied = copy_chapters(source, mine)
    assert (copied.outputs, copied.updated) == (True, ["01.ipynb"])


def test_a_changed_chapter_keeps_its_outputs(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (source / "01.ipynb").write_text(NOTEBOOK)
    copy_chapters(source, mine, outputs=True)
    changed = NOTEBOOK.replace("1 + 1", "1 + 2")
    (mine / "01.ipynb").write_text(changed)
    copied = copy_chapters(source, mine, outputs=False)
    assert (copied.kept, (mine / "01.ipynb").read_text()) == (["01.ipynb"], changed)


NOTEBOOK = """{
 "cells": [
  {"cell_type": "markdown", "source": "导数", "metadata": {"x": 1}},
  {"cell_type": "code", "source": "1 + 1", "execution_count": 3, "outputs": [{"a": 2}]}
 ],
 "metadata": {}
}"""


def test_without_outputs_is_the_rest_of_the_notebook() -> None:
    before, after = json.loads(NOTEBOOK), json.loads(without_outputs(NOTEBOOK.encode()))
    assert after["cells"][1] == {**before["cells"][1], "execution_count": None, "outputs": []}
    assert (after["cells"][0], after["metadata"]) == (before["cells"][0], {})


@pytest.mark.parametrize("text", ["", "text", "[]", "{}", '{"cells": 1}', '{"cells": [1]}'])
def test_what_is_no_notebook_is_left_as_it_is(text: str) -> None:
    assert without_outputs(text.encode()) == text.encode()


def test_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    write_atomically(tmp_path / "file", b"old")
    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", b"new")
    assert contents(tmp_path) == {"file": "old"}
