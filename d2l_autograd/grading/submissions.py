"""The notebooks in a folder, and whose they are."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from d2l_autograd.course.chapters import LANGUAGES, chapters

# What Moodle and Canvas add to the names of those who hand in.
_MOODLE = re.compile(r"_\d+_assignsubmission_(?:file|onlinetext)_?$")
_CANVAS = re.compile(r"(?:_LATE)?_\d+_\d+$")


def notebooks_in(folder: Path) -> list[Path]:
    """All notebooks at any depth, in order, without Jupyter's own copies; no link is followed."""
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        found += [Path(root, name) for name in files if _is_notebook(name)]
    return sorted(found)


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb") and not name.startswith(".")


def students(folder: Path, found: Mapping[Path, str]) -> dict[str, list[Path]]:
    """The notebooks of each student, by a name that the paths tell; found is their chapters.

    A folder whose notebooks are of one chapter each is a student's. Otherwise each notebook is,
    and is called by its path without the chapter: ``anna_01_derivatives.ipynb`` is by anna.
    """
    by_folder: dict[Path, list[Path]] = {}
    for path in found:
        by_folder.setdefault(path.parent, []).append(path)
    owners: dict[str, list[Path]] = {}
    for parent, paths in by_folder.items():
        own = parent != folder and _are_of_one(paths, found)
        for path in paths:
            whole = parent if own else _without_chapter(path)
            owners.setdefault(whole.relative_to(folder).as_posix(), []).append(path)
    short = {name: "/".join(map(_short, name.split("/"))) for name in owners}
    often = Counter(short.values())
    named = {name if often[short[name]] > 1 else short[name]: owners[name] for name in owners}
    return dict(sorted(named.items()))


def _are_of_one(paths: Sequence[Path], found: Mapping[Path, str]) -> bool:
    """Whether the notebooks of a folder are of one student."""
    if _MOODLE.search(paths[0].parent.name) or all(map(_is_chapter, paths)):
        return True
    numbers = [found[path] for path in paths]
    named = any(_without_chapter(path) != path.with_suffix("") for path in paths)
    return not named and len(numbers) == len(set(numbers))


def _is_chapter(path: Path) -> bool:
    return any(path.stem.startswith(one.id) for one in chapters(LANGUAGES[0]))


def _without_chapter(path: Path) -> Path:
    """``anna`` for ``anna_01_derivatives.ipynb``; a name that is the chapter's alone stays."""
    for one in chapters(LANGUAGES[0]):
        before, chapter, _ = path.stem.partition(one.id)
        if chapter and before.strip("_- "):
            return path.with_name(before.rstrip("_- "))
    return path.with_suffix("")


def _short(part: str) -> str:
    return _CANVAS.sub("", _MOODLE.sub("", part)) or part
