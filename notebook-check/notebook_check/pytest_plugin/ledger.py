"""The committed file that says how many cells are compared in each notebook."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from notebook_check.errors import NotebookError

NAME = "notebook-check.json"
ACCEPT = "pytest --nbval-accept"


def read_ledger(root: Path) -> dict[str, int]:
    """Return the cells compared, by the notebook's path from `root`; none where there is no file.

    Raises:
        NotebookError: The file is not what `write_ledger` wrote.
    """
    path = root / NAME
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise NotebookError(f"{NAME} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"{NAME} is not JSON ({error}); {ACCEPT} writes a new one") from None
    if not isinstance(ledger, dict) or any(type(count) is not int for count in ledger.values()):
        raise NotebookError(f"{NAME} has no count for each notebook; {ACCEPT} writes a new one")
    return ledger


def folder_of_ledger(path: Path, root: Path) -> Path:
    """Return the folder whose ledger a notebook is in: the nearest above it, else `root`."""
    return next((folder for folder in path.parents if has_ledger(folder)), root)


def name_in_ledger(path: Path, folder: Path) -> str:
    """Return what a notebook is called in the ledger of a folder."""
    inside = path.is_relative_to(folder)
    return (path.relative_to(folder) if inside else path).as_posix()


def has_ledger(root: Path) -> bool:
    """Say whether there is such a file, or something else in its place."""
    return os.path.lexists(root / NAME)


def readable_ledger(root: Path) -> dict[str, int]:
    """Return the ledger, or an empty one where it is broken and to be written anew."""
    try:
        return read_ledger(root)
    except NotebookError:
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
    return [name for name in ledger if not (root / name).is_file()]
