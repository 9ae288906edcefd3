"""``d2l-autograd run``: chapters executed without a browser."""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import shutil
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from d2l_autograd.chapters import Chapter, ChapterError, find_chapter
from d2l_autograd.cli.files import write_atomically
from d2l_autograd.cli.language import language_option

if TYPE_CHECKING:
    from nbformat import NotebookNode

    Report = Callable[[int, str], None]


class CellFailed(Exception):
    """A cell raised an error, ran too long, or took the kernel with it."""


def execute(
    notebook: NotebookNode, *, folder: Path, timeout: int, report: Report = lambda *_: None
) -> None:
    """Execute ``notebook`` in place, in a new kernel of this environment that runs in ``folder``.

    Only outputs and execution counts change: no timestamps, no metadata of the kernel, so that
    a deterministic notebook executed again is the same file. ``report(number, source)`` is called
    before each cell, whose number is the one that Jupyter shows beside it.

    Raises `CellFailed`, unless the cell has the tag ``raises-exception``.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from d2l_autograd.cli.kernel import EnvironmentKernelManager

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
            number = client.code_cells_executed + 1
            if _is_code(cell):
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


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


@contextmanager
def _working_folder(source: Chapter | Path) -> Iterator[Path]:
    """Where the kernel runs: beside the reader's own notebook, but never in the installed course.

    A chapter gets a copy of its folder, since a lesson, or MindSpore, may write a file there.
    """
    if isinstance(source, Path):
        yield source.parent
        return
    with tempfile.TemporaryDirectory() as folder:
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(source.path.parent, folder, dirs_exist_ok=True, ignore=hidden)
        yield Path(folder)


def _read(path: Path) -> NotebookNode:
    import nbformat

    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # nbformat has a type for each way of not being a notebook
        raise click.ClickException(f"{path} is not a Jupyter notebook.") from error
    return notebook


def _execute_with_bar(notebook: NotebookNode, name: str, folder: Path, timeout: int) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[line]}", markup=False),
    )
    with Progress(
        *columns,
        console=console,
        transient=True,
        refresh_per_second=4,
        disable=not console.is_terminal,
    ) as progress:
        cells = sum(map(_is_code, notebook.cells))
        task = progress.add_task(name, total=cells, line="starting the kernel")

        def report(number: int, source: str) -> None:
            first_line = source.strip().splitlines()[0]
            progress.update(task, completed=number - 1, line=first_line[:40])

        execute(notebook, folder=folder, timeout=timeout, report=report)


def _page(notebook: NotebookNode, path: Path) -> str:
    from nbconvert import HTMLExporter

    metadata = {"name": path.stem, "path": str(path.parent)}
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook, {"metadata": metadata})
    return str(page)


def _run_one(source: Chapter | Path, output: Path | None, html: bool, timeout: int) -> None:
    import nbformat

    path = _path(source)
    notebook = _read(path)
    began = time.monotonic()
    try:
        with _working_folder(source) as folder:
            _execute_with_bar(notebook, path.stem, folder, timeout)
    except CellFailed as failure:
        raise click.ClickException(f"{path.stem} {failure}") from failure
    if output is not None:
        files = {path.name: nbformat.writes(notebook) + "\n"}
        if html:
            files[f"{path.stem}.html"] = _page(notebook, path)
        for name, text in files.items():
            write_atomically(output / name, text.encode())
    cells = sum(map(_is_code, notebook.cells))
    click.echo(f"{path.stem}: {cells} cells in {time.monotonic() - began:.1f} s")


def _path(source: Chapter | Path) -> Path:
    return source if isinstance(source, Path) else source.path


def _source(name: str, lang: str) -> Chapter | Path:
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.absolute()
    try:
        return find_chapter(name, lang)
    except ChapterError as error:
        raise click.BadParameter(str(error), param_hint="CHAPTER") from error


@click.command()
@click.argument("names", metavar="CHAPTER...", nargs=-1, required=True)
@language_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the executed notebooks; without it nothing is written.",
)
@click.option("--html", is_flag=True, help="Write a web page beside each executed notebook.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="Seconds that one cell may take.",
)
def run(names: tuple[str, ...], lang: str, output: Path | None, html: bool, timeout: int) -> None:
    """Execute chapters from top to bottom, without a browser.

    CHAPTER is a name such as 02, autograd or 02_autograd, or the path of a notebook. The first
    cell that fails ends the run with exit status 1; of its notebook nothing is written.
    """
    if html and output is None:
        raise click.UsageError("--html writes beside the notebook: name a folder with --output.")
    sources = [_source(name, lang) for name in names]
    if output is not None:
        if len({_path(source).name for source in sources}) < len(sources):
            raise click.UsageError("Two of these notebooks would be the same file in --output.")
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.ClickException(
                f"Cannot make the folder {output}: {error.strerror}. Name another with --output."
            ) from error
    for source in sources:
        _run_one(source, output, html, timeout)
