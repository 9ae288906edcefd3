"""SVG drawings: compared by their elements, coordinates within a part of the drawing's size."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.tolerance import Tolerance

RTOL = 1e-3
"""How far coordinates may lie apart, relative to the size of the drawing: a rounded layout."""

_GEOMETRY = {
    *("cx", "cy", "d", "dx", "dy", "height", "points", "r", "rx", "ry"),
    *("transform", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
}
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LINK = re.compile(r"#([\w.:-]+)")
_USUAL = 500.0  # the size of a drawing that does not say how large it is


def compare_svgs(stored: str, new: str, tolerance: Tolerance, where: str) -> list[Difference]:
    """Compare two drawings element by element, up to the first that differs.

    Texts in them are compared with `tolerance`, coordinates within `RTOL` of the drawing's size,
    and other attributes, such as colours, exactly. Metadata, such as a date, is left out; ids
    are compared by the order in which they come.
    """
    if stored == new:
        return []
    drawings = []
    for which, text in (("stored", stored), ("new", new)):
        try:
            drawings.append(ElementTree.fromstring(text))
        except (ElementTree.ParseError, ValueError, TypeError) as error:
            return [Difference(where, f"the {which} drawing is no SVG: {error}")]
    geometry = Tolerance(rtol=RTOL, atol=RTOL * _size(drawings[1]))
    elements = [list(_with_numbered_ids(drawing)) for drawing in drawings]
    for ours, theirs in zip(*elements, strict=False):
        if found := _compare_elements(ours, theirs, tolerance, geometry, where):
            return [found]
    counts = [len(drawing) for drawing in elements]
    if counts[0] != counts[1]:
        return [Difference(where, f"{counts[0]} elements are now {counts[1]}")]
    return []


def _size(drawing: ElementTree.Element) -> float:
    """The larger side of what is drawn in, in its own units."""
    box = _NUMBER.findall(drawing.get("viewBox", ""))
    sides = box[2:4] or [*_NUMBER.findall(drawing.get("width", ""))[:1]]
    return max((abs(float(side)) for side in sides), default=0.0) or _USUAL


def _with_numbered_ids(drawing: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The elements that are drawn, with a number for each id that something is called by."""
    numbers = {
        element.get("id", ""): f"id-{number}" for number, element in enumerate(_drawn(drawing))
    }
    for element in _drawn(drawing):
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, numbers[value])
            else:
                element.set(name, _LINK.sub(lambda m: f"#{numbers.get(m[1], m[1])}", value))
        yield element


def _drawn(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    if _name(element) == "metadata":
        return
    yield element
    for child in element:
        yield from _drawn(child)


def _compare_elements(
    ours: ElementTree.Element,
    theirs: ElementTree.Element,
    tolerance: Tolerance,
    geometry: Tolerance,
    where: str,
) -> Difference | None:
    if ours.tag != theirs.tag:
        return Difference(where, f"<{_name(ours)}> is now <{_name(theirs)}>")
    for name in sorted({*ours.attrib, *theirs.attrib}):
        was, now = ours.get(name), theirs.get(name)
        if was != now and not _same_attribute(name, was, now, geometry):
            reason = f"{name} of <{_name(ours)}> differs"
            return Difference(where, reason, (whole_row(str(was)[:200], str(now)[:200], name),))
    for was, now in ((ours.text, theirs.text), (ours.tail, theirs.tail)):
        name = f"{where}, text in <{_name(ours)}>"
        if found := text_differences(name, (was or "").strip(), (now or "").strip(), tolerance):
            return found[0]
    return None


def _same_attribute(name: str, was: str | None, now: str | None, geometry: Tolerance) -> bool:
    if was is None or now is None or name not in _GEOMETRY:
        return False
    if _NUMBER.sub("0", was) != _NUMBER.sub("0", now):
        return False
    numbers = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(geometry.close(float(a), float(b)) for a, b in numbers)


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
