"""Graphs of MindSpore that are freed when nothing uses them any more.

MindSpore itself keeps every graph until the process ends.
"""

import itertools
import weakref
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore.graph.api import JitExecutor_, ms_compile_cache

_numbers = itertools.count(1)
_unused: set[str] = set()


class Graph:
    """A step compiled, strictly, for each signature that it is called with."""

    def __init__(self, step: Callable[..., Any]) -> None:
        _free_unused()

        # A function of its own for each: MindSpore keeps its graphs by the name, and the time.
        def compiled(*args: Any, **kwargs: Any) -> Any:
            return step(*args, **kwargs)

        compiled.__name__ = f"compiled_{next(_numbers)}"
        self._run = ms.jit(compiled, fullgraph=True)
        self._prefix = f"{compiled.__module__}.{compiled.__name__}."
        self._graphs: set[str] = set()
        weakref.finalize(self, _unused.update, self._graphs).atexit = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the step returns, from its graph."""
        known = len(ms_compile_cache)
        try:
            return self._run(*args, **kwargs)
        finally:
            if len(ms_compile_cache) != known:
                self._graphs.update(key for key in ms_compile_cache if key.startswith(self._prefix))


def _free_unused() -> None:
    # Here and not as soon as they are unused, which may be while MindSpore compiles another one.
    if _unused:
        JitExecutor_.get_instance().del_net_res(None, _unused)
        ms_compile_cache.difference_update(_unused)
        _unused.clear()
