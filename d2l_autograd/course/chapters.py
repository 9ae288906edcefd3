"""Where the chapters of the course are, what they are called, and how one is found by name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "zh")

_STEM = re.compile(r"(?P<number>\d+)_(?P<name>.+)")
_HEADING = re.compile(r"^#+[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


class ChapterError(LookupError):
    """A chapter, or the folder with the chapters, is not there or cannot be read."""


@dataclass(frozen=True)
class Chapter:
    """One notebook of the course."""

    path: Path

    @property
    def id(self) -> str:
        """The file name without its suffix, ``02_autograd``."""
        return self.path.stem

    @property
    def title(self) -> str:
        """The first heading of the notebook's Markdown, or the id where there is none.

        Raises `ChapterError` if the file is not a notebook.
        """
        # nbformat takes longer to import than the command line may take to answer.
        try:
            cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
            prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        except (ValueError, KeyError, TypeError) as error:
            raise ChapterError(f"{self.path} is not a Jupyter notebook of format 4.") from error
        headings = (found[1] for text in prose if (found := _HEADING.search(text)))
        return next(headings, self.id)

    def answers_to(self, name: str) -> bool:
        """Whether ``name`` means this chapter: ``02_autograd``, ``autograd``, ``02`` or ``2``."""
        parts = _STEM.fullmatch(self.id)
        assert parts is not None  # `chapters` lists no other file
        if name.isdecimal():
            return int(name) == int(parts["number"])
        return name in (self.id, parts["name"], self.path.name)


def default_language(environ: Mapping[str, str] = os.environ) -> str:
    """``zh`` in a Chinese locale, else ``en``; of the locale's variables, the first that is set."""
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in variables if environ.get(name)), "")
    return "zh" if locale.startswith("zh") else "en"


def notebooks_root() -> Path:
    """The folder that holds one folder of chapters per language.

    Raises `ChapterError` if neither a wheel nor a checkout is around this module.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package / "notebooks", package.parent / "notebooks"):
        if root.is_dir():
            return root
    raise ChapterError(
        "This installation of d2l-autograd has no chapters: there is no folder 'notebooks' in or "
        "beside the package. Install d2l-autograd again."
    )


def chapters(lang: str) -> list[Chapter]:
    """The chapters in one language, in the order of the course.

    Raises `ChapterError` if there are none.
    """
    folder = notebooks_root() / lang
    found = [Chapter(path) for path in folder.glob("*.ipynb") if _STEM.fullmatch(path.stem)]
    if not found:
        others = [other for other in LANGUAGES if other != lang]
        raise ChapterError(f"No chapters in '{lang}'. Try --lang {' or '.join(others)}.")
    return sorted(found, key=lambda chapter: chapter.id)


def find_chapter(name: str, lang: str) -> Chapter:
    """The one chapter that answers to ``name``.

    Raises `ChapterError`, which lists the chapters, if none does or more than one.
    """
    known = chapters(lang)
    matches = [chapter for chapter in known if chapter.answers_to(name)]
    if len(matches) == 1:
        return matches[0]
    reason = f"No chapter is called '{name}'." if not matches else f"'{name}' is not one chapter."
    listing = "\n".join(f"  {chapter.id}" for chapter in matches or known)
    raise ChapterError(f"{reason} Write one of these, or the path of a notebook:\n{listing}")
