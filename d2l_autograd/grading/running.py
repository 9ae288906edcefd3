"""The cells of a notebook run in a shell of IPython's, and each answer sent on as it is.

This goes on in a child (`processes`), with code of a student's: nothing in that process is to be
believed. All that comes of it are answers, which a student may give as he likes.
"""

from __future__ import annotations

import ast
import base64
import linecache
import os
import re
import sys
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from d2l_autograd.grading.processes import Send

_RECORD = "__d2l_autograd_record__"
_NUMBER = re.compile(r"(\d+)\.(\d+)")


def run_cells(cells: Sequence[tuple[int, str]], send: Send) -> None:
    """Run cells, given by number and source, and send what they hand to ``check_answer``."""
    warnings.simplefilter("ignore")
    shell = _shell()
    recorder = Recorder(send, shell)
    for number, source in cells:
        send(step=number)
        shell.user_ns[_RECORD] = recorder
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            from d2l_autograd.course.answers.exercise import described

            send(raised=described(error), cell=number)


class Recorder:
    """What stands in for ``check_answer``: it sends the answer, and finds nothing wrong with it."""

    def __init__(self, send: Send, shell: Any) -> None:
        """Put it in the place of the real one, for calls by another name."""
        import cloudpickle

        import d2l_autograd
        from d2l_autograd.course import answers

        self._send, self._shell, self._dumps = send, shell, cloudpickle.dumps
        d2l_autograd.check_answer = answers.check_answer = self

    def __call__(self, exercise: Any = None, answer: Any = None, *_: Any) -> Any:
        """Send the answer. The last one for an exercise counts."""
        from d2l_autograd.course.answers.exercise import Verdict, described

        found = _NUMBER.fullmatch(exercise) if isinstance(exercise, str) else None
        if found is None:
            return Verdict(str(exercise)[:20], "unanswered")
        name = f"{int(found[1]):02}.{int(found[2])}"
        try:
            pickled = self._dumps(answer)
        except Exception as error:
            self._send(answer=name, cannot_be_sent=described(error))
        else:
            # MindSpore compiles a function from its source, which is in no file.
            cached: dict[str, Any] = dict(linecache.cache)
            own = {n: e[2] for n, e in cached.items() if n.startswith("<ipython-input")}
            encoded = base64.b64encode(pickled).decode()
            self._send(answer=name, pickled=encoded, sources=own)
        return Verdict(name, "right")


class _Recorded(ast.NodeTransformer):
    """Calls of ``check_answer``, whatever a notebook has made of that name, go to the recorder."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace what is called."""
        self.generic_visit(node)
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name == "check_answer":
            node.func = ast.copy_location(ast.Name(_RECORD, ast.Load()), called)
        return node


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def enable_gui(self, gui: Any = None) -> None:
            """Have no windows: `%matplotlib` asks for them."""

        def _tee(self, channel: str) -> Any:
            """Keep nothing of what is printed: it may be gigabytes."""
            return nullcontext()

    os.environ["MPLBACKEND"] = "agg"
    shell: Any = Shell.instance(history_load_length=0)
    shell.history_manager.enabled = False
    shell.ast_transformers.append(_Recorded())
    shell.colors = "NoColor"
    sys.modules["__main__"] = shell.user_module
    return shell
