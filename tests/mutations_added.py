"""Cells that the chapters leave out on purpose, since their outputs depend on the machine.

One is added to the end. Each has its code, the outputs as stored, and those of the new run.
"""

import copy
from collections.abc import Mapping
from typing import Any

import nbformat
from mutation import C3, RAISES, TEXT, Mutation, Nbval, Notebook, by_id, error, run_again


def _printing(text: str) -> list[Any]:
    return [nbformat.v4.new_output("stream", name="stdout", text=text)]


def _showing(**data: str) -> list[Any]:
    return [nbformat.v4.new_output("execute_result", data={TEXT: data["text"]})]


ZERO = error(
    "ZeroDivisionError", "division by zero",
    "ZeroDivisionError    Traceback (most recent call last)",
    "Cell In[50], line 1\n----> 1 1 / 0", "ZeroDivisionError: division by zero",
)  # fmt: skip
OTHER_VERSION = error(
    "ZeroDivisionError", "division by zero", "Input In [50], in <module>\n----> 1 1 / 0", "",
    "ZeroDivisionError: division by zero",
)  # fmt: skip
ADDED: Mapping[str, tuple[str, list[Any], list[Any], str, Nbval]] = {
    "the last digits of a float32 product": (
        "print((a @ b).asnumpy())",
        _printing("[[-1.4421611  0.28671166]\n [ 3.7190435  1.1040848 ]]\n"),
        _printing("[[-1.4421614  0.2867117 ]\n [ 3.719043   1.1040847 ]]\n"), "", "fails"),
    "noise for a zero": (
        "np.cos(np.pi / 2)", _showing(text="6.12e-17"), _showing(text="6.13e-17"), "", "fails"),
    "noise of the other sign": (
        "(a - a.T).sum()", _showing(text="-2.9802322e-08"), _showing(text="0.0"), "", "fails"),
    "a tensor of another version": (
        "(a,)",
        _showing(text="(Tensor(shape=[2], dtype=Float32, value=\n[1.00000000e+00, "
                      "2.00000000e+00]),)"),
        _showing(text="(Tensor(shape=[2], dtype=Float32, value= [ 1.00000000e+00,  "
                      "2.00000000e+00]),)"), "", "fails"),
    "a dtype of another version": (
        "a.dtype", _showing(text="mindspore.float32"), _showing(text="Float32"), "", "fails"),
    "a tensor of another dtype": (
        "a.dtype", _showing(text="mindspore.float32"), _showing(text="Float64"),
        "Float32 is now Float64", "fails"),
    "a tensor of another shape": (
        "a", _showing(text="Tensor(shape=[2], dtype=Float32, value= [1.0, 2.0])"),
        _showing(text="Tensor(shape=[1, 2], dtype=Float32, value= [1.0, 2.0])"),
        "line 1: ", "fails"),
    "a traceback of another version": ("1 / 0", [OTHER_VERSION], [ZERO], "", "passes"),
    "a traceback replaced": (
        "1 / 0", [error(ZERO.ename, ZERO.evalue, "NameError: name 'x' is not defined")],
        [ZERO], "the traceback is not the one of this exception", "passes"),
    "a traceback cleared": (
        "1 / 0", [error(ZERO.ename, ZERO.evalue)], [ZERO],
        "the traceback is not the one of this exception", "passes"),
    "a traceback of another line": (
        "x = 0\n1 / x",
        [error(ZERO.ename, ZERO.evalue, "----> 1 x = 0", "", ZERO.traceback[-1])],
        [error(ZERO.ename, ZERO.evalue, "----> 2 1 / x", "", ZERO.traceback[-1])],
        "the traceback is not the one of this exception", "passes"),
    "another exception": (
        "1 / 0", [error("ValueError", ZERO.evalue, *ZERO.traceback)], [ZERO],
        "ValueError is now ZeroDivisionError", "fails"),
    "another message": (
        "1 / 0", [error(ZERO.ename, "modulo by zero", *ZERO.traceback)], [ZERO],
        "modulo is now division", "fails"),
    "an exception that came once": (
        "1 / 0", [ZERO], [], "it promises an exception by its tag, and raised none", "fails"),
}  # fmt: skip


def _added(row: tuple[str, list[Any], list[Any], str, Nbval]) -> Mutation:
    source, stored, new, reason, nbval = row
    raises = "1 /" in source

    def given(notebook: Notebook) -> None:
        cell = nbformat.v4.new_code_cell(source, id="added", outputs=copy.deepcopy(new))
        cell.metadata.update({"tags": [RAISES]} if raises else {})
        notebook.cells.append(cell)
        run_again(notebook)

    def change(notebook: Notebook) -> None:
        by_id(notebook, "added").outputs = copy.deepcopy(stored)

    return Mutation(C3, change, "added" if reason else "", reason, nbval, given)


ADDED_MUTATIONS = {name: _added(row) for name, row in ADDED.items()}
