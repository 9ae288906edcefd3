"""Attributes of MindSpore's classes that are replaced for a while, and put back."""

import threading
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

_NOT_ITS_OWN = object()


class Replacements:
    """Attributes to replace while at least one user has asked for it, in any thread.

    Of a ``__call__`` in Python only the code is replaced: to set it takes Python as long as a
    derivative of a small function, since nn.Cell has hundreds of subclasses.

    Args:
        makers: by class and name of an attribute, the function that makes the replacement from
            the attribute, or from None if there is none.
    """

    def __init__(self, makers: dict[tuple[Any, str], Callable[[Any], Any]]) -> None:
        self._new: list[tuple[Any, Mapping[str, Any], str, Any]] = []
        self._old: list[tuple[Any, str, Any]] = []
        self._codes: list[tuple[FunctionType, CodeType, CodeType]] = []
        self._users: set[Any] = set()
        self._are_replaced = False
        self._lock = threading.RLock()  # what was left open may be put back at any moment
        for (cls, name), make in makers.items():
            method = vars(cls).get(name)
            if name == "__call__" and isinstance(method, FunctionType) and not method.__closure__:
                code = _calling(make(_twin(method)))
                self._codes.append((method, method.__code__, code))
            else:
                self._new.append((cls, vars(cls), name, make(getattr(cls, name, None))))

    def replace(self, user: Any) -> None:
        """Replace the attributes, unless they are replaced already; an interrupt may come between.

        Args:
            user: asks for it until it puts them back.
        """
        with self._lock:
            self._users.add(user)
            if self._are_replaced:
                return
            for place, (cls, attributes, name, new) in enumerate(self._new):
                if place == len(self._old):
                    self._old.append((cls, name, attributes.get(name, _NOT_ITS_OWN)))
                setattr(cls, name, new)
            for method, _, new in self._codes:
                method.__code__ = new
            self._are_replaced = True

    def put_back(self, user: Any) -> None:
        """Put the attributes back as they were, when the last user has done so."""
        with self._lock:
            self._users.discard(user)
            if self._users:
                return
            self._are_replaced = False
            while self._old:
                cls, name, old = self._old[-1]
                if old is not _NOT_ITS_OWN:
                    setattr(cls, name, old)
                elif name in vars(cls):
                    delattr(cls, name)
                self._old.pop()
            for method, old, _ in self._codes:
                method.__code__ = old


def _twin(method: FunctionType) -> FunctionType:
    """Return a function that does what the method does now, and goes on doing so."""
    twin = FunctionType(
        method.__code__, method.__globals__, method.__name__, method.__defaults__, None
    )
    twin.__kwdefaults__ = method.__kwdefaults__
    twin.__doc__, twin.__qualname__ = method.__doc__, method.__qualname__
    return twin


def _calling(function: Callable[..., Any]) -> CodeType:
    """Return code that calls the function with whatever it is called with."""

    def call(*args: Any, **kwargs: Any) -> Any:
        target: Any = "function"
        return target(*args, **kwargs)

    code = call.__code__
    constants = [function if constant == "function" else constant for constant in code.co_consts]
    return code.replace(co_consts=tuple(constants))
