"""What is printed, in the form in which it is stored and compared."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)


def arrange(outputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Join what was printed between two other outputs, stdout before stderr.

    A kernel sends what is printed before what is displayed next, but in any number of pieces and
    with the two streams in any order. Text that was overwritten on its line is left out.
    """
    arranged: list[dict[str, Any]] = []
    streams: dict[str, list[str]] = {}

    def end_streams() -> None:
        for name in sorted(streams, reverse=True):
            if text := _as_seen("".join(streams[name])):
                arranged.append({"output_type": "stream", "name": name, "text": text})
        streams.clear()

    for output in outputs:
        if output["output_type"] == "stream":
            streams.setdefault(output["name"], []).append(output["text"])
        else:
            end_streams()
            arranged.append(dict(output))
    end_streams()
    return arranged


def _as_seen(text: str) -> str:
    """A printed text without what backspaces and carriage returns took back."""
    if "\b" in text:
        kept: list[str] = []
        for character in text:
            if character != "\b":
                kept.append(character)
            elif kept and kept[-1] != "\n":
                kept.pop()
        text = "".join(kept)
    return _OVERWRITTEN.sub("", text.replace("\r\n", "\n")) if "\r" in text else text
