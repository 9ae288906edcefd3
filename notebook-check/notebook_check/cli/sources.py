"""Which notebooks an argument of a command means: a notebook, or a folder of notebooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from notebook_check.compare.visible import in_a_line

_CACHES = {"__pycache__", "node_modules"}


def _no_such_file(name: str) -> list[Path]:
    raise click.BadParameter(f"There is no file or folder {in_a_line(name)}.")


def named_notebooks(
    names: Sequence[str], otherwise: Callable[[str], Iterable[Path]] = _no_such_file
) -> list[Path]:
    """The notebooks named, and those below the folders named, each file once.

    ``otherwise`` gives the notebooks of a single word that names no file; it raises
    click.BadParameter where the word is of no use to it either.
    """
    found = (path.absolute() for name in names for path in _named(name, otherwise))
    return list({os.path.realpath(path): path for path in found}.values())


def _named(name: str, otherwise: Callable[[str], Iterable[Path]]) -> Iterable[Path]:
    path = Path(name)
    if os.path.isdir(path):
        if not (found := sorted(_below(path))):
            raise click.BadParameter(f"There is no notebook in the folder {in_a_line(name)}.")
        return found
    if os.path.isfile(path):
        if path.suffix != ".ipynb":
            raise click.BadParameter(
                f"{in_a_line(name)} is not a notebook: its name does not end in .ipynb."
            )
        return [path]
    if path.suffix == ".ipynb" or len(path.parts) > 1:
        return _no_such_file(name)
    return otherwise(name)


def _below(folder: Path) -> Iterator[Path]:
    """The notebooks below a folder, but none of an environment, a cache or a hidden folder.

    Links to folders are not followed, since they may lead round in circles. A folder that cannot
    be listed stands for the notebooks in it.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in _CACHES:
            continue
        if entry.is_dir(follow_symlinks=False):
            if not os.path.isfile(path / "pyvenv.cfg"):  # Path.is_file raises where it may not look
                yield from _below(path)
        elif path.suffix == ".ipynb":
            yield path
