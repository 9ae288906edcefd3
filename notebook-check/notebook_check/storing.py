"""What of a new run is stored in a notebook: outputs that the check would not take for the same.

Slow to import (nbformat, nbval); the command imports it once it needs it.
"""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4.rwbase import split_lines

from notebook_check.compare.differences import Difference
from notebook_check.compare.outputs import compare_outputs
from notebook_check.errors import NotebookError
from notebook_check.execution import Execution, Raised
from notebook_check.markers import Markers, cell_markers, is_compared
from notebook_check.project import Project
from notebook_check.pytest_plugin import ledger
from notebook_check.settings import Settings, cell_settings, notebook_settings
from notebook_check.stored import cell_problems

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_WIDGETS = "widgets"
_VIEW = "application/vnd.jupyter.widget-view+json"


class CellsFailed(Exception):
    """Cells of which nothing can be stored: a line for each."""


@dataclass(frozen=True)
class Change:
    """A cell whose outputs are stored anew, and how they differ from those that were there."""

    cell: str
    differences: list[Difference]


@dataclass
class Stored:
    """What `store_outputs` did to a notebook."""

    changes: list[Change] = field(default_factory=list)
    kept: int = 0
    """Cells whose outputs are others, though the same to the check, and were left as stored."""


def all_code_cells(notebook: Notebook) -> list[Notebook]:
    """Return every cell of code, also an empty one."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def read_recorded(file: Path) -> tuple[Path, tuple[Project, Execution] | str]:
    """Return what the check wrote for `record`: a notebook's path, and what came of it.

    That is its project and its execution, or the line that says why it was not executed.
    """
    data = json.loads(file.read_text(encoding="utf-8"))
    if "problem" in data:
        return Path(data["path"]), str(data["problem"])
    run = data["execution"]
    execution = Execution(
        nbformat.from_dict(run["notebook"]),
        {int(index): Raised(**one) for index, one in run["raised"].items()},
        run["ended_at"],
        run["reason"],
    )
    return Path(data["path"]), (Project.from_data(data["project"]), execution)


def require_same_code(one: Notebook, other: Notebook) -> None:
    """Refuse two notebooks that are not one chapter in two languages: a NotebookError."""
    ours, theirs = all_code_cells(one), all_code_cells(other)
    for number, (cell, translated) in enumerate(zip(ours, theirs, strict=False)):
        for what in ("id", "source", "metadata"):
            if cell.get(what) != translated.get(what):
                raise NotebookError(f"{_name(cell, number)} has another {what} there")
    if len(ours) != len(theirs):
        raise NotebookError(f"it has {len(theirs)} cells of code there, and {len(ours)} here")


def require_recordable(notebook: Notebook) -> None:
    """Refuse, before it runs, a notebook whose tags or settings cannot be: a NotebookError."""
    settings = notebook_settings(Settings(), notebook)
    for number, cell in enumerate(all_code_cells(notebook)):
        try:
            cell_markers(cell)
            cell_settings(settings, cell)
        except NotebookError as error:
            raise NotebookError(f"{_name(cell, number)}: {error}") from None


def store_outputs(
    notebook: Notebook, execution: Execution, project: Project, *, everything: bool = False
) -> Stored:
    """Put the outputs of a run into a notebook, in place, where the check would tell them apart.

    Args:
        notebook: as it is stored.
        execution: of a notebook with the same code.
        project: what the check compares with.
        everything: whether to store also what is the same to the check.

    Raises:
        CellsFailed: Cells that raised, or whose outputs the check would not accept.
    """
    stored, problems = Stored(), list(_problems(execution, project))
    if problems:
        raise CellsFailed("\n".join(problems))
    settings, clean = notebook_settings(project.settings, notebook), project.clean()
    pairs = zip(all_code_cells(notebook), all_code_cells(execution.notebook), strict=True)
    for number, (cell, new) in enumerate(pairs):
        markers, own = cell_markers(cell), cell_settings(settings, cell)
        if markers.skip or not cell.source.strip():
            cell.update(execution_count=None, outputs=cell.outputs if markers.skip else [])
            continue
        differences = []
        if markers.compare or cell.execution_count is None:
            differences = compare_outputs(
                cell.outputs, new.outputs, own, source=cell.source, clean=clean
            )
        if differences or cell.execution_count is None:
            stored.changes.append(Change(_name(cell, number), differences))
        elif cell.outputs != new.outputs and not everything:
            stored.kept += _numbered(cell.outputs, new.execution_count) != new.outputs
            if not _shows_a_widget(new):
                new = new | {"outputs": cell.outputs}
        cell.execution_count = new["execution_count"]
        cell.outputs = _numbered(new["outputs"], new["execution_count"])
    _update_metadata(notebook, execution.notebook)
    return stored


def patched_text(before: str, notebook: Notebook) -> str:
    """Return the text of a notebook's file with the outputs and counts that `notebook` has now.

    Whatever else is in the file stays as it is, its indentation, line ends and escapes included.
    """
    content = json.loads(before)
    changed = False
    for cell, new in zip(content["cells"], notebook.cells, strict=True):
        if new.cell_type == "code":
            changed |= _patch(cell, "outputs", [_in_lines(output) for output in new.outputs])
            changed |= _patch(cell, "execution_count", new.execution_count)
    for name in ("kernelspec", "language_info", _WIDGETS):
        changed |= _patch(content["metadata"], name, notebook.metadata.get(name))
    return _written_like(before, content) if changed else before


def _patch(node: dict[str, Any], name: str, value: Any) -> bool:
    """Give a field of a notebook's JSON its value, None for none; say whether it had another."""
    if name == "outputs" and [*map(_rejoined, node[name])] == [*map(_rejoined, value)]:
        return False
    if node.get(name) == value:
        return False
    if value is None and name != "execution_count":
        del node[name]
    else:
        node[name] = value
    return True


def _rejoined(output: Any) -> Any:
    """An output with each of its texts as a single string, as a file may have it or not."""
    if isinstance(output, Mapping):
        return {key: _rejoined(value) for key, value in output.items()}
    if isinstance(output, list) and output and all(isinstance(one, str) for one in output):
        return "".join(output)
    return output


def _in_lines(output: Notebook) -> dict[str, Any]:
    """An output with its texts in lines, as nbformat writes them."""
    plain: dict[str, Any] = json.loads(json.dumps(output))
    cell = {"cell_type": "code", "source": "", "outputs": [plain]}
    made = nbformat.from_dict({"cells": [cell], "metadata": {}})
    split = split_lines(made).cells[0].outputs[0]
    return dict(sorted(json.loads(json.dumps(split)).items()))


def _written_like(before: str, content: dict[str, Any]) -> str:
    """The JSON of a notebook, set as the text that was there before."""
    found = re.match(r"\s*\{\r?\n([ \t]+)", before)
    indent = found[1] if found else None
    keys = list(content)
    text = json.dumps(
        content,
        ensure_ascii=before.isascii() and "\\u" in before,
        indent=indent,
        sort_keys=keys == sorted(keys),
    )
    text += before[len(before.rstrip()) :].replace("\r\n", "\n")
    return text.replace("\n", "\r\n") if "\r\n" in before else text


def ledger_change(notebook: Notebook, path: Path) -> tuple[Path, str, int] | None:
    """The ledger's file, the notebook's name there and its new count, where that count changes.

    Raises NotebookError if the file is no ledger.
    """
    folder = ledger.folder_of_ledger(path, path.parent)
    if not ledger.has_ledger(folder):
        return None
    name = ledger.name_in_ledger(path, folder)
    count = sum(is_compared(cell) for cell in all_code_cells(notebook) if cell.source.strip())
    same = ledger.read_ledger(folder).get(name) == count
    return None if same else (folder / ledger.NAME, name, count)


def _problems(execution: Execution, project: Project) -> Iterator[str]:
    """Why the outputs of a run cannot be stored, a line for each cell that is to blame."""
    settings, clean = notebook_settings(project.settings, execution.notebook), project.clean()
    number = -1
    for index, cell in enumerate(execution.notebook.cells):
        if cell.cell_type != "code":
            continue
        number += 1
        markers = cell_markers(cell)
        if markers.skip or not cell.source.strip():
            continue
        own = cell_settings(settings, cell)
        if problem := _problem(execution, index, markers, own, clean):
            first = next(line for line in cell.source.splitlines() if line.strip())
            yield f"{_name(cell, number)}: {problem}\n    {first.strip()[:80]}"
        if index == execution.ended_at:
            return


def _problem(
    execution: Execution, index: int, markers: Markers, settings: Settings, clean: Any
) -> str | None:
    cell, raised = execution.notebook.cells[index], execution.raised.get(index)
    may_raise = markers.raises or settings.allow_errors
    if index == execution.ended_at:
        return f"{execution.reason}; the cells after it were not run"
    if raised and not may_raise:
        return f"{raised}; if it is meant, tag the cell raises-exception"
    if markers.raises and not raised:
        return "it promises an exception by its tag, and raised none"
    if problem := next(cell_problems(cell, may_raise=may_raise), None):
        return problem
    if markers.compare and (
        found := compare_outputs(cell.outputs, cell.outputs, settings, clean=clean)
    ):
        return str(found[0])
    return None


def _update_metadata(notebook: Notebook, executed: Notebook) -> None:
    """Name a kernel where none is named, and keep the state of the widgets that are shown."""
    if not notebook.metadata.get("kernelspec", {}).get("name"):
        notebook.metadata["kernelspec"] = dict(_KERNEL)
        notebook.metadata.setdefault("language_info", {"name": "python"})
    shown = any(map(_shows_a_widget, all_code_cells(notebook)))
    if shown and _WIDGETS in executed.metadata:
        notebook.metadata[_WIDGETS] = executed.metadata[_WIDGETS]


def _shows_a_widget(cell: Notebook) -> bool:
    return any(_VIEW in output.get("data", {}) for output in cell.outputs)


def _numbered(outputs: list[Notebook], count: int) -> list[Notebook]:
    """The outputs, those that show a number beside them with the one of this run."""
    return [
        type(output)(output, execution_count=count) if "execution_count" in output else output
        for output in outputs
    ]


def _name(cell: Mapping[str, Any], number: int) -> str:
    return f"Cell {number}" + (f" ({cell['id']})" if "id" in cell else "")
