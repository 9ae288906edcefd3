"""A failure as text for a terminal of 80 columns."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from notebook_check.compare.differences import Difference, Row
from notebook_check.compare.visible import visible, without_control

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 80
_MOST_SOURCE, _MOST_TRACEBACK = 25, 40  # lines
_MOST_DIFFERENCES = 20
_SIDE = 25  # columns for each of stored and new


class Failure(Protocol):
    """What is shown of a failure."""

    reason: str
    source: str
    differences: list[Difference]
    traceback: str


def render_failure(failure: Failure) -> str:
    """Return a failure as text: its reason in the first line, then the cell and what differs."""
    parts = [failure.reason]
    if failure.source:
        parts += ["", "The cell:", *_indented(failure.source, _MOST_SOURCE)]
    if failure.differences:
        parts += ["", render_differences(failure.differences)]
    if failure.traceback:
        parts += ["", *_indented(failure.traceback, _MOST_TRACEBACK, from_end=True)]
    return without_control("\n".join(parts).rstrip())


def render_differences(differences: Sequence[Difference], width: int = WIDTH) -> str:
    """Return differences as text: stored and new side by side, what differs between > and <."""
    from rich.console import Console

    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, highlight=False, markup=False)
    for difference in differences[:_MOST_DIFFERENCES]:
        console.print(without_control(str(difference)))
        if difference.rows:
            console.print(_table(difference.rows))
    if (more := len(differences) - _MOST_DIFFERENCES) > 0:
        console.print(f"… and {more} more differences")
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _table(rows: Sequence[Row]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("line", justify="right")
    table.add_column("stored", ratio=1, overflow="fold")
    table.add_column("new", ratio=1, overflow="fold")
    table.add_column("difference", no_wrap=True)
    for row in rows:
        sides = (_marked(row.stored, row.stored_span), _marked(row.new, row.new_span))
        table.add_row(str(row.line), *map(Text, sides), Text(row.note))
    return table


def _marked(text: str, span: tuple[int, int]) -> str:
    """The text, or what is near the span, with the span between > and <."""
    start, end = span
    before, after = without_control(text[:start]), without_control(text[end:])
    within = text[start:end]
    blank = not within.strip()
    within = visible(within, newline="⏎", spaces=blank)
    if not before and not after and not blank:
        return within
    room = _SIDE - len(within) - len("><")
    if len(before) + len(after) > room:
        left = max(4, room - min(len(after), room // 2))
        right = max(4, room - min(len(before), left))
        before = before if len(before) <= left else "…" + before[len(before) - left + 1 :]
        after = after if len(after) <= right else after[: right - 1] + "…"
    return f"{before}>{within}<{after}"


def _indented(text: str, most: int, *, from_end: bool = False) -> Iterator[str]:
    lines = text.splitlines()
    if len(lines) > most:
        lines = ["…", *lines[-most:]] if from_end else [*lines[:most], "…"]
    yield from (f"    {line[:400]}" for line in lines)
