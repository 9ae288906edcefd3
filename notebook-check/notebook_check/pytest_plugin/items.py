"""What pytest collects from a notebook: an item for the file, and one for each cell of code.

The notebook is executed as a whole when the first of its cells is asked for, so that every output
is judged as Jupyter would store it: also one that a later cell changes.
"""

# nbformat is typed in part.
# mypy: allow-untyped-calls

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME

from notebook_check.compare.differences import Difference
from notebook_check.compare.escapes import printable
from notebook_check.compare.outputs import compare_outputs
from notebook_check.compare.tracebacks import plain_traceback
from notebook_check.errors import NotebookError
from notebook_check.execution import Execution, execute
from notebook_check.kernels import kernel_of
from notebook_check.markers import Markers, cell_markers, has_skip_tag, is_compared, is_skipped
from notebook_check.project import Project
from notebook_check.pytest_plugin import coverage, ledger
from notebook_check.pytest_plugin.rendering import render_failure
from notebook_check.settings import Settings, cell_settings, ini_settings, notebook_settings
from notebook_check.stored import (
    Notebook,
    cell_problems,
    is_stripped,
    notebook_problems,
    read_notebook,
)

COMPARED, SKIPPED, IGNORED = "compared", "skipped", "not compared"
CELL, CELLS = "nbval cell", "nbval cells"  # names of properties in pytest's reports


_OF_BROKEN_DATA = (
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


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
        reason = printable(" ".join(reason.splitlines()))
        super().__init__(reason)
        self.reason = reason
        self.source = printable(source)
        self.differences = differences or []
        self.traceback = printable(traceback)

    def as_data(self) -> dict[str, Any]:
        """Return the failure as what a report can be sent with from one process to another."""
        return {
            "reason": self.reason,
            "source": self.source,
            "differences": [asdict(difference) for difference in self.differences],
            "traceback": self.traceback,
        }


class CheckedItem(pytest.Item):
    """What the items of a notebook have in common: how they run, and how their failure reads."""

    parent: "CheckedNotebook"

    def runtest(self) -> None:
        """Judge; what the check itself cannot cope with is the failure of this item as well."""
        self.parent.require_all_before(self)
        try:
            self.judge()
        except NotebookError as error:
            raise CheckFailure(str(error)) from None
        except (
            OSError,
            RecursionError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
        ) as error:
            told = f"{type(error).__name__}: {error}"[:200]
            raise CheckFailure(f"the check cannot cope with what is stored: {told}") from error

    def judge(self) -> None:
        """Raise a CheckFailure if there is something to tell."""
        raise NotImplementedError

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show a failure of the check as text; anything else is a fault of the check's own."""
        if isinstance(excinfo.value, CheckFailure):
            return render_failure(excinfo.value)
        return pytest.Item.repr_failure(self, excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the item is from."""
        return self.path, 0, self.nodeid


class CheckedNotebook(pytest.File):
    """A notebook: an item for the file as it is stored, and one for each cell of code."""

    def __init__(self, **fields: Any) -> None:
        """Make the collector of a notebook."""
        super().__init__(**fields)
        self._ran: set[str] = set()

    def collect(self) -> Iterator[pytest.Item]:
        """Read the notebook; one that cannot be used has no item but its failure."""
        options = self.config.option
        if options.nbval_record:
            yield RecordedNotebook.from_parent(self, name="record")
            return
        stored = StoredNotebook.from_parent(self, name="stored")
        yield stored
        if stored.unusable or options.nbval_accept:
            return
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                yield CheckedCell.from_parent(self, name=self.name_of(index), index=index)

    def name_of(self, index: int) -> str:
        """Return the name of the item of the cell with this index: nbval counts cells of code."""
        before = self.nb.cells[:index]
        return f"Cell {sum(cell.cell_type == 'code' for cell in before)}"

    @cached_property
    def nb(self) -> Notebook:
        """The notebook; a NotebookError where there is none."""
        return read_notebook(self.path)

    @cached_property
    def code(self) -> list[Notebook]:
        """Every cell of code that has code."""
        return [c for c in self.nb.cells if c.cell_type == "code" and c.source.strip()]

    @cached_property
    def project(self) -> Project:
        """What pytest's options and ini file say; a NotebookError where it cannot be."""
        options = self.config.option
        kernel = CURRENT_ENV_KERNEL_NAME if options.nbval_current_env else options.nbval_kernel_name
        rules = options.nbval_sanitize_with
        return Project(
            settings=ini_settings(self.config.getini),
            timeout=options.nbval_cell_timeout,
            kernel=kernel,
            rules=rules and Path(rules).absolute(),
            startup_timeout=options.nbval_kernel_startup_timeout,
        )

    @cached_property
    def settings(self) -> Settings:
        """The settings of the notebook; a NotebookError where they cannot be."""
        return notebook_settings(self.project.settings, self.nb)

    @cached_property
    def clean(self) -> Callable[[str], str]:
        """What every text is sanitized with."""
        return self.project.clean()

    @cached_property
    def ledger_folder(self) -> Path:
        """The folder whose ledger counts the cells of the notebook."""
        return ledger.folder_of_ledger(self.path, self.config.rootpath)

    @property
    def ledger_name(self) -> str:
        """What the notebook is called in the ledger."""
        return ledger.name_in_ledger(self.path, self.ledger_folder)

    def unusable(self) -> str | None:
        """Say why no cell of the notebook can be checked, if that is so."""
        try:
            if is_stripped(self.nb) and not self.config.option.nbval_execute_only:
                return next(notebook_problems(self.nb))
            _ = self.settings, self.clean
            kernel_of(self.nb, self.project.kernel)
        except NotebookError as error:
            return str(error)
        return None

    @cached_property
    def execution(self) -> Execution | NotebookError:
        """The notebook executed, or why its kernel does not start."""
        try:
            return self.execute(self.project)
        except NotebookError as error:
            return error

    def execute(self, project: Project, *, goes_on: bool = False) -> Execution:
        """Execute the notebook now; a NotebookError where its kernel does not start."""
        plan = project.plan(self.nb, self.path.parent, goes_on=goes_on)
        hook = self.config.hook
        executed = execute(
            self.nb,
            plan,
            before_cell=lambda index, cell: hook.pytest_notebook_cell(path=self.path, index=index),
            settled=self._as_stored,
            at_start=lambda client: coverage.start(self.config, client, self.path),
            at_end=lambda client: coverage.stop(self.config, client),
        )
        if folder := self.config.option.nbval_output:
            self._write_executed(executed.notebook, Path(folder))
        return executed

    def require_all_before(self, item: CheckedItem) -> None:
        """Fail an item whose first sibling ran in another process, which is gone by now.

        pytest-xdist gives what such a process had left to do to another one.
        """
        siblings = [one for one in item.session.items if one.parent is self]
        self._ran.add(item.nodeid)
        if hasattr(self.config, "workerinput") and siblings and siblings[0].nodeid not in self._ran:
            raise CheckFailure("not run: the worker that ran this notebook died")

    def _as_stored(self, executed: Notebook) -> bool:
        """Say whether every cell shows what is stored in it, so that no more is waited for."""
        if self.config.option.nbval_record or self.config.option.nbval_execute_only:
            return True
        for cell, new in zip(self.nb.cells, executed.cells, strict=True):
            if cell.cell_type == "code" and is_compared(cell):
                try:
                    settings = cell_settings(self.settings, cell)
                except NotebookError:
                    continue
                if compare_outputs(
                    cell.outputs, new.outputs, settings, source=cell.source, clean=self.clean
                ):
                    return False
        return True

    def _write_executed(self, notebook: Notebook, folder: Path) -> None:
        target = folder / ledger.name_in_ledger(self.path, self.config.rootpath).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


class StoredNotebook(CheckedItem):
    """The notebook as it is stored: readable, run in order, and with no cell left out."""

    @cached_property
    def unusable(self) -> str | None:
        """Why no cell of the notebook can be checked, if that is so."""
        return self.parent.unusable()

    def judge(self) -> None:
        """Fail with everything that is wrong with the file."""
        if self.unusable:
            raise CheckFailure(self.unusable)
        count = sum(map(is_compared, self.parent.code))
        problems: list[str] = []
        if not self.config.option.nbval_execute_only:
            problems += notebook_problems(self.parent.nb, is_skipped)
            if problem := self._ledger_problem(count):
                problems.append(problem)
        found = [str(self.parent.ledger_folder), self.parent.ledger_name, count]
        self.user_properties.append((CELLS, found))
        if problems:
            raise CheckFailure("; ".join(problems))

    def _ledger_problem(self, count: int) -> str | None:
        options, folder = self.config.option, self.parent.ledger_folder
        if options.nbval_accept:
            return None
        if options.nbval_ledger_optional and not ledger.has_ledger(folder):
            return None
        known = ledger.read_ledger(folder)
        return ledger.ledger_problem(known, self.parent.ledger_name, count)


class CheckedCell(CheckedItem):
    """A cell of code: executed with its notebook, judged here."""

    def __init__(self, *, index: int, **fields: Any) -> None:
        """Make the item of the cell with this index in its notebook."""
        super().__init__(**fields)
        self.index = index
        self.cell: Notebook = self.parent.nb.cells[index]

    def judge(self) -> None:
        """Compare what the cell shows with what is stored, and with what it promises."""
        try:
            markers = cell_markers(self.cell)
            settings = cell_settings(self.parent.settings, self.cell)
        except NotebookError as error:
            raise self._failure(str(error)) from None
        left_out = markers.skip or not markers.compare
        if left_out and not settings.reason.strip() and not has_skip_tag(self.cell):
            what = "skipped" if markers.skip else "not compared"
            advice = 'give it one in its metadata: "nbval": {"reason": "…"}'
            raise self._failure(f"{what} without a reason: {advice}")
        if markers.skip:
            self.user_properties.append((CELL, SKIPPED))
            pytest.skip(settings.reason or "tagged skip-execution")
        execution = self._execution()
        compared = markers.compare and not self.config.option.nbval_execute_only
        self.user_properties.append((CELL, COMPARED if compared else IGNORED))
        self._judge(execution, markers, settings, compared=compared)

    def _execution(self) -> Execution:
        execution = self.parent.execution
        if isinstance(execution, NotebookError):
            raise self._failure(str(execution))
        if execution.reached(self.index):
            return execution
        ended = self.parent.name_of(execution.ended_at or 0)
        reason = printable(f"not run: {ended} ended the notebook ({execution.reason})")
        if any(one.parent is self.parent and one.name == ended for one in self.session.items):
            pytest.skip(reason)
        raise self._failure(reason)  # or nothing would fail

    def _judge(
        self, execution: Execution, markers: Markers, settings: Settings, *, compared: bool
    ) -> None:
        outputs = execution.notebook.cells[self.index].outputs
        raised = execution.raised.get(self.index)
        may_raise = markers.raises or settings.allow_errors
        if execution.ended_at == self.index:
            traceback = raised.traceback if raised else ""
            raise self._failure(execution.reason, traceback=traceback)
        if self.config.option.nbval_execute_only:
            if markers.raises and not raised:
                raise self._failure("it promises an exception by its tag, and raised none")
            return
        if problem := next(cell_problems(self.cell, may_raise=may_raise), None):
            raise self._failure(problem)
        if markers.raises and not raised:
            stored = any(output.output_type == "error" for output in self.cell.outputs)
            what = "raised none" if stored else "none is stored or raised"
            raise self._failure(f"it promises an exception by its tag, and {what}")
        if not compared:
            return
        differences = compare_outputs(
            self.cell.outputs, outputs, settings, source=self.cell.source, clean=self.parent.clean
        )
        if differences:
            more = f" ({len(differences)} differences)" if len(differences) > 1 else ""
            raise self._failure(f"{differences[0]}{more}", differences)

    def _failure(
        self, reason: str, differences: list[Difference] | None = None, traceback: str = ""
    ) -> CheckFailure:
        if traceback:
            traceback = plain_traceback({"traceback": [traceback]})
        return CheckFailure(
            reason, source=self.cell.source, differences=differences, traceback=traceback
        )


class RecordedNotebook(CheckedItem):
    """A notebook executed for `notebook-check record`, which decides what is stored."""

    def judge(self) -> None:
        """Execute the notebook, and write what came of it to the folder of the option."""
        notebook = self.parent
        data: dict[str, Any] = {"path": str(notebook.path)}
        try:
            data |= self._executed()
        except (NotebookError, *_OF_BROKEN_DATA) as error:
            data["problem"] = str(error)
        folder = Path(self.config.option.nbval_record)
        (folder / f"{secrets.token_hex(8)}.json").write_text(json.dumps(data), encoding="utf-8")

    def _executed(self) -> dict[str, Any]:
        notebook, project = self.parent, self.parent.project
        if not notebook.nb.metadata.get("kernelspec", {}).get("name") and not project.kernel:
            project = replace(project, kernel=CURRENT_ENV_KERNEL_NAME)
        execution = notebook.execute(project, goes_on=True)
        return {
            "project": project.as_data(),
            "execution": {
                "notebook": execution.notebook,
                "raised": {index: asdict(one) for index, one in execution.raised.items()},
                "ended_at": execution.ended_at,
                "reason": execution.reason,
            },
        }
