"""What a notebook's file says by itself: can it be read, and is it stored as it ran?"""

import json
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from nbformat.v4.rwbase import rejoin_lines
from nbformat.validator import iter_validate

from notebook_check.errors import NotebookError

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
_OF_A_KERNEL = {"kernelspec": ("name", "display_name", "language"), "language_info": ("name",)}
_CODE = re.compile(r"(`{3,}|~{3,}).*?\1|(`+).*?\2", re.DOTALL)  # of Markdown
_ATTACHMENT = re.compile(
    r"""\(\s*<?attachment:((?:[^()<>\s]|\([^()\s]*\))+)|<img[^>]+src\s*=\s*["']attachment:([^"']+)"""
)


@contextmanager
def _usual_recursion_limit() -> Iterator[None]:
    """Refuse deep nesting where another library, such as MindSpore, has raised Python's limit."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, 1000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def read_notebook(path: Path) -> Notebook:
    """Read a notebook of format 4, with its texts as single strings.

    Raises:
        NotebookError: A file that is no such notebook; a single line says why.
    """
    return parse_notebook(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Return what is in a notebook's file; a NotebookError where it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder that cannot be listed" if path.is_dir() else "not a file with a text"
            raise NotebookError(f"cannot be read: it is {kind}")
        return path.read_bytes()
    except OSError as error:
        raise NotebookError(f"cannot be read: {error.strerror}") from None


@_usual_recursion_limit()
def parse_notebook(data: bytes) -> Notebook:
    """Return the notebook that is in a file's bytes; a NotebookError where there is none."""
    try:
        content = json.loads(data.decode("utf-8"))
        if not isinstance(content, dict) or "nbformat" not in content:
            raise NotebookError("not a notebook: its JSON has no nbformat")
        if content["nbformat"] != 4:
            found = str(content["nbformat"])[:20]
            raise NotebookError(f"notebook format {found}, not 4: convert it with nbconvert")
        _name_cells(content)
        if problem := next(_format_problems(content), None):
            raise NotebookError(f"not a valid notebook: {problem}")
        # Texts that no terminal and no kernel can take, such as half a surrogate pair.
        json.dumps(content, ensure_ascii=False).encode("utf-8")
        return rejoin_lines(nbformat.from_dict(content))
    except RecursionError:
        raise NotebookError("nested too deeply to be read") from None
    except UnicodeError:
        raise NotebookError("a text in it is not valid Unicode") from None
    except ValueError as error:
        raise NotebookError(f"not JSON: {error}") from None


def _name_cells(content: dict[str, Any]) -> None:
    """Give the cells without an id one: Jupyter opens such notebooks, and so did their authors."""
    cells = content.get("cells")
    if isinstance(cells, list) and _minor(content) >= 5:
        for number, cell in enumerate(cells):
            if isinstance(cell, dict):
                cell.setdefault("id", f"cell-{number}")


def _format_problems(content: dict[str, Any]) -> Iterator[str]:
    """What in a notebook is not as its format says, or not of the type that Jupyter gives it."""
    cells = content.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else []):
        kind = cell.get("cell_type", "") if isinstance(cell, dict) else ""
        if not isinstance(kind, str):  # which the search for a good message would not survive
            yield f"cells.{number}.cell_type: {str(kind)[:40]!r} is not a text"
            return
    try:
        for error in iter_validate(content, version=4, version_minor=_minor(content)):
            yield f"{'.'.join(map(str, error.path)) or 'its top level'}: {error.message[:120]}"
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        yield str(error)[:120]
    for name, fields in _OF_A_KERNEL.items():
        part = content["metadata"].get(name, {})
        if not isinstance(part, dict):
            yield f"metadata.{name}: {str(part)[:40]!r} is not a table"
            return
        for field in fields:
            if not isinstance(value := part.get(field, ""), str):
                yield f"metadata.{name}.{field}: {str(value)[:40]!r} is not a text"


def code_cells(notebook: Notebook) -> list[Notebook]:
    """Return the cells with code to execute, empty ones left out."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def is_stripped(notebook: Notebook) -> bool:
    """Say whether a notebook has code, and no cell of it was stored as it ran."""
    cells = code_cells(notebook)
    return bool(cells) and all(c.execution_count is None and not c.outputs for c in cells)


def notebook_problems(
    notebook: Notebook, is_skipped: Callable[[Notebook], bool] = lambda cell: False
) -> Iterator[str]:
    """What is wrong with a stored notebook as a whole, one line each.

    A skipped cell need not have been run. That another one was not is left to its own check.
    """
    if is_stripped(notebook):
        yield "stored without outputs: run all its cells and save it"
        return
    yield from _count_problems(notebook, is_skipped)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for found in _ATTACHMENT.findall(_CODE.sub("", cell.source)):
                if unquote(name := "".join(found)) not in cell.get("attachments", {}):
                    yield f"the text in cell {number} shows an attachment that is missing: {name}"


def _count_problems(notebook: Notebook, is_skipped: Callable[[Notebook], bool]) -> Iterator[str]:
    cells = code_cells(notebook)
    counts = [cell.execution_count for cell in cells if cell.execution_count is not None]
    unrun = any(cell.execution_count is None and not is_skipped(cell) for cell in cells)
    in_order = counts == sorted(set(counts))
    if not in_order or (not unrun and counts != list(range(1, len(counts) + 1))):
        kind = "with gaps" if in_order else "out of order"
        shown = ", ".join(map(str, counts[:12])) + (", …" if len(counts) > 12 else "")
        yield f"execution counts {kind} ({shown}): run all cells in a new kernel and save it"


def cell_problems(cell: Notebook, *, may_raise: bool) -> Iterator[str]:
    """What is wrong with a stored cell of code, of which `may_raise` says whether it should."""
    raised = any(output.output_type == "error" for output in cell.outputs)
    if cell.source.strip() and cell.execution_count is None:
        yield "stored as never run: run all cells and save the notebook"
    elif raised and not may_raise:
        yield "an exception is stored: if it is meant, tag the cell raises-exception"


def _minor(content: dict[str, Any]) -> int:
    minor = content.get("nbformat_minor", 0)
    if not isinstance(minor, int):
        raise NotebookError(f"not a valid notebook: nbformat_minor is {str(minor)[:20]!r}")
    return minor
