"""Graphs of MindSpore that are freed when nothing uses them any more.

MindSpore itself keeps every graph until the process ends.
"""

import weakref
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore.graph.api import JitExecutor_, ms_compile_cache

_unused: set[str] = set()


class Graph:
    """A function compiled, strictly, for each signature that it is called with.

    Args:
        function: has a name that no other has, by which MindSpore keeps its graphs.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        _free_unused()
        self._run = ms.jit(function, fullgraph=True)
        self._prefix = f"{function.__module__}.{function.__name__}."
        self._graphs: set[str] = set()
        weakref.finalize(self, _unused.update, self._graphs).atexit = False

    def __call__(self, *args: Any) -> Any:
        """Return what the function returns, from its graph."""
        known = len(ms_compile_cache)
        try:
            return self._run(*args)
        finally:
            if len(ms_compile_cache) != known:
                self._graphs.update(key for key in ms_compile_cache if key.startswith(self._prefix))


def _free_unused() -> None:
    # Here and not as soon as they are unused, which may be while MindSpore compiles another one.
    if _unused:
        JitExecutor_.get_instance().del_net_res(None, _unused)
        ms_compile_cache.difference_update(_unused)
        _unused.clear()
