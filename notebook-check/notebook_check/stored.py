"""What a notebook's file says by itself: can it be read, and is it stored as it ran?"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt

from notebook_check.errors import NotebookError
from notebook_check.quick_imports import import_jsonschema

import_jsonschema()

import nbformat  # noqa: E402
from nbformat.v4.rwbase import rejoin_lines  # noqa: E402
from nbformat.validator import iter_validate  # noqa: E402

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
_SCHEME = "attachment:"
_IN_HTML = re.compile(r"""\bsrc\s*=\s*["']?attachment:([^"'>]+)""")


@contextmanager
def _usual_recursion_limit() -> Iterator[None]:
    """Refuse deep nesting where another library, such as MindSpore, has raised Python's limit."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, 1000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@_usual_recursion_limit()
def read_notebook(path: Path) -> Notebook:
    """Read a notebook of format 4, with its texts as single strings.

    Raises:
        NotebookError: A file that is no such notebook; a single line says why.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or "nbformat" not in content:
            raise NotebookError("not a notebook: its JSON has no nbformat")
        if content["nbformat"] != 4:
            found = str(content["nbformat"])[:20]
            raise NotebookError(f"notebook format {found}, not 4: convert it with nbconvert")
        for problem in _schema_problems(content):
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
    except OSError as error:
        raise NotebookError(f"cannot be read: {error.strerror}") from None


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
            for name in dict.fromkeys(_attachments(cell.source)):
                if name not in cell.get("attachments", {}):
                    yield f"the text in cell {number} shows an attachment that is missing: {name}"


def _attachments(text: str) -> Iterator[str]:
    """The names of the attachments that a text in Markdown shows."""
    if _SCHEME not in text:
        return
    for block in MarkdownIt().parse(text):
        for token in (block, *(block.children or ())):
            if token.type == "image" and (shown := str(token.attrs["src"])).startswith(_SCHEME):
                yield unquote(shown.removeprefix(_SCHEME))
            elif token.type in ("html_inline", "html_block"):
                yield from map(unquote, _IN_HTML.findall(token.content))


def _count_problems(notebook: Notebook, is_skipped: Callable[[Notebook], bool]) -> Iterator[str]:
    cells = code_cells(notebook)
    counts = [cell.execution_count for cell in cells if cell.execution_count is not None]
    unrun = any(cell.execution_count is None and not is_skipped(cell) for cell in cells)
    in_order = counts == sorted(set(counts))
    if not in_order or (not unrun and counts != list(range(1, len(counts) + 1))):
        kind = "with gaps" if in_order else "out of order"
        shown = ", ".join(map(str, counts[:12])) + (", …" if len(counts) > 12 else "")
        yield f"execution counts {kind} ({shown}): run all cells in a new kernel and save it"
        return
    for cell in cells:
        for count in (output.get("execution_count") for output in cell.outputs):
            if count is not None and count != cell.execution_count:
                yield f"the result below In [{cell.execution_count}] is numbered Out[{count}]"


def cell_problems(cell: Notebook, *, may_raise: bool) -> Iterator[str]:
    """What is wrong with a stored cell of code, that may raise an exception or must not."""
    raised = next((out for out in cell.outputs if out.output_type == "error"), None)
    if cell.source.strip() and cell.execution_count is None:
        yield "stored as never run: run all cells and save the notebook"
    elif raised and not may_raise:
        tag = "if it is meant, tag the cell raises-exception"
        yield f"an exception is stored: {tag} ({raised.ename})"


def _schema_problems(content: dict[str, Any]) -> Iterator[str]:
    """Where the JSON is not what the format of notebooks says, but for ids that are missing.

    Jupyter and nbformat only warn of these.
    """
    minor = _minor(content)
    try:
        for error in iter_validate(_with_ids(content), version=4, version_minor=minor):
            field = ".".join(map(str, error.path)) or "its top level"
            message = error.message if len(error.message) <= 120 else f"{error.message[:119]}…"
            yield f"{field}: {message}"
    except RecursionError:
        raise
    except Exception as error:  # nbformat looks into what it has not validated yet
        yield f"a part of it is not what it should be ({type(error).__name__}: {error})"[:160]


def _with_ids(content: dict[str, Any]) -> dict[str, Any]:
    cells = content.get("cells")
    if content.get("nbformat_minor", 0) < 5 or not isinstance(cells, list):
        return content
    numbered = [
        {"id": f"cell-{number}", **cell} if isinstance(cell, dict) else cell
        for number, cell in enumerate(cells)
    ]
    return content | {"cells": numbered}


def _minor(content: dict[str, Any]) -> int:
    minor = content.get("nbformat_minor", 0)
    if not isinstance(minor, int):
        raise NotebookError(f"not a valid notebook: nbformat_minor is {str(minor)[:20]!r}")
    return minor
