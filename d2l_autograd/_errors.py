"""Errors for people: ours, and MindSpore's without the lines for its developers."""

from collections.abc import Iterator
from contextlib import contextmanager


class GradientError(ValueError):
    """A derivative was asked for that does not exist or cannot be computed rightly.

    The message says what was given, what was expected and what to write instead.
    """


@contextmanager
def told_plainly() -> Iterator[None]:
    """Cut MindSpore's C++ lines off an error of an operator: of the same type, with its traceback.

    What follows the first lines is for the developers of MindSpore.
    """
    try:
        yield
    except Exception as error:
        text = str(error)
        if "C++ Call Stack" in text:
            error.args = (text.partition("\n\n---")[0].strip(),)
        raise
