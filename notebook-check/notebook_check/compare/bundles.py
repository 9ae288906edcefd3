"""What a cell displayed, stored and new: texts, drawings, pictures and described figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from notebook_check.compare.differences import Difference, text_differences
from notebook_check.compare.pictures import decode, digest, size_of_picture
from notebook_check.compare.svgs import compare_svgs
from notebook_check.figures import MIME
from notebook_check.settings import Settings

_RANDOM = "application/vnd.jupyter.widget-view+json"  # names a widget by a random number
_SVG, _PNG = "image/svg+xml", "image/png"
_RESIZED = 0.1  # by which fraction other fonts and versions may change the size of a picture
_SIZES = ("width", "height")  # of a picture, as a notebook's metadata asks for them to be shown


def compare_displays(
    stored: Mapping[str, Any], new: Mapping[str, Any], settings: Settings, where: str
) -> Iterator[Difference]:
    """Compare two outputs with data, type by type; none may be missing or added.

    A figure that is described on both sides is compared by its description alone: its picture
    must be there, and a stored one be the one that the description was stored with. Other
    pictures are compared by their size and their pixels. A description that the check
    offers, and a notebook that was run in Jupyter does not store, is not missed.
    """
    was, now = stored["data"], new["data"]
    described = MIME in was and MIME in now
    yield from _missing_types(was, now, where, offered=bool(_seals(new).get("offered")))
    if described:
        from notebook_check.figures.differences import compare_figures

        for line in compare_figures(was[MIME], now[MIME], settings.tolerance):
            yield Difference(f"{where}, figure", str(line), pictures=_pngs(was, now))
        yield from _compare_seals(stored, new, where)
    for mime in sorted({*was} & {*now} - {MIME, _RANDOM}):
        name = f"{where}, {mime}"
        if mime == _SVG:
            if not described:
                yield from compare_svgs(was[mime], now[mime], settings.tolerance, name)
        elif mime.startswith("image/"):
            yield from _compare_shown_sizes(stored, new, mime, name)
            pixels = None if described else settings.pixels
            for reason in _compare_pictures(mime, was[mime], now[mime], described, pixels):
                yield Difference(name, reason, pictures=_pngs(was, now))
        else:
            yield from text_differences(
                name, as_text(was[mime]), as_text(now[mime]), settings.tolerance
            )


def as_text(value: Any) -> str:
    """Return what is stored for a type as text: of JSON, a line for each value and its place."""
    return value if isinstance(value, str) else "\n".join(_leaves(value, ""))


def _leaves(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            yield from _leaves(value[key], f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}[{number}]")
    else:
        yield f"{place}: {value if isinstance(value, str) else repr(value)}"


def _missing_types(
    was: Mapping[str, Any], now: Mapping[str, Any], where: str, *, offered: bool
) -> Iterator[Difference]:
    new_alone = {*now} - {*was} - ({MIME} if offered else set())
    for mime in sorted(({*was} - {*now}) | new_alone):
        name = "the figure's description" if mime == MIME else mime
        state = "is stored, and no longer there" if mime in was else "is new, and not stored"
        yield Difference(where, f"{name} {state}", pictures=_pngs(was, now))


def _compare_seals(
    stored: Mapping[str, Any], new: Mapping[str, Any], where: str
) -> Iterator[Difference]:
    """Tell stored pictures that are not the ones of their description."""
    sealed, new_sealed = (_seals(one) for one in (stored, new))
    for mime in sorted({*sealed, *new_sealed} & {*stored["data"]}):
        try:
            genuine = sealed.get(mime) == digest(stored["data"][mime])
        except ValueError:
            continue  # reported as a picture that cannot be decoded
        if not genuine:
            reason = "the stored picture is not the one that was stored with its description"
            pictures = _pngs(stored["data"], new["data"])
            yield Difference(f"{where}, {mime}", reason, pictures=pictures)


def _seals(output: Mapping[str, Any]) -> Mapping[str, Any]:
    seals = (output.get("metadata") or {}).get(MIME)
    return seals if isinstance(seals, Mapping) else {}


def _compare_shown_sizes(
    stored: Mapping[str, Any], new: Mapping[str, Any], mime: str, where: str
) -> Iterator[Difference]:
    """Tell a picture that is to be shown in another size than its own, or no longer is."""
    both = ((one.get("metadata") or {}).get(mime) for one in (stored, new))
    was, now = (one if isinstance(one, Mapping) else {} for one in both)
    for name in _SIZES:
        if was.get(name) != now.get(name):
            sides = (str(one.get(name, "its own"))[:40] for one in (was, now))
            yield Difference(where, "{} {} is now {}".format(name, *sides))


def _compare_pictures(
    mime: str, was: str, now: str, described: bool, pixels: float | None
) -> Iterator[str]:
    sizes = []
    for which, text in (("stored", was), ("new", now)):
        try:
            sizes.append(size_of_picture(mime, text))
        except ValueError as error:
            yield f"the {which} picture {error}"
    if described or len(sizes) < 2:
        return
    if any(abs(a - b) > _RESIZED * max(a, b) for a, b in zip(*sizes, strict=True)):
        (width, height), (new_width, new_height) = sizes
        yield f"{width} x {height} pixels are now {new_width} x {new_height}"
    elif pixels is not None and pixels < 1:
        from notebook_check.compare.pixels import compare_pixels

        if reason := compare_pixels(decode(was), decode(now), pixels):
            yield reason


def _pngs(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    pngs = [str(one.get(_PNG, "")) for one in (was, now)]
    return (pngs[0], pngs[1]) if any(pngs) else None
