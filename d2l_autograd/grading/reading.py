"""What a file that was handed in holds: its cells, its chapter, its answers, what is to run."""

from __future__ import annotations

import json
import re
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from d2l_autograd.course.answers import chapter_numbers, exercises_of
from d2l_autograd.course.chapters import LANGUAGES, chapters
from d2l_autograd.course.solutions import solutions
from d2l_autograd.grading.names import names_of, needed
from d2l_autograd.grading.sameness import AnswerCode, answers_in

_MOST_BYTES = 50_000_000  # of a file: the largest chapter has a fortieth, with its outputs
_MOST_CODE = 1_000_000  # characters
_CALL = re.compile(r"""check_answer\s*\(\s*["'](\d+)\.(\d+)["']""")
_NUMBER_IN_NAME = re.compile(r"(?<!\d)0?(\d{1,2})(?=[_ -][a-z])")
# What a teacher may want to read before believing a mark; none of it is in a chapter.
_CURIOUS = re.compile(
    r"check_answer\s*=(?!=)|[\"']check_answer[\"']|course\.answers|\b_getframe\b|__globals__|"
    r"__code__|__builtins__|\bctypes\b|\bgc\.|\b_exit\b|\bkill(?:pg)?\b|\bfork\b|\bsubprocess\b|"
    r"\bsocket\b|\burllib\b|\brequests\b|\bmock\b|\bsetattr\b"
)


class UnreadableError(Exception):
    """A file from which no notebook can be read: the key of a reason, and its details."""

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason, self.details = reason, details


@dataclass
class HandedIn:
    """A notebook as it was handed in.

    Attributes:
        chapter: the number of the chapter, ``"01"``.
        cells: the sources of the cells of code.
        plan: the numbers of those to run.
        places: for each exercise, the numbers of the cells that check it.
        codes: the code of each answer.
        of_the_book: the exercises whose answer is the book's own solution.
        curious: words in the code that are not usual in an answer.
    """

    chapter: str
    cells: list[str]
    plan: list[int]
    places: dict[str, list[int]] = field(default_factory=dict)
    codes: dict[str, AnswerCode] = field(default_factory=dict)
    of_the_book: list[str] = field(default_factory=list)
    curious: list[str] = field(default_factory=list)


def read(path: Path, chapter: str | None) -> HandedIn:
    """Read a notebook, of a chapter that is given or found.

    Raises `UnreadableError`.
    """
    cells = code_cells(_bytes(path))
    number = chapter or chapter_of(cells, path)
    if number is None:
        raise UnreadableError("no_chapter")
    ours = _chapter(number)
    unchanged = {_bare(source) for cells_of_one in ours for source in cells_of_one}
    places: dict[str, list[int]] = {}
    for place, source in enumerate(cells):
        for found in _CALL.finditer(source):
            places.setdefault(f"{int(found[1]):02}.{int(found[2])}", []).append(place)
    changed = [n for n, source in enumerate(cells) if _bare(source) not in unchanged]
    asked = {*changed, *(place for found in places.values() for place in found)}
    plan = sorted(needed([names_of(source) for source in cells], asked))
    handed_in = HandedIn(number, cells, plan, places)
    for name, code in answers_in([cells[n] for n in sorted(asked)]):
        handed_in.codes[_full(name)] = code
    books = _solutions(number)
    for name, code in handed_in.codes.items():
        texts = "\n".join(cells[place] for place in places.get(name, ()))
        if code.is_of_the_book(books.get(name, ())) or re.search(r"\bsolved_\w", texts):
            handed_in.of_the_book.append(name)
    words = (found[0] for n in changed for found in _CURIOUS.finditer(cells[n]))
    handed_in.curious = list(dict.fromkeys(word.strip() for word in words))[:8]
    return handed_in


def _bytes(path: Path) -> bytes:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise UnreadableError("link")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("no_file")
        if status.st_size > _MOST_BYTES:
            raise UnreadableError("huge", megabytes=_MOST_BYTES // 10**6)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError("unreadable", why=error.strerror or str(error)) from None


def code_cells(data: bytes) -> list[str]:
    """The sources of a notebook's cells of code, of any format of Jupyter's.

    No more of the notebook is looked at than that: not its kernel, not its outputs. Raises
    `UnreadableError`.
    """
    if not data.strip():
        raise UnreadableError("empty")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError("no_json") from None
    sheets = [content, *_list(content, "worksheets")]  # as nbformat 3 had them
    cells = [cell for sheet in sheets for cell in _list(sheet, "cells") if isinstance(cell, dict)]
    if not cells:
        raise UnreadableError("no_notebook")
    code = [_text(c.get("source", c.get("input"))) for c in cells if c.get("cell_type") == "code"]
    if sum(map(len, code)) > _MOST_CODE:
        raise UnreadableError("much_code", characters=_MOST_CODE)
    return code


def _list(content: Any, key: str) -> list[Any]:
    found = content.get(key) if isinstance(content, dict) else None
    return found if isinstance(found, list) else []


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode(errors="replace").decode()  # half a surrogate pair is in no source


def chapter_of(cells: Sequence[str], path: Path) -> str | None:
    """The chapter whose exercises the cells call, most of them; else the one the file names."""
    known = chapter_numbers()
    called = Counter(f"{int(f[1]):02}" for source in cells for f in _CALL.finditer(source))
    for number, _ in called.most_common():
        if number in known:
            return number
    name = path.stem.lower()
    for one in chapters(LANGUAGES[0]):
        if one.id.partition("_")[2] in name and one.id[:2] in known:
            return one.id[:2]
    found = _NUMBER_IN_NAME.search(name)
    return f"{int(found[1]):02}" if found and f"{int(found[1]):02}" in known else None


@cache
def _chapter(number: str) -> list[list[str]]:
    """The code of a chapter without its solutions, in each language."""
    found = []
    for cells in _cells_of(number):
        away = {n for section in solutions(cells) for n in section}
        found.append(
            [_source(c) for n, c in enumerate(cells) if c["cell_type"] == "code" and n not in away]
        )
    return found


@cache
def _solutions(number: str) -> dict[str, list[AnswerCode]]:
    """The code of the book's solutions of a chapter, by exercise."""
    found: dict[str, list[AnswerCode]] = {name: [] for name in exercises_of(number)}
    for cells in _cells_of(number):
        for section in solutions(cells):
            sources = [_source(cells[n]) for n in section if cells[n]["cell_type"] == "code"]
            for name, code in answers_in(sources):
                found.setdefault(name, []).append(code)
    return found


def _cells_of(number: str) -> list[list[dict[str, Any]]]:
    paths = [one.path for lang in LANGUAGES for one in chapters(lang) if one.id[:2] == number]
    return [json.loads(path.read_text(encoding="utf-8"))["cells"] for path in paths]


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _bare(source: str) -> str:
    """A source as far as it makes a difference to one who looks at it."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _full(name: str) -> str:
    chapter, _, number = name.partition(".")
    ok = chapter.isdecimal() and number.isdecimal()
    return f"{int(chapter):02}.{int(number)}" if ok else name
