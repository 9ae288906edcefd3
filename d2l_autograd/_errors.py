"""Errors for people: ours, and MindSpore's without the lines for its developers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager


class GradientError(ValueError):
    """A derivative was asked for that does not exist or cannot be computed rightly.

    The message says what was given, what was expected and what to write instead.
    """


@contextmanager
def told_plainly() -> Iterator[None]:
    """Cut MindSpore's C++ lines off an error of an operator: of the same type, with its traceback.

    What follows the first lines is for the developers of MindSpore. Launched asynchronously, an
    operator raises where its result is first looked at, which has to be within.
    """
    try:
        yield
    except Exception as error:
        text = str(error)
        if "C++ Call Stack" in text:
            error.args = (re.split(r"\n+-{10,}\n", text)[0].strip(),)
        raise
