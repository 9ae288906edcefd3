"""``d2l-autograd student``: chapters and questions as students get them, to be handed in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from d2l_autograd.cli.folders import writing_into
from d2l_autograd.cli.language import language_option
from d2l_autograd.cli.sources import chapters_or_notebooks
from d2l_autograd.course.nbgrader import with_test_cells
from d2l_autograd.course.solutions import without_solutions
from notebook_check.files import write_all_atomically


@click.command()
@click.argument("names", metavar="[NOTEBOOK]...", nargs=-1)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the notebooks; files of their names that are there stop the command.",
)
@click.option(
    "--nbgrader",
    is_flag=True,
    help="Add a cell after each exercise, by which nbgrader gives a point for a right answer.",
)
@language_option
def student(names: tuple[str, ...], folder: Path, nbgrader: bool, lang: str) -> None:
    """Write an edition of notebooks without solutions and outputs.

    NOTEBOOK is the name of a chapter, such as 02, autograd or 02_autograd, or the path of a
    notebook or of a folder of them; without any, all chapters are meant. The exercises are there,
    ready to be filled in, and d2l.check_answer tells students whether they are right.
    """
    paths = chapters_or_notebooks(names, [lang])
    for name, count in Counter(path.name for path in paths).items():
        if count > 1:
            raise click.ClickException(
                f"{count} of the notebooks are called {name}. Write each into a folder of its own."
            )
    there = sorted({path.name for path in paths if (folder / path.name).exists()})
    if there:
        raise click.ClickException(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} in {folder} already, perhaps "
            "with somebody's answers. Name another folder with --to."
        )
    with writing_into(folder):
        files = {folder / path.name: without_solutions(path.read_bytes()) for path in paths}
        if nbgrader:
            files = {path: with_test_cells(notebook) for path, notebook in files.items()}
        write_all_atomically(files)
    written = "One notebook" if len(paths) == 1 else f"{len(paths)} notebooks"
    click.echo(f"{written} without solutions and outputs in {folder}.")
