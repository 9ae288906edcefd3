"""What pytest collects from a notebook: an item for the file, and one for each cell of code.

The first cell that is asked for has the whole notebook executed, and each cell is judged by what
it shows at the end: a later cell may change what an earlier one displays, and a part of a
notebook, on a worker of its own or after `--lf`, would not find the names of the rest.
"""

import copy
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pytest

from notebook_check.compare.differences import Difference
from notebook_check.compare.tracebacks import without_colours
from notebook_check.compare.visible import in_a_line
from notebook_check.errors import NotebookError
from notebook_check.execution import CellRun, NotebookRun
from notebook_check.files import write_atomically
from notebook_check.kernels import kernel_of
from notebook_check.markers import SKIP_EXECUTION, Markers, cell_markers, is_compared, is_skipped
from notebook_check.pytest_plugin import ledger
from notebook_check.pytest_plugin.project import project_of
from notebook_check.pytest_plugin.rendering import render_failure
from notebook_check.rules import NotebookRules
from notebook_check.settings import Settings
from notebook_check.stored import (
    Notebook,
    cell_problems,
    is_stripped,
    notebook_problems,
    read_notebook,
)

COMPARED, SKIPPED, IGNORED = "compared", "skipped", "not compared"
_OPTIONS = {"--current-kernel": "--nbval-current-env", "--timeout": "--nbval-cell-timeout"}
CELL, CELLS = "nbval cell", "nbval cells"  # names of properties in pytest's reports


class CheckFailure(Exception):
    """A failure of the check: the one-line reason, and what there is to show for it."""

    def __init__(
        self,
        reason: str,
        *,
        source: str = "",
        differences: list[Difference] | None = None,
        traceback: str = "",
    ) -> None:
        """Keep what the report shows."""
        super().__init__(reason)
        self.reason = reason
        self.source = source
        self.differences = differences or []
        self.traceback = traceback

    def as_data(self) -> dict[str, Any]:
        """Return the failure as what a report can be sent with from one process to another."""
        return {
            "reason": self.reason,
            "source": self.source,
            "differences": [asdict(difference) for difference in self.differences],
            "traceback": self.traceback,
        }


class CheckedItem(pytest.Item):
    """What the items of a notebook have in common: how their failure reads."""

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show a failure of the check as text; anything else is a fault of the check's own."""
        if isinstance(excinfo.value, CheckFailure):
            return render_failure(excinfo.value)
        return pytest.Item.repr_failure(self, excinfo, style)

    parent: "CheckedNotebook"
    index = -1
    """Where in the notebook it is; the file as a whole comes first."""

    seconds: float | None = None
    """How long the cell took, where that is known."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the item is from."""
        return self.path, 0, f"{self.nodeid.rpartition('::')[0]}, {self.name}"


class CheckedNotebook(pytest.File):
    """A notebook: an item for the file as it is stored, and one for each cell of code."""

    file: Path
    """Where it is; `path` is how that is shown, with signs for what steers a terminal."""

    ahead: "Future[tuple[Notebook, NotebookRun]] | None" = None
    """The run of the notebook, where it does not wait for its first cell to be asked for."""

    @classmethod
    def of(cls, file: Path, parent: pytest.Collector) -> "CheckedNotebook":
        """Return the notebook of a file."""
        shown = Path(in_a_line(_as_text(file)))
        notebook: CheckedNotebook = cls.from_parent(parent, path=shown)
        notebook.file = file
        return notebook

    def collect(self) -> Iterator[pytest.Item]:
        """Read the notebook; one that cannot be used has no item but its failure."""
        stored = StoredNotebook.from_parent(self, name="stored")
        yield stored
        if stored.unusable or self.config.getoption("nbval_accept"):
            return
        for number, (index, cell) in enumerate(self.code):
            item = CheckedCell.from_parent(self, name=f"Cell {number}")
            item.cell, item.index = cell, index
            yield item

    @cached_property
    def nb(self) -> Notebook:
        """The notebook; a NotebookError where there is none."""
        return read_notebook(self.file)

    @property
    def code(self) -> list[tuple[int, Notebook]]:
        """Every cell of code with its index, also an empty one: nbval counts these as well."""
        return [(i, cell) for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]

    @cached_property
    def rules(self) -> NotebookRules:
        """What is asked of the notebook; a NotebookError where that cannot be had."""
        return project_of(self.config).rules(self.nb)

    told = False
    """Whether a cell has failed for the reason for which others are not run."""

    def run_of_it(self) -> tuple[Notebook, NotebookRun]:
        """The notebook executed, once, and what became of its cells; a NotebookError if not."""
        if self.ahead is None:
            self.ahead = Future()
            try:
                self.ahead.set_result(self.execute())
            except NotebookError as error:
                self.ahead.set_exception(error)
        return self.ahead.result()

    def execute(self, stop: threading.Event | None = None) -> tuple[Notebook, NotebookRun]:
        """Execute the notebook, from whatever thread; `stop` ends the cell at work.

        The cells of one that is left before its end have what they showed until then.
        """
        executed = copy.deepcopy(self.nb)
        with_coverage = getattr(self.config.option, "cov_source", None)
        run = self.rules.execute(
            executed,
            folder=self.file.parent,
            around=self._covered if with_coverage else None,
            stop=stop,
        )
        if folder := self.config.getoption("nbval_executed"):
            self._write(executed, Path(folder))
        return executed, run

    @property
    def ledger(self) -> tuple[Path, str]:
        """The folder of the ledger that lists the notebook, and what it is called there."""
        root = ledger.folder_of(self.file, self.config.rootpath)
        inside = self.file.is_relative_to(root)
        return root, _as_text(self.file.relative_to(root) if inside else self.file)

    def unusable(self) -> str | None:
        """Say why no cell of the notebook can be checked, if that is so."""
        try:
            if self.rules.project.compared and is_stripped(self.nb):
                return next(notebook_problems(self.nb))
            kernel_of(self.nb, self.rules.project.kernel)
        except NotebookError as error:
            return self.in_words_of_the_command(str(error))
        return None

    def in_words_of_the_command(self, reason: str) -> str:
        """Return a reason in which options have the names that they have here."""
        if self.config.option.nbval_listed:
            return reason
        for command, plugin in _OPTIONS.items():
            reason = reason.replace(command, plugin)
        return reason

    def teardown(self) -> None:
        """Forget the run, which may be large."""
        self.ahead = None

    @contextmanager
    def _covered(self, kernel: Any) -> Iterator[None]:
        from nbval.cover import setup_coverage, teardown_coverage

        setup_coverage(self.config, kernel, self.file)
        yield
        if kernel.is_alive():
            teardown_coverage(self.config, kernel)

    def _write(self, executed: Notebook, folder: Path) -> None:
        path = folder / self.file.name
        if self.file.is_relative_to(self.config.rootpath):
            path = folder / self.file.relative_to(self.config.rootpath)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, (nbformat.writes(executed) + "\n").encode())
        except OSError as error:
            raise NotebookError(f"cannot be written to {path.parent}: {error.strerror}") from None


def _as_text(path: Path) -> str:
    """A path that can be written, also where its name is in no encoding."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


class StoredNotebook(CheckedItem):
    """The notebook as it is stored: readable, run in order, and with no cell left out."""

    parent: CheckedNotebook

    @cached_property
    def unusable(self) -> str | None:
        """Why no cell of the notebook can be checked, if that is so."""
        return self.parent.unusable()

    def runtest(self) -> None:
        """Fail with everything that is wrong with the file."""
        if self.unusable:
            raise CheckFailure(self.unusable)
        if not self.parent.rules.project.compared:
            return
        count = sum(is_compared(cell) for _, cell in self.parent.code if cell.source.strip())
        problems = list(notebook_problems(self.parent.nb, is_skipped))
        root, name = self.parent.ledger
        self.user_properties.append((CELLS, [str(root), name, count]))
        if problem := self._ledger_problem(root, name, count):
            problems.append(problem)
        if problems:
            raise CheckFailure("; ".join(problems))

    def _ledger_problem(self, root: Path, name: str, count: int) -> str | None:
        options = self.config.option
        if options.nbval_accept or (options.nbval_ledger_optional and not ledger.has_ledger(root)):
            return None
        try:
            return ledger.ledger_problem(ledger.read_ledger(root), name, count)
        except NotebookError as error:
            return str(error)


class CheckedCell(CheckedItem):
    """A cell of code, judged by what it shows in a run of the whole notebook."""

    parent: CheckedNotebook
    cell: Notebook

    @property
    def is_run(self) -> bool:
        """Whether the cell has code, and is not to be skipped."""
        return bool(self.cell.source.strip()) and not is_skipped(self.cell)

    def runtest(self) -> None:
        """Have the notebook executed, and compare what the cell shows."""
        rules = self.parent.rules
        try:
            markers = cell_markers(self.cell)
            settings = rules.of(self.cell)
        except NotebookError as error:
            raise self._failure(str(error)) from None
        self._require_reason(markers, settings)
        if markers.skip:
            self.user_properties.append((CELL, SKIPPED))
            pytest.skip(in_a_line(settings.reason) or f"its tag is {SKIP_EXECUTION}")
        if not self.cell.source.strip():
            self.user_properties.append((CELL, COMPARED))
            return
        executed, ran = self._ran()
        self.seconds = ran.seconds
        compared = markers.compare and rules.project.compared
        self.user_properties.append((CELL, COMPARED if compared else IGNORED))
        self._judge(executed.cells[self.index].outputs, ran, markers, compared=compared)

    def _require_reason(self, markers: Markers, settings: Settings) -> None:
        tags = self.cell.metadata.get("tags", [])
        if (markers.compare and not markers.skip) or settings.reason.strip():
            return
        if not (markers.skip and SKIP_EXECUTION in tags):
            what = "skipped" if markers.skip else "not compared"
            advice = 'give it one in its metadata: "nbval": {"reason": "…"}'
            raise self._failure(f"{what} without a reason: {advice}")

    def _ran(self) -> tuple[Notebook, CellRun]:
        try:
            executed, run = self.parent.run_of_it()
        except NotebookError as error:
            reason = self.parent.in_words_of_the_command(str(error))
            raise self._not_run(reason) from None
        if (ran := run.cells.get(self.index)) is None:
            assert run.ended_by is not None
            number = [index for index, _ in self.parent.code].index(run.ended_by)
            reason = run.cells[run.ended_by].failure
            raise self._not_run(f"not run: Cell {number} ended the notebook ({reason})")
        return executed, ran

    def _not_run(self, reason: str) -> BaseException:
        """The end of a cell that was not run: a failure if no other cell has told why."""
        if self.parent.told:
            return pytest.skip.Exception(in_a_line(reason))
        self.parent.told = True
        return self._failure(reason)

    def _judge(self, outputs: list[Any], ran: CellRun, markers: Markers, *, compared: bool) -> None:
        if ran.failure:
            self.parent.told = True
            reason = self.parent.in_words_of_the_command(ran.failure)
            raise CheckFailure(
                reason, source=self.cell.source, traceback=without_colours(ran.traceback)
            )
        if not self.parent.rules.project.compared:
            return
        may_raise = self.parent.rules.may_raise(self.cell)
        if problem := next(cell_problems(self.cell, may_raise=may_raise), None):
            raise self._failure(problem)
        if markers.raises and not ran.raised:
            raise self._failure("it promises an exception by its tag, and raised none")
        if not compared:
            return
        if differences := self.parent.rules.differences(self.cell, outputs):
            more = f" ({len(differences)} differences)" if len(differences) > 1 else ""
            raise self._failure(f"{differences[0]}{more}", differences)

    def _failure(self, reason: str, differences: list[Difference] | None = None) -> CheckFailure:
        return CheckFailure(reason, source=self.cell.source, differences=differences)
