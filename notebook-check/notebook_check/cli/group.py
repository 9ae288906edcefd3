"""The group of commands of ``notebook-check``."""

from __future__ import annotations

import sys
from typing import Any

import click

from notebook_check import __version__
from notebook_check.cli.check import check_options, run_check
from notebook_check.cli.record import record_options, run_record
from notebook_check.cli.sources import named_notebooks


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="notebook-check")
def cli() -> None:
    """Check that notebooks show what is stored in them."""


@cli.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@check_options
def check(paths: tuple[str, ...], **options: Any) -> None:
    """Run notebooks again and compare what they show with what is stored in them.

    PATH is a notebook, or a folder with notebooks. The settings of a project in pytest's ini file
    count, as does the notebook-check.json beside it, where there is one.

    \b
    Exit status:
      0    every notebook shows what is stored in it
      1    something differs
      2    an argument or a setting is wrong, and the check could not be done
      130  interrupted from the keyboard
    """  # noqa: D301  # \b is the character by which click leaves a paragraph as it is
    sys.exit(run_check(named_notebooks(paths), **options))


@cli.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@record_options
def record(paths: tuple[str, ...], **options: Any) -> None:
    """Execute notebooks, show how their outputs differ, and store the new ones.

    PATH is a notebook, or a folder with notebooks. Asked for each notebook, you decide whether it
    is written; only one of which every cell succeeded can be. Where notebook-check.json lists how
    many cells are compared, it follows. The exit status is 1 if a notebook could not be recorded.
    """
    found = named_notebooks(paths)
    sys.exit(run_record([(path,) for path in found.notebooks], found.problems, **options))
