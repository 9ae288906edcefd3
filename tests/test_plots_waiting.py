"""Pictures that take long say how far they are, where somebody waits, and leave nothing behind."""

import io
import sys
from typing import Any

import nbformat
import pytest
from mindspore import ops
from nbclient import NotebookClient

from d2l_autograd import (
    GradientError,
    animate_backward,
    animate_descent,
    draw_graph,
    plot_derivatives,
    plot_descent,
    plot_gradient_field,
    plot_newton,
    plot_secants,
    plot_step_errors,
    plot_tangent,
)
from d2l_autograd.plots import waiting

pytestmark = pytest.mark.usefixtures("settings_are_kept")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def bowl(p: Any) -> Any:
    return p[0] ** 2 + 3 * p[1] ** 2


def branch(x: Any) -> Any:
    return x**2 if x > 0 else -x


PICTURES: dict[str, Any] = {
    "plot_derivatives": lambda: plot_derivatives(ops.sin, -1, 1),
    "one by one": lambda: plot_derivatives(branch, -1, 1, orders=(0,), points=9),
    "plot_tangent": lambda: plot_tangent(ops.sin, 1.0),
    "plot_secants": lambda: plot_secants(ops.sin, 1.0),
    "plot_step_errors": lambda: plot_step_errors(ops.sin, 1.0),
    "plot_gradient_field": lambda: plot_gradient_field(bowl),
    "plot_descent": lambda: plot_descent(bowl, (3, 1), steps=3),
    "animate_descent": lambda: animate_descent(bowl, (3, 1), steps=3),
    "plot_newton": lambda: plot_newton(bowl, (3, 1), steps=1),
    "draw_graph": lambda: draw_graph(ops.sin, 1.0),
    "animate_backward": lambda: animate_backward(ops.sin, 1.0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_progress_is_told_and_taken_away(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(waiting, "_SILENCE", 0.0)
    monkeypatch.setattr(waiting, "_PAUSE", 0.0)
    PICTURES[name]()
    told = terminal.getvalue().split("\r\033[K")
    assert told[1].endswith(("points computed …", "operators recorded …"))
    assert told[-1] == ""


def test_a_picture_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(waiting, "_SILENCE", 0.0)
    with pytest.raises(GradientError, match="diverges"):
        plot_descent(bowl, (3, 1), steps=400, rate=10.0)
    assert terminal.getvalue().endswith("\r\033[K")
    assert waiting._current is None


def test_quick_pictures_and_files_say_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    plot_derivatives(ops.sin, -1, 1)
    monkeypatch.setattr(waiting, "_SILENCE", 0.0)
    plot_derivatives(ops.sin, -1, 1)
    assert capfd.readouterr() == ("", "")


CELL = """
import d2l_autograd as d2l
from d2l_autograd.plots import waiting
from mindspore import ops
waiting._SILENCE = 0.0
d2l.plot_derivatives(ops.sin, -1, 1);
"""


def test_in_a_notebook_it_stands_under_the_cell(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = notebook.cells[0].outputs
    line, figure = (out["data"] for out in outputs if out.output_type == "display_data")
    assert line == {"text/plain": ""}
    assert "image/png" in figure
