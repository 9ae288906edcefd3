"""What was made for a function is kept as long as the function lives, and no longer."""

from collections import deque
from collections.abc import Callable
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from d2l_autograd.engine.twins import origin

_OF_EACH = 16  # the latest ones: a function that captures a counter would fill the memory

# By the code, so that a lambda that is made again in a loop finds what was made for it before.
# Nothing that is kept may refer to its key: see `named`.
_kept: WeakKeyDictionary[CodeType, deque[tuple[Any, Any, Any]]] = WeakKeyDictionary()


def recall(fn: Callable[..., Any], recipe: Any, captured: Any) -> Any:
    """Return what was made of fn by this recipe when it captured the same, or None."""
    code = origin(fn)
    if captured is None or code is None:
        return None
    for made_by, then_captured, made in _kept.get(code, ()):
        if made_by == recipe and then_captured == captured:
            return made
    return None


def keep(fn: Callable[..., Any], recipe: Any, captured: Any, made: Any) -> None:
    """Keep what was made of fn, unless fn or what it captures cannot be told from another."""
    code = origin(fn)
    if captured is not None and code is not None:
        _kept.setdefault(code, deque(maxlen=_OF_EACH)).appendleft((recipe, captured, made))
