"""Where an artist's data lies, and in which colours: what the kinds of artist have in common."""

from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgba_array

from notebook_check.figures.arrays import pack

_FEW = 50  # colours that are worth their names


def present(description: dict[str, Any]) -> dict[str, Any]:
    """Return what there is something to say about."""
    return {
        key: value
        for key, value in description.items()
        if value is not None and not (isinstance(value, str | list | dict) and not value)
    }


def coordinates(artist: Any, transform: Any, *columns: Any) -> dict[str, Any]:
    """Return the x, y and z of points, packed, and what they are measured in if not as the axes.

    Args:
        artist: what has the points.
        transform: from the points to the screen; None if they are in the units of the axes.
        columns: the coordinates of the points, two or three sequences.
    """
    units = ("data",) * 3 if transform is None else (*_units(artist, transform), "data")
    result: dict[str, Any] = {}
    for name, column, unit in zip("xyz", columns, units, strict=False):
        result[name] = pack(column, log=unit == "data" and is_log(artist.axes, name))
        if unit != "data":
            result[f"{name} in"] = unit
    return result


def is_log(axes: Any, name: str) -> bool:
    """Say whether the axes have a logarithmic axis of this name."""
    axis = getattr(axes, f"{name}axis", None)
    return axis is not None and axis.get_scale() == "log"


def _units(artist: Any, transform: Any) -> list[str]:
    axes, figure = artist.axes, artist.figure
    known = [("data", axes.transData), ("axes", axes.transAxes)] if axes is not None else []
    if figure is not None:
        known.append(("figure", figure.transSubfigure))
    # Matplotlib 3.11 corrected the spelling.
    contains = getattr(transform, "contains_branch_separately", None) or (
        transform.contains_branch_seperately
    )
    found = [(name, contains(each)) for name, each in known]
    return [next((name for name, has in found if has[side]), "other") for side in (0, 1)]


def colour(value: Any) -> str | None:
    """Return a colour as #rrggbbaa, None for none."""
    if value is None or (isinstance(value, str) and value == "none"):
        return None
    return to_hex(value, keep_alpha=True)


def colours(values: Any) -> Any:
    """Return one colour if they are equal, a few as words, and many as numbers from 0 to 1."""
    table = to_rgba_array(values)
    names = [to_hex(row, keep_alpha=True) for row in table[: _FEW + 1]]
    if len(table) > _FEW:
        return pack(table)
    return names[0] if len(set(names)) == 1 else " ".join(names)


def mapping(mappable: Any) -> dict[str, Any]:
    """Return how numbers become colours: the norm, its limits, and samples of the map."""
    norm = mappable.norm
    return {
        "norm": type(norm).__name__,
        "colour limits": pack([np.nan if v is None else v for v in (norm.vmin, norm.vmax)]),
        "boundaries": pack(norm.boundaries) if hasattr(norm, "boundaries") else None,
        "colour map": colours(mappable.get_cmap()(np.linspace(0, 1, 9))),
    }


def label_of(artist: Any) -> str | None:
    """Return the label, unless it is one that Matplotlib gave and a legend leaves out."""
    label = str(artist.get_label())
    return None if label.startswith("_") else label
