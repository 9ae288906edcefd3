"""The three ways in which MindSpore runs a function."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mindspore as ms

MODES = ("eager", "graph", "jit")


@contextmanager
def graph_mode() -> Iterator[None]:
    ms.set_context(mode=ms.GRAPH_MODE)
    try:
        yield
    finally:
        ms.set_context(mode=ms.PYNATIVE_MODE)


def run(mode: str, fn: Callable[..., Any], *args: Any) -> Any:
    """Call fn in eager mode, in Graph mode, or compiled by ms.jit."""
    if mode == "graph":
        with graph_mode():
            return fn(*args)
    return (ms.jit(fn) if mode == "jit" else fn)(*args)
