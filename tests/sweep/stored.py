"""The table that is stored in the documentation."""

import textwrap
from pathlib import Path

from .public import by_reason, without_row
from .table import ROWS
from .verdicts import Verdict

TABLE = Path(__file__).parents[2] / "docs/function-table.txt"
_NAME, _WORD = 62, 9


def line(found: Verdict) -> str:
    """Return the line of a verdict."""
    words = "".join(f"{word:{_WORD}}" for word in found.words)
    return f"{found.row.name:{_NAME}}  {words}{found.note}".rstrip()


def stored_words() -> dict[str, tuple[str, ...]]:
    """Return the verdicts that are stored, by the name of the row."""
    found = {}
    for text in _parts()[1].splitlines():
        name, _, rest = text.partition("  ")
        found[name] = tuple(rest.split()[:3])
    return found


def stored_reasons() -> str:
    """Return what the table says of functions without a row."""
    return _parts()[3].strip()


def reasons() -> str:
    """Return why functions have no row, the reasons as paragraphs."""
    found = by_reason(without_row(ROWS))
    return "\n".join(
        textwrap.fill(f"{reason}: {', '.join(names)}.", 120, subsequent_indent="    ")
        for reason, names in found.items()
    )


def _parts() -> list[str]:
    return TABLE.read_text(encoding="utf-8").split("\n\n")
