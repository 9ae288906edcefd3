"""The marks of each student: what was found in their notebooks, put together."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from d2l_autograd.course.answers import chapter_numbers, exercises_of
from d2l_autograd.grading.results import Marked, Result
from d2l_autograd.grading.submissions import students
from d2l_autograd.grading.words import reason, word

_BETTER = ("right", "wrong", "failed", "unanswered")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet knows one


@dataclass
class Student:
    """A line of the table.

    Attributes:
        name: as the paths tell it.
        results: by exercise, of all chapters that anybody handed in.
        remarks: what a teacher has to know, by exercise, and under "" of the whole.
    """

    name: str
    results: dict[str, Result] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(result.outcome == "right" for result in self.results.values())

    def remark(self, exercise: str, text: str) -> None:
        """Add a remark, once."""
        texts = self.remarks.setdefault(exercise, [])
        if text not in texts:
            texts.append(text)


def marks(folder: Path, found: Mapping[Path, Marked], lang: str) -> list[Student]:
    """The students with their results, by name."""
    owners = students(folder, {path: marked.chapter for path, marked in found.items()})
    numbers = sorted({marked.chapter for marked in found.values()} & {*chapter_numbers()})
    exercises = [name for number in numbers for name in exercises_of(number)]
    table = []
    for name, paths in owners.items():
        student = Student(name, {exercise: Result() for exercise in exercises})
        for path in paths:
            _add(student, path, found[path], lang)
        if all(found[path].reason for path in paths):
            student.results = {exercise: Result("failed") for exercise in exercises}
        for number in numbers:
            count = sum(found[path].chapter == number for path in paths)
            if count > 1:
                student.remark("", word("several", lang, count=count, chapter=int(number)))
        table.append(student)
    _remark_twins(table, lang)
    return table


def _add(student: Student, path: Path, marked: Marked, lang: str) -> None:
    if marked.reason:
        student.remark("", f"{path.name}: {reason(marked, lang)}")
    if marked.curious:
        student.remark("", word("curious", lang, words=", ".join(marked.curious)))
    for exercise, result in marked.results.items():
        before = student.results[exercise]
        if _BETTER.index(result.outcome) < _BETTER.index(before.outcome):
            student.results[exercise] = result
            if result.of_the_book:
                student.remark(exercise, word("book", lang))


def _remark_twins(table: Sequence[Student], lang: str) -> None:
    """Say where students handed in the same code, beyond what is equal by accident."""
    by_print: dict[tuple[str, str], list[Student]] = {}
    for student in table:
        for exercise, result in student.results.items():
            if result.print and not result.of_the_book:
                by_print.setdefault((exercise, result.print), []).append(student)
    for (exercise, _), twins in by_print.items():
        for student in twins if len(twins) > 1 else ():
            others = [twin.name for twin in twins if twin is not student]
            shown = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
            student.remark(exercise, word("twins", lang, others=shown))


def as_csv(table: Sequence[Student], lang: str) -> bytes:
    """The table as a file of comma-separated values, which spreadsheets read, Chinese as well.

    1 is a right answer, 0 a wrong one or one that failed; what was not answered is empty.
    """
    exercises = list(table[0].results) if table else []
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [word("student", lang), *exercises, word("sum", lang), word("of", lang)]
        + [word("remarks", lang)]
    )
    points = {"right": 1, "wrong": 0, "failed": 0, "unanswered": ""}
    for student in table:
        results = [points[result.outcome] for result in student.results.values()]
        told = [*remarks(student, lang)]
        row = [student.name, *results, student.right, len(exercises), "; ".join(told)]
        writer.writerow([_plain(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def remarks(student: Student, lang: str) -> list[str]:
    """All that is to be said of a student, each exercise with its number."""
    told = list(student.remarks.get("", ()))
    for exercise, result in student.results.items():
        if result.reason:
            told.append(f"{exercise}: {reason(result, lang)}")
        told += [f"{exercise}: {text}" for text in student.remarks.get(exercise, ())]
    return told


def _plain(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
