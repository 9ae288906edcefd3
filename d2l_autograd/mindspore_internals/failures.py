"""Operators that fail: their errors in our words, and the operators they take with them."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import mindspore as ms

from d2l_autograd.errors import GradientError

_REFUSED = (
    "An operator in the function refused its inputs: {reason}{place}. Print their shapes and types "
    "before the line that fails."
)
_OPERATOR = re.compile(
    r"operator\[(\w+)\] fail! Unsupported data type|(\w+) does not support this kernel data type"
    r"|For primitive\[(\w+)\].* must be a type of"
)
_OPERATOR_OF_OTHERS = re.compile(
    r"Unsupported op \[(\w+)\]|The kernel (\w+) unregistered|Create kernelmod for op (\w+) failed"
)
_KIND = re.compile(
    r"(?:but get input|but got|all same: \d+, input)(?:(?!output).)*?\b(B?Float16|Float64)\b"
)
_SAYS_NOTHING = re.compile(r"\s*(?:- |This exception is caused by framework's unexpected error)")
_MOST_TRIES = 1000  # operators; 28 was the most that one failure took with it


def in_our_words(error: BaseException) -> BaseException:
    """Return the error that a function raised, a MindSpore operator's in our words."""
    if "C++ Call Stack" not in str(error):
        return error
    forget_failures()
    explained = GradientError(
        (without_kernel(error) or _REFUSED).format(reason=reason(error), place=_place(error))
    )
    explained.__suppress_context__ = True
    return explained.with_traceback(error.__traceback__)


def without_kernel(error: BaseException) -> str | None:
    """Return what to say of an operator that has no kernel here, with a place to be filled in."""
    said = str(error)
    found, kind = _OPERATOR.search(said), _KIND.search(said)
    if found and kind:
        where = f"for {kind[1].lower()} on the CPU"
        remedy = "Cast to float32 before it: x.astype(ms.float32)"
    else:
        found = _OPERATOR_OF_OTHERS.search(said)
        where, remedy = "on the CPU", "Write it in other operators that compute the same"
    if not found:
        return None
    name = found[found.lastindex or 0]
    return f"MindSpore has no kernel of {name} {where}{{place}}. {remedy}."


def _place(error: BaseException) -> str:
    """Return the last line outside of libraries that the error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not re.search(r"[/\\](mindspore|d2l_autograd)[/\\]", f.filename)]
    return f" (at {own[-1].filename}:{own[-1].lineno})" if own else ""


def forget_failures() -> None:
    """Wait until operators work again after one that failed.

    An operator launched asynchronously takes those with it that are launched while its failure is
    being told, whatever they compute.
    """
    for _ in range(_MOST_TRIES):
        try:
            (ms.Tensor(1.0) + 1).asnumpy()
            return
        except Exception:  # that of the operator before
            continue


def reason(error: BaseException) -> str:
    """Return what a MindSpore error says, in one line.

    Without its C++ stack, its place, and its advice to turn on the lenient mode, in which no
    gradient flows through what cannot be compiled.
    """
    paragraphs = re.split(r"\n*-{10,}\n", str(error))
    said = next(
        (text.strip() for text in paragraphs if text.strip() and not _SAYS_NOTHING.match(text)),
        type(error).__name__,
    )
    said = re.split(r"\n\n|\nFunctionGraph| You can use os\.environ", said)[0]
    return " ".join(said.split()).rstrip(".")[:300]


@contextmanager
def failures_in_our_words() -> Iterator[None]:
    """Raise an operator's error in our words.

    Launched asynchronously, an operator raises where its result is first looked at, which has to
    be within.
    """
    try:
        yield
    except Exception as error:
        raise in_our_words(error) from None
