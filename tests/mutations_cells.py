"""Cells changed: what they have, apart from the text of their outputs."""

import copy
from collections.abc import Mapping
from typing import Any

import nbformat
from mutation import (
    C1,
    C2,
    C3,
    RAISES,
    TEXT,
    Cell,
    Change,
    Mutation,
    Nbval,
    by_id,
    error,
    picture,
    tagged,
)

from notebook_check.compare.outputs import LARGEST


def _in_pieces(cell: Cell) -> None:
    (whole,) = cell.outputs
    lines = whole.text.splitlines(keepends=True)
    cell.outputs = [nbformat.from_dict({**whole, "text": line}) for line in lines]


def _as_result(output: Any) -> None:
    output.update(output_type="execute_result", execution_count=1)


def _copied_to(cell: Cell) -> None:
    cell.outputs.append(copy.deepcopy(cell.outputs[-1]))


def _without_text(cell: Cell) -> None:
    del picture(cell).data[TEXT]


CELLS: Mapping[str, tuple[str, str, Change, str, Nbval]] = {
    "outputs cleared": (
        C3, "walk-b", lambda c: c.outputs.clear(), "no output is now stdout", "fails"),
    "outputs and count cleared": (
        C3, "walk-b", lambda c: c.update(outputs=[], execution_count=None),
        "stored as never run", "passes"),
    "the count cleared": (
        C3, "walk-b", lambda c: c.update(execution_count=None), "stored as never run", "fails"),
    "stdout and a display swapped": (
        C2, "solution-5-code", lambda c: c.outputs.reverse(),
        "stdout, display is now display, stdout", "passes"),
    "a display twice": (
        C3, "cost-figure", _copied_to, "display, display is now display", "fails"),
    "a display lost": (
        C2, "solution-5-code", lambda c: c.outputs.remove(picture(c)),
        "stdout is now display, stdout", "fails"),
    "a result for a display": (
        C3, "cost-figure", lambda c: _as_result(c.outputs[0]), "result is now display", "passes"),
    "the text beside a picture lost": (
        C3, "cost-figure", _without_text, "text/plain is new, and not stored", "fails"),
    "HTML beside a picture": (
        C3, "cost-figure", lambda c: picture(c).data.update({"text/html": "<b>1</b>"}),
        "text/html is stored, and no longer there", "fails"),
    "stderr for stdout": (
        C3, "walk-b", lambda c: c.outputs[0].update(name="stderr"),
        "stderr is now stdout", "fails"),
    "a warning that is gone": (
        C3, "walk-b",
        lambda c: c.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="Beware")),
        "stdout, stderr is now stdout", "fails"),
    "printed in pieces": (C1, "descent-loop", _in_pieces, "", "passes"),
    "a promise of an exception": (
        C3, "walk-b", tagged(RAISES),
        "it promises an exception by its tag, and raised none", "passes"),
    "an exception out of nowhere": (
        C3, "walk-b", lambda c: c.outputs.append(error("ValueError", "no", "ValueError: no")),
        "an exception is stored: if it is meant, tag the cell", "fails"),
    "a tag with a slip": (C3, "walk-b", tagged("nbval-skp"), "no tag 'nbval-skp'", "passes"),
    "a setting with a slip": (
        C3, "walk-b", lambda c: c.metadata.update(nbval={"rtl": 0.1}),
        "no setting 'rtl'", "passes"),
    "more than can be compared": (
        C3, "walk-b", lambda c: c.outputs[0].update(text="1" * (LARGEST + 1)),
        "characters are too many to compare", "fails"),
    "an editor's metadata": (
        C3, "walk-b", lambda c: c.metadata.update(collapsed=True, scrolled=False), "", "passes"),
    "another id": (C3, "walk-b", lambda c: c.update(id="walk-b-2"), "", "passes"),
}  # fmt: skip


def _cell(row: tuple[str, str, Change, str, Nbval]) -> Mutation:
    chapter, cell_id, change, reason, nbval = row
    where = cell_id if reason else ""
    return Mutation(chapter, lambda n: change(by_id(n, cell_id)), where, reason, nbval)


CELL_MUTATIONS = {name: _cell(row) for name, row in CELLS.items()}
