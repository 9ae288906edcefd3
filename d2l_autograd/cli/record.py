"""``d2l-autograd record``: the chapters, or anyone's notebooks, recorded by notebook_check."""

from __future__ import annotations

import sys
from typing import Any

import click

from d2l_autograd.cli.check import options_for
from d2l_autograd.cli.sources import chapters_or_notebooks, versions
from notebook_check.cli.record import record_options, run_record


@click.command()
@click.argument("names", metavar="[PATH]...", nargs=-1)
@record_options
def record(names: tuple[str, ...], **options: Any) -> None:
    """Execute notebooks, show how their outputs differ, and store the new ones.

    PATH is a notebook, a folder with notebooks, or the name of a chapter. Without one, all chapters
    are recorded. A chapter is executed in each language, whose words are in its figures.

    Asked for each notebook, you decide whether it is written; only one of which every cell
    succeeded can be, and all its files or none. Where notebook-check.json lists how many cells are
    compared, it follows. The exit status is 1 if a notebook could not be recorded.
    """
    groups = dict.fromkeys(tuple(versions(path)) for path in chapters_or_notebooks(names))
    own = options_for([path for files in groups for path in files])
    sys.exit(run_record(list(groups), pytest_options=own, **options))
