"""``d2l-autograd check``: the chapters, or anyone's notebooks, checked by notebook_check."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from d2l_autograd.cli.sources import chapters_or_notebooks
from d2l_autograd.course.chapters import LANGUAGES, ChapterError, notebooks_root
from notebook_check.cli.check import CannotCheck, check_options, run_check


@click.command()
@click.argument("names", metavar="[PATH]...", nargs=-1)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of the chapters; without it, they are checked in each.",
)
@check_options
def check(names: tuple[str, ...], lang: str | None, **options: Any) -> None:
    """Run notebooks again and compare what they show with what is stored in them.

    PATH is a notebook, a folder with notebooks, or the name of a chapter. Without one, all chapters
    are checked. The settings of a project in pytest's ini file count, as does the
    notebook-check.json beside it, where there is one.

    \b
    Exit status:
      0    every notebook shows what is stored in it
      1    something differs
      2    an argument or a setting is wrong, and the check could not be done
      130  interrupted from the keyboard
    """  # noqa: D301  # \b is the character by which click leaves a paragraph as it is
    try:
        notebooks = chapters_or_notebooks(names, [lang] if lang else LANGUAGES)
    except ChapterError as error:
        raise CannotCheck(str(error)) from error
    sys.exit(run_check(notebooks, pytest_options=options_for(notebooks), **options))


def options_for(notebooks: Sequence[Path]) -> list[str]:
    """What pytest is told of the place of notebooks.

    Whatever project the environment lies in, its settings are not for the installed course.
    """
    installed = all(map(_is_installed, notebooks))
    return ["-c", "/dev/null", f"--rootdir={notebooks_root()}"] if installed else []


def _is_installed(notebook: Path) -> bool:
    """Whether a notebook is a chapter in the package, and not in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    return notebook.resolve().is_relative_to(package)
