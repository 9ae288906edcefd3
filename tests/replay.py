"""A pytest plugin: kernels that answer with the outputs of a run that is on record.

Beside a notebook there is `new.json`, the notebook of that run. nbval and the check execute the
one and get the outputs of the other, through the messages of a kernel, in a moment. Where some
cells differ from the record, only these are judged.
"""

import functools
import json
from collections import deque
from pathlib import Path
from typing import Any

import nbformat
import nbval.plugin
import pytest
from nbformat.v4.rwbase import rejoin_lines
from nbval.kernel import NbvalKernelspecManager, RunningKernel

from notebook_check.execution import CellRun, NotebookRun
from notebook_check.rules import NotebookRules

RECORD = "new.json"


def pytest_configure() -> None:
    """Put the replay in the place of nbval's kernel, and of the check's execution."""
    nbval.plugin.RunningKernel = Replay
    NotebookRules.execute = replayed  # type: ignore[method-assign, assignment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the cells that are as on record, unless all of a notebook are."""
    cells = [item for item in items if hasattr(item, "cell")]
    changed = [item for item in cells if item.cell not in on_record(item.path.parent)]
    notebooks = {item.path for item in changed}
    same = {item for item in cells if item.path in notebooks} - {*changed}
    items[:] = [item for item in items if item not in same]


@functools.cache
def on_record(folder: Path) -> list[Any]:
    """Return the cells of the run that is on record in a folder, with texts as single strings."""
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    cells: list[Any] = rejoin_lines(nbformat.from_dict(record)).cells
    return cells


def replayed(rules: NotebookRules, notebook: Any, *, folder: Path, **options: Any) -> NotebookRun:
    """Give a notebook the outputs on record, as `NotebookRules.execute` gives it its own."""
    outputs = outputs_by_code(folder)
    run = NotebookRun()
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip() or rules.rule(cell).skip:
            continue
        cell.outputs = outputs[code_of(cell.source)]
        raised = [
            f"{out.ename}: {out.evalue}" for out in cell.outputs if out.output_type == "error"
        ]
        failure = f"it raised {raised[0]}" if raised and not rules.may_raise(cell) else ""
        run.cells[index] = CellRun("".join(raised[:1]), failure=failure)
        if failure:
            run.ended_by = index
            break
    return run


def outputs_by_code(folder: Path) -> dict[str, Any]:
    """Return the outputs on record in a folder, by the code that they are of."""
    cells = [cell for cell in on_record(folder) if cell.cell_type == "code"]
    return {code_of(cell.source): cell.outputs for cell in cells}


class Replay(RunningKernel):
    """A kernel for which every cell has run already."""

    def __init__(self, name: str, cwd: str, startup_timeout: float) -> None:
        """Read the record beside the notebook; fail as a kernel does that is not installed."""
        NbvalKernelspecManager().get_kernel_spec(name)
        self._by_code = outputs_by_code(Path(cwd))
        self._messages: deque[Any] = deque()
        self._current: list[Any] = []

    def is_alive(self) -> bool:
        """Say that it is."""
        return True

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Have the outputs on record for this code sent as messages."""
        code = code_of(source)
        self._current = self._by_code[code] if code.strip() else []
        contents = [(output["output_type"], output) for output in self._current]
        self._messages.extend(map(_message, [*contents, ("status", {"execution_state": "idle"})]))
        return _ID

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once."""

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """Return the next message."""
        return self._messages.popleft()

    def stop(self) -> None:
        """End nothing."""


_ID = "the only request"


def _message(content: tuple[str, Any]) -> Any:
    return {"msg_type": content[0], "content": content[1], "parent_header": {"msg_id": _ID}}


def code_of(source: str) -> str:
    """Return what a cell executes, without the comments in which nbval is told something."""
    kept = [line for line in source.splitlines() if not line.startswith("# NBVAL_")]
    return "\n".join(kept)
