"""The outputs of a cell, stored and new, compared in order and in structure."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from notebook_check.compare.bundles import as_text, compare_displays
from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.compare.generated import Names
from notebook_check.compare.streams import arrange
from notebook_check.compare.texts import normalise
from notebook_check.compare.tracebacks import compare_errors
from notebook_check.figures.description import MIME
from notebook_check.settings import Settings

Output = Mapping[str, Any]  # as nbformat has it

LARGEST = 5_000_000
"""How many characters, of text or of base64, one output may have."""

_SEEN_AS_TEXT = ("text/plain", "text/latex")
_NAMES = {"execute_result": "result", "display_data": "display", "error": "exception"}


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
        settings: tolerances; the defaults where there are none.
        source: the code of the cell, whose lines a traceback is compared by.
        clean: what is done to every text before it is compared, such as nbval's sanitizing.
    """
    settings = settings or Settings()
    for name, outputs in (("stored", stored), ("new", new)):
        for number, output in enumerate(outputs, 1):
            if (size := _size(output)) > LARGEST:
                reason = f"{size:,} characters are too many to compare; the most are {LARGEST:,}"
                return [Difference(f"{name} output {number}", reason)]
    ours, theirs = (_all_cleaned(outputs, clean) for outputs in (stored, new))
    found = list(_compare_structure(ours, theirs))
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        kind = _kind(one)
        if kind != _kind(other):
            break
        where = f"output {number}, {kind}" if len(ours) > 1 else kind
        if one["output_type"] == "stream":
            found += text_differences(where, one["text"], other["text"], settings.tolerance)
        elif one["output_type"] == "error":
            found += compare_errors(one, other, settings.tolerance, where, source)
        else:
            found += compare_displays(one, other, settings, where)
    return found


def _all_cleaned(outputs: Sequence[Output], clean: Callable[[str], str]) -> list[dict[str, Any]]:
    """The outputs, arranged, with every text cleaned and normalised."""
    names = Names()

    def cleaned(text: str, mime: str = "") -> str:
        code = bool(mime) and mime not in _SEEN_AS_TEXT
        return normalise(names.replace(clean(text), code=code))

    def with_texts(output: dict[str, Any]) -> dict[str, Any]:
        if "data" in output:
            # In the order of the names, as they are stored: a kernel sends them in another one.
            data = {
                mime: cleaned(as_text(value), mime) if _is_text(mime) else value
                for mime, value in sorted(output["data"].items())
            }
            return output | {"data": data}
        return output | {key: cleaned(output[key]) for key in ("text", "evalue") if key in output}

    return [with_texts(output) for output in arrange(outputs)]


def _is_text(mime: str) -> bool:
    return mime != MIME and (not mime.startswith("image/") or mime == "image/svg+xml")


def _size(output: Output) -> int:
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("data", {}).values()]
    return sum(len(text) if isinstance(text, str) else len(json.dumps(text)) for text in texts)


def _kind(output: Output) -> str:
    if output["output_type"] == "stream":
        return str(output["name"])
    return _NAMES[output["output_type"]]


def _compare_structure(ours: Sequence[Output], theirs: Sequence[Output]) -> Iterator[Difference]:
    was, now = ([_kind(output) for output in outputs] for outputs in (ours, theirs))
    if was != now:
        stored, new = (_shorten(", ".join(kinds)) or "no output" for kinds in (was, now))
        before, after = ("\n".join(map(_glimpse, outputs)) for outputs in (ours, theirs))
        row = whole_row(before, after, "order")
        yield Difference("outputs", f"{stored} is now {new}", (row,))


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
    text = " ".join(text[:200].split())
    return text if len(text) <= 60 else text[:59] + "…"
