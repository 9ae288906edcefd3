"""``d2l-autograd run``: chapters executed without a browser."""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import shutil
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from d2l_autograd.cli.language import language_option
from d2l_autograd.cli.sources import chapter_or_notebook
from d2l_autograd.course.chapters import Chapter
from notebook_check.cli.bar import progress_bar
from notebook_check.files import write_all_atomically

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes


def _read(path: Path) -> Notebook:
    """The notebook in a file, of whatever format; a sentence where there is none."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # nbformat has a type for each way of not being a notebook
        raise click.ClickException(f"{path} is not a Jupyter notebook.") from error


@contextmanager
def _working_folder(notebook: Path, *, copied: bool) -> Iterator[Path]:
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


def _executed(notebook: Notebook, name: str, folder: Path, timeout: int) -> Notebook:
    """The notebook executed with this Python, while a bar shows how far it is."""
    from notebook_check.errors import NotebookError
    from notebook_check.execution import Plan, execute
    from notebook_check.kernels import THIS_PYTHON
    from notebook_check.markers import may_raise

    code = [index for index, cell in enumerate(notebook.cells) if _is_code(cell)]
    plan = Plan(
        THIS_PYTHON,
        folder,
        timeout=lambda cell: timeout,
        may_raise=may_raise,
        describe_figures=False,
    )
    with progress_bar() as progress:
        task = progress.add_task(name, total=len(code), line="starting the kernel")

        def show(index: int, cell: Any) -> None:
            first_line = cell.source.strip().splitlines()[0]
            progress.update(task, completed=code.index(index), line=first_line[:40])

        try:
            execution = execute(notebook, plan, before_cell=show)
        except NotebookError as error:
            raise click.ClickException(f"{name}: {error}") from error
    if execution.ended_at is not None:
        number = code.index(execution.ended_at) + 1
        source = textwrap.indent(notebook.cells[execution.ended_at].source, "    ")
        raise click.ClickException(
            f"{name} failed in cell [{number}]:\n\n{source}\n\n{execution.reason}"
        )
    return execution.notebook


def _is_code(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _page(notebook: Notebook, path: Path) -> str:
    from nbconvert import HTMLExporter

    metadata = {"name": path.stem, "path": str(path.parent)}
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook, {"metadata": metadata})
    return str(page)


def _run_one(source: Chapter | Path, output: Path | None, html: bool, timeout: int) -> None:
    import nbformat

    path = _path(source)
    notebook = _read(path)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # timestamps of an earlier run in Jupyter
    began = time.monotonic()
    with _working_folder(path, copied=isinstance(source, Chapter)) as folder:
        notebook = _executed(notebook, path.stem, folder, timeout)
    if output is not None:
        files = {path.name: nbformat.writes(notebook) + "\n"}
        if html:
            files[f"{path.stem}.html"] = _page(notebook, path)
        write_all_atomically({output / name: text.encode() for name, text in files.items()})
    cells = sum(map(_is_code, notebook.cells))
    click.echo(f"{path.stem}: {cells} cells in {time.monotonic() - began:.1f} s")


def _path(source: Chapter | Path) -> Path:
    return source if isinstance(source, Path) else source.path


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
    sources = [chapter_or_notebook(name, lang) for name in names]
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
