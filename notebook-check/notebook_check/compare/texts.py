"""Two texts compared token by token: numbers as numbers, everything else exactly.

White space counts, with one exception: how numbers are set. Within square brackets the white
space beside a number, a comma or a bracket is layout, and where a number is spelled anew, gaps may
have another width, since columns follow the width of their numbers.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from notebook_check.tolerance import Tolerance, same_number

MOST_MARKS = 10
"""How many numbers that differ are marked in one text; the first are enough to see why."""

_UNSIGNED = r"(?: \d+\.\d* | \.\d+ | \d+ ) (?: [eE][+-]?\d{1,3} )?"
_TOKEN = re.compile(
    rf"""
    (?P<complex> \( -? (?: {_UNSIGNED} | nan | inf ) [+-] (?: {_UNSIGNED} | nan | inf ) j \)
               | (?: (?<! [\w.)\]] ) - )? (?<! [\w.] )
               (?: (?: {_UNSIGNED} | nan | inf ) [+-] )?
               (?: {_UNSIGNED} | nan | inf ) j \b )
  | (?P<float> (?: (?<! [\w.)\]] ) - )?                # after a value, a minus subtracts
               (?<! [\w.] )
               (?: (?: \d+\.\d* | \.\d+ ) (?: [eE][+-]?\d{{1,3}} )?
                 | \d+[eE][+-]?\d{{1,3}} (?!\w)          # but 12e4f is part of a name
                 | (?: nan | NaN | inf | Infinity ) \b )
               (?! \d | \.\d ) )                       # and 2.10.0 is a version
  | (?P<int>   (?: (?<! [\w.)\]] ) - )? (?<! [\w.] ) \d+ (?! \w | \.\d ) )
  | (?P<escape> \x1b \[ [\d;:]* [A-Za-z] )
  | (?P<space> \s+ )
  | (?P<word>  \w+ )
  | (?P<sign>  . )
    """,
    re.VERBOSE,
)
_NUMBERS = ("int", "float", "complex")


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
    def gap_span(self) -> tuple[int, int]:
        return self.start - len(self.gap), self.start

    @property
    def is_number(self) -> bool:
        return self.kind in _NUMBERS


def compare_texts(stored: str, new: str, tolerance: Tolerance) -> list[Mark]:
    """Mark where two normalised texts differ; an empty list where they agree.

    Every number that differs is marked, up to `MOST_MARKS`. The first difference of another kind
    is marked and ends the comparison, since what follows can no longer be paired.
    """
    if stored == new:
        return []
    marks: list[Mark] = []
    gap_mark: Mark | None = None  # a gap of another width, which a number in the text may explain
    spelled_anew = False
    largest = _Largest(stored)
    for ours, theirs in zip(_tokens(stored), _tokens(new), strict=False):
        numbers = ours.is_number and theirs.is_number
        if not _close(ours, theirs, tolerance, largest.at(ours)):
            marks.append(Mark(ours.span, theirs.span, _note(ours, theirs)))
            if not numbers or len(marks) == MOST_MARKS:
                break
        spelled_anew = spelled_anew or (numbers and ours.text != theirs.text)
        if ours.gap != theirs.gap and gap_mark is None:
            mark = Mark(_gap(stored, ours), _gap(new, theirs), "white space")
            if ours.gap.count("\n") != theirs.gap.count("\n") or not (ours.gap and theirs.gap):
                return sorted([*marks, mark], key=lambda one: one.stored)
            gap_mark = mark
    if gap_mark is not None and not spelled_anew:
        marks.append(gap_mark)
    return sorted(marks, key=lambda one: one.stored)


def relative_error(stored: float, new: float) -> float:
    """How far `new` is off, as a fraction of `stored`: inf where that is 0, or is no number."""
    if not (math.isfinite(stored) and math.isfinite(new)) or stored == 0:
        return math.inf
    return abs(new - stored) / abs(stored)


class _Largest:
    """The largest magnitude in each pair of outermost brackets of a text, found when asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._arrays: list[tuple[int, int, float]] | None = None

    def at(self, token: _Token) -> float:
        if not token.in_brackets or token.kind not in ("float", "complex"):
            return 0.0
        if self._arrays is None:
            self._arrays = list(self._found())
            self._place = 0
        while self._place < len(self._arrays) and self._arrays[self._place][1] < token.start:
            self._place += 1
        if self._place == len(self._arrays):
            return 0.0
        return self._arrays[self._place][2]

    def _found(self) -> Iterator[tuple[int, int, float]]:
        start, largest = 0, 0.0
        inside = False
        for token in _tokens(self._text):
            if token.in_brackets and not inside:
                start, largest, inside = token.start, 0.0, True
            elif inside and not token.in_brackets:
                yield start, token.start, largest
                inside = False
            if inside and token.kind in ("float", "complex"):
                value = (
                    abs(complex(token.text)) if token.kind == "complex" else abs(float(token.text))
                )
                if math.isfinite(value):
                    largest = max(largest, value)


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
        before, gap = (kind if kind in _NUMBERS else piece), ""
    yield _Token("end", "", len(text), gap, False)


def _layout(before: str, gap: str, kind: str, piece: str) -> str:
    """The gap between two tokens in brackets, without what only sets numbers in columns."""
    if before in ("[", "]", ",") or piece in ("[", "]", ","):
        return ""
    return " " if before in _NUMBERS or kind in _NUMBERS else gap


def _gap(text: str, token: _Token) -> tuple[int, int]:
    """Where the white space before a token is in its text."""
    before = text[: token.start]
    return len(before.rstrip()), token.start


def _close(ours: _Token, theirs: _Token, tolerance: Tolerance, largest: float) -> bool:
    if ours.kind == theirs.kind:
        if ours.text == theirs.text:
            return True
        if ours.kind == "float":
            return same_number(ours.text, theirs.text, tolerance, largest)
        return ours.kind == "complex" and _close_complex(ours.text, theirs.text, tolerance, largest)
    kinds = {ours.kind, theirs.kind}
    if kinds == {"int", "float"}:
        return _close_whole(ours, theirs)
    if "complex" in kinds and kinds < {*_NUMBERS}:
        return _close_complex(ours.text, theirs.text, tolerance, largest)
    return False


def _close_whole(ours: _Token, theirs: _Token) -> bool:
    """Say whether a whole number is what %g makes of the other, but for rounding."""
    whole, other = (ours.text, theirs.text) if ours.kind == "int" else (theirs.text, ours.text)
    if not math.isfinite(value := float(other)) or len(whole) > 15:
        return False
    if int(whole) == 0:
        return 1e-18 <= abs(value) <= 1e-14
    return len(other.strip("-").replace(".", "").lstrip("0")) >= 6 and (
        0 < abs(value - int(whole)) <= 1e-5 * abs(value) and "e" not in other.lower()
    )


def _close_complex(stored: str, new: str, tolerance: Tolerance, largest: float) -> bool:
    """Say whether two complex numbers are close, each part relative to the whole number."""
    a, b = complex(stored), complex(new)
    size = max(abs(a), abs(b), largest)
    if not math.isfinite(size):
        return a == b
    parts = zip(_parts(stored), _parts(new), strict=True)
    return all(same_number(one, other, tolerance, size) or one == other for one, other in parts)


def _parts(text: str) -> tuple[str, str]:
    """The real and the imaginary part of a complex number, as they are written."""
    text = text.strip("()")
    found = re.fullmatch(r"(.*?)(?<![eE])([+-]?[^+-]*(?:[eE][+-]\d+)?)j", text)
    if found is None or "j" not in text:
        return text, "0"
    real, imaginary = found[1], found[2].lstrip("+")
    return real or "0", imaginary


def _note(ours: _Token, theirs: _Token) -> str:
    if theirs.kind == "end":
        return "missing"
    if ours.kind == "end":
        return "added"
    if ours.kind == theirs.kind == "escape":
        return "colour"
    if not (ours.is_number and theirs.is_number):
        return "text"
    if ours.kind != theirs.kind:
        return "whole or not" if "complex" not in (ours.kind, theirs.kind) else "number"
    if ours.kind == "complex":
        return "number"
    if len(ours.text) > 300 or len(theirs.text) > 300:
        return "number"
    error = relative_error(float(ours.text), float(theirs.text))
    if error == 0:
        return "precision" if ours.kind == "float" else "number"
    shown = f"{error:.1e}"
    return f"rel. {shown}" if math.isfinite(error) else "number"
