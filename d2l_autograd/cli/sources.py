"""Which notebooks an argument of a command means: a chapter, a notebook, a folder of notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from d2l_autograd.course.chapters import (
    LANGUAGES,
    Chapter,
    ChapterError,
    chapters,
    find_chapter,
    notebooks_root,
)

_CACHES = {"__pycache__", "node_modules"}


def chapter_or_notebook(name: str, lang: str) -> Chapter | Path:
    """The notebook of a path, else the chapter of a name."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.absolute()
    try:
        return find_chapter(name, lang)
    except ChapterError as error:
        raise click.BadParameter(str(error), param_hint="CHAPTER") from error


def named_notebooks(names: Sequence[str], languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """The files of notebooks, folders with all below them, and chapters, each file once.

    Without names: every chapter in these languages.
    """
    if not names:
        return [chapter.path for lang in languages for chapter in chapters(lang)]
    found = (path.absolute() for name in names for path in _named(name, languages))
    return list({path.resolve(): path for path in found}.values())


def versions(notebook: Path) -> list[Path]:
    """The files that hold the same code: a chapter in every language, or the notebook alone."""
    notebook = notebook.resolve()
    try:
        root = notebooks_root().resolve()
    except ChapterError:
        return [notebook]
    if notebook.parent not in [root / lang for lang in LANGUAGES]:
        return [notebook]
    files = (root / lang / notebook.name for lang in LANGUAGES)
    return [file for file in files if file.is_file()]


def _named(name: str, languages: Iterable[str]) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        if not (found := sorted(_below(path))):
            raise click.BadParameter(f"There is no notebook in the folder {path}.")
        return found
    if path.is_file():
        if path.suffix != ".ipynb":
            raise click.BadParameter(f"{path} is not a notebook: its name does not end in .ipynb.")
        return [path]
    if path.suffix == ".ipynb" or len(path.parts) > 1:
        raise click.BadParameter(f"There is no file or folder {path}.")
    try:
        return [find_chapter(name, lang).path for lang in languages]
    except ChapterError as error:
        raise click.BadParameter(f"There is no file or folder {path}. {error}") from error


def _below(folder: Path) -> Iterator[Path]:
    """The notebooks below a folder, but none of an environment, a cache or a hidden folder."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _CACHES:
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").is_file():
                yield from _below(path)
        elif path.suffix == ".ipynb":
            yield path
