"""pytest in this process, on notebooks: its verdict, with a bar in the place of its dots.

Slow to import (pytest); the commands import it once they need it.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
from rich.progress import Progress

from notebook_check.cli.bar import progress_bar

_QUIET = ["-q", "--no-header", "--disable-warnings", "--override-ini=console_output_style=classic"]
_VERDICTS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


@dataclass
class Finished:
    """A run of pytest: its exit status, what it printed, and what failed, by the item's name."""

    status: int
    text: str
    failures: dict[str, str] = field(default_factory=dict)


class Watch:
    """The part of pytest that says how far it is."""

    def __init__(self, progress: Progress, notebooks: int, said: io.StringIO) -> None:
        """Start before anything is known of the cells; what pytest prints goes to ``said``."""
        self.interrupted = False
        self.failures: dict[str, str] = {}
        self._said = said
        self._bar = progress
        plural = "s" * (notebooks != 1)
        self._task = progress.add_task(
            f"{notebooks} notebook{plural}", total=None, line="looking for cells"
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn the number of cells, where this process runs them."""
        self._bar.update(self._task, total=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn the number of cells from a worker; all of them have the same."""
        self._bar.update(self._task, total=len(ids))

    @pytest.hookimpl(optionalhook=True)
    def pytest_notebook_cell(self, path: Path, index: int) -> None:
        """Show which cell is at work, where this process runs it."""
        self._show(f"{path.name}, cell {index}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a failure, and remember the line that says why."""
        if report.failed:
            told = getattr(report, "notebook_check", {}).get("reason") or report.longreprtext
            self.failures[report.nodeid] = str(told).strip().partition("\n")[0]

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Show where the run is."""
        self._bar.advance(self._task)
        self._show(nodeid.rpartition("/")[2])

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Leave out the letter of each cell, which the bar stands for."""
        category, _, word = yield
        return category, "", word

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Forget what was printed on the way; failures and the summary come after this."""
        if exitstatus in _VERDICTS or self.failures:
            self._said.seek(0)
            self._said.truncate()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember Ctrl-C; pytest calls this also where it stops by itself, at --maxfail say."""
        self.interrupted = excinfo.type is KeyboardInterrupt

    def _show(self, line: str) -> None:
        failed = f"{len(self.failures)} failed, " if self.failures else ""
        self._bar.update(self._task, line=(failed + line)[:60])


def run_pytest(paths: Sequence[Path], options: Sequence[str], *, jobs: int | None) -> Finished:
    """Run pytest with the check on notebooks.

    Raises click.Abort at Ctrl-C.
    """
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # python3 is this Python
    jobs = min(jobs or _cores(), len(paths))
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as cache, progress_bar() as progress:
        watch = Watch(progress, len(paths), said)
        with redirect_stdout(said):
            status = pytest.main(
                [
                    *("-p", "notebook-check"),  # before nbval, in every worker
                    *("--nbval-strict", "--nbval-ledger-optional"),
                    *(f"-n{jobs if jobs > 1 else 0}", "--dist=loadfile"),
                    *_QUIET,
                    # sys: what the bar writes is not captured with what the notebooks' files do.
                    # plain: nothing here has an assert to explain.
                    *("--capture=sys", "--assert=plain", f"--override-ini=cache_dir={cache}"),
                    f"--color={'yes' if _is_coloured() else 'no'}",
                    *options,
                    *map(str, paths),
                ],
                plugins=[watch],
            )
    if watch.interrupted:
        raise click.Abort
    if status not in _VERDICTS:
        status = 1 if watch.failures else 2
    return Finished(int(status), said.getvalue().strip(), watch.failures)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
