"""The outputs of a cell, stored and new, compared in order and in structure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from notebook_check.compare.bundles import as_text, compare_displays
from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.compare.escapes import visible
from notebook_check.compare.normalising import Numbering, normaliser, spelled_alike
from notebook_check.compare.tracebacks import compare_errors
from notebook_check.figures import MIME
from notebook_check.settings import Settings
from notebook_check.sizes import size_of

Output = Mapping[str, Any]  # as nbformat has it

LARGEST = 5_000_000
"""How many characters, of text or of base64, an output that differs may have to be compared."""

_NAMES = {"execute_result": "result", "display_data": "display", "error": "exception"}
_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)
_OF_CHILDREN = re.compile(r"\b(?:os\.system|subprocess|Popen|ctypes|multiprocessing|os\.fork)\b")
"""Code whose cell prints from several processes, and so in any order of lines."""

_MARKUP = ("text/html", "text/latex", "application/", "image/svg+xml")


def compare_outputs(
    stored: Sequence[Output],
    new: Sequence[Output],
    settings: Settings | None = None,
    *,
    source: str = "",
    clean: Callable[[str], str] = str,
) -> list[Difference]:
    """Find where the outputs of a cell differ: an empty list where they agree.

    Args:
        stored: the outputs as the notebook has them, with every text a single string.
        new: the outputs of the new run, likewise.
        settings: tolerances, and what is left out; the defaults where there are none.
        source: the code of the cell, whose lines a traceback is compared by.
        clean: what is done to every text before it is compared, such as nbval's sanitizing.
    """
    settings = settings or Settings()
    ours, theirs = (_comparable(outputs, settings, clean) for outputs in (stored, new))
    found = list(_compare_structure(ours, theirs))
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        kind = _kind(one)
        if kind != _kind(other):
            break
        where = f"output {number}, {kind}" if len(ours) > 1 else kind
        if one == other and one["output_type"] not in ("display_data", "execute_result"):
            continue
        if one != other and (size := max(_size(one), _size(other))) > LARGEST:
            reason = f"{size:,} characters are too many to compare; the most are {LARGEST:,}"
            found.append(Difference(where, reason))
        elif one["output_type"] == "stream":
            texts = one["text"], other["text"]
            if _OF_CHILDREN.search(source):
                texts = _sorted_lines(texts[0]), _sorted_lines(texts[1])
            found += text_differences(where, *texts, settings.tolerance)
        elif one["output_type"] == "error":
            found += compare_errors(one, other, settings.tolerance, where, source)
        else:
            found += compare_displays(one, other, settings, where)
    return found


def _comparable(
    outputs: Sequence[Output], settings: Settings, clean: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The outputs in order, with every text cleaned and normalised."""
    named, numbered = normaliser(settings.normalise), Numbering()

    def cleaned(text: str, mime: str) -> str:
        return numbered(named(spelled_alike(clean(text))), is_markup=mime.startswith(_MARKUP))

    arranged = []
    for output in arrange(outputs):
        if settings.stderr == "ignore" and output.get("name") == "stderr":
            continue
        output = _with_texts(output, cleaned)
        if output["output_type"] != "stream" or output["text"]:
            arranged.append(output)
    return arranged


def _with_texts(output: dict[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """The output with its texts changed, by a function of the text and its type."""

    def changed(value: Any, mime: str) -> Any:
        if isinstance(value, str):
            return change(value, mime)
        if isinstance(value, Mapping):
            return {key: changed(item, mime) for key, item in value.items()}
        return [changed(item, mime) for item in value] if isinstance(value, list) else value

    if "data" in output:
        data = {
            mime: changed(value, mime) if _is_text(mime) else value
            for mime, value in sorted(output["data"].items())
        }
        return output | {"data": data}
    return output | {key: changed(output[key], key) for key in ("text", "evalue") if key in output}


def arrange(outputs: Sequence[Output]) -> list[dict[str, Any]]:
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


def _sorted_lines(text: str) -> str:
    return "\n".join(sorted(text.splitlines()))


def _is_text(mime: str) -> bool:
    return (not mime.startswith("image/") or mime == "image/svg+xml") and mime != MIME


def _size(output: Output) -> int:
    return sum(map(size_of, (output.get(name, "") for name in ("text", "evalue", "data"))))


def _kind(output: Output) -> str:
    if output["output_type"] == "stream":
        return str(output["name"])
    return _NAMES[output["output_type"]]


def _compare_structure(ours: Sequence[Output], theirs: Sequence[Output]) -> Iterator[Difference]:
    was, now = ([_kind(output) for output in outputs] for outputs in (ours, theirs))
    if was != now:
        stored, new = (_kinds(kinds) for kinds in (was, now))
        before, after = ("\n".join(map(_glimpse, outputs)) for outputs in (ours, theirs))
        row = whole_row(before, after, "order")
        yield Difference("outputs", f"{stored} is now {new}", (row,))


def _kinds(kinds: Sequence[str]) -> str:
    if not kinds:
        return "no output"
    shown = ", ".join(kinds[:6])
    return shown if len(kinds) <= 6 else f"{shown}, and {len(kinds) - 6} more"


def _glimpse(output: Output) -> str:
    """One line that tells an output from another."""
    if output["output_type"] == "error":
        text = f"{output['ename']}: {output['evalue']}"
    elif output["output_type"] == "stream":
        text = output["text"]
    else:
        text = as_text(output["data"].get("text/plain", ""))
    return f"{_kind(output)}: {_shorten(text)}"


def _shorten(text: str) -> str:
    text = visible(" ".join(text[:200].split())).replace("␣", " ")
    return text if len(text) <= 60 else text[:59] + "…"
