"""Imports that would take seconds, for commands that start often."""

import importlib
import sys

_FORMATS = ("rfc3987_syntax", "isoduration", "rfc3986_validator")


def import_nbformat() -> None:
    """Import nbformat without the parsers that jsonschema makes of formats where it finds them.

    Those of IRIs take seconds, those of durations and URIs a quarter of one, and no format of
    notebooks has any. For the process of a command only: whoever shares it with other code would
    miss them there.
    """
    hidden = [name for name in _FORMATS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # not to be imported
    try:
        importlib.import_module("nbformat")
    finally:
        for name in hidden:
            del sys.modules[name]
