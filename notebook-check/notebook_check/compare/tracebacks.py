"""Exceptions, stored and new, compared by what no version of IPython writes differently."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.compare.normalising import without_colours
from notebook_check.tolerance import Tolerance

_ARROW = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)
_RAISED = re.compile(
    r"^(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Group|Iteration))(?::|$)(.*)",
    re.MULTILINE,
)
_HEADING = re.compile(r"Traceback \(most recent call last\)\s*$")


def plain_traceback(error: Mapping[str, Any]) -> str:
    """Return the traceback of an output of an exception, without colours."""
    return without_colours("\n".join(map(str, error.get("traceback", ()))))


def compare_errors(
    stored: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance, where: str, source: str
) -> Iterator[Difference]:
    """Compare two exceptions: the class, the message, and what the traceback says of these.

    Of a traceback counts whether it names the exception and its message, what caused it, and
    which lines of the cell, of code `source`, its arrows point at. The rest depends on versions.
    """
    if stored["ename"] != new["ename"]:
        row = whole_row(stored["ename"], new["ename"], "class")
        yield Difference(where, f"{stored['ename']} is now {new['ename']}", (row,))
        return
    yield from text_differences(
        f"{where} {stored['ename']}", stored["evalue"], new["evalue"], tolerance
    )
    was, now = _essence(stored, source), _essence(new, source)
    if was != now:
        reason = "the traceback is not the one of this exception"
        yield Difference(where, reason, (whole_row(was, now, "traceback"),))
        return
    yield from text_differences(f"{where}, its causes", _causes(stored), _causes(new), tolerance)


def _essence(error: Mapping[str, Any], source: str) -> str:
    text = plain_traceback(error)
    code = {line.strip() for line in source.splitlines()}
    arrows = [f"--> {line.strip()}" for line in _ARROW.findall(text) if line.strip() in code]
    name, message = error["ename"], error["evalue"].strip().partition("\n")[0]
    named = [part for part in (name, message) if part and part in text]
    return "\n".join([*arrows, "names: " + (name if name in named else "nothing")]) + (
        ", and the message" if message in named else ""
    )


def _causes(error: Mapping[str, Any]) -> str:
    """The exceptions that a traceback tells of before the last one, a line each."""
    found = [
        f"{raised[1]}:{raised[2]}"
        for raised in _RAISED.finditer(plain_traceback(error))
        if not _HEADING.search(raised[0])
    ]
    return "\n".join(found[:-1])
