"""Graphs of MindSpore that are freed when nothing uses them any more.

MindSpore itself keeps every graph until the process ends.
"""

import weakref
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore.graph.api import JitExecutor_, _pynative_executor, ms_compile_cache

_unused: set[str] = set()


class Graph:
    """A function of tensors that returns a tuple of them, compiled.

    Args:
        function: has a name that no other has, by which MindSpore keeps its graphs. It is called
            with tensors of the same shapes and types each time.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        _free_unused()
        self._compile_and_run = ms.jit(function, fullgraph=True)
        self._prefix = f"{function.__module__}.{function.__name__}."
        self._graphs: set[str] = set()
        self._graph = ""
        weakref.finalize(self, _unused.update, self._graphs).atexit = False

    def __call__(self, *args: Any) -> Any:
        """Return what the function returns, from its graph."""
        if self._graph:
            # As ms.jit does once it has found the graph, for which it takes as long as for running.
            _pynative_executor.set_jit_compile_phase(self._graph)
            return _pynative_executor.grad_jit(*args)
        try:
            return self._compile_and_run(*args)
        finally:
            self._graphs.update(key for key in ms_compile_cache if key.startswith(self._prefix))
            if len(self._graphs) == 1:
                (self._graph,) = self._graphs


def _free_unused() -> None:
    # Here and not as soon as they are unused, which may be while MindSpore compiles another one.
    if _unused:
        JitExecutor_.get_instance().del_net_res(None, _unused)
        ms_compile_cache.difference_update(_unused)
        _unused.clear()
