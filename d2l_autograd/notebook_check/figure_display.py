"""Displayed figures carry a description beside their picture."""

import sys
from typing import Any

from IPython.core.formatters import JSONFormatter
from IPython.display import Image

from d2l_autograd.notebook_check.figures import MIME, describe


def describe_displayed_figures(shell: Any) -> None:
    """Let every figure that this IPython shell displays carry its description, as `MIME`.

    However it is displayed: by ``plt.show()``, ``display(figure)``, or as a cell's last value.
    """
    formatters = shell.display_formatter.formatters
    if MIME not in formatters:
        formatters[MIME] = FigureFormatter(parent=shell.display_formatter)


class FigureFormatter(JSONFormatter):
    """Gives the description of a figure, and of an image that was made from one.

    It asks for the type itself: what is registered for figures by type, Matplotlib's inline
    backend takes out again whenever its formats are set.
    """

    format_type = MIME

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
            return describe(figure)
        except Exception as error:  # without its text, in which there may be addresses
            return {"error": f"describing the figure raised {type(error).__name__}"}
