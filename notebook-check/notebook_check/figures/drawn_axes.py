"""What a figure's axes show: their frame, and the artists on them."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullLocator

from notebook_check.figures.arrays import pack
from notebook_check.figures.drawn_artists import described_artists
from notebook_check.figures.drawn_places import colour, present


def described_axes(axes: Any) -> dict[str, Any]:
    """Return what one of a figure's axes shows."""
    if not isinstance(axes, Axes):  # a secondary axis, which is an axis and no more
        return {"kind": type(axes).__name__} | {name: _axis(axes, name) for name in "xy"}
    bar = getattr(axes, "_colorbar", None) is not None
    aspect: Any = axes.get_aspect()
    box: Any = axes.get_box_aspect()
    return present(
        {
            "kind": "colorbar" if bar else axes.name,
            "place": None if bar else _place(axes),
            "title": axes.get_title(),
            "left title": axes.get_title("left"),
            "right title": axes.get_title("right"),
            "aspect": str(aspect),
            "box aspect": pack(box / max(box)) if axes.name == "3d" else box,
            "background": colour(axes.get_facecolor()) if axes.patch.get_visible() else None,
            "view": _view(axes),
            "hidden frame": not _framed(axes) or None,
            **{name: _axis(axes, name) for name in "xyz" if hasattr(axes, f"{name}axis")},
            # A colorbar's own artists follow from what it belongs to, and differ by version.
            **({} if bar else described_artists(axes)),
        }
    )


def _place(axes: Any) -> Any:
    """Return where in the figure's grid they are; or their bounds, if these were set by hand."""
    if spec := axes.get_subplotspec():
        rows, columns, first, last = spec.get_geometry()
        cells = f"cell {first + 1}" if first == last else f"cells {first + 1} to {last + 1}"
        return f"{cells} of {rows} x {columns}"
    if axes.get_axes_locator() is not None:
        return None
    return pack(axes.get_position(original=True).bounds)


def _view(axes: Any) -> Any:
    if axes.name != "3d":
        return None
    return pack([axes.elev, axes.azim, axes.roll])


def _framed(axes: Any) -> bool:
    # Axes in space draw their frame themselves, and so have the flat one turned off.
    return bool(getattr(axes, "_axis3don", axes.axison))


def _axis(axes: Any, name: str) -> dict[str, Any]:
    axis: Axis = getattr(axes, f"{name}axis")
    shown = present(
        {
            "limits": pack(getattr(axes, f"get_{name}lim")()),
            "limits are": _origin(axes, name),
            "scale": axis.get_scale(),
        }
    )
    if not _framed(axes) or not axis.get_visible():
        return shown
    label = axis.label.get_text() if axis.label.get_visible() else None
    return present({"label": label, **shown, **_ticks(axis)})


def _origin(axes: Any, name: str) -> str | None:
    """Say what the limits come from, None if they were set by hand."""
    if axes.get_aspect() != "auto" and axes.get_adjustable() == "datalim":
        return "fitted"  # to the layout, which gives way to the fonts
    return "automatic" if getattr(axes, f"get_autoscale{name}_on")() else None


def _ticks(axis: Axis) -> dict[str, Any]:
    """Return the ticks that were set by hand: automatic ones may differ by version."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if isinstance(locator, NullLocator):
        return {"ticks": pack([])}
    by_hand = isinstance(locator, FixedLocator)
    if not by_hand and not isinstance(formatter, StrCategoryFormatter):
        return {}
    places = axis.get_majorticklocs()
    if not isinstance(formatter, FixedFormatter | FuncFormatter | StrCategoryFormatter):
        return {"ticks": pack(places)}
    labels = formatter.format_ticks([*places])
    return {"ticks": pack(places), "tick labels": [str(label) for label in labels]}
