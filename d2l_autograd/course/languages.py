"""The language of the session: that of hints and of the words in a figure."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from d2l_autograd.course.chapters import LANGUAGES, default_language

_CHINESE = (
    0.1  # of the characters of the prose: an English chapter that names a Chinese word has less
)


def session_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the session: ``en`` or ``zh``.

    It is that of the nearest folder around the running notebook that is called after a language,
    else what the environment variable D2L_AUTOGRAD_LANG says, else that of the notebook's prose,
    else that of the locale.
    """
    # Jupyter's server puts the path of the notebook here. Other front ends start the kernel in the
    # notebook's folder.
    notebook = Path(environ.get("JPY_SESSION_NAME", ""))
    folders = [*reversed(notebook.parts[:-1]), Path.cwd().name]
    candidates = [*folders, environ.get("D2L_AUTOGRAD_LANG", ""), language_of_prose(notebook)]
    return next((part for part in candidates if part in LANGUAGES), default_language(environ))


def worded(texts: Mapping[str, str]) -> str:
    """The one of the texts that is in the language of the session."""
    return texts[session_language()]


def language_of_prose(notebook: Path) -> str:
    """The language that a notebook is written in, or nothing if it has no prose or is not there."""
    for path in (notebook, Path.cwd() / notebook.name):  # the server's paths start at its own root
        try:
            return _read_language(path, path.stat().st_mtime_ns)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return ""


@lru_cache(maxsize=4)
def _read_language(path: Path, changed: int) -> str:
    """Return the language of a notebook's Markdown cells, as of when the file was last changed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in prose)
    return "" if not prose else "zh" if chinese > _CHINESE * len(prose) else "en"
