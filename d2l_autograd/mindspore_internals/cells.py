"""Where a Cell keeps its Parameters."""

from collections.abc import Iterator
from typing import Any

from mindspore import nn


def parameter_places(cell: nn.Cell) -> Iterator[dict[str, Any]]:
    """Yield the dicts in which a Cell looks its attributes up, and so its Parameters."""
    yield cell._params
    yield cell._params_list
    yield vars(cell)
