"""Two texts compared token by token: numbers as numbers, everything else exactly.

White space counts, with one exception: how numbers are set. Within square brackets the white
space beside a number, a comma or a bracket is layout; and where a number is the same but longer,
as rounding makes it, all columns of the text may be wider.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from notebook_check.compare.numbers import Number, close, close_to_whole, same_format
from notebook_check.tolerance import Tolerance

MOST_MARKS = 10
"""How many numbers that differ are marked in one text; the first are enough to see why."""

_DTYPE = r"(?:[Bb]?[Ff]loat|[Cc]omplex|[Uu]?[Ii]nt)\d+|[Bb]ool"
_OLD_NAMES = {"bfloat": "BFloat", "float": "Float", "complex": "Complex", "bool": "Bool"}
_LIBRARY = re.compile(  # frames of a traceback that are not in the cell
    r'^(?P<before>[ |+]*)File "[^"\n]*(?:site|dist)-packages[^"\n]*", line \d+, in .*\n'
    r"(?:(?P=before)  .*\n)*",
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"""
    (?P<colour> \x1b \[ [\d;:?]* [ -/]* [@-~] | \x1b \] [^\x07\x1b]* (?: \x07 | \x1b\\ ) )
  | (?P<word>  (?<! [\w.:] ) \d+ (?: :\d\d ){1,2} (?: [.,]\d+ )? (?! [\w:] ) )    # a time
  | (?P<float> (?: [+-] | (?<! [\w.] ) )               # the imaginary part of a number
               (?: \d{1,30} (?: \.\d{0,30} )? | \.\d{1,30} ) (?: [eE][+-]?\d{1,3} )? (?= j\b ) )
  | (?P<real>  (?: (?<! [\w.)\]] ) - )? (?<! [\w.] ) \d{1,30}
               (?= [+-] [\d.]{1,30} (?: e-?\d{1,3} )? j\b ) )
  | (?P<number> (?: (?<! [\w.)\]] ) - )?               # after a value, a minus subtracts
               (?<! [\w.] )
               (?: (?: \d+\.\d* | \.\d+ ) (?: [eE][+-]?\d{1,3} )?
                 | \d+[eE][+-]?\d{1,3} (?!\w)          # but 12e4f is part of a name
                 | (?: nan | NaN | inf | Infinity ) \b )
               (?! \d | \.\d ) )                       # and 2.10.0 is a version
  | (?P<int>   (?: (?<! [\w.)\]] ) - )? (?<! [\w.] ) \d+ (?! \w | \.\d ) )
  | (?P<space> \s+ )
  | (?P<name>  \w+ )
  | (?P<sign>  \\ (?: u[0-9a-fA-F]{4} | [nrtbf"\\/] ) | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {"real": "float", "number": "float", "name": "word"}


@dataclass(frozen=True)
class Mark:
    """A difference: where it is in the stored and in the new text, and a note for people."""

    stored: tuple[int, int]
    new: tuple[int, int]
    note: str


class _Token(NamedTuple):
    kind: str  # colour, word, float, int, sign or end
    text: str
    start: int
    gap: str  # the white space before it, without what is layout
    room: str  # all of it
    array: int  # the number of the outermost brackets that it is in, 0 for none

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.start + len(self.text)

    @property
    def gap_span(self) -> tuple[int, int]:
        return self.start - len(self.room), self.start

    @property
    def is_number(self) -> bool:
        return self.kind in ("int", "float")

    @property
    def number(self) -> Number:
        return Number(self.text)


def normalise(text: str) -> str:
    """Spell dtypes, tensors and the files of cells as every version and process would.

    Only MindSpore's dtypes have two spellings: pandas' Int64 is another one than int64.
    """
    text = re.sub(rf"\bmindspore\.({_DTYPE})\b", lambda found: _old_name(found[1]), text)
    text = re.sub(rf"(?<=dtype=)({_DTYPE})\b", lambda found: found[1].lower(), text)
    text = re.sub(r"(?<=value=)\s+", "", text)
    text = re.sub(r"(?<=Parameter) (?=\(name=)", "", text)
    text = re.sub(r"(?<=ipykernel_)\d+", "…", text)
    return _LIBRARY.sub("", text) if "Traceback (most recent call last)" in text else text


def compare_texts(stored: str, new: str, tolerance: Tolerance) -> list[Mark]:
    """Mark where two normalised texts differ; an empty list where they agree.

    Every number that differs is marked, up to `MOST_MARKS`. The first difference of another kind
    is marked and ends the comparison, since what follows can no longer be paired.
    """
    if stored == new:
        return []
    largest = _largest(stored, new)
    marks: list[Mark] = []
    formats: list[Mark] = []
    refined: set[tuple[int, int]] = set()  # decimals that rounding alone has brought
    changes: dict[Mark, tuple[int, int]] = {}
    spaced: Mark | None = None  # the first gap that differs
    columns = True  # may all gaps that differ follow from the width of columns?
    widened = False  # is a number longer, by rounding alone?
    for one, other in zip(_tokens(stored), _tokens(new), strict=False):
        if one.gap != other.gap and one.kind == other.kind:
            spaced = spaced or Mark(one.gap_span, other.gap_span, "white space")
            columns = columns and _may_be_columns(one, other)
            if not columns:
                break
        if one.kind == other.kind and one.text == other.text:
            continue
        if not _close(one, other, tolerance, largest):
            marks.append(Mark(one.span, other.span, _note(one, other)))
            if not (one.is_number and other.is_number) or len(marks) == MOST_MARKS:
                break
            continue
        widened |= len(one.text) != len(other.text)
        if one.kind == "float" == other.kind:
            decimals = one.number.decimals, other.number.decimals
            if one.number.value != other.number.value:
                refined.add(decimals)
            elif not same_format(one.number, other.number):
                formats.append(mark := Mark(one.span, other.span, "digits shown"))
                changes[mark] = decimals
    marks += [mark for mark in formats if changes[mark] not in refined]
    if spaced and not marks and not (widened and columns):
        marks.append(spaced)
    return sorted(marks, key=lambda mark: mark.stored)[:MOST_MARKS]


def relative_error(stored: float, new: float) -> float:
    """How far `new` is off, as a fraction of `stored`: inf where that is 0, or is no number."""
    if not (math.isfinite(stored) and math.isfinite(new)) or stored == 0:
        return math.inf
    return abs(new - stored) / abs(stored)


def _old_name(name: str) -> str:
    kind = name.rstrip("0123456789").lower()
    return _OLD_NAMES.get(kind, kind.replace("int", "Int").replace("u", "U")) + name[len(kind) :]


def _tokens(text: str) -> Iterator[_Token]:
    """Split a text into tokens and the gaps before them; the last token is its end."""
    depth, room, before, arrays = 0, "", "", 0
    for found in _TOKEN.finditer(text):
        group, piece, start = str(found.lastgroup), found[0], found.start()
        kind = _KINDS.get(group, group)
        if kind == "space":
            room = piece
            continue
        if piece == "[" and not depth:
            arrays += 1
        if piece == "]":
            depth = max(0, depth - 1)
        array = arrays if depth or piece == "]" else 0
        gap = _layout(before, room, kind, piece) if array and room else room
        full_stop = piece.endswith(".") and kind == "float" and not depth
        if full_stop:  # "there are 3." ends a sentence; only an array writes 3.0 so
            yield _Token("int", piece[:-1], start, gap, room, array)
            kind, piece, start, gap, room = "sign", ".", found.end() - 1, "", ""
        yield _Token(kind, piece, start, gap, room, array)
        if piece == "[":
            depth += 1
        before, room = (kind if kind in ("int", "float") else piece), ""
    yield _Token("end", "", len(text), room, room, 0)


def _layout(before: str, gap: str, kind: str, piece: str) -> str:
    """The gap between two tokens in brackets, without what only sets numbers in columns."""
    if before in ("[", "]", ",") or piece in ("[", "]", ","):
        return ""
    numbers = ("int", "float")
    return " " if before in numbers or kind in numbers else gap


def _largest(*texts: str) -> dict[int, float]:
    """The greatest magnitude in each array, and by 0 in all; arrays are numbered alike in both.

    Outside of arrays, whole numbers do not count: one run is no scale for the rounding of others.
    """
    largest: dict[int, float] = {}
    for text in texts:
        for token in _tokens(text):
            if token.is_number and (token.array or token.kind == "float") and len(token.text) < 400:
                size = abs(token.number.value)
                if math.isfinite(size):
                    for place in {token.array, 0}:
                        largest[place] = max(size, largest.get(place, 0.0))
    return largest


def _may_be_columns(ours: _Token, theirs: _Token) -> bool:
    lines = ours.gap.count("\n"), theirs.gap.count("\n")
    return lines[0] == lines[1] and bool(ours.gap and theirs.gap)


def _close(ours: _Token, theirs: _Token, tolerance: Tolerance, largest: dict[int, float]) -> bool:
    if not (ours.is_number and theirs.is_number):
        return False
    beside = largest.get(0, 0.0)
    in_array = largest.get(ours.array, 0.0) if ours.array else 0.0
    if ours.kind == theirs.kind == "float":
        return close(ours.number, theirs.number, tolerance, in_array, beside)
    if ours.kind == theirs.kind:
        return ours.text.lstrip("-") == theirs.text.lstrip("-") == "0"
    whole, other = (ours, theirs) if ours.kind == "int" else (theirs, ours)
    return close_to_whole(whole.number, other.number, in_array, beside)


def _note(ours: _Token, theirs: _Token) -> str:
    if theirs.kind == "end":
        return "missing"
    if ours.kind == "end":
        return "added"
    if ours.kind == theirs.kind == "colour":
        return "colour"
    if not (ours.is_number and theirs.is_number):
        return "text"
    if ours.kind != theirs.kind:
        return "whole or not"
    if ours.kind == "int":
        return "whole number"
    error = relative_error(ours.number.value, theirs.number.value)
    return f"rel. {error:.1e}" if math.isfinite(error) else "number"
