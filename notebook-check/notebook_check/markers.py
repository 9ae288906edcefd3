"""What nbval's tags and comments ask of a cell: to be skipped, not compared, or to raise."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbval.plugin import (
    comment_markers,
    find_comment_markers,
    find_metadata_tags,
    metadata_tags,
)

from notebook_check.errors import NotebookError
from notebook_check.settings import NUMBERS, setting_of

SKIP_EXECUTION = "skip-execution"
"""The tag by which nbclient, nbmake and MyST leave a cell out."""


@dataclass(frozen=True)
class Markers:
    """Whether a cell is executed, whether its outputs are compared, whether it has to raise."""

    skip: bool
    compare: bool
    raises: bool


def cell_markers(cell: Mapping[str, Any]) -> Markers:
    """Return what the tags and comments of a cell of code ask for.

    Raises:
        NotebookError: A tag or comment that looks like one of nbval's and is none, or two that
            contradict each other.
    """
    _refuse_unknown(cell)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            asked = dict(find_metadata_tags(cell["metadata"]))
            asked |= dict(find_comment_markers(cell["source"]))
        except UserWarning as warning:
            raise NotebookError(str(warning)) from None
    return Markers(
        skip=asked.get("skip", False) or SKIP_EXECUTION in cell["metadata"].get("tags", []),
        compare=asked.get("check", True),
        raises=asked.get("check_exception", False),
    )


def may_raise(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell promises an exception."""
    try:
        return cell_markers(cell).raises
    except NotebookError:
        return False


def is_skipped(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell asks not to be executed."""
    try:
        return cell_markers(cell).skip
    except NotebookError:
        return False  # the cell itself says what is wrong


def is_compared(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell is one of those that are executed and compared."""
    try:
        markers = cell_markers(cell)
    except NotebookError:
        return False
    return markers.compare and not markers.skip


def _refuse_unknown(cell: Mapping[str, Any]) -> None:
    for tag in cell["metadata"].get("tags", []):
        if tag.startswith("nbval-") and tag not in metadata_tags and setting_of(tag) is None:
            known = sorted(known for known in metadata_tags if known.startswith("nbval-"))
            settable = [f"nbval-{name}=…" for name in NUMBERS]
            raise NotebookError(f"no tag {tag!r}; there are {', '.join(known + settable)}")
    for line in map(str.strip, cell["source"].splitlines()):
        word = line.lstrip("#").strip()
        if line.startswith("#") and word.startswith("NBVAL_") and word not in comment_markers:
            raise NotebookError(f"no marker {word!r}; there are {', '.join(comment_markers)}")
