"""The language of the session: that of hints and of the words in a figure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from d2l_autograd.course.chapters import LANGUAGES, default_language


def session_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the session: ``en`` or ``zh``.

    It is that of the nearest folder around the running notebook that is called after a language,
    else what the environment variable D2L_AUTOGRAD_LANG says, else that of the locale.
    """
    # Jupyter's server puts the path of the notebook here. Other front ends start the kernel in the
    # notebook's folder.
    notebook = Path(environ.get("JPY_SESSION_NAME", ""))
    folders = [*reversed(notebook.parts[:-1]), Path.cwd().name]
    candidates = [*folders, environ.get("D2L_AUTOGRAD_LANG", "")]
    return next((part for part in candidates if part in LANGUAGES), default_language(environ))


def worded(texts: Mapping[str, str]) -> str:
    """The one of the texts that is in the language of the session."""
    return texts[session_language()]
