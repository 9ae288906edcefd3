"""Imports that cost seconds for nothing, made quick.

jsonschema, which nbformat imports, imports rfc3987_syntax where that is installed (Jupyter Lab
brings it), and this module reads a grammar for several seconds. It checks international
addresses, which no notebook has. `import_jsonschema` lets jsonschema have it when it is first used.
"""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_SLOW = "rfc3987_syntax"


def import_jsonschema() -> None:
    """Import jsonschema, and leave the import of what is slow to its first use."""
    if "jsonschema" in sys.modules or _SLOW in sys.modules or find_spec(_SLOW) is None:
        return
    stub: Any = ModuleType(_SLOW)

    def is_valid_syntax(*arguments: Any) -> Any:
        return importlib.import_module(_SLOW).is_valid_syntax(*arguments)

    stub.is_valid_syntax = is_valid_syntax
    sys.modules[_SLOW] = stub
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[_SLOW]
