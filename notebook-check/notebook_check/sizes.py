"""How large an output is."""

from collections.abc import Mapping
from typing import Any


def size_of(content: Any) -> int:
    """Return how many characters there are in the texts of a message, or of an output."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, Mapping):
        return sum(map(size_of, content.values()))
    if isinstance(content, list | tuple):
        return sum(map(size_of, content))
    return 8
