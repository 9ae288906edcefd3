"""The command ``check``: notebooks run again and compared with what is stored in them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from notebook_check.quick import import_nbformat

Command = TypeVar("Command", bound=Callable[..., object])


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
        *kernel_options(),
        click.option(
            "--report",
            type=click.Path(path_type=Path),
            help="Folder for a page with what differs (index.html) and results for CI (junit.xml).",
        ),
        click.option(
            "--executed",
            type=click.Path(path_type=Path),
            help="Folder for the notebooks as they were executed.",
        ),
        click.option(
            "--execute-only",
            is_flag=True,
            help="Compare nothing: every cell has to run, and that is all.",
        ),
        click.option(
            "--keep-going",
            is_flag=True,
            help="Go on after a cell that raised, and tell every one that does.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def kernel_options() -> tuple[Callable[[Command], Command], ...]:
    """The options by which a command is told what to run notebooks with."""
    return (
        click.option(
            "--current-kernel",
            is_flag=True,
            help="Run with this Python, whatever kernel a notebook names.",
        ),
        click.option(
            "--kernel", metavar="NAME", help="Run with this kernel, whatever a notebook names."
        ),
    )


def for_pytest(*, timeout: int | None, current_kernel: bool, kernel: str | None) -> list[str]:
    """Return what pytest is told of the options that `check` and `record` have in common."""
    if current_kernel and kernel:
        raise click.UsageError("--current-kernel and --kernel cannot be had together.")
    options = [] if timeout is None else [f"--nbval-cell-timeout={timeout}"]
    if current_kernel:
        options.append("--nbval-current-env")
    if kernel:
        options.append(f"--nbval-kernel-name={kernel}")
    return options


def run_check(
    notebooks: Sequence[Path],
    *,
    jobs: int | None,
    timeout: int | None,
    current_kernel: bool,
    kernel: str | None,
    report: Path | None,
    executed: Path | None,
    execute_only: bool,
    keep_going: bool,
    pytest_options: Sequence[str] = (),
) -> int:
    """Check notebooks as the command does; return its exit status.

    Raises click.Abort at Ctrl-C, and CannotCheck where nothing could be checked.
    """
    import_nbformat()
    from notebook_check.cli.pytest_run import check_notebooks

    options = [
        *pytest_options,
        *for_pytest(timeout=timeout, current_kernel=current_kernel, kernel=kernel),
    ]
    if executed is not None:
        options.append(f"--nbval-executed={executed.absolute()}")
    options += ["--nbval-execute-only"] * execute_only + ["--nbval-keep-going"] * keep_going
    problem = _cannot_be_written_to(report) if report is not None else None
    if report is None or problem:
        status = check_notebooks(notebooks, options, jobs=jobs)
    else:
        options.append(f"--nbval-report={report.absolute()}")
        with tempfile.TemporaryDirectory() as folder:
            # pytest fails as a whole where it cannot write this, and loses its verdict.
            results = Path(folder, "junit.xml")
            status = check_notebooks(notebooks, [*options, f"--junitxml={results}"], jobs=jobs)
            if results.exists():
                problem = _cannot_be_copied(results, report / results.name)
    if problem:
        click.echo(f"No report: {problem}", err=True)
    return status or int(problem is not None)


def _cannot_be_written_to(folder: Path) -> str | None:
    """Why a folder cannot be made or written to, asked before the notebooks take their time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return f"{folder}: {error.strerror}."
    return None


def _cannot_be_copied(file: Path, to: Path) -> str | None:
    """Copy a file, or say why it cannot be."""
    try:
        shutil.copyfile(file, to)
    except OSError as error:
        return f"{to}: {error.strerror}."
    return None
