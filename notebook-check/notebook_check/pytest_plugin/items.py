"""What pytest collects from a notebook: nbval's file and cells, with another verdict."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.cover import setup_coverage, teardown_coverage
from nbval.kernel import CURRENT_ENV_KERNEL_NAME
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from notebook_check.compare.differences import Difference
from notebook_check.compare.outputs import compare_outputs
from notebook_check.compare.sanitizing import read_rules
from notebook_check.compare.tracebacks import plain_traceback
from notebook_check.errors import CellError, NotebookError
from notebook_check.kernel import WatchedKernel, kernel_problem
from notebook_check.markers import (
    Markers,
    cell_markers,
    is_compared,
    is_skipped,
)
from notebook_check.pytest_plugin.ledger import has_ledger, ledger_problem, read_ledger
from notebook_check.pytest_plugin.rendering import render_failure
from notebook_check.settings import (
    Settings,
    cell_settings,
    ini_settings,
    notebook_settings,
)
from notebook_check.stored import (
    Notebook,
    cell_problems,
    is_stripped,
    notebook_problems,
    read_notebook,
)

COMPARED, SKIPPED, IGNORED = "compared", "skipped", "not compared"
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

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the item is from."""
        return self.path, 0, self.nodeid


class CheckedNotebook(IPyNbFile):
    """A notebook: an item for the file as it is stored, and one for each cell of code."""

    stopped: str | None = None
    """Why no more cells are executed, once that is so."""

    clean: Callable[[str], str] = str
    kernel: WatchedKernel | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Read the notebook; one that cannot be used has no item but its failure."""
        stored = StoredNotebook.from_parent(self, name="stored")
        yield stored
        if stored.unusable or self.config.getoption("nbval_accept"):
            return
        for number, cell in enumerate(self.code):
            yield CheckedCell.from_parent(
                self, name=f"Cell {number}", cell_num=number, cell=cell, options={}
            )

    @cached_property
    def nb(self) -> Notebook:
        """The notebook; a NotebookError where there is none."""
        return read_notebook(self.path)

    @cached_property
    def code(self) -> list[Notebook]:
        """Every cell of code, also an empty one, since nbval counts these as well."""
        return [cell for cell in self.nb.cells if cell.cell_type == "code"]

    @cached_property
    def settings(self) -> Settings:
        """The settings of the notebook; a NotebookError where they cannot be."""
        return notebook_settings(ini_settings(self.config.getini), self.nb)

    @property
    def ledger_name(self) -> str:
        """What the notebook is called in the ledger."""
        root = self.config.rootpath
        inside = self.path.is_relative_to(root)
        return (self.path.relative_to(root) if inside else self.path).as_posix()

    @property
    def kernel_name(self) -> str:
        """The kernel to run the notebook with: as asked for, or the notebook's own."""
        if self.config.getoption("nbval_current_env"):
            return str(CURRENT_ENV_KERNEL_NAME)
        if forced := self.config.getoption("nbval_kernel_name"):
            return str(forced)
        if not (own := self.nb.metadata.get("kernelspec", {}).get("name")):
            raise NotebookError(
                "it names no kernel (kernelspec in its metadata): save it in Jupyter; "
                "--nbval-current-env runs it with this Python"
            )
        return str(own)

    def unusable(self) -> str | None:
        """Say why no cell of the notebook can be checked, if that is so."""
        try:
            if is_stripped(self.nb):
                return next(notebook_problems(self.nb))
            metadata = self.nb.metadata
            language = metadata.get("kernelspec", {}).get("language") or metadata.get(
                "language_info", {}
            ).get("name")
            _ = self.settings
            if rules := self.config.getoption("nbval_sanitize_with"):
                self.clean = read_rules(Path(rules))
            return kernel_problem(self.kernel_name, language)
        except NotebookError as error:
            return str(error)

    def setup(self) -> None:
        """Do nothing: a kernel is started with the first cell that needs it."""

    def running_kernel(self) -> WatchedKernel:
        """Return the notebook's kernel, started now if it is not."""
        if self.kernel is None:
            timeout = self.config.getoption("nbval_kernel_startup_timeout")
            self.kernel = WatchedKernel(self.kernel_name, str(self.path.parent), timeout)
            if getattr(self.config.option, "cov_source", None):
                setup_coverage(self.config, self.kernel, self.path)
        return self.kernel

    def teardown(self) -> None:
        """End the kernel, also a dead one."""
        if self.kernel is not None:
            if getattr(self.config.option, "cov_source", None) and self.kernel.is_alive():
                teardown_coverage(self.config, self.kernel)
            self.kernel.stop()


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
        cells = [cell for cell in self.parent.code if cell.source.strip()]
        count = sum(is_compared(cell) for cell in cells)
        problems = list(notebook_problems(self.parent.nb, is_skipped))
        self.user_properties.append((CELLS, [self.parent.ledger_name, count]))
        if problem := self._ledger_problem(count):
            problems.append(problem)
        if problems:
            raise CheckFailure("; ".join(problems))

    def _ledger_problem(self, count: int) -> str | None:
        options, root = self.config.option, self.config.rootpath
        if options.nbval_accept or (options.nbval_ledger_optional and not has_ledger(root)):
            return None
        try:
            return ledger_problem(read_ledger(root), self.parent.ledger_name, count)
        except NotebookError as error:
            return str(error)


class CheckedCell(CheckedItem, IPyNbCell):
    """A cell of code: executed by nbval, judged here."""

    parent: CheckedNotebook
    cell: Notebook

    def setup(self) -> None:
        """Do nothing: whether an earlier cell ended the notebook is asked in the test."""

    def runtest(self) -> None:
        """Execute the cell and compare what it shows."""
        if self.parent.stopped:
            pytest.xfail(self.parent.stopped)
        try:
            markers = cell_markers(self.cell)
            settings = cell_settings(self.parent.settings, self.cell)
        except NotebookError as error:
            raise self._failure(str(error)) from None
        if not (markers.compare and not markers.skip) and not settings.reason.strip():
            what = "skipped" if markers.skip else "not compared"
            advice = 'give it one in its metadata: "nbval": {"reason": "…"}'
            raise self._failure(f"{what} without a reason: {advice}")
        if markers.skip:
            self.user_properties.append((CELL, SKIPPED))
            pytest.skip(settings.reason)
        outputs = self._execute()
        self.user_properties.append((CELL, COMPARED if markers.compare else IGNORED))
        self._judge(outputs, markers, settings)

    def _execute(self) -> list[Any]:
        """Have nbval execute the cell, and return its outputs."""
        limit = self.config.getoption("nbval_cell_timeout")
        # The verdict is not nbval's: it compares nothing, and takes every exception as promised.
        self.options = {"skip": False, "check": False, "check_exception": True}
        reference = self.cell
        self.cell = NotebookNode(reference, outputs=[])
        try:
            kernel = self.parent.running_kernel()
            IPyNbCell.runtest(self)
        except (CellError, NotebookError) as error:
            raise self._end(str(error)) from None
        except NbCellError:  # it did not even stop when it was interrupted
            raise self._end(f"not done after {limit:g} s, and had to be killed") from None
        finally:
            self.cell = reference
        if self.parent.timed_out:
            raise self._end(f"not done after {limit:g} s; --nbval-cell-timeout gives it more")
        return kernel.outputs()

    def _judge(self, outputs: list[Any], markers: Markers, settings: Settings) -> None:
        error = next((out for out in outputs if out["output_type"] == "error"), None)
        if error and not markers.raises:
            message = error["evalue"].strip().partition("\n")[0]
            raise self._end(f"it raised {error['ename']}: {message}", plain_traceback(error))
        if problem := next(cell_problems(self.cell, raises=markers.raises), None):
            raise self._failure(problem)
        if markers.raises and not error:
            raise self._failure("it promises an exception by its tag, and raised none")
        if not markers.compare:
            return
        differences = compare_outputs(
            self.cell.outputs, outputs, settings, source=self.cell.source, clean=self.parent.clean
        )
        if differences:
            more = f" ({len(differences)} differences)" if len(differences) > 1 else ""
            raise self._failure(f"{differences[0]}{more}", differences)

    def _failure(self, reason: str, differences: list[Difference] | None = None) -> CheckFailure:
        return CheckFailure(reason, source=self.cell.source, differences=differences)

    def _end(self, reason: str, traceback: str = "") -> CheckFailure:
        """Return the failure of a cell after which no other cell is executed."""
        self.parent.stopped = f"not run: {self.name} ended the notebook ({reason})"
        return CheckFailure(reason, source=self.cell.source, traceback=traceback)
