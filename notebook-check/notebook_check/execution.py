"""Notebooks executed in a kernel of this environment, with a bar that shows how far they are."""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notebook_check.cli.bar import progress_bar

if TYPE_CHECKING:
    from nbformat import NotebookNode

    Report = Callable[[int, str], None]
    Predicate = Callable[[NotebookNode], bool]


class CellFailed(Exception):
    """A cell raised an error, ran too long, or took the kernel with it."""


def execute(
    notebook: NotebookNode,
    *,
    folder: Path,
    timeout: int,
    report: Report = lambda *_: None,
    skips: Predicate = lambda _: False,
    may_raise: Predicate = lambda _: False,
) -> None:
    """Execute ``notebook`` in place, in a new kernel of this environment that runs in ``folder``.

    Only outputs and execution counts change: no timestamps, no metadata of the kernel, so that
    a deterministic notebook executed again is the same file. ``report(number, source)`` is called
    before each cell, whose number is the one that Jupyter shows beside it. A cell that ``skips``
    holds of is left as it is.

    Raises `CellFailed`, unless the cell has the tag ``raises-exception`` or ``may_raise`` holds.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from notebook_check.environment_kernel import EnvironmentKernelManager

    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # timestamps of an earlier run in Jupyter
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=EnvironmentKernelManager,
        timeout=timeout,
        record_timing=False,
        # One message per write or one for many is a matter of timing.
        coalesce_streams=True,
        shutdown_kernel="immediate",
    )
    # NotebookClient.execute would do, but it answers Ctrl-C by taking the kernel away from
    # under its own wait; this loop leaves KeyboardInterrupt as it is.
    with client.setup_kernel(cwd=str(folder)):
        for index, cell in enumerate(notebook.cells):
            if skips(cell):
                continue
            number = client.code_cells_executed + 1
            client.allow_errors = may_raise(cell)
            if is_code(cell):
                report(number, cell.source)
            try:
                client.execute_cell(cell, index, execution_count=number)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                if isinstance(error, CellExecutionError):
                    reason = f"{error.ename}: {error.evalue}"
                elif isinstance(error, CellTimeoutError):
                    reason = f"It ran longer than {timeout} s; --timeout allows more."
                else:
                    reason = "The kernel died: it crashed, or the machine is short of memory."
                source = textwrap.indent(cell.source, "    ")
                raise CellFailed(f"failed in cell [{number}]:\n\n{source}\n\n{reason}") from error
        client.set_widgets_metadata()


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


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in a file, of whatever format; a sentence where there is none."""
    import nbformat

    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # nbformat has a type for each way of not being a notebook
        raise click.ClickException(f"{path} is not a Jupyter notebook.") from error
    return notebook


def execute_with_bar(
    notebook: NotebookNode, name: str, *, folder: Path, timeout: int, **rules: Predicate
) -> None:
    """`execute`, with a bar on a terminal; ``rules`` are its ``skips`` and ``may_raise``."""
    with progress_bar() as progress:
        cells = sum(map(is_code, notebook.cells))
        task = progress.add_task(name, total=cells, line="starting the kernel")

        def report(number: int, source: str) -> None:
            first_line = source.strip().splitlines()[0]
            progress.update(task, completed=number - 1, line=first_line[:40])

        execute(notebook, folder=folder, timeout=timeout, report=report, **rules)
