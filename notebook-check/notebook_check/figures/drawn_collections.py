"""What collections show: scatters, segments, filled areas, meshes, contours, arrows."""

from typing import Any

import numpy as np
from matplotlib import collections, contour, quiver
from numpy.typing import NDArray

from notebook_check.figures.arrays import pack, unmasked
from notebook_check.figures.drawn_places import colours, coordinates, label_of, mapping, present

Array = NDArray[np.float64]
Described = dict[str, Any]


def described_collection(collection: Any) -> Described:
    """Return the data, values, colours and label of a collection."""
    values = collection.get_array()
    return present(
        {
            "kind": _kind(collection),
            "label": label_of(collection),
            **_data(collection),
            # With values, the colours follow from them when the figure is drawn.
            **(_colours(collection) if values is None else mapping(collection)),
            "values": None if values is None else pack(values),
            "widths": _unless_equal(collection.get_linewidths()),
            "hatch": collection.get_hatch(),
        }
    )


def _kind(collection: Any) -> str:
    # A subclass that only a newer Matplotlib has counts as what it was before.
    for kind, name in _NAMES:
        if isinstance(collection, kind):
            return name
    return type(collection).__name__


_NAMES: tuple[tuple[type, str], ...] = (
    (contour.ContourSet, "contours"),
    (quiver.Quiver, "arrows"),
    (quiver.Barbs, "barbs"),
    (collections.QuadMesh, "mesh"),
    (collections.LineCollection, "segments"),
    (collections.PolyCollection, "polygons"),
    (collections.PathCollection, "points"),
)


def _colours(collection: Any) -> Described:
    faces, edges = collection.get_facecolor(), collection.get_edgecolor()
    if hasattr(collection, "get_depthshade"):  # transparency by depth differs by version
        faces, edges = faces[:, :3], edges[:, :3]
    return {
        "face": colours(faces) if len(faces) else None,
        "edge": colours(edges) if len(edges) else None,
    }


def _data(collection: Any) -> Described:
    if isinstance(collection, contour.ContourSet):
        return _contours(collection)
    if isinstance(collection, quiver.Quiver):
        parts = {name: pack(getattr(collection, name.upper())) for name in "uv"}
        scale = None if collection.scale is None else float(collection.scale)
        return coordinates(collection, None, collection.X, collection.Y) | parts | {"scale": scale}
    if isinstance(collection, quiver.Barbs):
        parts = {name: pack(getattr(collection, name)) for name in "uv"}
        return coordinates(collection, None, collection.x, collection.y) | parts
    if isinstance(collection, collections.QuadMesh):
        corners: Any = collection.get_coordinates()
        return coordinates(collection, collection.get_transform(), corners[..., 0], corners[..., 1])
    return _solid(collection) or _outlines(collection)


def _outlines(collection: Any) -> Described:
    """Return the outlines of a flat collection, or the points at which it repeats them."""
    outlines = [path.vertices for path in collection.get_paths()]
    vertices = np.concatenate(outlines) if outlines else np.empty((0, 2))
    offsets = unmasked(collection.get_offsets()).reshape(-1, 2)
    transform = collection.get_offset_transform()
    in_data = collection.axes and transform.contains_branch(collection.axes.transData)
    if not in_data and not offsets.any():
        lengths = pack([len(outline) for outline in outlines]) if len(outlines) > 1 else None
        return coordinates(collection, collection.get_transform(), *vertices.T) | {
            "lengths": lengths
        }
    sizes = collection.get_sizes() if hasattr(collection, "get_sizes") else []
    return coordinates(collection, transform, *offsets.T) | {
        "outline": pack(vertices),
        "sizes": _unless_equal(sizes),
    }


def _solid(collection: Any) -> Described | None:
    """Return the data of a collection in space, which Matplotlib keeps in no public place."""
    data = vars(collection)
    if (points := data.get("_offsets3d")) is not None:
        return coordinates(collection, None, *points) | {
            "sizes": _unless_equal(collection.get_sizes())
        }
    if (segments := data.get("_segments3d")) is not None:
        ends = [np.asarray(segment, float) for segment in segments]
        return coordinates(collection, None, *np.concatenate(ends).T) if ends else {}
    if (faces := data.get("_faces")) is not None:
        shown = ~np.broadcast_to(data.get("_invalid_vertices", False), faces.shape[:2])
        return coordinates(collection, None, *faces[shown].T)
    if (columns := data.get("_vec")) is not None:  # up to Matplotlib 3.9
        return coordinates(collection, None, *columns[:3])
    return None


def _contours(contours: Any) -> Described:
    """Return the levels, and for each where its outline is.

    The vertices depend on rounding, where data is level or a level is met exactly. So an outline
    is known by integrals along it, in units of the axes: its length, centre and spread.
    """
    solid = vars(contours).get("_3dverts_codes")
    if solid is None:
        paths = [(path.vertices, path.codes) for path in contours.get_paths()]
    else:
        paths = [(np.asarray(vertices), codes) for vertices, codes in solid]
    moments = [_moments(_in_units(contours.axes, vertices), codes) for vertices, codes in paths]
    return {
        "filled": contours.filled or None,
        "labelled": bool(getattr(contours, "labelTexts", None)) or None,
        "levels": pack(contours.levels),
        "outlines": [pack(each) for each in moments],
    }


def _in_units(axes: Any, vertices: Array) -> Array:
    """Return points with 0 and 1 at the limits of each axis, whatever its scale."""
    columns = []
    for name, column in zip("xyz", vertices.T, strict=False):
        scaled = getattr(axes, f"{name}axis").get_transform().transform
        low, high = scaled(np.array(getattr(axes, f"get_{name}lim")(), float))
        columns.append((scaled(column) - low) / (high - low))
    return np.column_stack(columns)


def _moments(points: Array, codes: Any) -> Array:
    """Return the integrals of 1, of the coordinates and of their squares along the segments."""
    if len(points) < 2:
        return np.zeros(1 + 2 * points.shape[1])
    starts = np.ones(len(points), bool) if codes is None else np.asarray(codes) != _MOVE
    drawn = starts[1:]
    steps = np.diff(points, axis=0)[drawn]
    middles = ((points[1:] + points[:-1]) / 2)[drawn]
    lengths = np.sqrt((steps**2).sum(axis=1))
    return np.concatenate([[lengths.sum()], lengths @ middles, lengths @ middles**2])


_MOVE = 1  # the code of a path where the pen is lifted


def _unless_equal(values: Any) -> Any:
    """Return a number if all are that one."""
    flat = np.ravel(np.asarray(values, float))
    if flat.size and (flat == flat[0]).all():
        return round(float(flat[0]), 6)
    return pack(flat) if flat.size else None
