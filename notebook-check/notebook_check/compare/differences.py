"""What differs between a stored and a new output, in a form that can be sent and shown."""

from dataclasses import dataclass

from notebook_check.compare.texts import Mark, compare_texts
from notebook_check.compare.visible import visible
from notebook_check.tolerance import Tolerance

_AROUND = 80  # how much of a long line is kept on each side of what differs
_BESIDE = 8  # how much is shown beside white space
_LONGEST = 40  # characters of each side in a sentence


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
        return f"{self.where}: {self.reason}"


def text_differences(where: str, stored: str, new: str, tolerance: Tolerance) -> list[Difference]:
    """Return how two normalised texts differ: one difference, or none."""
    marks = compare_texts(stored, new, tolerance)
    if not marks:
        return []
    rows = tuple(_row(stored, new, mark) for mark in marks)
    more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    return [Difference(where, f"line {rows[0].line}: {_told(rows[0])}{more}", rows)]


def _told(row: Row) -> str:
    """What a row says, in a sentence: what is there is seen, and where it differs."""
    spans = [row.stored_span, row.new_span]
    if row.note == "white space":  # not seen without what is around it
        spans = [
            (max(0, start - _BESIDE), end + _BESIDE)
            for start, end in (row.stored_span, row.new_span)
        ]
    was, now = row.stored[slice(*spans[0])], row.new[slice(*spans[1])]
    shown = [visible(text, newline="⏎") or "nothing" for text in shortened(was, now)]
    note = row.note
    if shown[0] == shown[1] or (note == "text" and _look_alike(was, now)):
        note += f", {_code_points(was, now)}"
    return f"{shown[0]} is now {shown[1]} ({note})"


def shortened(was: str, now: str, most: int = _LONGEST) -> tuple[str, str]:
    """Two texts cut to what can be shown in a line, around the first place where they differ."""
    if max(len(was), len(now)) <= most:
        return was, now
    same = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), None)
    same = min(len(was), len(now)) if same is None else same
    start = max(0, same - most // 2) if same > most // 2 else 0
    return _cut(was, start, most), _cut(now, start, most)


def _cut(text: str, start: int, most: int) -> str:
    end = start + most - 1
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def _look_alike(was: str, now: str) -> bool:
    """Say whether a letter that differs is of another script, as a Cyrillic а is for a."""
    pairs = [(a, b) for a, b in zip(was, now, strict=False) if a != b]
    return (
        len(was) == len(now)
        and bool(pairs)
        and all(a.isalpha() and b.isalpha() and a.isascii() != b.isascii() for a, b in pairs)
    )


def _code_points(was: str, now: str) -> str:
    for a, b in zip(was, now, strict=False):
        if a != b:
            return f"U+{ord(a):04X} is now U+{ord(b):04X}"
    return f"{len(was)} characters are now {len(now)}"


def whole_row(stored: str, new: str, note: str) -> Row:
    """Return a row for what is short and differs as a whole."""
    return Row(1, stored, new, (0, len(stored)), (0, len(new)), note)


def _row(stored: str, new: str, mark: Mark) -> Row:
    ours, our_span = _line(stored, mark.stored)
    theirs, their_span = _line(new, mark.new)
    line = stored.count("\n", 0, mark.stored[0]) + 1
    return Row(line, ours, theirs, our_span, their_span, mark.note)


def _line(text: str, span: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """The line that a span starts in, or what is near, and the span within it.

    The ends of lines within the span stay in it.
    """
    start, end = span
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    line_end = text.find("\n", end)
    last = min(len(text) if line_end < 0 else line_end, max(start + _AROUND, min(end, start + 400)))
    last = max(first, last)
    return text[first:last], (start - first, min(end, last) - first)
