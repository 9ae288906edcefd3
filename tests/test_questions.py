"""The questions for teachers: enough of them, each answered, the same in both languages."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbconvert.filters.markdown import markdown2html

from d2l_autograd.cli.group import cli
from d2l_autograd.course.chapters import LANGUAGES, chapters
from d2l_autograd.course.solutions import solutions

pytestmark = pytest.mark.quick

TEACHERS = Path(__file__).parents[1] / "notebooks" / "teachers"
WORDS = {"en": ("Chapter", "Question", "Answer"), "zh": ("第", "问题", "解答")}
EXPECTED = re.compile(
    r"(?:Expected, if a machine marks it: |由程序评分时的标准答案：)`(.+)`$", re.M
)
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in found:
        cell["source"] = "".join(cell["source"])
    return found


def bank(lang: str) -> list[dict[str, Any]]:
    return cells(TEACHERS / lang / "questions.ipynb")


def answers(lang: str) -> list[tuple[str, str, str, str]]:
    """For each question its text, its answer, the code of that, and what the code printed."""
    found, told = bank(lang), []
    for section in solutions(found):
        question = found[section[0] - 1]
        title, answer, code = (found[number] for number in section)
        assert "\n" not in title["source"]  # Jupyter folds what is below the cell of the heading
        printed = "".join(text for output in code["outputs"] for text in output["text"])
        answer_text = f"{title['source']}\n\n{answer['source']}"
        told.append((question["source"], answer_text, code["source"], printed))
    return told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chapter_has_questions_and_every_question_an_answer(lang: str) -> None:
    chapter, question, answer = WORDS[lang]
    numbers: dict[int, int] = {}
    for cell in bank(lang):
        if heading := re.match(rf"## {chapter} ?(\d+)(?:: | 章：)(.+)$", cell["source"]):
            number, title = int(heading[1]), heading[2]
            assert title == chapters(lang)[number - 1].title
            numbers[number] = 0
        if cell["source"].startswith(f"#### {question} "):
            numbers[number] += 1
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert min(numbers.values()) >= 5
    expected = [f"{number}.{k}" for number, count in numbers.items() for k in range(1, count + 1)]
    titles = [[text.splitlines()[0] for text in told[:2]] for told in answers(lang)]
    assert titles == [[f"#### {question} {n}", f"#### {answer} {n}"] for n in expected]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_code_that_is_asked_about_is_run_and_prints_what_a_machine_expects(lang: str) -> None:
    marked = 0
    for question, answer, code, printed in answers(lang):
        assert all(shown.strip() in code for shown in CODE.findall(question)), question
        if expected := EXPECTED.search(answer):
            marked += 1
            assert expected[1] in printed.splitlines(), answer
    assert marked > len(answers(lang)) / 2


def test_languages_have_the_same_code_and_the_same_expected_answers() -> None:
    facts = [
        [
            (CODE.findall(question), EXPECTED.findall(answer))
            for question, answer, *_ in answers(lang)
        ]
        for lang in LANGUAGES
    ]
    assert facts[0] == facts[1]


def test_every_answer_runs_on_its_own(tmp_path: Path) -> None:
    """A teacher who picks questions leaves others out, so none may need the names of another."""
    _, start, imports, *_ = bank("en")
    for number, (_, _, code, _) in enumerate(answers("en")):
        script = "\n".join([start["source"], imports["source"], code])
        (tmp_path / f"{number}.py").write_text(script)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_asterisk_is_left_of_what_should_be_bold(lang: str) -> None:
    prose = [cell["source"] for cell in bank(lang) if cell["cell_type"] == "markdown"]
    shown = [markdown2html(re.sub(r"`[^`]+`", "", CODE.sub("", text))) for text in prose]
    assert [text for text in shown if "**" in text] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_students_get_the_questions_without_the_answers(lang: str, tmp_path: Path) -> None:
    path = TEACHERS / lang / "questions.ipynb"
    assert CliRunner().invoke(cli, ["student", str(path), "--to", str(tmp_path)]).exit_code == 0
    written = [cell["source"] for cell in cells(tmp_path / path.name)]
    told = answers(lang)
    assert [text for text in written if text.startswith("####")] == [text for text, *_ in told]
    bodies = {answer.partition("\n\n")[2] for _, answer, *_ in told}
    assert not (bodies | {code for _, _, code, _ in told}) & set(written)
    assert not EXPECTED.search("\n".join(written))
    assert len(written) == len(bank(lang)) - 3 * len(told)


def test_notebooks_of_the_same_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["student", str(TEACHERS), "--to", str(tmp_path)])
    assert done.exit_code == 1
    assert "2 of the notebooks are called questions.ipynb" in done.output
    assert list(tmp_path.iterdir()) == []


def quarters(minutes: float) -> str:
    """Hours, rounded up to a quarter."""
    return f"{math.ceil(minutes / 15) / 4:g}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_hours_that_teachers_are_told_follow_from_the_chapters(lang: str) -> None:
    page = Path(__file__).parents[1] / "docs" / f"teachers{'' if lang == 'en' else '.zh'}.md"
    table = page.read_text(encoding="utf-8").partition("<!-- hours -->")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d+) \[(.+?)\]\(.+?\) \| (.+) \|$", table, re.MULTILINE)
    expected, exercise = [], re.compile(r"^#### Exercise ", re.MULTILINE)
    questions = [text.split()[2] for text, *_ in answers(lang)]
    for number, told in enumerate(chapters("en")[:10], 1):
        found = cells(told.path)
        prose = [cell["source"] for cell in found if cell["cell_type"] == "markdown"]
        end = next(i for i, cell in enumerate(found) if exercise.search(cell["source"]))
        code = sum(cell["cell_type"] == "code" for cell in found[:end])
        words = sum(len(c["source"].split()) for c in found[:end] if c["cell_type"] == "markdown")
        exercises = sum(len(exercise.findall(text)) for text in prose)
        asked = sum(question.startswith(f"{number}.") for question in questions)
        counts = f"{code} | {exercises} | {asked}"
        hours = f"{quarters(words / 100 + 2 * code)} | {quarters(10 * exercises)}"
        title = chapters(lang)[number - 1].title
        expected.append((str(number), title, f"{counts} | {hours}"))
    assert rows == expected
