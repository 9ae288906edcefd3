"""Notebooks changed as a whole. Cells that are moved or left out are such that no other needs."""

import json
from collections.abc import Callable, Mapping

import nbformat
from mutation import (
    C3,
    FILE,
    Cell,
    Change,
    Mutation,
    Nbval,
    Notebook,
    by_id,
    nothing,
    on,
    replaced,
    run_again,
    tagged,
)


def _counted(*counts: int) -> Change:
    def change(notebook: Notebook) -> None:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell, count in zip(code, counts, strict=False):
            cell.execution_count = count

    return change


def _strip(notebook: Notebook) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def _deleted(notebook: Notebook) -> None:
    notebook.cells.remove(by_id(notebook, "modes-jvp"))


def _exchanged(notebook: Notebook) -> None:
    places = [notebook.cells.index(by_id(notebook, name)) for name in ("modes-jvp", "modes-vjp")]
    one, other = places
    cells = notebook.cells
    cells[one], cells[other] = cells[other], cells[one]


def _turned_into(kind: str) -> Change:
    def change(notebook: Notebook) -> None:
        cell = by_id(notebook, "modes-jvp")
        new = {"cell_type": kind, "id": cell.id, "metadata": {}, "source": cell.source}
        notebook.cells[notebook.cells.index(cell)] = nbformat.from_dict(new)

    return change


def _and_run(change: Change) -> Change:
    def both(notebook: Notebook) -> None:
        change(notebook)
        run_again(notebook)

    return both


def _commented(word: str) -> Change:
    return lambda cell: cell.update(source=f"# {word}\n{cell.source}")


def _emptied(cell: Cell) -> None:
    cell.update(source="", outputs=[], execution_count=None)


def _with_a_picture(notebook: Notebook) -> None:
    by_id(notebook, "walk-text").source += "\n![a graph](attachment:graph.png)"


FEWER = "49 cells are compared, and notebook-check.json says 50"
WHY = {"reason": "takes long"}
FILES: Mapping[str, tuple[Change, str, Nbval]] = {
    "a stripped notebook": (_strip, "stored without outputs", "passes"),
    "counts shuffled": (_counted(3, 1, 2), "counts out of order (3, 1, 2, 4, ", "passes"),
    "a count twice": (_counted(1, 1), "counts out of order (1, 1, 3, ", "passes"),
    "a kernel that had run before": (_counted(*range(2, 52)), "counts with gaps (2, ", "passes"),
    "a cell deleted": (_deleted, "counts with gaps (1, 2, ", "passes"),
    "a cell deleted, and all run again": (_and_run(_deleted), FEWER, "passes"),
    "cells exchanged": (_exchanged, "counts out of order", "passes"),
    "cells exchanged, and all run again": (_and_run(_exchanged), "", "passes"),
    "raw text of a cell": (_and_run(_turned_into("raw")), FEWER, "passes"),
    "prose of a cell": (_and_run(_turned_into("markdown")), FEWER, "passes"),
    "a cell emptied": (_and_run(on("modes-jvp", _emptied)), FEWER, "passes"),
    "a skipped cell": (on("modes-jvp", tagged("nbval-skip", **WHY)), FEWER, "passes"),
    "a cell that is not compared": (
        on("modes-jvp", tagged("nbval-ignore-output", **WHY)), FEWER, "passes"),
    "an unknown kernel": (
        lambda n: n.metadata.kernelspec.update(name="mindspore-gpu"),
        "the kernel 'mindspore-gpu' is not installed here", "fails"),
    "no kernel": (lambda n: n.metadata.pop("kernelspec"), "it names no kernel", "fails"),
    "another language": (
        lambda n: n.metadata.kernelspec.update(language="julia"),
        "the notebook is in julia", "passes"),
    "an attachment that is missing": (
        _with_a_picture, "shows an attachment that is missing: graph.png", "passes"),
    "a tolerance that is none": (
        lambda n: n.metadata.update(nbval={"rtol": "1e-3"}), "rtol is a number", "passes"),
    "other prose": (on("walk-text", lambda c: c.update(source="Words.")), "", "passes"),
    "the version of Python": (
        lambda n: n.metadata.language_info.update(version="3.12.1"), "", "passes"),
}  # fmt: skip

QUIET: Mapping[str, tuple[Change, str]] = {
    "a tag that skips on the quiet": (tagged("nbval-skip"), "skipped without a reason"),
    "a comment that skips on the quiet": (_commented("NBVAL_SKIP"), "skipped without a reason"),
    "a tag that ignores on the quiet": (
        tagged("nbval-ignore-output"), "not compared without a reason"),
    "a comment that ignores on the quiet": (
        _commented("NBVAL_IGNORE_OUTPUT"), "not compared without a reason"),
}  # fmt: skip

CONTENTS: Mapping[str, tuple[Callable[[str], str], str, Nbval]] = {
    "a file cut off": (lambda text: text[: len(text) // 2], "not JSON", "fails"),
    "a conflict of a merge": (lambda text: "<<<<<<< HEAD\n" + text, "not JSON", "fails"),
    "format 3": (
        lambda text: json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {},
                                 "worksheets": [{"cells": []}]}),
        "notebook format 3, not 4", "passes"),
    "an output of no type": (
        lambda text: replaced(text, '"output_type": "stream"', '"output_type": "steam"'),
        "not a valid notebook", "fails"),
}  # fmt: skip


FILE_MUTATIONS = {
    **{
        name: Mutation(C3, change, FILE if reason else "", reason, nbval)
        for name, (change, reason, nbval) in FILES.items()
    },
    **{
        name: Mutation(C3, on("modes-jvp", change), "modes-jvp", reason, "passes")
        for name, (change, reason) in QUIET.items()
    },
    **{
        name: Mutation(C3, nothing, FILE, reason, nbval, content=content)
        for name, (content, reason, nbval) in CONTENTS.items()
    },
}
