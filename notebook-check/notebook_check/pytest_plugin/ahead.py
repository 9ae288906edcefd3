"""Several notebooks executed at the same time, ahead of the items that judge them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_core.utils import ensure_event_loop

from notebook_check.execution import NotebookRun
from notebook_check.pytest_plugin.items import CheckedCell, CheckedNotebook
from notebook_check.stored import Notebook


class Ahead:
    """Executes notebooks in threads, each of which waits for a kernel, in the order of the items.

    As many as run may also be done and wait to be judged: more would only take memory.
    """

    def __init__(self, jobs: int) -> None:
        """Execute as many notebooks at the same time."""
        self._pool = ThreadPoolExecutor(jobs)
        self._room = threading.Semaphore(2 * jobs)
        self._stop = threading.Event()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin."""
        if not session.config.option.collectonly:
            for notebook in _notebooks(session.items):
                notebook.ahead = self._pool.submit(self._execute, notebook)

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Make room for another notebook after the last cell of one."""
        judged = isinstance(item, CheckedCell) and item.parent.ahead is not None
        if judged and (nextitem is None or nextitem.parent is not item.parent):
            self._room.release()

    def pytest_unconfigure(self) -> None:
        """End what still runs."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def _execute(self, notebook: CheckedNotebook) -> tuple[Notebook, NotebookRun]:
        while not self._room.acquire(timeout=0.5) and not self._stop.is_set():
            pass
        try:
            return notebook.execute(self._stop)
        finally:  # jupyter_client makes an event loop for each thread, and leaves it open
            ensure_event_loop().close()


def _notebooks(items: Sequence[pytest.Item]) -> list[CheckedNotebook]:
    """The notebooks of which some cell is to be judged."""
    cells = (item for item in items if isinstance(item, CheckedCell) and item.is_run)
    return list(dict.fromkeys(cell.parent for cell in cells))
