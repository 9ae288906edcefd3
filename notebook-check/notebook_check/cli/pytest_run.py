"""pytest in this process, on notebooks: its verdict, with a bar in the place of its dots.

Slow to import (pytest); the command imports it once it needs it.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from rich.progress import Progress

from notebook_check.cli.bar import progress_bar

if TYPE_CHECKING:
    from notebook_check.rules import Project

_QUIET = ["-q", "--no-header", "--disable-warnings", "--override-ini=console_output_style=classic"]
_NOT_FOR_PYTEST = ("::", "[")  # what pytest reads as the name of a test in a file
_VERDICTS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class CellProgress:
    """The part of pytest that says how far it is."""

    def __init__(self, progress: Progress, notebooks: int, said: io.StringIO) -> None:
        """Start before anything is known of the cells; what pytest prints goes to ``said``."""
        self.interrupted = False
        self._said = said
        self._bar = progress
        self._task = progress.add_task(
            f"{notebooks} notebooks", total=None, line="looking for cells"
        )
        self.failed = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn the number of cells."""
        self._bar.update(self._task, total=len(session.items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a failure."""
        self.failed += report.failed

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Show where the run is."""
        name = nodeid.rpartition("/")[2]
        line = f"{self.failed} failed, {name}" if self.failed else name
        self._bar.update(self._task, advance=1, line=line[:60])

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Leave out the letter of each cell, which the bar stands for."""
        category, _, word = yield
        return category, "", word

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Forget what was printed on the way; failures and the summary come after this."""
        if exitstatus in _VERDICTS or self.failed:
            self._said.seek(0)
            self._said.truncate()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember what pytest's exit status does not tell from --maxfail and other ends."""
        self.interrupted = excinfo.type is KeyboardInterrupt


def check_notebooks(notebooks: Sequence[Path], options: Sequence[str], *, jobs: int | None) -> int:
    """Run the check, print what it says, and return 0 if all is well, 1 if not, 2 if neither.

    Raises click.Abort at Ctrl-C.
    """
    jobs = min(jobs or len(os.sched_getaffinity(0)), len(notebooks))
    said = io.StringIO()
    with progress_bar() as progress:
        watch = CellProgress(progress, len(notebooks), said)
        status = run_pytest(notebooks, [f"--nbval-jobs={jobs}", *options], watch, said)
    if watch.interrupted:
        raise click.Abort
    if text := said.getvalue().strip():
        click.echo(text)
    if watch.failed and status == pytest.ExitCode.INTERRUPTED:
        return 1  # --maxfail ended it
    return int(status) if status in _VERDICTS else 2


def run_pytest(
    notebooks: Sequence[Path], options: Sequence[str], plugin: object, said: io.StringIO
) -> int:
    """Run pytest on notebooks, whatever they are called, and return its exit status.

    What it prints goes to ``said``.
    """
    folder = _common_folder(notebooks)
    with tempfile.TemporaryDirectory() as own:
        listed = Path(own, "notebooks.json")
        content = {"folder": str(folder), "notebooks": list(map(str, notebooks))}
        listed.write_text(json.dumps(content), encoding="ascii")
        with redirect_stdout(said):
            return pytest.main(
                [
                    *("--nbval-strict", "--nbval-ledger-optional", f"--nbval-listed={listed}"),
                    *("-n0", *_QUIET),  # the notebooks are executed in threads
                    # sys: what the bar writes is not captured with what the notebooks' files do.
                    # plain: nothing here has an assert to explain.
                    *("--capture=sys", "--assert=plain", f"--override-ini=cache_dir={own}/cache"),
                    f"--color={'yes' if _is_coloured() else 'no'}",
                    *options,
                    str(folder),
                ],
                plugins=[plugin],
            )


def project_around(
    notebooks: Sequence[Path], options: Sequence[str], said: io.StringIO
) -> Project | None:
    """Return what pytest would ask of notebooks, None where that is wrong; no cell is run."""
    around = _Around()
    run_pytest(notebooks, options, around, said)
    return around.project


class _Around:
    """The part of pytest that asks it what it would do, and no more."""

    project: Project | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> object:
        """Keep the settings, and collect nothing."""
        from notebook_check.pytest_plugin.project import project_of

        self.project = replace(project_of(session.config), keep_going=True)
        return session  # another hook would go on and collect


def _common_folder(notebooks: Sequence[Path]) -> Path:
    """The folder that all notebooks are in, and by whose project they are checked."""
    folder = Path(os.path.commonpath([path.parent for path in notebooks]))
    return next(
        above
        for above in (folder, *folder.parents)
        if not any(sign in str(above) for sign in _NOT_FOR_PYTEST)
    )


def _is_coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
