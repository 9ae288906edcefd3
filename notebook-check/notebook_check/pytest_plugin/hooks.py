"""pytest's hooks of the check, registered once it is switched on."""

from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbFile

from notebook_check.pytest_plugin import ledger
from notebook_check.pytest_plugin.items import (
    CELL,
    CELLS,
    COMPARED,
    IGNORED,
    SKIPPED,
    CheckedNotebook,
    CheckFailure,
    StoredNotebook,
)
from notebook_check.pytest_plugin.report import Failed, write_report


class NewHooks:
    """What other plugins can be told."""

    @pytest.hookspec
    def pytest_notebook_cell(self, path: Path, index: int) -> None:
        """Called before a cell of a notebook is executed, in the process that executes it."""


class Collection:
    """What every process does: collect notebooks as checked ones, and keep their failures."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep the cells of a notebook on one worker, since they share a kernel."""
        from xdist.scheduler import LoadFileScheduling

        return None if config.getvalue("dist") == "each" else LoadFileScheduling(config, log)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, parent: pytest.Collector
    ) -> Generator[None, list[Any], list[Any]]:
        """Put a checked notebook in the place of each of nbval's."""
        collected = yield
        return [_checked(parent, one) if type(one) is IPyNbFile else one for one in collected]

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave only what the ledger is written of, where that is asked for."""
        if config.option.nbval_accept:
            rest = [item for item in items if not isinstance(item, StoredNotebook)]
            items[:] = [item for item in items if isinstance(item, StoredNotebook)]
            config.hook.pytest_deselected(items=rest)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Keep a failure's data for the session, which may be in another process."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CheckFailure):
            report.notebook_check = call.excinfo.value.as_data()
        return report


def _checked(parent: pytest.Collector, notebook: IPyNbFile) -> CheckedNotebook:
    """The checked notebook in the place of nbval's.

    pytest gives every file outside its root the same empty name, and pytest-xdist runs but one
    item of a name: the path is the name of such a notebook.
    """
    path = notebook.path
    if path.is_relative_to(parent.config.rootpath):
        return CheckedNotebook.from_parent(parent, path=path)
    return CheckedNotebook.from_parent(parent, path=path, nodeid=path.as_posix())


class Session:
    """What is done once in a run: the summary, the ledger and the HTML report."""

    def __init__(self, config: pytest.Config) -> None:
        """Start with nothing counted."""
        self.config = config
        self.root = config.rootpath
        self.cells: Counter[str] = Counter()
        self.notebooks: dict[tuple[Path, str], int] = {}
        """How many cells are compared in each notebook, by the ledger's folder and its name."""
        self.rejected: set[tuple[Path, str]] = set()
        """The notebooks that are not stored as they have to be."""
        self.failed: list[Failed] = []
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count an item."""
        if report.when != "call":
            return
        properties: dict[str, Any] = dict(report.user_properties)
        if CELL in properties:
            self.cells[properties[CELL]] += 1
        if CELLS in properties:
            folder, name, count = properties[CELLS]
            self.notebooks[Path(folder), name] = count
            if report.failed:
                self.rejected.add((Path(folder), name))
        if data := getattr(report, "notebook_check", None):
            self.failed.append(Failed.from_data(report.nodeid, data))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write or ask the ledger, and write the report."""
        if self.config.option.nbval_accept:
            self._write_ledger()
        else:
            self._ask_ledger(session)
        if folder := self.config.option.nbval_report:
            self.lines.append(f"report: {write_report(Path(folder), self.failed, self._counts())}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was compared, and what was not."""
        if self.notebooks or self.lines:
            terminalreporter.section("notebooks")
            for line in [*self.lines, self._counts()]:
                terminalreporter.line(line)

    def _ask_ledger(self, session: pytest.Session) -> None:
        if self.config.option.nbval_execute_only or self.config.option.nbval_record:
            return
        if self.config.option.nbval_ledger_optional and not any(
            ledger.has_ledger(folder) for folder in self._folders()
        ):
            self.lines.append(
                f"no {ledger.NAME} here, so a deleted cell goes unnoticed; "
                f"{ledger.ACCEPT} writes one"
            )
        for folder in self._folders():
            known = ledger.readable_ledger(folder)
            for name in ledger.gone(known, folder):
                self.lines.append(
                    f"{name} is in {ledger.NAME}, and gone: if meant, {ledger.ACCEPT}"
                )
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            for name, count in self._counted(folder):
                if count > known.get(name, count):
                    self.lines.append(
                        f"{name}: {count} cells compared, and {ledger.NAME} says {known[name]}: "
                        f"{ledger.ACCEPT} keeps them"
                    )

    def _write_ledger(self) -> None:
        for folder in self._folders():
            known = ledger.readable_ledger(folder)
            counts = {n: c for n, c in self._counted(folder) if (folder, n) not in self.rejected}
            accepted = {**known, **counts}
            for name in ledger.gone(accepted, folder):
                del accepted[name]
            for name in sorted({*known, *accepted}):
                if known.get(name) != accepted.get(name):
                    was, now = known.get(name, "not listed"), accepted.get(name, "not listed")
                    self.lines.append(f"{name}: {was}, now {now}")
            try:
                ledger.write_ledger(folder, accepted)
            except OSError as error:
                raise pytest.UsageError(
                    f"{ledger.NAME} cannot be written in {folder}: {error.strerror}"
                ) from None

    def _folders(self) -> list[Path]:
        """The folders whose ledgers matter: the project's own, and those nearer to a notebook."""
        return list(dict.fromkeys([self.root, *(folder for folder, _ in self.notebooks)]))

    def _counted(self, folder: Path) -> list[tuple[str, int]]:
        """The notebooks in the ledger of a folder, with how many of their cells are compared."""
        return sorted((name, n) for (of, name), n in self.notebooks.items() if of == folder)

    def _counts(self) -> str:
        kinds = ", ".join(f"{self.cells[kind]} {kind}" for kind in (COMPARED, SKIPPED, IGNORED))
        notebooks = len(self.notebooks)
        return f"{notebooks} notebook{'s' * (notebooks != 1)}; cells: {kinds}"
