"""SVG drawings: compared by their elements, coordinates within half a pixel."""

import re
from xml.etree import ElementTree

from notebook_check.compare.differences import Difference, text_differences, whole_row
from notebook_check.tolerance import Tolerance

PIXELS = Tolerance(rtol=1e-3, atol=0.5)
"""Within what coordinates are the same: another rounding of a layout passes."""

_GEOMETRY = {
    *("cx", "cy", "d", "dx", "dy", "height", "points", "r", "rx", "ry"),
    *("transform", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
}
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def compare_svgs(stored: str, new: str, tolerance: Tolerance, where: str) -> list[Difference]:
    """Compare two drawings element by element, up to the first that differs.

    Texts in them are compared with `tolerance`, coordinates with `PIXELS`, and other attributes,
    such as colours, exactly.
    """
    if stored == new:
        return []
    drawings = []
    for which, text in (("stored", stored), ("new", new)):
        try:
            drawings.append(list(ElementTree.fromstring(text).iter()))
        except (ElementTree.ParseError, ValueError) as error:
            return [Difference(where, f"the {which} drawing is no SVG: {error}")]
    for ours, theirs in zip(*drawings, strict=False):
        if found := _compare_elements(ours, theirs, tolerance, where):
            return [found]
    counts = [len(drawing) for drawing in drawings]
    if counts[0] != counts[1]:
        return [Difference(where, f"{counts[0]} elements are now {counts[1]}")]
    return []


def _compare_elements(
    ours: ElementTree.Element, theirs: ElementTree.Element, tolerance: Tolerance, where: str
) -> Difference | None:
    if ours.tag != theirs.tag:
        return Difference(where, f"<{_name(ours)}> is now <{_name(theirs)}>")
    for name in sorted({*ours.attrib, *theirs.attrib}):
        was, now = ours.get(name), theirs.get(name)
        if was != now and not _same_attribute(name, was, now):
            reason = f"{name} of <{_name(ours)}> differs"
            return Difference(where, reason, (whole_row(str(was)[:200], str(now)[:200], name),))
    for was, now in ((ours.text, theirs.text), (ours.tail, theirs.tail)):
        name = f"{where}, text in <{_name(ours)}>"
        if found := text_differences(name, was or "", now or "", tolerance):
            return found[0]
    return None


def _same_attribute(name: str, was: str | None, now: str | None) -> bool:
    if was is None or now is None or name not in _GEOMETRY:
        return False
    if _NUMBER.sub("0", was) != _NUMBER.sub("0", now):
        return False
    numbers = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(PIXELS.close(float(a), float(b)) for a, b in numbers)


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
