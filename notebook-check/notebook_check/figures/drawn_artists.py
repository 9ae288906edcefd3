"""What a figure's artists show: each as a dict, with data under x, y and z.

Such data lies on the axis of that name, unless a key like "x in" says otherwise.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib import patches
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.contour import ContourSet
from matplotlib.figure import FigureBase
from matplotlib.image import AxesImage, BboxImage, FigureImage
from matplotlib.legend import Legend
from matplotlib.lines import AxLine, Line2D
from matplotlib.spines import Spine
from matplotlib.table import Table
from matplotlib.text import Annotation, Text

from notebook_check.figures.arrays import pack
from notebook_check.figures.drawn_collections import described_collection
from notebook_check.figures.drawn_places import colour, coordinates, label_of, mapping, present

Described = dict[str, Any]
_FRAME_KINDS = (Axes, Axis, FigureBase, Spine)
_TITLES = ("title", "_left_title", "_right_title", "_suptitle", "_supxlabel", "_supylabel")


def described_artists(parent: Any) -> dict[str, list[Described]]:
    """Return the visible artists of axes or of a figure by kind, in the order they were added."""
    frame = {id(getattr(parent, part, None)) for part in ("patch", *_TITLES)}
    frame |= {id(axes) for axes in getattr(parent, "child_axes", ())}
    # Labels of contours stand where their font has room.
    for contours in filter(_is_contours, parent.get_children()):
        frame |= {id(text) for text in getattr(contours, "labelTexts", ())}
    found: dict[str, list[Any]] = {}
    for child in parent.get_children():
        if child.get_visible() and id(child) not in frame and not isinstance(child, _FRAME_KINDS):
            group = next((name for name, kind, _ in _KINDS if isinstance(child, kind)), "others")
            found.setdefault(group, []).append(child)
    describers = {name: describe for name, _, describe in _KINDS} | {"others": _each(_other)}
    return {name: describers[name](artists) for name, artists in found.items()}


def _is_contours(artist: Any) -> bool:
    return isinstance(artist, ContourSet)


def _each(describe: Callable[[Any], Described]) -> Callable[[list[Any]], list[Described]]:
    return lambda artists: [shown for artist in artists if (shown := describe(artist))]


def _line(line: Any) -> Described:
    if isinstance(line, AxLine):
        second = line.get_xy2()
        points = [line.get_xy1()] if second is None else [line.get_xy1(), second]
        where = coordinates(line, None, *zip(*points, strict=True)) | {"slope": line.get_slope()}
    elif hasattr(line, "get_data_3d"):
        where = coordinates(line, None, *line.get_data_3d())
    else:
        where = coordinates(line, line.get_transform(), *line.get_data(orig=False))
    joined = line.get_linestyle() not in ("None", " ", "")
    marked = line.get_marker() not in (None, "None", "none", " ", "")
    return present(
        {
            "label": label_of(line),
            "colour": colour(line.get_color()) if joined else None,
            "style": line.get_linestyle() if joined else None,
            "width": float(line.get_linewidth()) if joined else None,
            "steps": line.get_drawstyle() if line.get_drawstyle() != "default" else None,
            **(_marker(line) if marked else {}),
            "transparency": line.get_alpha(),
            **where,
        }
    )


def _marker(line: Line2D) -> Described:
    marker = line.get_marker()
    return {
        "marker": str(marker) if isinstance(marker, str | int) else type(marker).__name__,
        "marker size": float(line.get_markersize()),
        "marker face": colour(line.get_markerfacecolor()),
        "marker edge": colour(line.get_markeredgecolor()),
    }


def _patches(found: list[Any]) -> list[Described]:
    """Return the patches, neighbours of the same style as one: a histogram has hundreds."""
    return [_patch_run(list(run)) for _, run in groupby(found, key=_style)]


def _style(patch: Any) -> tuple[Any, ...]:
    return (
        type(patch).__name__,
        label_of(patch),
        colour(patch.get_facecolor()),
        colour(patch.get_edgecolor()),
        float(patch.get_linewidth()),
        patch.get_hatch(),
        id(type(patch.get_data_transform())),
    )


def _patch_run(run: list[Any]) -> Described:
    kind, label, face, edge, width, hatch, _ = _style(run[0])
    vertices = np.concatenate([_vertices(patch) for patch in run])
    flat = vertices.shape[1] == 2
    return present(
        {
            "kind": kind,
            "count": len(run),
            "label": label,
            "face": face,
            "edge": edge,
            "edge width": width,
            "hatch": hatch,
            **coordinates(run[0], run[0].get_data_transform() if flat else None, *vertices.T),
        }
    )


def _vertices(patch: Any) -> Any:
    """Return the outline of a patch, or of one that depends on the screen what it is made from."""
    if isinstance(patch, patches.ConnectionPatch):
        return np.array([patch.xy1, patch.xy2], float)
    if isinstance(patch, patches.FancyArrowPatch):
        ends = getattr(patch, "_posA_posB", None)  # in no public method
        return np.array(patch.get_path().vertices if ends is None else ends, float)
    if isinstance(patch, patches.FancyBboxPatch):
        return np.array(patch.get_bbox().get_points(), float)
    if (solid := getattr(patch, "_segment3d", None)) is not None:
        return np.array(solid, float)
    return patch.get_patch_transform().transform(patch.get_path().vertices)


def _image(image: Any) -> Described:
    values = image.get_array()
    shape = np.shape(values)
    extent = image.get_extent() if isinstance(image, AxesImage) else None
    return present(
        {
            "label": label_of(image),
            "shape": " x ".join(map(str, shape)),
            "values": pack(values),
            "origin": image.origin,
            "transparency": image.get_alpha() if np.isscalar(image.get_alpha()) else None,
            **(mapping(image) if len(shape) == 2 else {}),
            **(coordinates(image, None, extent[:2], extent[2:]) if extent is not None else {}),
        }
    )


def _text(text: Any) -> Described:
    if not text.get_text():
        return {}
    what = {"text": text.get_text(), "colour": colour(text.get_color())}
    if isinstance(text, Annotation):
        return present(
            {
                **what,
                "arrow": text.arrow_patch is not None or None,
                **_annotated(text.xyann, text.anncoords),
                "target": _annotated(text.xy, text.xycoords),
            }
        )
    if hasattr(text, "get_position_3d"):
        return what | coordinates(text, None, *([each] for each in text.get_position_3d()))
    return what | coordinates(text, text.get_transform(), *([each] for each in _numbers(text)))


def _numbers(text: Text) -> tuple[Any, Any]:
    """Return the position of a text, where a date or a category has become a number."""
    x, y = text.get_unitless_position()
    return x, y


def _annotated(point: Any, units: Any) -> Described:
    """Return a point of an annotation, which names its units itself."""
    units = units if isinstance(units, tuple) else (units, units)
    result: Described = {}
    for name, value, unit in zip("xy", point, units, strict=True):
        result[name] = pack([value]) if np.isreal(value) else str(value)
        if unit != "data":
            result[f"{name} in"] = unit if isinstance(unit, str) else type(unit).__name__
    return result


def _legend(legend: Any) -> Described:
    entries = zip(legend.get_texts(), legend.legend_handles, strict=False)
    return present(
        {
            "title": legend.get_title().get_text(),
            "entries": [
                present({"text": text.get_text(), "colour": _swatch(handle)})
                for text, handle in entries
            ],
        }
    )


def _swatch(handle: Any) -> str | None:
    """Return the colour of what stands beside a text of a legend."""
    if isinstance(handle, Line2D):
        return colour(handle.get_color())
    if isinstance(handle, patches.Patch):
        return colour(handle.get_facecolor())
    if isinstance(handle, Collection):
        values = handle.get_facecolor()
        return colour(values[0]) if len(values) else None
    return None


def _other(artist: Any) -> Described:
    if isinstance(artist, Table):
        found = [cell.get_text() for _, cell in sorted(artist.get_celld().items())]
    else:
        found = artist.findobj(Text)
    texts = [text.get_text() for text in found if text.get_visible() and text.get_text()]
    return present({"kind": type(artist).__name__, "texts": texts})


_KINDS: tuple[tuple[str, Any, Callable[[list[Any]], list[Described]]], ...] = (
    ("lines", Line2D, _each(_line)),
    ("collections", Collection, _each(described_collection)),
    ("patches", patches.Patch, _patches),
    ("images", (AxesImage, BboxImage, FigureImage), _each(_image)),
    ("texts", Text, _each(_text)),
    ("legends", Legend, _each(_legend)),
)
