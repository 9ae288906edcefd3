"""Texts without what differs from run to run: what nobody sees, always; what is asked for, by name.

Nobody sees the addresses of objects and generated ids: the ones of a cell are numbered in the order
in which they come, in the stored outputs and in the new ones, so that one stands for the same thing
on both sides.
"""

import re
from collections.abc import Callable, Iterable

from notebook_check.compare.escapes import COLOUR

_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{5,16}\b")
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
# In the order of trial: pandas' Styler, Bokeh, Plotly and Altair, widgets, animations, sklearn.
_GENERATED = re.compile(
    rf"(?<=\bT_)[0-9a-f]{{5}}(?=\b|_)|{_UUID}|(?<![0-9a-zA-Z#])[0-9a-f]{{32}}(?![0-9a-zA-Z])"
    rf"|(?<=_)[0-9a-f]{{32}}(?![0-9a-zA-Z])|(?<=anim)[0-9a-f]{{32}}(?![0-9a-zA-Z])"
    rf"|(?<=altair-viz-)[0-9a-f]{{8,}}"
)

# What another version of IPython or MindSpore, another process or another run spells differently.
_SPELLINGS = (
    (re.compile(r"\bmindspore\.(float|int|uint|complex|bfloat)(\d+)\b"), r"\1\2 of MindSpore"),
    (re.compile(r"\bmindspore\.bool_?\b"), "bool of MindSpore"),
    (
        re.compile(r"(?<=dtype=)(?:mindspore\.)?(BFloat|Float|Complex|Int|UInt)(\d+)\b"),
        lambda found: f"{found[1].lower()}{found[2]}",
    ),
    (
        re.compile(r"^(BFloat|Float|Complex|Int|UInt)(\d+)$"),
        lambda found: f"{found[1].lower()}{found[2]} of MindSpore",
    ),
    (re.compile(r"(?<=value=)\s+"), ""),
    (re.compile(r"(?<=Parameter) (?=\(name=)"), ""),
    (re.compile(r"(?<=ipykernel_)\d+"), "…"),
    (re.compile(r"^Overwriting (?=\S)", re.MULTILINE), "Writing "),
)

_TIME = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AP]M)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
NORMALISERS: dict[str, re.Pattern[str]] = {
    "dates": re.compile(
        rf"\b\d{{4}}-\d\d-\d\d(?:[T ]{_TIME}(?:Z|[+-]\d\d:?\d\d)?)?"
        rf"|\b(?:{_DAY},? )?(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})"
        rf"(?:,? {_TIME})?,? \d{{4}}(?: {_TIME})?|\b{_TIME}\b"
    ),
    "durations": re.compile(
        r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)? ?(?:ns|[uµμ]s|ms|s|sec|secs|seconds?|min|minutes?"
        r"|hours?)\b(?:/(?:it|step|epoch|call))?|(?<![\w.])\d+(?:\.\d+)? ?(?:it|step|epoch)s?/s\b"
    ),
    "paths": re.compile(r"(?<![\w.:/])(?:/[\w.+@~-]+){2,}/?|\b[A-Z]:\\[\w.\\+@~-]+"),
    "uuids": re.compile(rf"\b(?:{_UUID}|[0-9a-f]{{32}})\b", re.IGNORECASE),
    "progress": re.compile(r"^.*\d+%\|.*$\n?", re.MULTILINE),
}
"""Kinds of text that a setting can leave out of the comparison, by name."""


def normaliser(names: Iterable[str]) -> Callable[[str], str]:
    """Return what replaces the kinds of text of these names, which are keys of `NORMALISERS`."""
    chosen = [(f"‹{name}›", NORMALISERS[name]) for name in names]

    def apply(text: str) -> str:
        for replacement, pattern in chosen:
            text = pattern.sub(replacement, text)
        return text

    return apply


def spelled_alike(text: str) -> str:
    """Return a text as every version and process would spell it."""
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return text


class Numbering:
    """Gives what is generated anew in each run a number, the same for the same one."""

    def __init__(self) -> None:
        """Start to count."""
        self._numbers: dict[str, str] = {}

    def __call__(self, text: str, *, is_markup: bool) -> str:
        """Return a text with numbers for addresses and, in markup, for generated ids."""
        text = _ADDRESS.sub(self._number, text)
        return _GENERATED.sub(self._number, text) if is_markup else text

    def _number(self, found: re.Match[str]) -> str:
        return self._numbers.setdefault(found[0], f"‹{len(self._numbers) + 1}›")


def without_colours(text: str) -> str:
    """Return a text without the sequences that colour it in a terminal."""
    return COLOUR.sub("", text)
