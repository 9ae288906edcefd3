"""What of a new run is stored in a notebook: outputs that the check would not take for the same.

Slow to import (nbformat, nbval); the command imports it once it needs it.
"""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.v4.rwbase import split_lines

from notebook_check.compare.differences import Difference
from notebook_check.errors import NotebookError
from notebook_check.execution import CellFailed, NotebookRun
from notebook_check.markers import cell_markers, is_compared
from notebook_check.pytest_plugin import ledger
from notebook_check.rules import NotebookRules, Project
from notebook_check.stored import cell_problems

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_WIDGETS = "application/vnd.jupyter.widget-state+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"


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


def require_same_code(one: Notebook, other: Notebook) -> None:
    """Refuse two notebooks whose cells of code are not the same: a NotebookError."""
    ours, theirs = code_cells(one), code_cells(other)
    for number, (cell, other_cell) in enumerate(zip(ours, theirs, strict=False)):
        here, there = _authored(cell), _authored(other_cell)
        for what in here:
            if here[what] != there[what]:
                raise NotebookError(f"{cell_name(cell, number)} has another {what} there")
    if len(ours) != len(theirs):
        raise NotebookError(f"it has {len(theirs)} cells of code there, and {len(ours)} here")


def _authored(cell: Notebook) -> dict[str, Any]:
    """What of a cell is its author's: all but its outputs, and what Jupyter notes at each run."""
    metadata = {name: value for name, value in cell.metadata.items() if name != "execution"}
    return {"id": cell.get("id"), "source": cell.source, "metadata": metadata}


def require_recordable(notebook: Notebook, project: Project) -> None:
    """Refuse what no run could be stored for: a tag or a setting that is none.

    A notebook that names no kernel gets the one of this environment. Raises NotebookError.
    """
    if not notebook.metadata.get("kernelspec", {}).get("name") and not project.kernel:
        language = notebook.metadata.get("language_info", {}).get("name", "python")
        if language != "python":
            raise NotebookError(f"it is in {language} and names no kernel: save it in Jupyter")
        notebook.metadata["kernelspec"] = dict(_KERNEL)
        notebook.metadata.setdefault("language_info", {"name": "python"})
    rules = project.rules(notebook)
    for cell in code_cells(notebook):
        cell_markers(cell)
        rules.of(cell)


def require_promised(notebook: Notebook, run: NotebookRun) -> None:
    """Refuse a run in which a cell that promises an exception raised none: a CellFailed."""
    for number, cell in enumerate(code_cells(notebook)):
        ran = run.cells.get(notebook.cells.index(cell))
        if ran is not None and not ran.raised and cell_markers(cell).raises:
            name = cell_name(cell, number)
            raise CellFailed(
                f"cannot be recorded: {name}: it promises an exception by its tag, and raised none"
            )


def store_outputs(
    notebook: Notebook,
    executed: Notebook,
    rules: NotebookRules | None = None,
    *,
    everything: bool = False,
) -> Recorded:
    """Store the outputs of ``executed`` in ``notebook``, of which it is a copy that was executed.

    An output that the check takes for the same stays as it is, byte for byte, unless
    ``everything`` is to be stored anew; so does one that its cell says is not compared. Nothing
    else of the notebook changes, but the state of its widgets, which goes with their views.

    Raises `CellFailed` for outputs that the check could never accept.
    """
    recorded = Recorded()
    rules = rules or Project().rules(notebook)
    for number, (cell, new) in enumerate(
        zip(code_cells(notebook), code_cells(executed), strict=True)
    ):
        markers = cell_markers(cell)
        if markers.skip or not cell.source.strip():
            cell.update(execution_count=None, outputs=cell.outputs if markers.skip else [])
            continue
        _require_storable(new, rules, cell_name(cell, number), compared=markers.compare)
        differences = []
        if markers.compare or cell.execution_count is None:
            differences = rules.differences(cell, new.outputs)
        if differences or cell.execution_count is None:
            recorded.changes.append(Change(cell_name(cell, number), differences))
            cell.metadata.pop("execution", None)  # when the outputs that go were made
        elif cell.outputs != new.outputs and not everything:
            recorded.kept += _numbered(cell.outputs, new.execution_count) != new.outputs
            cell.update(execution_count=new.execution_count)
            cell.outputs = _numbered(cell.outputs, new.execution_count)
            continue
        cell.execution_count = new.execution_count
        cell.outputs = _numbered(new.outputs, new.execution_count)
    _store_widgets(notebook, executed)
    return recorded


def _store_widgets(notebook: Notebook, executed: Notebook) -> None:
    """Have the state of every widget that is shown in the notebook, so that a page can show it.

    Each run gives widgets other names. So views and state are of one run: what is stored, if that
    is whole, or else the new one.
    """
    shown = _views(notebook)
    if shown <= {*notebook.metadata.get("widgets", {}).get(_WIDGETS, {}).get("state", {})}:
        return
    for cell, new in zip(code_cells(notebook), code_cells(executed), strict=True):
        if _views_of(cell):
            cell.outputs = _numbered(new.outputs, new.execution_count)
    if "widgets" in executed.metadata:
        notebook.metadata["widgets"] = executed.metadata.widgets


def like_the_first(first: Notebook, notebook: Notebook) -> None:
    """Store in a notebook what another of the same code shows, but for pictures, which have words.

    A time that was measured in each, for one, would not be the same in both.
    """
    for cell, other in zip(code_cells(first), code_cells(notebook), strict=True):
        if [*map(_kind, cell.outputs)] == [*map(_kind, other.outputs)]:
            other.outputs = [
                own if "picture" in _kind(own) else theirs
                for theirs, own in zip(cell.outputs, other.outputs, strict=True)
            ]


def _kind(output: Notebook) -> str:
    pictures = any(mime.startswith("image/") for mime in output.get("data", {}))
    return output.output_type + (", picture" if pictures else "")


def _views(notebook: Notebook) -> set[str]:
    return {name for cell in code_cells(notebook) for name in _views_of(cell)}


def _views_of(cell: Notebook) -> set[str]:
    views = (output.get("data", {}).get(_WIDGET) for output in cell.outputs)
    return {str(view.get("model_id")) for view in views if isinstance(view, dict)}


def with_outputs(data: bytes, notebook: Notebook) -> bytes:
    """Return a notebook's file with the outputs and widgets of ``notebook``, and else as it is.

    What an author's editor made of it stays: the order of keys, the indent, the ends of lines.
    """
    text = data.decode("utf-8")
    content = json.loads(text)
    stored = json.loads(json.dumps(split_lines(copy.deepcopy(notebook)), sort_keys=True))
    for cell, own in zip(content["cells"], stored["cells"], strict=True):
        if cell["cell_type"] == "code":
            _update(cell, own, ("execution_count", "outputs"))
            if "execution" not in own["metadata"]:
                cell["metadata"].pop("execution", None)
    _update(content["metadata"], stored["metadata"], ("kernelspec", "language_info", "widgets"))
    if content == json.loads(text):
        return data
    indent = re.match(r"\{\r?\n?([ \t]*)", text)
    written = json.dumps(
        content,
        ensure_ascii=text.isascii() and "\\u" in text,
        indent=(indent[1] if indent and indent[1] else None) if "\n" in text.strip() else None,
    )
    newline = "\r\n" if "\r\n" in text else "\n"
    end = newline if text.endswith("\n") else ""
    return (written.replace("\n", newline) + end).encode("utf-8")


def _update(target: dict[str, Any], source: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in source and target.get(name) != source[name]:
            old = json.loads(json.dumps(target.get(name)))
            if _joined(old) != _joined(source[name]):
                target[name] = source[name]


def _joined(value: Any) -> Any:
    """A value in which a text is a single string, whether it was stored by lines or not."""
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_joined(item) for item in value]
    return value


def ledger_change(notebook: Notebook, path: Path) -> tuple[Path, str, int] | None:
    """The ledger's file, the notebook's name there and its new count, where that count changes.

    Raises NotebookError if the file is no ledger.
    """
    folder = ledger.folder_of(path, path.parent)
    if not ledger.has_ledger(folder):
        return None
    name = path.relative_to(folder).as_posix()
    cells = (cell for cell in code_cells(notebook) if cell.source.strip())
    count = sum(map(is_compared, cells))
    same = ledger.read_ledger(folder).get(name) == count
    return None if same else (folder / ledger.NAME, name, count)


def will_not_hold(notebook: Notebook, again: Notebook, rules: NotebookRules) -> Iterator[str]:
    """Say which cells of a notebook show something else when it is executed ``again``."""
    for number, (cell, new) in enumerate(zip(code_cells(notebook), code_cells(again), strict=True)):
        if cell.source.strip() and is_compared(cell):
            for difference in rules.differences(cell, new.outputs)[:1]:
                yield f"{cell_name(cell, number)}: {difference}"


def _require_storable(new: Notebook, rules: NotebookRules, name: str, *, compared: bool) -> None:
    problem: object = next(cell_problems(new, may_raise=rules.may_raise(new)), None)
    if not problem and compared:
        problem = next(iter(rules.differences(new, new.outputs)), None)
    if problem:
        raise CellFailed(f"cannot be recorded: {name}: {problem}")


def _numbered(outputs: list[Notebook], count: int) -> list[Notebook]:
    """The outputs, those that show a number beside them with the one of this run."""
    return [
        type(output)(output, execution_count=count) if "execution_count" in output else output
        for output in outputs
    ]


def cell_name(cell: Mapping[str, Any], number: int) -> str:
    """What a cell of code is called in messages."""
    return f"Cell {number}" + (f" ({cell['id']})" if "id" in cell else "")
