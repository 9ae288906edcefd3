"""``d2l-autograd doctor``: whether the course can run here, one line a check."""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from d2l_autograd.cli.python import unsupported_python

LIMIT = 120.0  # seconds for MindSpore to import and compute, on a slow disk
_GIGABYTE = 10**9

_GRADIENT = """
import mindspore as ms
def double_dot(x):
    return 2 * ms.ops.tensor_dot(x, x, axes=1)
print(ms.grad(double_dot)(ms.Tensor([0.0, 1.0, 2.0, 3.0], ms.float32)).asnumpy().tolist())
"""


_PROBES = """
import json
from d2l_autograd.mindspore_internals.probes import probe
found = probe()
faults = [f"{p.name}, for {p.used_for}: {p.fault}" for p in found if p.fault]
print(json.dumps([len(found), faults]))
"""


class Trouble(Exception):
    """A check that failed: what is wrong, and what to do about it."""


def _install(package: str) -> str:
    """The command that installs ``package`` in the versions that the course asks for."""
    try:
        wanted = importlib.metadata.requires("d2l-autograd") or []
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        wanted = []
    named = (one for one in wanted if re.match(rf"{package}\b", one))
    return f'python -m pip install "{next(named, package)}"'


def _answer(code: str, remedy: str) -> str:
    """What ``code`` prints last in a Python of its own, which may crash without harm.

    Raises `Trouble` with ``remedy`` if the code fails, crashes or takes longer than `LIMIT`.
    """
    # In a folder of its own: a numpy.py of the reader's must not be imported, and MindSpore
    # leaves files where a compilation fails.
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", code],
                cwd=folder,
                env={**os.environ, "GLOG_v": "4"},
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise Trouble(f"no answer within {LIMIT:g} s.", remedy) from None
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise Trouble(f"Python crashed ({name}).", remedy)
    said = (done.stderr if done.returncode else done.stdout).strip().splitlines()
    if done.returncode or not said:
        raise Trouble(f"{said[-1] if said else 'Python ended without a word'}.", remedy)
    return said[-1]


def check_python() -> str:
    """MindSpore has wheels for this Python."""
    if sentence := unsupported_python():
        raise Trouble(sentence, "conda create -n d2l-autograd python=3.11")
    return ".".join(map(str, sys.version_info[:3]))


def check_numpy() -> str:
    """NumPy is the one that MindSpore is compiled for."""
    version = _answer("import numpy; print(numpy.__version__)", _install("numpy"))
    if int(version.split(".")[0]) >= 2:
        raise Trouble(f"{version}, but MindSpore is compiled for NumPy 1.", _install("numpy"))
    return version


def check_mindspore() -> str:
    """MindSpore can be imported."""
    return _answer("import mindspore; print(mindspore.__version__)", _install("mindspore"))


def check_gradient() -> str:
    """MindSpore's own gradient is right."""
    answer = _answer(_GRADIENT, "see the lines above this one.")
    if answer != "[0.0, 4.0, 8.0, 12.0]":
        raise Trouble(
            f"of 2 x·x at (0, 1, 2, 3) is {answer}, not [0.0, 4.0, 8.0, 12.0].",
            _install("mindspore"),
        )
    return "of 2 x·x at (0, 1, 2, 3) is (0, 4, 8, 12)"


def check_internals() -> str:
    """MindSpore has what the helpers use of it beyond its documentation."""
    remedy = _install("mindspore")
    # Its own Python is elsewhere: it must find this package, installed or not.
    package = str(Path(__file__).parents[2])
    count, faults = json.loads(
        _answer(f"import sys; sys.path.append({package!r})\n{_PROBES}", remedy)
    )
    if faults:
        raise Trouble(f"{'; '.join(faults)}.", remedy)
    return f"{count} parts behave as the helpers expect"


def check_kernel() -> str:
    """The kernel that executes the chapters starts and answers."""
    remedy = _install("ipykernel")
    try:
        from nbformat.v4 import new_code_cell, new_notebook

        from notebook_check.errors import NotebookError
        from notebook_check.execution import CellFailed, execute, raise_failure

        notebook = new_notebook(cells=[new_code_cell("1 + 1")])
        with tempfile.TemporaryDirectory() as folder:
            raise_failure(notebook, execute(notebook, kernel="python3", folder=Path(folder)))
    except (ImportError, NotebookError, CellFailed) as error:
        raise Trouble(f"{error}.", remedy) from error
    (output,) = notebook.cells[0].outputs
    if output["data"]["text/plain"] != "2":
        raise Trouble(f"answers {output} to 1 + 1.", remedy)
    return "python3 starts and computes"


def check_disk() -> str:
    """There is room for the chapters and what they write."""
    free = shutil.disk_usage(".").free
    if free < _GIGABYTE:
        raise Trouble(f"{free / _GIGABYTE:.1f} GB free here, less than 1 GB.", "make room.")
    return f"{free / _GIGABYTE:.0f} GB free"


def check_folder() -> str:
    """The reader may write here."""
    try:
        with tempfile.TemporaryFile(dir="."):
            return "can be written to"
    except OSError as error:
        raise Trouble(f"{Path.cwd()}: {error.strerror}.", "go to a folder of your own.") from error


CHECKS: dict[str, Callable[[], str]] = {
    "Python": check_python,
    "NumPy": check_numpy,
    "MindSpore": check_mindspore,
    "Gradient": check_gradient,
    "Internals": check_internals,
    "Kernel": check_kernel,
    "Disk": check_disk,
    "Folder": check_folder,
}


def diagnose() -> bool:
    """Print a line for each check, and return whether the course can run."""
    marks = []
    for name, check in CHECKS.items():
        try:
            mark, text = "✓", check()
        except Trouble as trouble:
            mark, text = "✗", " Remedy: ".join(trouble.args)
        except Exception as error:  # whatever one check meets, the others have their say
            mark, text = "✗", f"{type(error).__name__}: {error}"
        click.echo(f"{mark} {name}: {' '.join(text.split())}")
        marks.append(mark)
    return "✗" not in marks


@click.command()
def doctor() -> None:
    """Check that the course can run here, and say what to do where it cannot.

    ✓ is fine. The exit status is 1 if there is a ✗.
    """
    if not diagnose():
        sys.exit(1)
