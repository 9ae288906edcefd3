"""A drawing as shapes, from which an SVG file, a PNG file or a frame of an animation is made."""

import unicodedata
from typing import NamedTuple

Point = tuple[float, float]
SIZE = 13  # of the text, in pixels


class Box(NamedTuple):
    """A rectangle with round corners, x and y those of its upper left one."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    stroke: str
    thickness: float = 1.0
    dashed: bool = False


class Line(NamedTuple):
    """A line of straight pieces, of one point each, and Bézier curves, of three."""

    start: Point
    pieces: list[tuple[Point, ...]]
    colour: str
    thickness: float
    dashed: bool = False


class Tip(NamedTuple):
    """The head of an arrow: a triangle."""

    corners: tuple[Point, Point, Point]
    colour: str


class Words(NamedTuple):
    """A line of text; x is its start, middle or end, y its base line."""

    x: float
    y: float
    text: str
    colour: str
    anchor: str = "middle"
    bold: bool = False
    italic: bool = False
    halo: bool = False


class Group(NamedTuple):
    """What is drawn of the walk back at a node or along a wire, by its number in the form."""

    shapes: "list[Box | Line | Tip | Words]"
    node: int | None = None
    wire: int | None = None


Shape = Box | Line | Tip | Words | Group


class Scene(NamedTuple):
    """Shapes on a white panel, in pixels, those that cover others last."""

    width: float
    height: float
    description: str
    shapes: list[Shape]


def flat(shapes: "list[Shape]") -> "list[Box | Line | Tip | Words]":
    """Return the shapes, those of groups one by one."""
    found: list[Box | Line | Tip | Words] = []
    for shape in shapes:
        found += shape.shapes if isinstance(shape, Group) else [shape]
    return found


def corners(shape: Shape) -> list[Point]:
    """Return points that span the rectangle that a shape lies in."""
    if isinstance(shape, Group):
        return [corner for part in shape.shapes for corner in corners(part)]
    if isinstance(shape, Box):
        return [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
    if isinstance(shape, Line):
        return [shape.start, *(point for piece in shape.pieces for point in piece)]
    if isinstance(shape, Tip):
        return [*shape.corners]
    width = measure(shape.text)
    left = shape.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[shape.anchor]
    return [(left, shape.y - SIZE), (left + width, shape.y + SIZE / 3)]


def shifted(shape: Shape, right: float, down: float) -> Shape:
    """Return a shape in another place."""
    if isinstance(shape, Group):
        return shape._replace(shapes=flat([shifted(part, right, down) for part in shape.shapes]))

    def moved(point: Point) -> Point:
        return point[0] + right, point[1] + down

    if isinstance(shape, Line):
        pieces = [tuple(map(moved, piece)) for piece in shape.pieces]
        return shape._replace(start=moved(shape.start), pieces=pieces)
    if isinstance(shape, Tip):
        a, b, c = map(moved, shape.corners)
        return shape._replace(corners=(a, b, c))
    return shape._replace(x=shape.x + right, y=shape.y + down)


def measure(text: str) -> float:
    """Return about how wide a text is."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return SIZE * (0.6 * (len(text) - wide) + wide)
