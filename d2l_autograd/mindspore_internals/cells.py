"""Where a Cell keeps its Parameters."""

from collections.abc import Iterator
from typing import Any

from mindspore import nn


def parameter_places(cell: nn.Cell) -> Iterator[dict[str, Any]]:
    """Yield the dicts in which a Cell looks its attributes up, and so its Parameters."""
    yield cell._params
    yield cell._params_list
    yield vars(cell)


def make_ready(cell: nn.Cell) -> None:
    """Let a Cell, and those in it, do to their Parameters what they do at their first call."""
    for _, part in cell.cells_and_names():
        if not (part._init_flag or part._is_check_and_refresh):
            part._init_check()
            part._self_check()
