"""Exceptions, stored and new, compared by what no version of IPython writes differently."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.tolerance import Tolerance

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_ARROW = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)
_CAUSE = re.compile(
    r"The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred"
)


def without_colours(traceback: str) -> str:
    """Return a traceback without the colours that it has for a terminal."""
    return _COLOUR.sub("", traceback)


def compare_errors(
    stored: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance, where: str, source: str
) -> Iterator[Difference]:
    """Compare two exceptions: the class, the message, and what the traceback says of these.

    Of a traceback counts whether it names the exception and its message, and which lines of the
    cell, of code `source`, its arrows point at, and its causes. The rest depends on versions.
    """
    if stored["ename"] != new["ename"]:
        row = whole_row(stored["ename"], new["ename"], "class")
        yield Difference(where, f"{stored['ename']} is now {new['ename']}", (row,))
        return
    yield from text_differences(
        f"{where} {stored['ename']}", stored["evalue"], new["evalue"], tolerance
    )
    was, now = _essence(stored, source), _essence(new, source)
    if not _same_essence(was, now, tolerance):
        reason = "the traceback is not the one of this exception"
        yield Difference(where, reason, (whole_row(was, now, "traceback"),))


def _essence(error: Mapping[str, Any], source: str) -> str:
    text = without_colours("\n".join(error["traceback"]))
    code = {line.strip() for line in source.splitlines()}
    arrows = [f"--> {line.strip()}" for line in _ARROW.findall(text) if line.strip() in code]
    name, message = error["ename"], error["evalue"].strip().partition("\n")[0]
    named = [part for part in (name, message) if part and part in text]
    return "\n".join(
        [*arrows, *_chain(text), "names: " + (name if name in named else "nothing")]
    ) + (", and the message" if message in named else "")


def _chain(text: str) -> list[str]:
    """What came before an exception: its causes, and those that it came up during, with messages.

    The last line of the part before such a sentence is the exception that the sentence is about.
    """
    chain = []
    for found in _CAUSE.finditer(text):
        before = text[: found.start()].rstrip().rpartition("\n")[2].strip()
        chain += [before, found[0]]
    return chain


def _same_essence(was: str, now: str, tolerance: Tolerance) -> bool:
    return not text_differences("", was, now, tolerance)
