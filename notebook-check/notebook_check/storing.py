"""What of a new run is stored in a notebook: outputs that the check would not take for the same.

Slow to import (nbformat, nbval); the command imports it once it needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_check.compare.differences import Difference
from notebook_check.compare.outputs import compare_outputs
from notebook_check.errors import NotebookError
from notebook_check.execution import CellFailed
from notebook_check.markers import Markers, cell_markers, is_compared
from notebook_check.pytest_plugin import ledger
from notebook_check.settings import Settings, cell_settings, notebook_settings
from notebook_check.stored import cell_problems

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_OF_A_RUN = ("execution", "ExecuteTime", "papermill")  # times, and paths of a machine


@dataclass(frozen=True)
class Change:
    """A cell whose outputs are stored anew, and how they differ from those that were there."""

    cell: str
    differences: list[Difference]


@dataclass
class Recorded:
    """What `store_outputs` did to a notebook."""

    changes: list[Change] = field(default_factory=list)
    kept: int = 0
    """Cells whose outputs are others, though the same to the check, and were left as stored."""


def code_cells(notebook: Notebook) -> list[Notebook]:
    """Every cell of code, also an empty one."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def may_raise(cell: Notebook) -> bool:
    """Whether a cell promises an exception, by any of the marks that the check knows."""
    return cell_markers(cell).raises


def require_same_code(one: Notebook, other: Notebook) -> None:
    """Refuse two notebooks that are not one chapter in two languages: a NotebookError."""
    ours, theirs = code_cells(one), code_cells(other)
    for number, (cell, translated) in enumerate(zip(ours, theirs, strict=False)):
        for what in ("id", "source", "metadata"):
            if cell.get(what) != translated.get(what):
                raise NotebookError(f"{_name(cell, number)} has another {what} there")
    if len(ours) != len(theirs):
        raise NotebookError(f"it has {len(theirs)} cells of code there, and {len(ours)} here")


def require_recordable(notebook: Notebook) -> None:
    """Refuse what no run could be stored for: another language, or a tag or setting that is none.

    Raises NotebookError.
    """
    kernel, language = (notebook.metadata.get(name, {}) for name in ("kernelspec", "language_info"))
    found = kernel.get("language") or language.get("name") or "python"
    if found.lower() != "python":
        raise NotebookError(f"it is in {found}, and outputs are recorded by this Python")
    settings = notebook_settings(Settings(), notebook)
    for cell in code_cells(notebook):
        cell_markers(cell)
        cell_settings(settings, cell)


def store_outputs(notebook: Notebook, executed: Notebook, *, everything: bool = False) -> Recorded:
    """Store the outputs of ``executed`` in ``notebook``, of which it is a copy that was executed.

    An output that the check takes for the same stays as it is, byte for byte, unless
    ``everything`` is to be stored anew; so does one that its cell says is not compared.

    Raises `CellFailed` for outputs that the check could never accept.
    """
    recorded = Recorded()
    settings = notebook_settings(Settings(), notebook)
    pairs = zip(code_cells(notebook), code_cells(executed), strict=True)
    for number, (cell, new) in enumerate(pairs):
        markers = cell_markers(cell)
        if markers.skip or not cell.source.strip():
            cell.update(execution_count=None, outputs=cell.outputs if markers.skip else [])
            continue
        own = cell_settings(settings, cell)
        _require_storable(new, markers, own, _name(cell, number))
        differences = []
        if markers.compare or cell.execution_count is None:
            differences = compare_outputs(cell.outputs, new.outputs, own, source=cell.source)
        if differences or cell.execution_count is None:
            recorded.changes.append(Change(_name(cell, number), differences))
        elif cell.outputs != new.outputs and not everything:
            recorded.kept += _numbered(cell.outputs, new.execution_count) != new.outputs
            new.outputs = cell.outputs
        cell.execution_count = new.execution_count
        cell.outputs = _numbered(new.outputs, new.execution_count)
    _normalise_metadata(notebook)
    return recorded


def ledger_change(notebook: Notebook, path: Path) -> tuple[Path, str, int] | None:
    """The ledger's file, the notebook's name there and its new count, where that count changes.

    Raises NotebookError if the file is no ledger.
    """
    for folder in path.parents:
        if ledger.has_ledger(folder):
            name = path.relative_to(folder).as_posix()
            cells = (cell for cell in code_cells(notebook) if cell.source.strip())
            count = sum(map(is_compared, cells))
            same = ledger.read_ledger(folder).get(name) == count
            return None if same else (folder / ledger.NAME, name, count)
    return None


def _require_storable(new: Notebook, markers: Markers, settings: Settings, name: str) -> None:
    problem: object = next(cell_problems(new, raises=markers.raises), None)
    if not problem and markers.compare:
        problem = next(iter(compare_outputs(new.outputs, new.outputs, settings)), None)
    if problem:
        raise CellFailed(f"cannot be recorded: {name}: {problem}")


def _normalise_metadata(notebook: Notebook) -> None:
    for node in (notebook, *notebook.cells):
        for name in _OF_A_RUN:
            node.metadata.pop(name, None)
    notebook.metadata.update(kernelspec=dict(_KERNEL), language_info={"name": "python"})


def _numbered(outputs: list[Notebook], count: int) -> list[Notebook]:
    """The outputs, those that show a number beside them with the one of this run."""
    return [
        type(output)(output, execution_count=count) if "execution_count" in output else output
        for output in outputs
    ]


def _name(cell: Mapping[str, Any], number: int) -> str:
    return f"Cell {number}" + (f" ({cell['id']})" if "id" in cell else "")
