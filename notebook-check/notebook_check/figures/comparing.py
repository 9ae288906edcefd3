"""How two descriptions of a figure differ, in sentences."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from notebook_check.figures.arrays import Array, Unreadable, logarithms, unpack
from notebook_check.tolerance import Tolerance

FORMAT = 1
_LONGEST = 60  # characters of a value in a sentence
_MOST = 5  # names in a sentence
_MOST_NUMBERS = 100_000  # far more than `pack` writes
_ROUNDING = 1e-6  # of a number, in float32 and in the seven digits that are stored
_UNSEEN = {"labelled", "limits are"}  # what else to expect, and no part of the picture
# The least relative tolerances. Labels cut gaps into an outline, as wide as their font is.
_OUTLINES, _LABELLED = 0.01, 0.2
_LIMITS = {"automatic": 0.01, "fitted": 0.05}
_COLOURS = re.compile("#[0-9a-f]{8}( #[0-9a-f]{8})*")
_SINGULAR = {
    "axes": "axes",
    "collections": "collection",
    "entries": "entry",
    "images": "image",
    "legends": "legend",
    "lines": "line",
    "others": "other artist",
    "outlines": "outline",
    "patches": "patch",
    "subfigures": "subfigure",
    "texts": "text",
}
_PLURAL = {"others": "other artists"}


class _Scale(NamedTuple):
    """How numbers are placed: from where to where, as decimal logarithms if it is logarithmic."""

    low: float
    high: float
    log: bool = False
    rough: float = 0.0  # the least relative tolerance


class _Place(NamedTuple):
    """Where in the figure the comparison is, and the scales of the numbers there, by key."""

    names: tuple[str, ...] = ()
    scales: Mapping[str, _Scale] = {}

    def __str__(self) -> str:
        return ", ".join(self.names) or "the figure"


def compare_figures(stored: Any, new: dict[str, Any], tolerance: Tolerance) -> list[str]:
    """Return what differs between two descriptions of a figure, a sentence each; [] for nothing.

    Numbers are compared as they are placed. On a linear axis ``rtol`` is relative to the span of
    its limits, and what lies outside may be off by as much of the distance; ``atol`` is in the
    units of the data. On a logarithmic axis decimal logarithms are compared: ``rtol`` is relative
    to the number of decades, and ``atol`` is in decades, so that a plot of rounding errors, which
    differ between CPUs, can be given ``atol=1``. Numbers on no axis, such as those of an image,
    are relative to their own span.

    Limits that follow from data pass within 1 % of their span, and within 5 % where equal axes are
    fitted to the room that fonts leave; outlines of contours within 1 % of the axes, or 20 % with
    labels in them; colours within 2 of 255. Text has to be equal.

    Args:
        stored: what `describe` once returned, from a file that may hold anything.
        new: what it returns now.
        tolerance: how far two numbers may lie apart.
    """
    if not isinstance(stored, dict):
        return [_unreadable(f"it is {_quoted(stored)}")]
    for when, description in (("stored", stored), ("new", new)):
        if "error" in description:
            return [f"the {when} figure has no description: {_quoted(description['error'])}"]
    if stored.get("format") != FORMAT:
        return [_unreadable(f"its format is {_quoted(stored.get('format'))}, not {FORMAT}")]
    try:
        return list(_differences(stored, new, _Place(), tolerance))
    except Unreadable as problem:
        return [_unreadable(str(problem))]


def _unreadable(why: str) -> str:
    return f"the stored description cannot be read: {why}"


def _differences(
    stored: dict[str, Any], new: dict[str, Any], place: _Place, tolerance: Tolerance
) -> Iterator[str]:
    """Compare two parts of a figure, key by key."""
    for key in [*new, *(key for key in stored if key not in new)]:
        old, now = stored.get(key), new.get(key)
        if key in _UNSEEN:
            continue
        if isinstance(old, list) or isinstance(now, list):
            yield from _in_lists(key, _as(list, old, key), _as(list, now, key), place, tolerance)
        elif _is_array(old) and _is_array(now):
            # Numbers that are not measured in data lie on no axis.
            scale = None if f"{key} in" in new else place.scales.get(key)
            yield from _in_arrays(key, old, now, place, scale, tolerance)
        elif not _is_array(old) and not _is_array(now) and isinstance(old or now, dict):
            inner = _part(place, key, now)
            yield from _differences(_as(dict, old, key), _as(dict, now, key), inner, tolerance)
        elif not _same(old, now, tolerance):
            yield f"{place}: the {_cut(key)} was {_quoted(old)}, is {_quoted(now)}"


def _part(place: _Place, key: str, new: Any) -> _Place:
    """Return the place of a dict within a dict: an axis, or the target of an annotation."""
    if (scale := place.scales.get(key)) is None:
        return place._replace(names=(*place.names, _cut(key)))
    rough = _LIMITS.get(str(new.get("limits are")), 0.0) if isinstance(new, dict) else 0.0
    scales = {"limits": scale._replace(rough=rough), "ticks": scale}
    return _Place((*place.names, f"{key} axis"), scales)


def _in_lists(
    key: str, stored: list[Any], new: list[Any], place: _Place, tolerance: Tolerance
) -> Iterator[str]:
    if any(isinstance(item, str) for item in [*stored[:1], *new[:1]]):
        if stored != new:
            yield f"{place}: the {_cut(key)} were {_quoted(stored)}, are {_quoted(new)}"
        return
    if len(stored) != len(new):
        yield f"{place}: {_missing(key, stored, new)}"
        return
    for number, (old, now) in enumerate(zip(stored, new, strict=True), 1):
        old = _as(dict, old, key)
        inner = place._replace(names=(*place.names, _name(key, number, now)))
        if key == "outlines":
            yield from _in_arrays(key, old, now, inner, place.scales["outlines"], tolerance)
        elif key == "axes":
            yield from _differences(old, now, inner._replace(scales=_scales(now)), tolerance)
        else:
            yield from _differences(old, now, _among_contours(inner, now), tolerance)


def _among_contours(place: _Place, item: dict[str, Any]) -> _Place:
    """Return the place with the scale of outlines, which is the same for every axis."""
    rough = _LABELLED if item.get("labelled") else _OUTLINES
    return place._replace(scales={**place.scales, "outlines": _Scale(0, 1, rough=rough)})


def _missing(key: str, stored: list[Any], new: list[Any]) -> str:
    """Say which of several artists are missing, or were not there before."""
    before, after = Counter(map(_tag, stored)), Counter(map(_tag, new))
    less, more = [*(before - after).elements()], [*(after - before).elements()]
    found = [
        f"{what}: {', '.join(tag or 'without a label' for tag in tags[:_MOST])}"
        + (f" and {len(tags) - _MOST} more" if len(tags) > _MOST else "")
        for what, tags in (("missing", less), ("not there before", more))
        if tags
    ]
    noun = _SINGULAR.get(key, key) if len(stored) == 1 else _PLURAL.get(key, key)
    return f"{len(stored)} {_cut(noun)} became {len(new)}; {'; '.join(found)}"


def _name(key: str, number: int, item: Any) -> str:
    name = f"{_SINGULAR.get(key, key)} {number}"
    tag = _tag(item)
    return f"{name} ({tag})" if tag else name


def _tag(item: Any) -> str:
    """Return what tells an artist from others to a reader."""
    for key in ("title", "label", "text", "kind"):
        value = item.get(key) if isinstance(item, dict) else None
        if isinstance(value, str) and value and value != "rectilinear":
            return value if key == "kind" else _quoted(value)
    return ""


def _scales(axes: dict[str, Any]) -> dict[str, _Scale]:
    """Return how numbers are placed on these axes, from their limits."""
    scales = {}
    for name in "xyz":
        if isinstance(axis := axes.get(name), dict) and "limits" in axis:
            log = axis.get("scale") == "log"
            limits = unpack(axis["limits"], "numbers", 2)
            low, high = (logarithms(limits) if log else limits).tolist()
            scales[name] = _Scale(min(low, high), max(low, high), log)
    return scales


def _in_arrays(
    key: str,
    stored: dict[str, Any],
    new: dict[str, Any],
    place: _Place,
    scale: _Scale | None,
    tolerance: Tolerance,
) -> Iterator[str]:
    if _is_long(stored) or _is_long(new):
        yield from _in_sums(key, stored, new, place, scale, tolerance)
        return
    now = unpack(new, "numbers", _MOST_NUMBERS)
    old = unpack(stored, "numbers", _MOST_NUMBERS)
    if old.size != now.size:
        count = f"over {_MOST_NUMBERS}" if old.size > _MOST_NUMBERS else old.size
        yield f"{place}: {key} had {count} numbers, has {now.size}"
    elif (different := _different(old, now, scale, tolerance)).any():
        yield f"{place}: {_where(key, old, now, different)}"


def _in_sums(
    key: str,
    stored: dict[str, Any],
    new: dict[str, Any],
    place: _Place,
    scale: _Scale | None,
    tolerance: Tolerance,
) -> Iterator[str]:
    """Compare arrays of which only sums are kept."""
    counts = [part.get("of") for part in (stored, new)]
    if counts[0] != counts[1]:
        yield f"{place}: the number of {key} was {_quoted(counts[0])}, is {_quoted(counts[1])}"
        return
    if scale is not None:
        scale = scale._replace(log=False)  # the sums are of logarithms
    for part in dict.fromkeys([*new, *stored]):
        if part in ("of", "log"):
            continue
        old, now = (
            unpack(each, part, _MOST_NUMBERS) if part in each else np.zeros(1)
            for each in (stored, new)
        )
        if old.size != now.size:
            old, now = np.zeros(1), np.full(1, np.nan)
        if (different := _different(old, now, scale, tolerance)).any():
            name = {"numbers": "means", "range": "range", "weighted": "order"}.get(part, part)
            yield f"{place}: of {counts[1]} {key}, the {_where(name, old, now, different)}"
            return


def _different(old: Array, now: Array, scale: _Scale | None, tolerance: Tolerance) -> Array:
    """Say of each number whether it changed by more than its scale tolerates."""
    if scale is None:
        scale = _own_scale(old)
    if scale.log:
        old, now = logarithms(old), logarithms(now)
    size = np.fmax(np.abs(old), np.abs(now))
    with np.errstate(invalid="ignore", over="ignore"):
        outside = np.fmax(scale.low - np.fmin(old, now), np.fmax(old, now) - scale.high)
        reach = scale.high - scale.low + np.fmax(outside, 0)
        least = np.full(size.shape, tolerance.relative) if scale.log else _ROUNDING * size
        # What no one asked for is no tolerance for data that is all smaller.
        atol = (
            min(1e-6, 1e-3 * (scale.high - scale.low)) if tolerance.atol is None else tolerance.atol
        )
        rough = max(tolerance.relative, scale.rough)
        allowed = np.fmax(np.fmax(atol, least), rough * reach)
        near = np.isfinite(old) & np.isfinite(now) & (np.abs(old - now) <= allowed)
    return ~(near | (old == now) | (np.isnan(old) & np.isnan(now)))


def _own_scale(values: Array) -> _Scale:
    """Return the scale of numbers that lie on no axis: what they span, from 0 if they are equal."""
    finite = values[np.isfinite(values)]
    low, high = finite.min(initial=np.inf), finite.max(initial=-np.inf)
    if not low < high:
        low, high = np.min(finite, initial=0), np.max(finite, initial=0)
    return _Scale(float(low), float(high))


def _where(key: str, old: Array, now: Array, different: Array) -> str:
    """Say how two arrays differ, by the number that changed most."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        gaps = np.abs(old - now)
        relative = gaps / np.fmax(np.abs(old), np.abs(now))
    worst = int(np.argmax(np.where(different, np.where(np.isfinite(gaps), gaps, np.inf), -1)))
    if key.endswith("limits"):
        before, after = (" to ".join(f"{value:.7g}" for value in each) for each in (old, now))
        return f"the {key} were {before}, are {after}"
    index = f"[{worst}]" if old.size > 1 else ""
    sentence = f"{key}{index} was {old[worst]:.7g}, is {now[worst]:.7g}"
    largest = np.max(relative[different & np.isfinite(relative)], initial=0)
    if largest:
        sentence += f"; largest relative difference {largest:.1e}"
    if (count := int(different.sum())) > 1:
        sentence += f", {count} of {old.size} differ"
    return sentence


def _is_array(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and "numbers" in value


def _is_long(packed: dict[str, Any]) -> bool:
    return "of" in packed


def _as(kind: type, value: Any, key: str) -> Any:
    """Return a part of a description, empty if it is not there."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise Unreadable(f"the {_cut(key)} in it are {_quoted(value)}")
    return value


def _same(stored: Any, new: Any, tolerance: Tolerance) -> bool:
    if isinstance(stored, str) and isinstance(new, str):
        return stored == new or _near_colours(stored, new)
    if _is_number(stored) and _is_number(new):
        try:
            return tolerance.close(float(stored), float(new))
        except OverflowError:  # a whole number of more than 308 digits
            return False
    return type(stored) is type(new) and bool(stored == new)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near_colours(stored: str, new: str) -> bool:
    """Say whether two texts are the same colours but for rounding."""
    if len(stored) != len(new) or not (_COLOURS.fullmatch(stored) and _COLOURS.fullmatch(new)):
        return False
    old, now = (np.frombuffer(bytes.fromhex(text.replace("#", "")), "u1") for text in (stored, new))
    return bool((np.abs(old.astype(int) - now.astype(int)) <= 2).all())


def _quoted(value: Any) -> str:
    """Return a value as a sentence has it, however large or deep it is."""
    if value is None:
        return "absent"
    if _is_array(value) and isinstance(value["numbers"], str):
        return f"[{_cut(value['numbers'])}]"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return f"[{_cut(', '.join(value))}]"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > 10**_LONGEST:
        return "a very large number"
    return repr(_cut(value)) if isinstance(value, str) else repr(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
