"""A change to a stored chapter or to its code, and the verdicts that it has to get."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import nbformat

from notebook_check.figures import MIME

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
Cell = Any
Change = Callable[[Any], object]
Nbval = Literal["passes", "fails"]

C1, C2, C3 = "01_derivatives", "02_autograd", "03_computational_graph"
FILE = "stored"  # the name of the item that stands for the file
PNG, SVG, TEXT = "image/png", "image/svg+xml", "text/plain"
RAISES = "raises-exception"


@dataclass(frozen=True)
class Mutation:
    """A change to a chapter, and its verdicts.

    Attributes:
        chapter: the stem of its file.
        change: what is done to the notebook as it is stored.
        where: the id of the cell that has to fail, `FILE`, or "" where everything has to pass.
        reason: a part of the line that says why.
        nbval: the verdict of plain nbval.
        given: what is done before, to the stored notebook and to the new run alike.
        content: what is done last, to the text of the file.
        edited: the id of the cell whose code `given` changes, and which then has to be executed.
    """

    chapter: str
    change: Change
    where: str
    reason: str
    nbval: Nbval
    given: Change = lambda notebook: None
    content: Callable[[str], str] = str
    edited: str = ""


def by_id(notebook: Notebook, cell_id: str) -> Cell:
    """Return the cell of an id."""
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return cell


def replaced(text: str, old: str, new: str) -> str:
    """Return a text with its only or first `old` replaced, which has to be there."""
    assert old in text, f"no {old!r} in {text!r:.200}"
    return text.replace(old, new, 1)


def description(cell: Cell) -> Any:
    """Return the description of the figure that a cell displays."""
    return next(out.data[MIME] for out in cell.outputs if MIME in out.get("data", {}))


def picture(cell: Cell) -> Any:
    """Return the output of a cell that has a picture."""
    return next(out for out in cell.outputs if {PNG, SVG} & {*out.get("data", {})})


def nothing(notebook: Notebook) -> None:
    """Change nothing."""


def error(name: str, message: str, *traceback: str) -> Any:
    """Return the output of a cell that raised."""
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=list(traceback))


def on(cell_id: str, change: Change) -> Change:
    """Return the change of a notebook that changes one cell."""
    return lambda notebook: change(by_id(notebook, cell_id))


def run_again(notebook: Notebook) -> None:
    """Count the cells as a run of the notebook as it is now would."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())
    for count, cell in enumerate(code, 1):
        cell.execution_count = count


def tagged(*tags: str, **nbval: Any) -> Change:
    """Return the change of a cell that gives it tags, and settings of the check."""
    return lambda cell: cell.metadata.update(tags=[*tags], **({"nbval": nbval} if nbval else {}))
