"""The language of the session: that of hints and of the words in a figure."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from d2l_autograd.course.chapters import LANGUAGES, default_language

_CHINESE = (
    0.1  # of the characters of the prose: an English chapter that names a Chinese word has less
)


def session_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the session: ``en`` or ``zh``.

    It is that of the notebook's prose, wherever the file is; else, where the file is not known or
    has no prose, that of the nearest folder around it that is called after a language, what the
    environment variable D2L_AUTOGRAD_LANG says, or that of the locale.
    """
    notebook = _running_notebook(environ)
    folders = [*reversed(notebook.parts[:-1]), Path.cwd().name]
    candidates = [language_of_prose(notebook), *folders, environ.get("D2L_AUTOGRAD_LANG", "")]
    return next((part for part in candidates if part in LANGUAGES), default_language(environ))


def _running_notebook(environ: Mapping[str, str]) -> Path:
    """The path of the notebook, as far as the front end tells it."""
    if "JPY_SESSION_NAME" in environ:  # by Jupyter's server
        return Path(environ["JPY_SESSION_NAME"])
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    told = getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__", "")  # by Visual Studio Code
    return Path(told if isinstance(told, str) else "")


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
