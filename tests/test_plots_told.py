"""The alternative text of a figure names what can be read in it, and is stored with its picture."""

from typing import Any

import nbformat
import numpy as np
import pytest
from matplotlib import pyplot as plt
from mindspore import ops
from nbclient import NotebookClient

from d2l_autograd import plot_derivatives, plot_gradient_field, plot_secants, plot_training
from d2l_autograd.plots.told import told

pytestmark = pytest.mark.usefixtures("settings_are_kept")


def square(x: Any) -> Any:
    return x**2


def plane(p: Any) -> Any:
    return p[0] + p[1]


def images() -> Any:
    figure, panels = plt.subplots(1, 2)
    for digit, ax in enumerate(panels):
        ax.imshow(np.eye(3))
        ax.set_title(str(digit))
        ax.axis("off")
    return panels[0]


CURVE = "f (from 0 to 4), f′ (from 0 to 4); x from −0.1 to 2.1, vertical axis from −0.4 to 4.4."
CURVE_ZH = "f（从 0 到 4），f′（从 0 到 4）；x 从 −0.1 到 2.1，纵轴 从 −0.4 到 4.4。"
FIELD = "contours from −4 to 4, arrows; x₁ from −2 to 2, x₂ from −2 to 2."
LOSSES = "a (from 1 to 0.01), b (from 2 to 0.1); step from −0.1 to 2.1, loss from"
TEXTS: list[tuple[str, Any, str]] = [
    ("en", lambda: plot_derivatives(square, 0, 2, orders=(0, 1)), CURVE),
    ("zh", lambda: plot_derivatives(square, 0, 2, orders=(0, 1)), CURVE_ZH),
    ("en", lambda: plot_gradient_field(plane), FIELD),
    ("en", lambda: plot_training({"a": [1, 0.1, 0.01], "b": [2, 1, 0.1]}), LOSSES),
    ("en", lambda: plot_secants(ops.abs, 0, (1, -1)), "no tangent: slope -1 | 1;"),
    ("en", lambda: plot_derivatives(lambda x: ops.sin(100 * x), -3, 3), "3 panels. f (from "),
    ("en", lambda: plot_derivatives([square] * 9, 0, 1), "and so on;"),
    ("en", images, "2 panels. 0. 1."),
    ("en", lambda: plt.figure().add_subplot(), "horizontal axis from 0 to 1, vertical axis"),
]


@pytest.mark.parametrize(("lang", "draw", "text"), TEXTS)
def test_text(lang: str, draw: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", lang)
    assert text in told(draw().figure)


def test_an_empty_figure_has_a_text() -> None:
    assert told(plt.figure()) == "A figure."


CELLS = [
    "import d2l_autograd as d2l\nd2l.start()\nd2l.start()",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], label='loss')\nplt.show()",
    "figure, ax = plt.subplots()\nax.set_title('own')\nplt.close()\nfigure",
    "display(figure, metadata={'image/png': {'alt': 'given'}})",
]


def test_displayed_figures_carry_it(tmp_path: Any) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in CELLS])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    texts = [
        output.metadata["image/png"]["alt"]
        for cell in notebook.cells[1:]
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert texts[0].startswith("loss (from 1 to 3); ")
    assert texts[1].startswith("own; ")
    assert texts[2] == "given"
