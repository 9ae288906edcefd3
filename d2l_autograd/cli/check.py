"""``d2l-autograd check``: notebooks run again and compared with what is stored in them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from d2l_autograd.cli.extra import CannotCheck, require_check_extra
from d2l_autograd.cli.sources import named_notebooks
from d2l_autograd.course.chapters import LANGUAGES, ChapterError, notebooks_root

_NOT_FOR_PYTEST = ("::", "[")  # what pytest reads as the name of a test in a file


@click.command()
@click.argument("names", metavar="[PATH]...", nargs=-1)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of the chapters; without it, they are checked in each.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    show_default="the cores there are",
    help="Notebooks to run at the same time.",
)
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    show_default="60, or what pytest is configured with there",
    help="Seconds that one cell may take.",
)
@click.option(
    "--current-kernel",
    is_flag=True,
    help="Run with this Python, whatever kernel a notebook names.",
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for a page with what differs (index.html) and results for CI (junit.xml).",
)
def check(
    names: tuple[str, ...],
    lang: str | None,
    jobs: int | None,
    timeout: int | None,
    current_kernel: bool,
    report: Path | None,
) -> None:
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
    require_check_extra()
    try:
        notebooks = named_notebooks(names, [lang] if lang else LANGUAGES)
    except ChapterError as error:
        raise CannotCheck(str(error)) from error
    for path in notebooks:
        if any(sign in str(path) for sign in _NOT_FOR_PYTEST):
            raise CannotCheck(f"pytest cannot be given a path with :: or [ in it: {path}")
    from d2l_autograd.cli.pytest_run import check_notebooks

    options = []
    if timeout is not None:
        options.append(f"--nbval-cell-timeout={timeout}")
    if current_kernel:
        options.append("--nbval-current-env")
    if report is not None:
        options += [f"--nbval-report={report.absolute()}", f"--junitxml={report / 'junit.xml'}"]
    if all(_is_installed(path) for path in notebooks):
        # Whatever project the environment lies in, its settings are not for the course.
        options += ["-c", "/dev/null", f"--rootdir={notebooks_root()}"]
    sys.exit(check_notebooks(notebooks, options, jobs=jobs))


def _is_installed(notebook: Path) -> bool:
    """Whether a notebook is a chapter in the package, and not in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    return notebook.resolve().is_relative_to(package)
