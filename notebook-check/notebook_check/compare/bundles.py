"""What a cell displayed, stored and new: texts, drawings, pictures and described figures."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from notebook_check.compare.differences import Difference, text_differences
from notebook_check.compare.pictures import decode, digest, size_of
from notebook_check.compare.svgs import compare_svgs
from notebook_check.figures.description import MIME
from notebook_check.settings import Settings

_RANDOM = "application/vnd.jupyter.widget-view+json"  # names a widget by a random number
_SVG, _PNG = "image/svg+xml", "image/png"
_RESIZED = 0.1  # by which fraction other fonts and versions may change the size of a picture
_SHOWN = 0.02  # by which, the size that it is shown in


def compare_displays(
    stored: Mapping[str, Any], new: Mapping[str, Any], settings: Settings, where: str
) -> Iterator[Difference]:
    """Compare two outputs with data, type by type; none may be missing or added.

    A figure that is described on both sides is compared by its description alone: its picture
    must be there, and a stored one be the one that the description was stored with. Of other
    pictures the pixels are compared, and the size that they are shown in.
    """
    was, now = stored["data"], new["data"]
    described = MIME in was and MIME in now
    yield from _missing_types(was, now, where)
    if described:
        from notebook_check.figures.comparing import compare_figures  # and with it NumPy

        for line in compare_figures(was[MIME], now[MIME], settings.tolerance):
            yield Difference(f"{where}, figure", str(line), pictures=_pngs(was, now))
        yield from _compare_seals(stored, new, where)
    for mime in sorted({*was} & {*now} - {MIME, _RANDOM}):
        name = f"{where}, {mime}"
        if mime == _SVG:
            if not described:
                yield from compare_svgs(was[mime], now[mime], settings.tolerance, name)
        elif mime.startswith("image/"):
            if not described and (reason := _resized(stored, new, mime)):
                yield Difference(name, reason, pictures=_pngs(was, now))
            pixels = None if described else settings.pixels
            for reason in _compare_pictures(mime, was[mime], now[mime], described, pixels):
                yield Difference(name, reason, pictures=_pngs(was, now))
        else:
            yield from text_differences(
                name, as_text(was[mime]), as_text(now[mime]), settings.tolerance
            )


def as_text(value: Any) -> str:
    """Return what is stored for a type as text, JSON with its keys in order."""
    return (
        value
        if isinstance(value, str)
        else json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
    )


def _missing_types(
    was: Mapping[str, Any], now: Mapping[str, Any], where: str
) -> Iterator[Difference]:
    for mime in sorted({*was} ^ {*now}):
        name = "the figure's description" if mime == MIME else mime
        state = "is stored, and no longer there" if mime in was else "is new, and not stored"
        yield Difference(where, f"{name} {state}", pictures=_pngs(was, now))


def _compare_seals(
    stored: Mapping[str, Any], new: Mapping[str, Any], where: str
) -> Iterator[Difference]:
    """Tell stored pictures that are not the ones of their description."""
    sealed, new_sealed = (one.get("metadata", {}).get(MIME, {}) for one in (stored, new))
    for mime in sorted({*sealed, *new_sealed} & {*stored["data"]}):
        try:
            genuine = sealed.get(mime) == digest(stored["data"][mime])
        except ValueError:
            continue  # reported as a picture that cannot be decoded
        if not genuine:
            reason = "the stored picture is not the one that was stored with its description"
            pictures = _pngs(stored["data"], new["data"])
            yield Difference(f"{where}, {mime}", reason, pictures=pictures)


def _compare_pictures(
    mime: str, was: str, now: str, described: bool, pixels: float | None
) -> Iterator[str]:
    sizes = []
    for which, text in (("stored", was), ("new", now)):
        try:
            sizes.append(size_of(mime, text))
        except ValueError as error:
            yield f"the {which} picture {error}"
    if described or len(sizes) < 2:
        return
    if any(abs(a - b) > _RESIZED * max(a, b) for a, b in zip(*sizes, strict=True)):
        (width, height), (new_width, new_height) = sizes
        yield f"{width} x {height} pixels are now {new_width} x {new_height}"
    else:
        from notebook_check.compare.pixels import compare_about

        kind = mime.removeprefix("image/").upper()
        if reason := compare_about(decode(was), decode(now), kind, pixels):
            yield reason


def _resized(stored: Mapping[str, Any], new: Mapping[str, Any], mime: str) -> str | None:
    """Say whether a picture is shown in another size, as the author of a cell may ask."""
    was, now = (_shown_size(output, mime) for output in (stored, new))
    for (side, a), b in zip(was.items(), now.values(), strict=True):
        if (a is None) != (b is None) or (a and b and abs(a - b) > _SHOWN * max(a, b)):
            return f"the {side} it is shown in, {a or 'its own'}, is now {b or 'its own'}"
    return None


def _shown_size(output: Mapping[str, Any], mime: str) -> dict[str, float | None]:
    metadata = output.get("metadata", {}).get(mime, {})
    sizes = {
        side: metadata.get(side) if isinstance(metadata, Mapping) else None
        for side in ("width", "height")
    }
    return {side: size if isinstance(size, int | float) else None for side, size in sizes.items()}


def _pngs(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    if _PNG not in was and _PNG not in now:
        return None
    return was.get(_PNG, ""), now.get(_PNG, "")
