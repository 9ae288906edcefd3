"""The marking where it starts no process: whose a notebook is, what has to run, what is told."""

import json
import re
import sys
from pathlib import Path

import pytest
from handed_in import CHECK, START, notebook, write

from d2l_autograd.course.chapters import LANGUAGES, chapters
from d2l_autograd.grading.marking import hidden_with
from d2l_autograd.grading.marks import as_csv, marks
from d2l_autograd.grading.names import names_of, needed
from d2l_autograd.grading.pages import pages
from d2l_autograd.grading.reading import UnreadableError, chapter_of, code_cells, read
from d2l_autograd.grading.results import Marked, Result
from d2l_autograd.grading.sameness import answers_in
from d2l_autograd.grading.submissions import notebooks_in, students
from d2l_autograd.grading.words import REASONS, WORDS

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["anna.ipynb", "ben.ipynb"], ["anna", "ben"]),
        (["anna/01_derivatives.ipynb", "anna/02_autograd.ipynb", "ben/x.ipynb"], ["anna", "ben"]),
        (["anna_01_derivatives.ipynb", "anna_02_autograd.ipynb"], ["anna"]),
        (["anna/01_derivatives.ipynb", "anna/01_derivatives (1).ipynb"], ["anna"]),
        (["a/anna.ipynb", "a/ben.ipynb", "b/anna.ipynb"], ["a/anna", "a/ben", "b"]),
        (
            [
                "Anna Li_123_assignsubmission_file_/01_derivatives.ipynb",
                "Bo Xu_124_assignsubmission_file_/01_derivatives.ipynb",
                "Bo Xu_125_assignsubmission_file_/01_derivatives.ipynb",
            ],
            ["Anna Li", "Bo Xu_124_assignsubmission_file_", "Bo Xu_125_assignsubmission_file_"],
        ),
        (
            [
                "lianna_11_222_01_derivatives.ipynb",
                "xubo_LATE_12_333_01_derivatives-1.ipynb",
            ],
            ["lianna", "xubo"],
        ),
        (["李安娜/01_derivatives.ipynb", "李安娜/02_autograd.ipynb"], ["李安娜"]),
    ],
)
def test_a_student_is_named_by_the_path(paths: list[str], names: list[str], tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(paths, b""))
    found = notebooks_in(tmp_path)
    assert len(found) == len(paths)
    by_name = students(tmp_path, {path: "02" if "02_" in path.name else "01" for path in found})
    assert list(by_name) == names
    assert sorted(path for owned in by_name.values() for path in owned) == sorted(found)


def test_no_folder_is_hidden_that_holds_this_python(tmp_path: Path) -> None:
    assert hidden_with(tmp_path) == (tmp_path.resolve(),)
    assert hidden_with(Path(sys.prefix).parent) == hidden_with(Path("/")) == ()


def test_copies_of_jupyter_s_and_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"in/.ipynb_checkpoints/a.ipynb": b"", "in/b.ipynb": b"", "out/c.ipynb": b""})
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    assert notebooks_in(tmp_path / "in") == [tmp_path / "in" / "b.ipynb"]


@pytest.mark.parametrize(
    ("cells", "name", "chapter"),
    [
        (['d2l.check_answer("02.1", f)'], "01_derivatives.ipynb", "02"),
        (["check_answer ( '2.1' , f)", 'd2l.check_answer("03.1", f)'] * 2, "x.ipynb", "02"),
        (["1"], "anna_05_learning.ipynb", "05"),
        (["1"], "hw autograd.ipynb", "02"),
        (["1"], "anna.ipynb", None),
        (['d2l.check_answer("77.1", f)'], "anna.ipynb", None),
    ],
)
def test_the_chapter_is_that_of_the_exercises_else_that_of_the_name(
    cells: list[str], name: str, chapter: str | None
) -> None:
    assert chapter_of(cells, Path(name)) == chapter


@pytest.mark.parametrize(
    ("cells", "asked", "run"),
    [
        (["x = 1", "y = 2", "print(x)"], 2, {0, 2}),
        (["x = 1", "y = x", "print(y)"], 2, {0, 1, 2}),
        (["x = 1", "x = 2", "print(x)"], 2, {1, 2}),
        (["x = [1]", "x.append(2)", "print(x)"], 2, {0, 1, 2}),
        (["x = [1]", "x[0] = 2", "print(x)"], 2, {0, 1, 2}),
        (["x = [1]", "change(x)", "print(x)"], 2, {0, 1, 2}),
        (["x = [1]", "print(x)", "x"], 2, {0, 2}),
        (["x = 1", "if x: x = 2", "print(x)"], 2, {0, 1, 2}),
        (["def f(): return k", "k = 1", "f()"], 2, {0, 1, 2}),
        (["def f(k): return k", "k = 1", "f(2)"], 2, {0, 2}),
        (["def f(x): return x", "y = f(1)", "g = lambda x: f(x)", "g(1)"], 3, {0, 2, 3}),
        (["import math", "x = 1", "2"], 2, {0, 2}),
        (["np.random.seed(1)", "x = 1", "2"], 2, {0, 2}),
        (["x = 1", "print(2)", "x = 3"], 1, {1}),
        (["x = 1", "%time y = 1", "2"], 2, {0, 1, 2} - {0}),
        (["x = 1", "y = 2", "eval('x')"], 2, {0, 2}),
    ],
)
def test_what_an_answer_needs_is_run(cells: list[str], asked: int, run: set[int]) -> None:
    assert needed([names_of(cell) for cell in cells], [asked]) == run


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(x):\n    return x + 1", "def g(y):  # other\n    return (y +\n        1)", True),
        (
            "def f(x):\n    return x + 1",
            'def g(y: int) -> int:\n    "Add."\n    return y + 1',
            True,
        ),
        ("def f(x):\n    return x + 1", "def g(y):\n    return y + 2", False),
        ("def f(x):\n    return x + 1", "def g(y):\n    return 1 + y", False),
        ("f = lambda x, y: x - y", "g = lambda a, b: a - b", True),
        ("f = lambda x, y: x - y", "g = lambda a, b: b - a", False),
        ("k = 2\nf = lambda x: x * k", "f = lambda x: x * 2", False),
        ("k = 2\nf = lambda x: x * k", "m = 2\nprint(m)\ng = lambda x: x * m", True),
    ],
)
def test_code_is_the_same_whatever_its_names_and_its_layout(
    one: str, other: str, same: bool
) -> None:
    prints = []
    for code in (one, other):
        name = "g" if "g = " in code or "def g" in code else "f"
        ((number, found),) = answers_in([f"{code}\n{CHECK.format('01.1', name)}"])
        assert number == "01.1"
        prints.append(found.print)
    assert (prints[0] == prints[1]) is same


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_long_solution_of_the_book_is_known(lang: str, tmp_path: Path) -> None:
    counts = []
    for chapter in chapters(lang)[:10]:
        found = read(chapter.path, None)
        assert found.chapter == chapter.id[:2]
        counts.append(len(found.of_the_book))
    assert min(counts) >= 1
    assert sum(counts) > 30


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"no", "no_json"),
        (b"\xff\xfe", "no_json"),
        (b"[]", "no_notebook"),
        (b'{"cells": {}}', "no_notebook"),
        (b'{"cells": [3]}', "no_notebook"),
        (notebook("x" * 2_000_000), "much_code"),
    ],
)
def test_what_is_no_notebook_is_told(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        code_cells(data)
    assert caught.value.reason == reason
    assert REASONS[reason]["en"].format(**caught.value.details)


def test_cells_of_any_kind_of_text_are_read() -> None:
    cells = [
        {"cell_type": "code", "source": ["a\n", "b"]},
        {"cell_type": "code", "source": None},
        {"cell_type": "code", "source": [3, "c"]},
        {"cell_type": "markdown", "source": "d"},
        {"cell_type": "code", "source": "\ud800"},
    ]
    assert code_cells(json.dumps({"cells": cells}).encode()) == ["a\nb", "", "c", "?"]


def test_every_word_is_there_in_both_languages() -> None:
    for texts in (*REASONS.values(), *WORDS.values()):
        assert set(texts) == set(LANGUAGES)
        assert len({tuple(sorted(re.findall(r"{(\w+)", text))) for text in texts.values()}) == 1


HOSTILE = "</pre><script>alert(1)</script>\" onload='x'"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_and_pages_hold_texts_only(lang: str, tmp_path: Path) -> None:
    path = tmp_path / "=<b>.ipynb"
    results = {"01.1": Result("right", code=HOSTILE), "01.2": Result("wrong", hint=HOSTILE)}
    results["01.3"] = Result("failed", reason="raised", details={"error": HOSTILE})
    found = {path: Marked("01", results, curious=[HOSTILE])}
    table = marks(tmp_path, found, lang)
    made = pages(table, lang)
    assert set(made) == {"index.html", "student-001.html"}
    for text in made.values():
        assert "<script" not in text
        assert "<b>" not in text
        assert "' onload" not in text
        assert f'lang="{"en" if lang == "en" else "zh-CN"}"' in text
    rows = as_csv(table, lang).decode("utf-8-sig").splitlines()
    assert rows[1].startswith("'=<b>,1,0,0,,,,1,6,")


def test_long_answers_that_are_the_same_are_told() -> None:
    code = (
        "def answer(x):\n"
        + "\n".join(f"    x = x * {n} + {n}" for n in range(8))
        + "\n    return x"
    )
    ((_, one),) = answers_in([START, f"{code}\n{CHECK.format('01.1', 'answer')}"])
    assert one.tells
    folder = Path("in")
    found = {
        folder / f"{name}.ipynb": Marked("01", {"01.1": Result("right", print=one.print)})
        for name in ("anna", "ben")
    }
    table = marks(folder, found, "en")
    assert [student.remarks["01.1"] for student in table] == [
        ["the same code as ben"],
        ["the same code as anna"],
    ]


def test_of_two_notebooks_the_better_answers_count() -> None:
    folder = Path("in")
    found = {
        folder / "anna" / "01_derivatives.ipynb": Marked(
            "01", {"01.1": Result("wrong"), "01.2": Result("right")}
        ),
        folder / "anna" / "01_derivatives (1).ipynb": Marked(
            "01", {"01.1": Result("right"), "01.2": Result("failed", reason="no_file")}
        ),
    }
    (student,) = marks(folder, found, "en")
    assert (student.name, student.right) == ("anna", 2)
    assert student.remarks[""] == ["2 notebooks of chapter 1: the better answers count"]
