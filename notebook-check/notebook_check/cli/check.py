"""The command ``check``: notebooks run again and compared with what is stored in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

_NOT_FOR_PYTEST = ("::", "[")  # what pytest reads as the name of a test in a file


class CannotCheck(click.ClickException):
    """Nothing was checked, which is not the same as something that differs."""

    exit_code = 2


def check_options(command: Command) -> Command:
    """Give a command the options that `run_check` takes."""
    options = (
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=1),
            show_default="the cores there are",
            help="Notebooks to run at the same time.",
        ),
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            show_default="60, or what pytest is configured with there",
            help="Seconds that one cell may take.",
        ),
        click.option(
            "--current-kernel",
            is_flag=True,
            help="Run with this Python, whatever kernel a notebook names.",
        ),
        click.option(
            "--report",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for a page with what differs (index.html) and results for CI (junit.xml).",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def run_check(
    notebooks: Sequence[Path],
    *,
    jobs: int | None,
    timeout: int | None,
    current_kernel: bool,
    report: Path | None,
    pytest_options: Sequence[str] = (),
) -> int:
    """Check notebooks as the command does; return its exit status.

    Raises click.Abort at Ctrl-C, and CannotCheck where nothing could be checked.
    """
    for path in notebooks:
        if any(sign in str(path) for sign in _NOT_FOR_PYTEST):
            raise CannotCheck(f"pytest cannot be given a path with :: or [ in it: {path}")
    from notebook_check.cli.pytest_run import check_notebooks

    options = list(pytest_options)
    if timeout is not None:
        options.append(f"--nbval-cell-timeout={timeout}")
    if current_kernel:
        options.append("--nbval-current-env")
    if report is not None:
        options += [f"--nbval-report={report.absolute()}", f"--junitxml={report / 'junit.xml'}"]
    return check_notebooks(notebooks, options, jobs=jobs)
