"""The command ``check``: notebooks run again and compared with what is stored in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from notebook_check.cli.sources import Found
from notebook_check.compare.escapes import printable

if TYPE_CHECKING:
    from notebook_check.cli.pytest_run import Finished

Command = TypeVar("Command", bound=Callable[..., object])


class CannotCheck(click.ClickException):
    """Nothing was checked, which is not the same as something that differs."""

    exit_code = 2


def kernel_options(command: Command) -> Command:
    """Give a command the options that say how notebooks are executed."""
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
            help="Seconds that one cell may take, where its notebook does not say.",
        ),
        click.option(
            "--current-kernel",
            is_flag=True,
            help="Run with this Python, whatever kernel a notebook names.",
        ),
        click.option("--kernel", metavar="NAME", help="Run with this kernel, whatever is named."),
    )
    return _with(options, command)


def check_options(command: Command) -> Command:
    """Give a command the options that `run_check` takes."""
    options = (
        click.option(
            "--report",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for a page with what differs (index.html) and results for CI (junit.xml).",
        ),
        click.option(
            "--output",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for the executed notebooks.",
        ),
        click.option(
            "--execute-only",
            is_flag=True,
            help="Ask only that every cell runs; compare no output.",
        ),
        click.option(
            "--sanitize-with",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="File with nbval's rules for what is replaced in texts before they are compared.",
        ),
    )
    return kernel_options(_with(options, command))


def run_check(
    found: Found,
    *,
    report: Path | None,
    output: Path | None,
    execute_only: bool,
    sanitize_with: Path | None,
    pytest_options: Sequence[str] = (),
    **kernel: Any,
) -> int:
    """Check notebooks as the command does; return its exit status.

    Raises click.Abort at Ctrl-C, and CannotCheck where nothing could be checked.
    """
    options = list(pytest_options)
    if report is not None:
        options += [f"--nbval-report={report.absolute()}", f"--junitxml={report / 'junit.xml'}"]
    if output is not None:
        options.append(f"--nbval-output={output.absolute()}")
    if execute_only:
        options.append("--nbval-execute-only")
    if sanitize_with is not None:
        options.append(f"--nbval-sanitize-with={sanitize_with.absolute()}")
    status = 0
    if found.notebooks:
        finished = run_with_kernel(found.notebooks, options, **kernel)
        status = finished.status
        if finished.text:
            click.echo(finished.text)
    for path, problem in found.problems.items():
        click.echo(f"FAILED {shown(path)} - {problem}")
        status = status or 1
    return status


def run_with_kernel(
    notebooks: Sequence[Path],
    options: Sequence[str],
    *,
    jobs: int | None,
    timeout: int | None,
    current_kernel: bool,
    kernel: str | None,
) -> Finished:
    """Run pytest on notebooks, with what `kernel_options` gives."""
    if current_kernel and kernel:
        raise click.UsageError("--current-kernel and --kernel cannot be had together.")
    options = list(options)
    if timeout is not None:
        options.append(f"--nbval-cell-timeout={timeout}")
    if current_kernel:
        options.append("--nbval-current-env")
    if kernel:
        options.append(f"--nbval-kernel-name={kernel}")
    from notebook_check.cli.pytest_run import run_pytest

    return run_pytest(notebooks, options, jobs=jobs)


def shown(path: Path) -> str:
    """A path as the reader would write it, with nothing in it that a terminal would obey."""
    text = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    return printable(text.encode(errors="replace").decode()).replace("\n", "⏎")


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
