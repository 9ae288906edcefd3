"""``python -m book``: makes the book in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from book.build import build
from book.sources import BookError


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder to make the book in.",
)
@click.option("--zip", "zipped", is_flag=True, help="Pack it as well, for rooms without a network.")
@click.option("--pdf", is_flag=True, help="With a PDF of each chapter; needs Chromium.")
def main(folder: Path, zipped: bool, pdf: bool) -> None:
    """Make the course as a web site, which a browser opens from the folder as well.

    Nothing is executed: the pages show the outputs that are stored in the notebooks.
    """
    try:
        build(folder, pdf=pdf)
    except BookError as error:
        raise click.ClickException(str(error)) from error
    if zipped:
        archive = shutil.make_archive(str(folder), "zip", folder.parent, folder.name)
        click.echo(f"packed as {archive}")
    click.echo(f"open {folder / 'index.html'}")


if __name__ == "__main__":
    main(prog_name="python -m book")
