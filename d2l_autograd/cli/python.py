"""Which Python the course runs on."""

from __future__ import annotations

import sys


def unsupported_python() -> str | None:
    """The sentence for a Python that MindSpore has no wheels for; None if this one is fine."""
    if (3, 10) <= sys.version_info[:2] < (3, 13):
        return None
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"This is Python {version}, for which there is no MindSpore: "
        "create an environment with Python 3.10, 3.11 or 3.12 and install d2l-autograd there."
    )
