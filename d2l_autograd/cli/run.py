"""``d2l-autograd run``: chapters executed without a browser."""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from d2l_autograd.cli.language import language_option
from d2l_autograd.cli.sources import chapter_or_notebook, path_of
from d2l_autograd.course.chapters import Chapter
from d2l_autograd.course.pages import notebook_page
from notebook_check.cli.bar import progress_bar
from notebook_check.errors import NotebookError
from notebook_check.execution import (
    CellFailed,
    Rule,
    execute,
    is_code,
    raise_failure,
    with_bar,
    working_folder,
)
from notebook_check.files import write_all_atomically
from notebook_check.quick import import_nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode


def _run_one(
    source: Chapter | Path, output: Path | None, html: bool, timeout: int, made: set[str]
) -> None:
    import_nbformat()
    import nbformat

    from notebook_check.kernels import THIS_PYTHON, kernel_of
    from notebook_check.markers import SKIP_EXECUTION, may_raise
    from notebook_check.stored import read_notebook

    def rule(cell: NotebookNode) -> Rule:
        return Rule(SKIP_EXECUTION in cell.metadata.get("tags", []), may_raise(cell), timeout)

    path = path_of(source)
    began = time.monotonic()
    try:
        notebook = read_notebook(path)
        with (
            working_folder(path, copied=isinstance(source, Chapter)) as folder,
            progress_bar() as progress,
            with_bar(progress, notebook, path.stem) as report,
        ):
            kernel = kernel_of(notebook, otherwise=THIS_PYTHON)
            run = execute(notebook, kernel=kernel, folder=folder, rule=rule, report=report)
        raise_failure(notebook, run)
    except CellFailed as failure:
        raise click.ClickException(f"{path.stem} {failure}") from failure
    except NotebookError as error:
        raise click.ClickException(f"{path} {error}") from error
    if output is not None:
        files = {path.name: nbformat.writes(notebook) + "\n"}
        if html:
            beside = made | {page.name for page in output.glob("*.html")}
            files[f"{path.stem}.html"] = notebook_page(notebook, path, beside=beside)
        write_all_atomically({output / name: text.encode() for name, text in files.items()})
    cells = sum(map(is_code, notebook.cells))
    click.echo(f"{path.stem}: {cells} cells in {time.monotonic() - began:.1f} s")


@click.command()
@click.argument("names", metavar="CHAPTER...", nargs=-1, required=True)
@language_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the executed notebooks; without it nothing is written.",
)
@click.option(
    "--html",
    is_flag=True,
    help="Write a web page beside each executed notebook, with links to the pages beside it.",
)
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
    cell that fails ends the run with exit status 1; of its notebook nothing is written. A page of
    --html shows the outputs as Jupyter does, and so runs the scripts that are in them.
    """
    if html and output is None:
        raise click.UsageError("--html writes beside the notebook: name a folder with --output.")
    sources = [chapter_or_notebook(name, lang) for name in names]
    if output is not None:
        if len({path_of(source).name for source in sources}) < len(sources):
            raise click.UsageError("Two of these notebooks would be the same file in --output.")
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.ClickException(
                f"Cannot make the folder {output}: {error.strerror}. Name another with --output."
            ) from error
    made = {f"{path_of(source).stem}.html" for source in sources}
    for source in sources:
        _run_one(source, output, html, timeout, made)
