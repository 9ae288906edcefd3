"""pytest in this process, on notebooks: its verdict, with a bar in the place of its dots.

Slow to import (pytest); the command imports it once it needs it.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest
from rich.progress import Progress

from notebook_check.cli.bar import progress_bar

_QUIET = ["-q", "--no-header", "--disable-warnings", "--override-ini=console_output_style=classic"]
_VERDICTS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class Watch:
    """The part of pytest that says how far it is."""

    def __init__(self, progress: Progress, notebooks: int, said: io.StringIO) -> None:
        """Start before anything is known of the cells; what pytest prints goes to ``said``."""
        self.interrupted = False
        self._said = said
        self._bar = progress
        self._task = progress.add_task(
            f"{notebooks} notebooks", total=None, line="looking for cells"
        )
        self._failed = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn the number of cells, where this process runs them."""
        self._bar.update(self._task, total=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn the number of cells from a worker; all of them have the same."""
        self._bar.update(self._task, total=len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a failure."""
        self._failed += report.failed

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Show where the run is."""
        name = nodeid.rpartition("/")[2]
        line = f"{self._failed} failed, {name}" if self._failed else name
        self._bar.update(self._task, advance=1, line=line[:60])

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Leave out the letter of each cell, which the bar stands for."""
        category, _, word = yield
        return category, "", word

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Forget what was printed on the way; failures and the summary come after this."""
        if exitstatus in _VERDICTS:
            self._said.seek(0)
            self._said.truncate()

    def pytest_keyboard_interrupt(self) -> None:
        """Remember what pytest's exit status does not tell from other ends."""
        self.interrupted = True


def check_notebooks(notebooks: Sequence[Path], options: Sequence[str], *, jobs: int | None) -> int:
    """Run the check, print what it says, and return 0 if all is well, 1 if not, 2 if neither.

    Raises click.Abort at Ctrl-C.
    """
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # python3 is this Python
    jobs = min(jobs or len(os.sched_getaffinity(0)), len(notebooks))
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as cache, progress_bar() as progress:
        watch = Watch(progress, len(notebooks), said)
        with redirect_stdout(said):
            status = pytest.main(
                [
                    *("--nbval-strict", "--nbval-ledger-optional"),
                    *(f"-n{jobs if jobs > 1 else 0}", "--dist=loadfile"),
                    *_QUIET,
                    # sys: what the bar writes is not captured with what the notebooks' files do.
                    # plain: nothing here has an assert to explain.
                    *("--capture=sys", "--assert=plain", f"--override-ini=cache_dir={cache}"),
                    f"--color={'yes' if _is_coloured() else 'no'}",
                    *options,
                    *map(str, notebooks),
                ],
                plugins=[watch],
            )
    if watch.interrupted:
        raise click.Abort
    if text := said.getvalue().strip():
        click.echo(text)
    return int(status) if status in _VERDICTS else 2


def _is_coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
