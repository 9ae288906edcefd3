"""Imports that would take seconds, for commands that start often."""

import importlib
import sys

_PARSERS = "rfc3987_syntax"


def import_nbformat() -> None:
    """Import nbformat without the parsers of IRIs that jsonschema makes where it finds them.

    They take seconds, and no format of notebooks has an IRI. For the process of a command only:
    whoever shares it with other code would miss them there.
    """
    if _PARSERS in sys.modules:
        return
    sys.modules[_PARSERS] = None  # type: ignore[assignment]  # not to be imported
    try:
        importlib.import_module("nbformat")
    finally:
        del sys.modules[_PARSERS]
