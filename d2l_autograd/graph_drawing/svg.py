"""A drawing as the text of an SVG file."""

import re
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from d2l_autograd.graph_drawing.scene import SIZE, Box, Group, Line, Scene, Shape, Tip, Words

_FONTS = (
    "system-ui, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', Arial, 'Noto Sans CJK SC', "
    "'PingFang SC', 'Microsoft YaHei', sans-serif"
)
_DASHED = ' stroke-dasharray="4 3"'


def svg(scene: Scene, grouped: Callable[[Group, str], str] | None = None) -> str:
    """Return the text of an SVG file, which says in words what it shows.

    Args:
        scene: what to draw.
        grouped: what to write for a group of shapes, from it and the text of its shapes.
    """
    width, height = _n(scene.width), _n(scene.height)
    told = quoteattr(_clean(scene.description))
    panel = Box(0.5, 0.5, scene.width - 1, scene.height - 1, 8, "#ffffff", "#d0d0d0")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label={told} font-family="{_FONTS}" '
        f'font-size="{SIZE}" style="max-width:100%;height:auto">',
        f"<title>{escape(_clean(scene.description))}</title>",
        *(_drawn(shape, grouped) for shape in (panel, *scene.shapes)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _drawn(shape: Shape, grouped: Callable[[Group, str], str] | None) -> str:
    if isinstance(shape, Group):
        text = "\n".join(_drawn(part, None) for part in shape.shapes)
        return text if grouped is None else grouped(shape, text)
    if isinstance(shape, Box):
        return (
            f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
            f'height="{_n(shape.height)}" rx="{_n(shape.radius)}" fill="{shape.fill}" '
            f'stroke="{shape.stroke}" stroke-width="{_n(shape.thickness)}"'
            f"{_DASHED if shape.dashed else ''}/>"
        )
    if isinstance(shape, Line):
        path = f"M{_points(shape.start)}" + "".join(
            f"{'L' if len(piece) == 1 else 'C'}{_points(*piece)}" for piece in shape.pieces
        )
        return (
            f'<path d="{path}" fill="none" stroke="{shape.colour}" '
            f'stroke-width="{_n(shape.thickness)}"{_DASHED if shape.dashed else ""}/>'
        )
    if isinstance(shape, Tip):
        first, *others = shape.corners
        return f'<path d="M{_points(first)}L{_points(*others)}z" fill="{shape.colour}"/>'
    return words_in_svg(shape)


def words_in_svg(words: Words, name: str = "") -> str:
    """Return a line of text, of the class name if one is given."""
    style = f'class="{name}" ' * bool(name)
    style += f'fill="{words.colour}"'
    style += ' font-weight="bold"' if words.bold else ""
    style += ' font-style="italic"' if words.italic else ""
    if words.halo:
        style += ' stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
    return (
        f'<text x="{_n(words.x)}" y="{_n(words.y)}" text-anchor="{words.anchor}" {style}>'
        f"{escape(_clean(words.text))}</text>"
    )


def _points(*points: tuple[float, float]) -> str:
    return " ".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _clean(text: str) -> str:
    """Return text for XML, which has no place for control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
