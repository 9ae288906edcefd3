"""Derivatives that run as one compiled graph."""

from collections.abc import Callable
from typing import Any


def compiled(
    differentiate: Callable[..., Any], fn: Callable[..., Any], kind: str, *, compile: bool
) -> Callable[..., Any]:
    """Return differentiate, compiled if that is asked for or Graph mode is on."""
    return differentiate
