"""SVG drawings: compared by their elements, coordinates within half of a pixel."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.tolerance import Tolerance

_PIXEL = 0.5  # what another rounding of a layout may move
_PART = 1e-3  # of a coordinate, or of a factor
_ROUND = 0.1  # pixels, of a radius
_ASSUMED = 400  # pixels that a drawing is wide where it does not say
_LENGTHS = {"r", "rx", "ry"}
_GEOMETRY = {
    *("cx", "cy", "d", "dx", "dy", "height", "points", "r", "rx", "ry"),
    *("transform", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_FACTOR = re.compile(r"(scale|matrix|rotate|skew[XY])\s*\(([^)]*)\)")
_REFERENCE = re.compile(r"#([\w.:-]+)")


@dataclass(frozen=True)
class _Part:
    """An element, and how many pixels one unit in it is."""

    element: ElementTree.Element
    scale: float


def compare_svgs(stored: str, new: str, tolerance: Tolerance, where: str) -> list[Difference]:
    """Compare two drawings element by element, up to the first that differs.

    Texts in them are compared with `tolerance`, coordinates within half a pixel, and other
    attributes, such as colours, exactly. Ids count by what refers to them, whatever they are
    called; metadata, such as a date, and white space between elements do not count.
    """
    if stored == new:
        return []
    drawings = []
    for which, text in (("stored", stored), ("new", new)):
        try:
            root = ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError) as error:
            return [Difference(where, f"the {which} drawing is no SVG: {error}")]
        _number_ids(root)
        drawings.append(list(_parts(root, _shown_scale(root))))
    for ours, theirs in zip(*drawings, strict=False):
        if found := _compare_elements(ours, theirs, tolerance, where):
            return [found]
    counts = [len(drawing) for drawing in drawings]
    if counts[0] != counts[1]:
        return [Difference(where, f"{counts[0]} elements are now {counts[1]}")]
    return []


def _number_ids(root: ElementTree.Element) -> None:
    """Name elements by their order, and so what refers to them; remove their metadata."""
    names: dict[str, str] = {}
    for element in list(root.iter()):
        for child in list(element):
            if _name(child) == "metadata":
                element.remove(child)
        if (own := element.get("id")) is not None:
            names.setdefault(own, f"element-{len(names) + 1}")
            element.set("id", names[own])

    def renamed(found: re.Match[str]) -> str:
        return "#" + names.get(found[1], found[1])

    for element in root.iter():
        for key, value in element.items():
            if "#" in value:
                element.set(key, _REFERENCE.sub(renamed, value))
        if element.text and "#" in element.text and _name(element) == "style":
            element.text = _REFERENCE.sub(renamed, element.text)


def _shown_scale(root: ElementTree.Element) -> float:
    """How many pixels one unit of a drawing is, at least 1: a unit box is stretched."""
    box = [float(part) for part in _NUMBER.findall(root.get("viewBox", ""))]
    if len(box) != 4 or not box[2] > 0:
        return 1.0
    width = _NUMBER.match(root.get("width", ""))
    relative = root.get("width", "").strip().endswith("%")
    shown = float(width[0]) if width and not relative else float(_ASSUMED)
    return max(1.0, shown / max(box[2], box[3]))


def _parts(element: ElementTree.Element, scale: float) -> Iterator[_Part]:
    stack = [(element, scale)]
    while stack:
        element, scale = stack.pop()
        scale *= _own_scale(element.get("transform", ""))
        yield _Part(element, scale)
        stack += [(child, scale) for child in reversed(element)]


def _own_scale(transform: str) -> float:
    scale = 1.0
    for kind, arguments in _FACTOR.findall(transform):
        numbers = [abs(float(number)) for number in _NUMBER.findall(arguments)]
        if kind == "scale" and numbers:
            scale *= max(numbers)
        elif kind == "matrix" and len(numbers) == 6:
            scale *= max(numbers[:4])
    return scale


def _compare_elements(
    ours: _Part, theirs: _Part, tolerance: Tolerance, where: str
) -> Difference | None:
    one, other = ours.element, theirs.element
    if one.tag != other.tag:
        return Difference(where, f"<{_name(one)}> is now <{_name(other)}>")
    for name in sorted({*one.attrib, *other.attrib}):
        was, now = one.get(name), other.get(name)
        if was != now and not _same_attribute(name, was, now, ours.scale):
            reason = f"{name} of <{_name(one)}> differs"
            return Difference(where, reason, (whole_row(str(was)[:200], str(now)[:200], name),))
    for was, now in ((one.text, other.text), (one.tail, other.tail)):
        was, now = was or "", now or ""
        if not was.strip() and not now.strip():
            continue
        if found := text_differences(f"{where}, text in <{_name(one)}>", was, now, tolerance):
            return found[0]
    return None


def _same_attribute(name: str, was: str | None, now: str | None, scale: float) -> bool:
    if was is None or now is None or name not in _GEOMETRY:
        return False
    if name == "transform":
        pairs = zip(_FACTOR.findall(was), _FACTOR.findall(now), strict=False)
        factors = Tolerance(_PART, _PART)
        for (kind, old), (_, new) in pairs:
            most = 4 if kind == "matrix" else 1 if kind == "rotate" else None  # the rest are places
            if not _close(_NUMBER.findall(old)[:most], _NUMBER.findall(new)[:most], factors):
                return False
    if _NUMBER.sub("0", was) != _NUMBER.sub("0", now):
        return False
    pixels = _ROUND if name in _LENGTHS else _PIXEL
    places = Tolerance(_PART, pixels / scale if scale > 1 else pixels)
    return _close(_NUMBER.findall(was), _NUMBER.findall(now), places)


def _close(was: list[str], now: list[str], tolerance: Tolerance) -> bool:
    return len(was) == len(now) and all(
        tolerance.close(float(a), float(b)) for a, b in zip(was, now, strict=True)
    )


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
