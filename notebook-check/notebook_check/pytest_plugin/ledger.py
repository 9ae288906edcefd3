"""The committed file that says how many cells are compared in each notebook."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from notebook_check.errors import NotebookError

NAME = "notebook-check.json"
ACCEPT = "pytest --nbval-accept"


class BrokenLedger(NotebookError):
    """A ledger that can be read, and says nothing."""


def read_ledger(root: Path) -> dict[str, int]:
    """Return the cells compared, by the notebook's path from `root`; none where there is no file.

    Raises:
        NotebookError: The file cannot be read.
        BrokenLedger: It is not what `write_ledger` wrote.
    """
    path = root / NAME
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise NotebookError(f"{NAME} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BrokenLedger(f"{NAME} is not JSON ({error}); {ACCEPT} writes a new one") from None
    if not isinstance(ledger, dict) or any(type(count) is not int for count in ledger.values()):
        raise BrokenLedger(f"{NAME} has no count for each notebook; {ACCEPT} writes a new one")
    return ledger


def has_ledger(root: Path) -> bool:
    """Say whether there is such a file, as far as that can be seen."""
    return os.path.exists(root / NAME)


def folder_of(notebook: Path, root: Path) -> Path:
    """Return the folder of the ledger for a notebook: the nearest above it, or `root` if none."""
    return next((folder for folder in notebook.parents if has_ledger(folder)), root)


def readable_ledger(root: Path) -> dict[str, int]:
    """Return the ledger, or an empty one where it is broken and to be written anew.

    One that cannot be read is a NotebookError: it may have counts, which are not to be lost.
    """
    try:
        return read_ledger(root)
    except BrokenLedger:
        return {}


def ledger_text(counts: Mapping[str, int]) -> str:
    """Return what the file has: a line for each notebook."""
    return json.dumps(counts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_ledger(root: Path, counts: Mapping[str, int]) -> None:
    """Write the file anew: wholly, or not at all."""
    handle, name = tempfile.mkstemp(dir=root, prefix=f".{NAME}-")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(ledger_text(counts))
        os.chmod(name, 0o644)  # a temporary file is its owner's alone
        os.replace(name, root / NAME)
    except BaseException:
        os.unlink(name)
        raise


def ledger_problem(ledger: Mapping[str, int], notebook: str, count: int) -> str | None:
    """Say what is wrong with comparing `count` cells of a notebook, if anything."""
    if notebook not in ledger:
        return f"not in {NAME}: {ACCEPT} adds it, with {count} cells compared"
    if count < ledger[notebook]:
        expected = ledger[notebook]
        return f"{count} cells are compared, and {NAME} says {expected}: if meant, {ACCEPT}"
    return None


def gone(ledger: Mapping[str, int], root: Path) -> list[str]:
    """Return the notebooks of a ledger that are no longer there."""
    return [name for name in ledger if not os.path.isfile(root / name)]
