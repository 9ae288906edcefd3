"""Two texts compared token by token: numbers as numbers, everything else exactly.

White space counts, with one exception: how numbers are set. Within square brackets the white
space beside a number, a comma or a bracket is layout, and elsewhere the width of the gap beside a
number may follow from how many digits that number has.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from notebook_check.tolerance import Tolerance

MOST_MARKS = 10
"""How many numbers that differ are marked in one text; the first are enough to see why."""

_DTYPE = re.compile(r"\b(?:mindspore\.)?((?:[Bb]?[Ff]loat|[Cc]omplex|[Uu]?[Ii]nt)\d+|[Bb]ool)\b")
_SPELLINGS = (  # the same value, as written by another version of MindSpore or another process
    (re.compile(r"(?<=value=)\s+"), ""),
    (re.compile(r"(?<=Parameter) (?=\(name=)"), ""),
    (re.compile(r"(?<=ipykernel_)\d+"), "…"),
)
_TOKEN = re.compile(
    r"""
    (?P<float> (?: (?<! [\w.)\]] ) - )?                # after a value, a minus subtracts
               (?<! [\w.] )
               (?: (?: \d+\.\d* | \.\d+ ) (?: [eE][+-]?\d{1,3} )?
                 | \d+[eE][+-]?\d{1,3} (?!\w)          # but 12e4f is part of a name
                 | (?: nan | NaN | inf | Infinity ) \b )
               (?! \d | \.\d ) )                       # and 2.10.0 is a version
  | (?P<int>   (?: (?<! [\w.)\]] ) - )? (?<! [\w.] ) \d+ (?! \w | \.\d ) )
  | (?P<space> \s+ )
  | (?P<word>  \w+ )
  | (?P<sign>  . )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Mark:
    """A difference: where it is in the stored and in the new text, and a note for people."""

    stored: tuple[int, int]
    new: tuple[int, int]
    note: str


class _Token(NamedTuple):
    kind: str  # a group of the pattern, or "end"
    text: str
    start: int
    gap: str  # the white space before it
    in_brackets: bool

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.start + len(self.text)

    @property
    def is_number(self) -> bool:
        return self.kind in ("int", "float")


def normalise(text: str) -> str:
    """Spell dtypes, tensors and the files of cells as every version and process would."""
    text = _DTYPE.sub(lambda found: found[1].lower(), text)
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return text


def compare_texts(stored: str, new: str, tolerance: Tolerance) -> list[Mark]:
    """Mark where two normalised texts differ; an empty list where they agree.

    Every number that differs is marked, up to `MOST_MARKS`. The first difference of another kind
    is marked and ends the comparison, since what follows can no longer be paired.
    """
    if stored == new:
        return []
    marks: list[Mark] = []
    before_changed = False  # was the token before this gap a number, and is it spelled anew?
    for ours, theirs in zip(_tokens(stored), _tokens(new), strict=False):
        changed = ours.is_number and theirs.is_number and ours.text != theirs.text
        if not _close(ours, theirs, tolerance):
            marks.append(Mark(ours.span, theirs.span, _note(ours, theirs)))
            if not changed or len(marks) == MOST_MARKS:
                break
        if not _same_gap(ours, theirs, may_vary=changed or before_changed):
            marks.append(Mark(ours.span, theirs.span, "white space"))
            break
        before_changed = changed
    return marks


def relative_error(stored: float, new: float) -> float:
    """How far `new` is off, as a fraction of `stored`: inf where that is 0, or is no number."""
    if not (math.isfinite(stored) and math.isfinite(new)) or stored == 0:
        return math.inf
    return abs(new - stored) / abs(stored)


def _tokens(text: str) -> Iterator[_Token]:
    """Split a text into tokens and the gaps before them; the last token is its end."""
    depth, gap, before = 0, "", ""
    for found in _TOKEN.finditer(text):
        kind, piece, start = str(found.lastgroup), found[0], found.start()
        if kind == "space":
            gap = piece
            continue
        if piece == "]":
            depth = max(0, depth - 1)
        inside = depth > 0 or piece == "]"
        if inside and gap:
            gap = _layout(before, gap, kind, piece)
        full_stop = piece.endswith(".") and kind == "float" and not depth
        if full_stop:  # "there are 3." ends a sentence; only an array writes 3.0 so
            yield _Token("int", piece[:-1], start, gap, inside)
            kind, piece, start, gap = "sign", ".", found.end() - 1, ""
        yield _Token(kind, piece, start, gap, inside)
        if piece == "[":
            depth += 1
        before, gap = (kind if kind in ("int", "float") else piece), ""
    yield _Token("end", "", len(text), gap, False)


def _layout(before: str, gap: str, kind: str, piece: str) -> str:
    """The gap between two tokens in brackets, without what only sets numbers in columns."""
    if before in ("[", "]", ",") or piece in ("[", "]", ","):
        return ""
    numbers = ("int", "float")
    return " " if before in numbers or kind in numbers else gap


def _same_gap(ours: _Token, theirs: _Token, *, may_vary: bool) -> bool:
    if ours.gap == theirs.gap:
        return True
    return may_vary and ours.gap.count("\n") == theirs.gap.count("\n")


def _close(ours: _Token, theirs: _Token, tolerance: Tolerance) -> bool:
    if ours.kind != theirs.kind:
        return False
    if ours.text == theirs.text or ours.kind != "float":
        return ours.text == theirs.text
    a, b = float(ours.text), float(theirs.text)
    if _overflows(ours.text, a) or _overflows(theirs.text, b):
        return False
    return tolerance.close(a, b)


def _overflows(text: str, value: float) -> bool:
    """Say whether digits stand for a number too large for a float, such as 1e999."""
    return math.isinf(value) and text[-1].isdigit()


def _note(ours: _Token, theirs: _Token) -> str:
    if theirs.kind == "end":
        return "missing"
    if ours.kind == "end":
        return "added"
    if not (ours.is_number and theirs.is_number):
        return "text"
    if ours.kind != theirs.kind:
        return "whole or not"
    error = relative_error(float(ours.text), float(theirs.text))
    return f"rel. {error:.1e}" if math.isfinite(error) else "number"
