"""A drawing as a PNG file: for slides, print, and notebooks that do not trust an SVG."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from d2l_autograd.graph_drawing.scene import SIZE, Box, Line, Scene, Tip, Words, flat

_SCALE = 2  # pixels of the file to a pixel of the drawing: sharp on any screen
_DASHES = (0, (4, 3))


def png(scene: Scene) -> bytes:
    """Return the bytes of a PNG file, twice as wide and high as the drawing.

    It is drawn by Matplotlib with the fonts that it brings, and so is the same everywhere.
    """
    from PIL.Image import Dither, fromarray

    image = fromarray(pixels(scene, _SCALE)).convert("RGB")
    file = io.BytesIO()
    reduced = image.quantize(64, dither=Dither.NONE)
    reduced.save(file, format="PNG")
    return file.getvalue()


def pixels(scene: Scene, scale: float = 1.0) -> NDArray[np.uint8]:
    """Return the drawing as an array of shape (height, width, 4): a frame of an animation."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from d2l_autograd.course.fonts import with_chinese

    with matplotlib.rc_context(matplotlib.rcParamsDefault):
        matplotlib.rcParams["font.family"] = with_chinese(["DejaVu Sans"])
        size = (round(scene.width) / 100, round(scene.height) / 100)
        figure = Figure(figsize=size, dpi=100 * scale, facecolor="#ffffff")
        canvas: Any = FigureCanvasAgg(figure)  # without types
        ax: Any = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, scene.width), ylim=(scene.height, 0))
        ax.axis("off")
        for order, shape in enumerate(flat(scene.shapes)):
            _draw(ax, shape, order)
        canvas.draw()
        return np.array(canvas.buffer_rgba())


def _draw(ax: Any, shape: Box | Line | Tip | Words, order: int) -> None:
    from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path
    from matplotlib.patheffects import withStroke

    points = 0.72  # to a pixel
    if isinstance(shape, Box):
        corner = shape.x + shape.radius, shape.y + shape.radius
        inside = shape.width - 2 * shape.radius, shape.height - 2 * shape.radius
        ax.add_patch(
            FancyBboxPatch(
                corner,
                *inside,
                boxstyle=f"round,pad={shape.radius}",
                facecolor=shape.fill,
                edgecolor=shape.stroke,
                linewidth=shape.thickness * points,
                linestyle=_DASHES if shape.dashed else "-",
                zorder=order,
            )
        )
    elif isinstance(shape, Line):
        vertices = [shape.start, *(point for piece in shape.pieces for point in piece)]
        codes = [Path.MOVETO]
        for piece in shape.pieces:
            codes += [Path.LINETO] if len(piece) == 1 else [Path.CURVE4] * 3
        ax.add_patch(
            PathPatch(
                Path(vertices, codes),
                fill=False,
                edgecolor=shape.colour,
                linewidth=shape.thickness * points,
                linestyle=_DASHES if shape.dashed else "-",
                zorder=order,
            )
        )
    elif isinstance(shape, Tip):
        ax.add_patch(Polygon(shape.corners, color=shape.colour, linewidth=0, zorder=order))
    else:
        ax.text(
            shape.x,
            shape.y,
            shape.text.replace("$", r"\$"),
            color=shape.colour,
            size=SIZE * points,
            ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
            va="baseline",
            weight="bold" if shape.bold else "normal",
            style="italic" if shape.italic else "normal",
            path_effects=[withStroke(linewidth=3, foreground="#ffffff")] if shape.halo else None,
            zorder=order,
        )
