"""The progress bar of the commands: on stderr, and only on a terminal.

Slow to import (rich) when a bar is made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


def progress_bar() -> Progress:
    """A bar for tasks, each with a description and a ``line`` about the step at work."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    # The stream itself: pytest captures what is called sys.stderr while a cell runs.
    console = Console(file=sys.stderr)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[line]}", markup=False),
        console=console,
        transient=True,
        refresh_per_second=4,
        disable=not console.is_terminal,
    )
