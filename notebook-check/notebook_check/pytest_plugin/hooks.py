"""pytest's hooks of the check, registered once it is switched on."""

import json
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbFile

from notebook_check.compare.visible import in_a_line
from notebook_check.errors import NotebookError
from notebook_check.pytest_plugin import ledger
from notebook_check.pytest_plugin.items import (
    CELL,
    CELLS,
    COMPARED,
    IGNORED,
    SKIPPED,
    CheckedItem,
    CheckedNotebook,
    CheckFailure,
    StoredNotebook,
)
from notebook_check.pytest_plugin.report import Failed, write_report


class ListedNotebooks(pytest.Directory):
    """A folder of which just the notebooks on a list are collected, whatever they are called."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Return the notebooks in the order of the list."""
        for file in _listed(self.config)["notebooks"]:
            yield CheckedNotebook.of(Path(file), self)


def _listed(config: pytest.Config) -> Any:
    """What a command lists: `notebooks`, and the `folder` that stands for them all."""
    if not (file := config.option.nbval_listed):
        return {}
    return json.loads(Path(file).read_text(encoding="ascii"))


class Collection:
    """What every process does: collect notebooks as checked ones, and keep their failures."""

    def __init__(self, config: pytest.Config) -> None:
        """Collect what `config` asks for."""
        self._folder = _listed(config).get("folder")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect what is on a command's list."""
        if self._folder is None or path != Path(self._folder):
            return None
        listed: pytest.Collector = ListedNotebooks.from_parent(parent, path=path)
        return listed

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, parent: pytest.Collector
    ) -> Generator[None, list[Any], list[Any]]:
        """Put a checked notebook in the place of each of nbval's."""
        collected = yield
        return [
            CheckedNotebook.of(one.path, parent) if type(one) is IPyNbFile else one
            for one in collected
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the items of a notebook together, in order, whatever another plugin made of them.

        Where a ledger is to be written, leave only what it is written of.
        """
        _put_in_order(items)
        if config.option.nbval_accept:
            rest = [item for item in items if not isinstance(item, StoredNotebook)]
            items[:] = [item for item in items if isinstance(item, StoredNotebook)]
            config.hook.pytest_deselected(items=rest)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Keep a failure's data for the session, which may be in another process."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CheckFailure):
            report.notebook_check = call.excinfo.value.as_data()
        if isinstance(item, CheckedItem) and item.seconds is not None and call.when == "call":
            report.duration = item.seconds  # of the cell, and not of the notebook it was run in
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep a notebook on one worker where pytest-xdist would spread its cells."""
        if config.getvalue("dist") not in ("load", "worksteal", "loadgroup"):
            return None
        from notebook_check.pytest_plugin.scheduling import NotebookScheduling

        return NotebookScheduling(config, log)


def _put_in_order(items: list[pytest.Item]) -> None:
    """Put the items of each notebook where its first one is."""
    notebooks: dict[CheckedNotebook, list[CheckedItem]] = {}
    for item in items:
        if isinstance(item, CheckedItem):
            notebooks.setdefault(item.parent, []).append(item)
    for own in notebooks.values():
        own.sort(key=lambda item: item.index)
    ordered: list[pytest.Item] = []
    for item in items:
        if isinstance(item, CheckedItem):
            ordered += notebooks.pop(item.parent, [])
        else:
            ordered.append(item)
    items[:] = ordered


class Session:
    """What is done once in a run: the summary, the ledgers and the HTML report."""

    def __init__(self, config: pytest.Config) -> None:
        """Start with nothing counted."""
        self.config = config
        self.cells: Counter[str] = Counter()
        self.notebooks: dict[Path, dict[str, int]] = {config.rootpath: {}}
        """How many cells are compared in each notebook that was looked at, by its ledger's folder.
        """
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
            root, notebook, count = properties[CELLS]
            self.notebooks.setdefault(Path(root), {})[notebook] = count
            if report.failed:
                self.rejected.add((Path(root), notebook))
        if data := getattr(report, "notebook_check", None):
            self.failed.append(Failed.from_data(report.nodeid, data))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write or ask the ledgers, and write the report; what cannot be done is a failure."""
        for root, notebooks in self.notebooks.items():
            try:
                if self.config.option.nbval_accept:
                    self._write_ledger(root, notebooks)
                else:
                    self._ask_ledger(root, notebooks, session)
            except NotebookError as error:
                self._fail(session, str(error))
            except OSError as error:
                self._fail(session, f"{ledger.NAME} cannot be written: {error.strerror}")
        if folder := self.config.option.nbval_report:
            try:
                page = write_report(Path(folder), self.failed, self._counts())
                self.lines.append(f"report: {page}")
            except OSError as error:
                self._fail(session, f"no report in {folder}: {error.strerror}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was compared, and what was not."""
        if any(self.notebooks.values()) or self.lines:
            terminalreporter.section("notebooks")
            for line in [*self.lines, self._counts()]:
                terminalreporter.line(in_a_line(line))

    def _fail(self, session: pytest.Session, line: str) -> None:
        self.lines.append(line)
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _ask_ledger(self, root: Path, notebooks: dict[str, int], session: pytest.Session) -> None:
        if not ledger.has_ledger(root):
            if notebooks and self.config.option.nbval_ledger_optional:
                self.lines.append(
                    f"no {ledger.NAME} here: a cell that is gone is not missed; "
                    f"{ledger.ACCEPT} writes one"
                )
            return
        known = ledger.read_ledger(root)
        for name in ledger.gone(known, root):
            self._fail(session, f"{name} is in {ledger.NAME}, and gone: if meant, {ledger.ACCEPT}")
        for name, count in sorted(notebooks.items()):
            if count > known.get(name, count):
                self.lines.append(
                    f"{name}: {count} cells compared, and {ledger.NAME} says {known[name]}: "
                    f"{ledger.ACCEPT} keeps them"
                )

    def _write_ledger(self, root: Path, notebooks: dict[str, int]) -> None:
        if root == self.config.rootpath and not notebooks and not ledger.has_ledger(root):
            return
        known = ledger.readable_ledger(root)
        counts = {n: c for n, c in notebooks.items() if (root, n) not in self.rejected}
        accepted = {**known, **counts}
        for name in ledger.gone(accepted, root):
            del accepted[name]
        for name in sorted({*known, *accepted}):
            if known.get(name) != accepted.get(name):
                was, now = known.get(name, "not listed"), accepted.get(name, "not listed")
                self.lines.append(f"{name}: {was}, now {now}")
        ledger.write_ledger(root, accepted)

    def _counts(self) -> str:
        kinds = ", ".join(f"{self.cells[kind]} {kind}" for kind in (COMPARED, SKIPPED, IGNORED))
        return f"{sum(map(len, self.notebooks.values()))} notebooks; cells: {kinds}"
