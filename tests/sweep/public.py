"""Which public functions of MindSpore have neither a row nor a reason."""

import inspect
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

import mindspore as ms
from mindspore import numpy as mnp
from mindspore import ops

from .reasons import CALLS, NAMES
from .row import Row

_IN_CALL = {
    "ops": re.compile(r"\bops\.(\w+)\("),
    "Tensor": re.compile(r"(?<!\bops)(?<!\bmnp)(?<!\bmint)(?<!\bms)(?<=[\w)\]])\.(\w+)\("),
    "mindspore.numpy": re.compile(r"\bmnp\.(\w+)\("),
}


def public() -> set[str]:
    """Return the names of the public functions, such as ``ops.trapz``."""
    found = {
        "ops": {n for n in ops.__all__ if n[0].islower() and _is_function(getattr(ops, n))},
        "Tensor": {n for n in dir(ms.Tensor) if n[0] != "_" and callable(getattr(ms.Tensor, n))},
        "mindspore.numpy": {n for n in mnp.__all__ if _is_function(getattr(mnp, n))},
    }
    return {f"{place}.{name}" for place, names in found.items() for name in names}


def called(text: str) -> set[str]:
    """Return the functions that are called in a text."""
    return {f"{place}.{n}" for place, call in _IN_CALL.items() for n in call.findall(text)}


def without_row(rows: Iterable[Row]) -> set[str]:
    """Return the public functions of which no row has a call."""
    return public() - called("\n".join(row.call for row in rows))


def by_reason(names: Iterable[str]) -> dict[str, list[str]]:
    """Return those of the names that need no row, by the reason."""
    found = {}
    for reason, (_, calls) in CALLS.items():
        found[reason] = sorted(set(names) & called(calls))
    for reason, text in NAMES.items():
        known = text.split()
        found[reason] = [n for n in sorted(names) if any(fnmatchcase(n, one) for one in known)]
    return found


def _is_function(given: object) -> bool:
    return callable(given) and not inspect.isclass(given) and not isinstance(given, ops.Primitive)
