"""The table that is stored in the documentation."""

from pathlib import Path

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
    for text in _part(0):
        name, _, rest = text.partition("  ")
        found[name] = tuple(rest.split()[:3])
    return found


def stored_without_row() -> list[str]:
    """Return the functions that are stored as those without a row."""
    return _part(1)


def _part(place: int) -> list[str]:
    _, rows, _, names = TABLE.read_text(encoding="utf-8").split("\n\n")
    return [rows, names.partition("\n")[2]][place].splitlines()
