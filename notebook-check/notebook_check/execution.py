"""Notebooks executed, for the check, for what is recorded and for whoever only wants them run."""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import shutil
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notebook_check.compare.visible import in_a_line
from notebook_check.errors import CellError

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from rich.progress import Progress

    Report = Callable[[int, str], None]

TIME_LIMIT = 60.0
"""Seconds that a cell may take where nothing else is said."""

STARTUP_LIMIT = 60.0
"""Seconds that a kernel may take to start."""


class CellFailed(Exception):
    """A cell raised an error, ran too long, or took the kernel with it."""


@dataclass(frozen=True)
class Rule:
    """What is asked of a cell: to be left out, whether it may raise, and how long it may take."""

    skip: bool = False
    may_raise: bool = False
    seconds: float = TIME_LIMIT


@dataclass(frozen=True)
class CellRun:
    """What became of a cell: the exception it raised, if it did, and why it failed, if it did."""

    raised: str = ""
    traceback: str = ""
    failure: str = ""
    seconds: float = 0.0


@dataclass
class NotebookRun:
    """What became of the cells of a notebook, by their indices in it."""

    cells: dict[int, CellRun] = field(default_factory=dict)
    ended_by: int | None = None
    """The cell after which no other was run, if there is one."""

    def failures(self) -> Iterator[tuple[int, CellRun]]:
        """The cells that failed."""
        return ((index, cell) for index, cell in self.cells.items() if cell.failure)


def execute(
    notebook: NotebookNode,
    *,
    kernel: str,
    folder: Path,
    rule: Callable[[NotebookNode], Rule] = lambda _: Rule(),
    startup: float = STARTUP_LIMIT,
    keep_going: bool = False,
    report: Report = lambda *_: None,
    around: Callable[[Any], Any] | None = None,
    stop: threading.Event | None = None,
) -> NotebookRun:
    """Execute ``notebook`` in place, in a new kernel that runs in ``folder``.

    Only outputs, execution counts and the state of widgets change: no timestamps, no metadata of
    the kernel, so that a deterministic notebook executed again is the same file. A cell that
    fails is the last one, unless it raised and the run is to ``keep_going``. ``report(number,
    source)`` is called before each cell, whose number is the one that Jupyter shows beside it.
    ``around`` makes of the kernel a context in which the cells run; ``stop``, set from another
    thread, ends the cell at work.

    Raises `NotebookError` where the kernel does not start.
    """
    from notebook_check.kernel import running_kernel

    run = NotebookRun()
    number = 0
    with running_kernel(notebook, kernel, folder, startup, stop) as running:
        with around(running) if around else nullcontext():
            for index, cell in enumerate(notebook.cells):
                if not is_code(cell) or (asked := rule(cell)).skip:
                    continue
                cell.metadata.pop("execution", None)  # timestamps of an earlier run in Jupyter
                number += 1
                report(number, cell.source)
                run.cells[index] = became = _run_cell(running, index, asked)
                if became.failure and not (became.raised and keep_going):
                    run.ended_by = index
                    break
        running.finish()
    return run


def _run_cell(running: Any, index: int, rule: Rule) -> CellRun:
    began = time.monotonic()
    try:
        reply = running.run(index, rule.seconds)
    except CellError as error:
        return CellRun(failure=str(error), seconds=time.monotonic() - began)
    raised, traceback = reply.raised, reply.traceback
    if not raised:
        # %run, for one, shows an exception, and goes on.
        for output in running.nb.cells[index].outputs:
            if output.output_type == "error":
                raised = f"{output.ename}: {output.evalue.strip().partition(chr(10))[0]}"
                traceback = "\n".join(output.traceback)
    failure = f"it raised {raised}" if raised and not rule.may_raise else ""
    return CellRun(raised, traceback, failure, time.monotonic() - began)


def raise_failure(notebook: NotebookNode, run: NotebookRun) -> None:
    """Raise `CellFailed` with the cells that failed, if any did, from their tracebacks."""
    told, tracebacks = [], []
    counts = {index: number for number, index in enumerate(run.cells, 1)}
    for index, cell in run.failures():
        source = textwrap.indent(notebook.cells[index].source, "    ")
        told.append(
            f"failed in cell [{counts[index]}]:\n\n{source}\n\n{cell.raised or cell.failure}"
        )
        tracebacks.append(cell.traceback)
    if told:
        try:
            raise CellError("\n" + "\n".join(tracebacks))  # for who asks where it happened
        except CellError as cause:
            raise CellFailed("\n\n".join(told)) from cause


def is_code(cell: NotebookNode) -> bool:
    """Whether a cell has code to execute."""
    return cell.cell_type == "code" and bool(cell.source.strip())


@contextmanager
def working_folder(notebook: Path, *, copied: bool) -> Iterator[Path]:
    """Where the kernel runs: beside the notebook, or in a copy of its folder.

    The chapters run in a copy, since a lesson, or MindSpore, may write a file there. It has the
    name of the folder, which may tell a notebook what language it is in.
    """
    if not copied:
        yield notebook.parent
        return
    with tempfile.TemporaryDirectory() as folder:
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        copy = Path(folder, notebook.parent.resolve().name or "notebooks")
        shutil.copytree(notebook.parent, copy, ignore=hidden)
        yield copy


@contextmanager
def with_bar(progress: Progress, notebook: NotebookNode, name: str) -> Iterator[Report]:
    """A line in a bar for a notebook that is executed; the report moves it."""
    cells = sum(map(is_code, notebook.cells))
    task = progress.add_task(in_a_line(name), total=cells, line="starting the kernel")

    def report(number: int, source: str) -> None:
        first_line = source.strip().splitlines()[0]
        progress.update(task, completed=number - 1, line=in_a_line(first_line[:40]))

    try:
        yield report
    finally:
        progress.remove_task(task)
