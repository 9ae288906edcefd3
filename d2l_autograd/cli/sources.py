"""Which notebooks an argument of a command means: a chapter, a notebook, a folder of notebooks."""

from __future__ import annotations

import os
from collections.abc import Sequence
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
from notebook_check.cli.sources import named_notebooks


def chapter_or_notebook(name: str, lang: str) -> Chapter | Path:
    """The notebook of a path, else the chapter of a name."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.absolute()
    try:
        return find_chapter(name, lang)
    except ChapterError as error:
        raise click.BadParameter(str(error), param_hint="CHAPTER") from error


def path_of(source: Chapter | Path) -> Path:
    """The file of a chapter, or the path of a notebook."""
    return source if isinstance(source, Path) else source.path


def chapters_or_notebooks(names: Sequence[str], languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """The notebooks of paths, folders with all below them, and chapters, each file once.

    Without names: every chapter in these languages.
    """
    if not names:
        return [chapter.path for lang in languages for chapter in chapters(lang)]

    def chapter(name: str) -> list[Path]:
        try:
            return [find_chapter(name, lang).path for lang in languages]
        except ChapterError as error:
            raise click.BadParameter(f"There is no file or folder {name}. {error}") from error

    return named_notebooks(names, chapter)


def versions(notebook: Path) -> list[Path]:
    """The files with the same code: a notebook of the course in every language, or one alone."""
    real = Path(os.path.realpath(notebook))  # which follows no link round in circles
    try:
        root = notebooks_root().resolve()
    except ChapterError:
        return [notebook]
    if real.parent.name not in LANGUAGES or not real.is_relative_to(root):
        return [notebook]
    files = (real.parents[1] / lang / real.name for lang in LANGUAGES)
    return [file for file in files if file.is_file()]
