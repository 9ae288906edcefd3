"""What the check of notebooks needs beside the course itself."""

from __future__ import annotations

from importlib.util import find_spec

import click

_NEEDED = ("pytest", "nbval", "xdist")


class CannotCheck(click.ClickException):
    """Nothing was checked, which is not the same as something that differs."""

    exit_code = 2


def require_check_extra() -> None:
    """Say in a sentence what to install where something is missing."""
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        missing = ["pytest-xdist" if name == "xdist" else name for name in missing]
        raise CannotCheck(
            f"The check of notebooks needs {', '.join(missing)}: pip install 'd2l-autograd[check]'"
        )
