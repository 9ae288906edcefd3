"""``d2l-autograd slides``: chapters as slides of a talk."""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

from pathlib import Path

import click

from d2l_autograd.cli.folders import writing_into
from d2l_autograd.cli.language import language_option
from d2l_autograd.cli.sources import chapter_or_notebook, path_of
from d2l_autograd.course.chapters import chapters
from d2l_autograd.course.slides import SlidesError, has_slides, slides_page
from notebook_check.errors import NotebookError
from notebook_check.files import write_all_atomically
from notebook_check.quick import import_nbformat


@click.command()
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the pages; slides of the same chapter that are there are replaced.",
)
@language_option
def slides(names: tuple[str, ...], folder: Path, lang: str) -> None:
    """Write slides of chapters, each a page in one file that needs no network.

    CHAPTER is a name such as 02, autograd or 02_autograd, or the path of a notebook; without any,
    all chapters with slides are meant. Outputs are the stored ones: nothing is executed. In the
    page, arrow keys move on, S opens the notes of the speaker, F fills the screen, and ? lists
    the other keys. To print it to a PDF, add ?print-pdf to its address.
    """
    import_nbformat()
    from notebook_check.stored import read_notebook

    found = [path_of(chapter_or_notebook(name, lang)) for name in names]
    paths = found or [chapter.path for chapter in chapters(lang)]
    pages: dict[Path, bytes] = {}
    for path in paths:
        try:
            notebook = read_notebook(path)
            if found or has_slides(notebook):
                page = slides_page(notebook, path)
                pages[folder / f"{path.stem}.slides.html"] = page.encode()
        except (NotebookError, SlidesError) as error:
            raise click.ClickException(f"{path} {error}") from error
    if len(pages) < len(found):
        raise click.UsageError("Two of these notebooks would be the same file in --to.")
    with writing_into(folder):
        write_all_atomically(pages)
    for page_path in pages:
        click.echo(page_path)
