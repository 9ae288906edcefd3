"""Attributes of MindSpore's classes that are replaced for a while, and put back."""

import threading
from collections.abc import Callable
from typing import Any

_NOT_ITS_OWN = object()


class Replacements:
    """Attributes to replace while at least one user has asked for it, in any thread.

    Args:
        makers: by class and name of an attribute, the function that makes the replacement from
            the attribute, or from None if there is none.
    """

    def __init__(self, makers: dict[tuple[type, str], Callable[[Any], Any]]) -> None:
        self._new = {
            (cls, name): make(getattr(cls, name, None)) for (cls, name), make in makers.items()
        }
        self._old: dict[tuple[type, str], Any] = {}
        self._users = 0
        self._lock = threading.Lock()

    def replace(self) -> None:
        """Replace the attributes, unless they are replaced already."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                for (cls, name), new in self._new.items():
                    self._old[cls, name] = vars(cls).get(name, _NOT_ITS_OWN)
                    setattr(cls, name, new)

    def put_back(self) -> None:
        """Put the attributes back as they were, when the last user has done so."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                for (cls, name), old in self._old.items():
                    if old is _NOT_ITS_OWN:
                        delattr(cls, name)
                    else:
                        setattr(cls, name, old)
