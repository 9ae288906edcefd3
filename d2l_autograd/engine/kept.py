"""What was made for a function is kept as long as the function lives, and no longer."""

import functools
import types
from collections import deque
from collections.abc import Callable
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

_OF_EACH = 16  # the latest ones: a function that captures a counter would fill the memory

# By the code, so that a lambda that is made again in a loop finds what was made for it before.
# Nothing that is kept may refer to its key.
_kept: "WeakKeyDictionary[CodeType, dict[Any, _OfCode]]" = WeakKeyDictionary()


class _OfCode:
    """What of one kind was made for functions of the same code, and how many in a row were new."""

    def __init__(self) -> None:
        self.made: deque[tuple[Any, Any]] = deque(maxlen=_OF_EACH)
        self.new = 0


def kept(fn: Callable[..., Any], recipe: Any, make: Callable[[], Any]) -> Any:
    """Return what was made by an equal recipe for the code of fn, or make it now and keep it.

    None where it does not pay, since one after the other was made and none was asked for again.
    """
    code = _code(fn)
    if code is None:
        return make()
    of_code = _kept.setdefault(code, {}).setdefault(make, _OfCode())
    for made_by, made in of_code.made:
        if made_by == recipe:
            of_code.new = 0
            return made
    of_code.new += 1
    if of_code.new > _OF_EACH // 2:
        return None
    made = make()
    of_code.made.appendleft((recipe, made))
    return made


def _code(fn: Any) -> CodeType | None:
    """Return the code that a callable runs, or None for one of C."""
    while not isinstance(fn, types.FunctionType):
        if isinstance(fn, functools.partial):
            fn = fn.func
        elif isinstance(fn, types.MethodType):
            fn = fn.__func__
        elif hasattr(type(fn), "construct"):
            fn = type(fn).construct
        elif isinstance(vars(type(fn)).get("__call__"), types.FunctionType):
            fn = type(fn).__call__
        else:
            return None
    return fn.__code__
