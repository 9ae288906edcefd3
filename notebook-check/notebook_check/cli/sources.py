"""Which notebooks an argument of a command means: a notebook, or a folder of notebooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

_CACHES = {"__pycache__", "node_modules"}
_NOT_FOR_PYTEST = ("::", "[")  # what pytest reads as the name of a test in a file


@dataclass
class Found:
    """Notebooks, and by their path the files and folders that cannot be looked at, with why."""

    notebooks: list[Path] = field(default_factory=list)
    problems: dict[Path, str] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        """Take a file in, for what it is."""
        path = path.absolute()
        if problem := _problem(path):
            self.problems[path] = problem
        elif not any(path.samefile(other) for other in self.notebooks):
            self.notebooks.append(path)


def _no_such_file(name: str) -> list[Path]:
    raise click.BadParameter(f"There is no file or folder {name}.")


def named_notebooks(
    names: Sequence[str], otherwise: Callable[[str], Iterable[Path]] = _no_such_file
) -> Found:
    """The notebooks named, and those below the folders named, each file once.

    ``otherwise`` gives the notebooks of a single word that names no file; it raises
    click.BadParameter where the word is of no use to it either.
    """
    found = Found()
    for name in names:
        for path in _named(name, otherwise, found):
            found.add(path)
    return found


def _named(name: str, otherwise: Callable[[str], Iterable[Path]], found: Found) -> Iterable[Path]:
    path = Path(name)
    if path.is_dir():
        below = sorted(_below(path, found))
        if not below and not found.problems:
            raise click.BadParameter(f"There is no notebook in the folder {path}.")
        return below
    if path.exists() or path.is_symlink():
        if path.suffix != ".ipynb":
            raise click.BadParameter(f"{path} is not a notebook: its name does not end in .ipynb.")
        return [path]
    if path.suffix == ".ipynb" or len(path.parts) > 1:
        return _no_such_file(name)
    return otherwise(name)


def _below(folder: Path, found: Found) -> Iterator[Path]:
    """The notebooks below a folder, but none of an environment, a cache or a hidden folder.

    Links to folders are not followed: they may lead back.
    """
    try:
        paths = list(folder.iterdir())
    except OSError as error:
        found.problems[folder.absolute()] = f"the folder cannot be read: {error.strerror}"
        return
    for path in paths:
        if path.name.startswith(".") or path.name in _CACHES:
            continue
        if path.suffix == ".ipynb" and not path.is_dir():
            yield path
        elif path.is_dir() and not path.is_symlink() and not (path / "pyvenv.cfg").is_file():
            yield from _below(path, found)


def _problem(path: Path) -> str | None:
    """Say why pytest cannot be given a file, if that is so."""
    try:
        str(path).encode()
    except UnicodeError:
        return "its name is not valid Unicode: rename it"
    if any(sign in str(path) for sign in _NOT_FOR_PYTEST):
        return "pytest cannot be given a path with :: or [ in it: rename it"
    if path.is_symlink() and not path.exists():
        return f"it is a link to {os.readlink(path)}, and nothing is there"
    return None if path.is_file() else "it is no regular file"
