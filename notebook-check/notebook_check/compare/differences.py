"""What differs between a stored and a new output, in a form that can be sent and shown."""

from dataclasses import dataclass
from os.path import commonprefix

from notebook_check.compare.escapes import printable, visible
from notebook_check.compare.texts import Mark, compare_texts
from notebook_check.tolerance import Tolerance

_AROUND = 80  # how much of a long line is kept on each side of what differs
_SHOWN = 24  # characters of what differs, in a sentence
_BEFORE = 8  # of these, how many before the first that differs


@dataclass(frozen=True)
class Row:
    """One line of a text, stored and new; of each, the span that differs; and a note.

    `line` is its number in the stored text, from 1.
    """

    line: int
    stored: str
    new: str
    stored_span: tuple[int, int]
    new_span: tuple[int, int]
    note: str


@dataclass(frozen=True)
class Difference:
    """A difference in one output: where it is, why it counts (one line), and what to show.

    `pictures` are the stored and the new PNG, in base64, where a picture differs.
    """

    where: str
    reason: str
    rows: tuple[Row, ...] = ()
    pictures: tuple[str, str] | None = None

    def __str__(self) -> str:
        """Return the difference as one line."""
        return printable(f"{self.where}: {self.reason}")


def text_differences(where: str, stored: str, new: str, tolerance: Tolerance) -> list[Difference]:
    """Return how two normalised texts differ: one difference, or none."""
    marks = compare_texts(stored, new, tolerance)
    if not marks:
        return []
    rows = tuple(_row(stored, new, mark) for mark in marks)
    first = marks[0]
    was, now = shown_apart(stored[slice(*first.stored)], new[slice(*first.new)])
    more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    reason = f"line {rows[0].line}: {was} is now {now} ({first.note}){more}"
    return [Difference(where, reason, rows)]


def shown_apart(stored: str, new: str) -> tuple[str, str]:
    """Return two different texts as a sentence names them: short, and with what differs in both.

    White space is made visible where nothing else differs.
    """
    if "".join(stored.split()) == "".join(new.split()):
        stored, new = visible(stored), visible(new)
    start = max(0, len(commonprefix([stored, new])) - _BEFORE)
    if max(len(stored), len(new)) <= _SHOWN:
        start = 0
    return _excerpt(stored, start), _excerpt(new, start)


def whole_row(stored: str, new: str, note: str) -> Row:
    """Return a row for what is short and differs as a whole."""
    return Row(1, stored, new, (0, len(stored)), (0, len(new)), note)


def _excerpt(text: str, start: int) -> str:
    if not text:
        return "nothing"
    part = text[start : start + _SHOWN]
    before = "…" if start else ""
    after = "…" if start + _SHOWN < len(text) else ""
    return before + part + after


def _row(stored: str, new: str, mark: Mark) -> Row:
    ours, our_span = _line(stored, mark.stored)
    theirs, their_span = _line(new, mark.new)
    line = stored.count("\n", 0, mark.stored[0]) + 1
    return Row(line, ours, theirs, our_span, their_span, mark.note)


def _line(text: str, span: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """The line that a span starts in, or what is near, and the span within it."""
    start, end = span
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    line_end = text.find("\n", end if text[start:end].isspace() else start)
    last = min(len(text) if line_end < 0 else line_end, start + _AROUND)
    last = max(first, last)
    return text[first:last], (start - first, min(end, last) - first)
