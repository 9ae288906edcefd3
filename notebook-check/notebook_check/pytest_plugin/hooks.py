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


class Collection:
    """What every process does: collect notebooks as checked ones, and keep their failures."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, parent: pytest.Collector
    ) -> Generator[None, list[Any], list[Any]]:
        """Put a checked notebook in the place of each of nbval's."""
        collected = yield
        return [
            CheckedNotebook.from_parent(parent, path=one.path) if type(one) is IPyNbFile else one
            for one in collected
        ]

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


class Session:
    """What is done once in a run: the summary, the ledger and the HTML report."""

    def __init__(self, config: pytest.Config) -> None:
        """Start with nothing counted."""
        self.config = config
        self.root = config.rootpath
        self.cells: Counter[str] = Counter()
        self.notebooks: dict[str, int] = {}
        """How many cells are compared in each notebook that was looked at."""
        self.rejected: set[str] = set()
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
            notebook, count = properties[CELLS]
            self.notebooks[notebook] = count
            if report.failed:
                self.rejected.add(notebook)
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
        if self.config.option.nbval_ledger_optional and not ledger.has_ledger(self.root):
            self.lines.append(
                f"no {ledger.NAME} here: a cell that is gone is not missed; "
                f"{ledger.ACCEPT} writes one"
            )
        known = ledger.read_ledger(self.root)
        for name in ledger.gone(known, self.root):
            self.lines.append(f"{name} is in {ledger.NAME}, and gone: if meant, {ledger.ACCEPT}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for name, count in sorted(self.notebooks.items()):
            if count > known.get(name, count):
                self.lines.append(
                    f"{name}: {count} cells compared, and {ledger.NAME} says {known[name]}: "
                    f"{ledger.ACCEPT} keeps them"
                )

    def _write_ledger(self) -> None:
        known = ledger.readable_ledger(self.root)
        counts = {n: c for n, c in self.notebooks.items() if n not in self.rejected}
        accepted = {**known, **counts}
        for name in ledger.gone(accepted, self.root):
            del accepted[name]
        for name in sorted({*known, *accepted}):
            if known.get(name) != accepted.get(name):
                was, now = known.get(name, "not listed"), accepted.get(name, "not listed")
                self.lines.append(f"{name}: {was}, now {now}")
        ledger.write_ledger(self.root, accepted)

    def _counts(self) -> str:
        kinds = ", ".join(f"{self.cells[kind]} {kind}" for kind in (COMPARED, SKIPPED, IGNORED))
        return f"{len(self.notebooks)} notebooks; cells: {kinds}"
