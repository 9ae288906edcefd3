"""Displayed figures carry a description beside their picture, and what ties the two together.

It is imported in kernels, at their start: what is slow is imported with the first figure.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from IPython.core.formatters import JSONFormatter
from IPython.display import Image

from notebook_check.figures import MIME


def describe_displayed_figures(shell: Any, *, offered: bool = False) -> None:
    """Let every figure that this IPython shell displays carry its description, as `MIME`.

    However it is displayed: by ``plt.show()``, ``display(figure)``, or as a cell's last value.
    The description's metadata has a digest of each of the pictures beside it.

    Args:
        shell: IPython's.
        offered: whether nobody asked for descriptions; the metadata says so, until a notebook
            calls this as well. The check does not miss one that is offered and not stored.
    """
    display = shell.display_formatter
    if MIME not in display.formatters:
        display.formatters[MIME] = FigureFormatter(parent=display)
        display.format = _sealing(display.format, display.formatters[MIME])
        display.formatters[MIME].offered = offered
    if not offered:
        display.formatters[MIME].offered = False


class FigureFormatter(JSONFormatter):
    """Gives the description of a figure, and of an image that was made from one.

    It asks for the type itself: what is registered for figures by type, Matplotlib's inline
    backend takes out again whenever its formats are set.
    """

    format_type = MIME
    offered = False

    def __call__(self, obj: Any) -> dict[str, Any] | None:
        """Return the description, None if it is not of a figure.

        A figure that cannot be described is shown all the same. Its description says so, since
        without one the check of the notebook would compare less than its reader believes.
        """
        figure = vars(obj).get("figure") if isinstance(obj, Image) else obj
        drawing = sys.modules.get("matplotlib.figure")
        if not self.enabled or drawing is None or not isinstance(figure, drawing.Figure):
            return None
        try:
            from notebook_check.figures.description import describe

            return describe(figure)
        except Exception as error:  # without its text, in which there may be addresses
            return {"error": f"describing the figure raised {type(error).__name__}"}


def _sealing(display: Callable[..., Any], formatter: FigureFormatter) -> Callable[..., Any]:
    """Let what formats a displayed value add the digests: no single formatter sees the pictures."""

    @wraps(display)
    def format_and_seal(*args: Any, **kwargs: Any) -> Any:
        bundle, metadata = display(*args, **kwargs)
        if MIME in bundle:
            from notebook_check.compare.pictures import SEALED, digest

            metadata[MIME] = {mime: digest(bundle[mime]) for mime in SEALED if mime in bundle}
            if formatter.offered:
                metadata[MIME]["offered"] = True
        return bundle, metadata

    return format_and_seal
