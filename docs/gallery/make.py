"""Make the gallery: a sheet of four pictures for each function, in light, in dark and in print.

    python docs/gallery/make.py [FOLDER]

It writes the sheets, what they show as data, and the page, into this folder or into another one,
there with a sheet as it looks in deuteranopia, the most frequent colour blindness, as well.
"""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import d2l_autograd as d2l

d2l.start()

import matplotlib
import mindspore as ms
import numpy as np
from matplotlib import pyplot as plt
from mindspore import ops
from numpy.typing import NDArray
from PIL import Image

from notebook_check.figures.description import describe

HERE = Path(__file__).parent
MODES = ("light", "dark", "print")
PAGES = {"en": "README.md", "zh": "README.zh.md"}
# What the page begins with, and the alternative text of a sheet.
WORDS = {
    "en": (
        "# Gallery\n\nEvery picture function with four inputs, as [make.py](make.py) draws them, "
        "where the functions are defined as well. The same in [dark](dark) and in "
        "[print](print).\n",
        "Four pictures of {}",
    ),
    "zh": (
        "# 图库\n\n每个画图函数配四种输入，由 [make.py](make.py) 画出，所画的函数也定义在那里。"
        "另有[深色](dark)和[打印](print)两套。图中的文字随会话的语言而变，这里是英文的。\n",
        "{} 的四幅图",
    ),
}
_DESCRIPTIONS = "descriptions.json"
_WIDTH = 1240  # pixels of a sheet, two pictures side by side
# Viénot, Brettel and Mollon, 1999: what is left of linear red, green and blue without M cones.
_DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


def wave(x: Any) -> Any:
    return ops.sin(x) + x / 4


def height(t: Any) -> Any:
    return 20 * t - 5 * t**2


def cube(x: Any) -> Any:
    return x**3


def bowl(p: Any) -> Any:
    return p[0] ** 2 / 2 + 2 * p[1] ** 2


def terrain(p: Any) -> Any:
    return ops.sin(p[0]) * ops.cos(p[1])


def bent_valley(p: Any) -> Any:
    return (1 - p[0]) ** 2 + 5 * (p[1] - p[0] ** 2) ** 2


def product(x: Any, y: Any) -> Any:
    a = x * y
    b = a + x
    return a * b


def held(x: Any, y: Any) -> Any:
    a = x * y
    u = d2l.detach(a)
    return u * (a + x)


def polynomial(x: Any) -> Any:
    y = ms.Tensor(0.5)
    for number in range(15):
        y = y * x + (number + 1)
    return y


def layers(x: Any, w: Any, b: Any) -> Any:
    h = ops.tanh(x @ w + b)
    return (h**2).mean()


_RANDOM = np.random.default_rng(1)
_ANGLES = _RANDOM.uniform(0, np.pi, 60)
_SIDE = np.arange(60) % 2
_MOONS = np.stack(
    [
        np.where(_SIDE, 1 - np.cos(_ANGLES), np.cos(_ANGLES)),
        np.where(_SIDE, 0.5 - np.sin(_ANGLES), np.sin(_ANGLES)),
    ],
    axis=1,
) + _RANDOM.normal(0, 0.1, (60, 2))
_FALL = np.exp(-np.linspace(0, 5, 300))
_NOISE = _RANDOM.normal(0, 0.08, 300)


def moons(points: Any) -> Any:
    return ops.sin(3 * points[:, 0]) - 2 * points[:, 1] + 0.5


def thirds(points: Any) -> Any:
    x, y = points[:, 0] - 0.5, points[:, 1] - 0.25
    return ops.stack([x, y, -x - y], 1)


class Entry(NamedTuple):
    """A function of the gallery in words, and the calls that make its four pictures."""

    en: str
    zh: str
    calls: dict[str, Callable[[], Any]]


GALLERY: dict[str, Entry] = {
    "plot_derivatives": Entry("A function of one number and its derivatives.",
        "一元函数及其各阶导数。", {
        "plot_derivatives(wave, -6, 6)": lambda: d2l.plot_derivatives(wave, -6, 6),
        "plot_derivatives(lambda x: 1 / x, -3, 3)":
            lambda: d2l.plot_derivatives(lambda x: 1 / x, -3, 3),
        "plot_derivatives(lambda x: ops.sin(30 * x), -3, 3)":
            lambda: d2l.plot_derivatives(lambda x: ops.sin(30 * x), -3, 3),
        'plot_derivatives(lambda x: 1 / x, 0.1, 10, xscale="log", yscale="log")':
            lambda: d2l.plot_derivatives(lambda x: 1 / x, 0.1, 10, xscale="log", yscale="log"),
    }),
    "plot_tangent": Entry("Tangents; at a corner or a jump there is none, and it says so.",
        "切线；在尖点或跳跃处没有切线，图上会注明。", {
        "plot_tangent(ops.sqrt, 4, lo=0.1, hi=9)":
            lambda: d2l.plot_tangent(ops.sqrt, 4, lo=0.1, hi=9),
        "plot_tangent(ops.sin, (-1, 0, 2))": lambda: d2l.plot_tangent(ops.sin, (-1, 0, 2)),
        "plot_tangent(lambda x: x * abs(x), 0)":
            lambda: d2l.plot_tangent(lambda x: x * ops.abs(x), 0),
        "plot_tangent(ops.sin, np.linspace(-3, 3, 7))":
            lambda: d2l.plot_tangent(ops.sin, np.linspace(-3, 3, 7)),
    }),
    "plot_secants": Entry("Secants that close in on the tangent.",
        "割线逐渐趋近切线。", {
        "plot_secants(height, 1, (2, 1, 0.4), lo=0, hi=4)":
            lambda: d2l.plot_secants(height, 1, (2, 1, 0.4), lo=0, hi=4),
        "plot_secants(ops.exp, 0)": lambda: d2l.plot_secants(ops.exp, 0),
        "plot_secants(ops.abs, 0, (1, 0.5, -0.5, -1))":
            lambda: d2l.plot_secants(ops.abs, 0, (1, 0.5, -0.5, -1)),
        "plot_secants(ops.exp, 0, 2.0 ** -np.arange(8))":
            lambda: d2l.plot_secants(ops.exp, 0, 2.0 ** -np.arange(8)),
    }),
    "plot_step_errors": Entry("The error of difference quotients, against automatic ones.",
        "差商的误差，与自动微分对照。", {
        "plot_step_errors(cube, 1.1, derivative=3.63)":
            lambda: d2l.plot_step_errors(cube, 1.1, derivative=3.63),
        'plot_step_errors(ops.sin, 1, dtype="float32")':
            lambda: d2l.plot_step_errors(ops.sin, 1, dtype="float32"),
        "plot_step_errors(ops.cos, 0)": lambda: d2l.plot_step_errors(ops.cos, 0),
        "plot_step_errors(lambda x: 3 * x, 1)":
            lambda: d2l.plot_step_errors(lambda x: 3 * x, 1),
    }),
    "plot_gradient_field": Entry("Contours of a function of two numbers, and its gradient.",
        "二元函数的等高线和梯度。", {
        "plot_gradient_field(terrain, (-4, 4), (-3, 3))":
            lambda: d2l.plot_gradient_field(terrain, (-4, 4), (-3, 3)),
        "plot_gradient_field(bowl)": lambda: d2l.plot_gradient_field(bowl),
        "plot_gradient_field(lambda p: ops.log(p[0]) + p[1] ** 2)":
            lambda: d2l.plot_gradient_field(lambda p: ops.log(p[0]) + p[1] ** 2),
        'plot_gradient_field(bent_valley, contours="quantiles")':
            lambda: d2l.plot_gradient_field(bent_valley, contours="quantiles"),
    }),
    "plot_descent": Entry("The path of gradient descent.",
        "梯度下降的路径。", {
        "plot_descent(bowl, (3, 1), rate=0.24)": lambda: d2l.plot_descent(bowl, (3, 1), rate=0.24),
        "plot_descent(terrain, (1.4, 0.3), rate=0.3)":
            lambda: d2l.plot_descent(terrain, (1.4, 0.3), rate=0.3),
        "plot_descent(bowl, (3, 1), steps=1)": lambda: d2l.plot_descent(bowl, (3, 1), steps=1),
        "plot_descent(bowl, (1, 1), rate=0.7)": lambda: d2l.plot_descent(bowl, (1, 1), rate=0.7),
    }),
    "animate_descent": Entry("The same, step by step; here as it is printed.",
        "同上，一步一步地走；这里是打印时的样子。", {
        "animate_descent(bowl, (3, 1), rate=0.4)":
            lambda: d2l.animate_descent(bowl, (3, 1), rate=0.4),
        "animate_descent(bowl, (3, 1), rate=0.05)":
            lambda: d2l.animate_descent(bowl, (3, 1), rate=0.05),
        "animate_descent(terrain, (1.4, 0.3), rate=0.3)":
            lambda: d2l.animate_descent(terrain, (1.4, 0.3), rate=0.3),
        "animate_descent(bent_valley, (-1.2, 1), rate=0.03)":
            lambda: d2l.animate_descent(bent_valley, (-1.2, 1), rate=0.03),
    }),
    "plot_newton": Entry("Newton's method: a root, or the minimum of a function of two numbers.",
        "牛顿法：求根，或者求二元函数的极小值。", {
        "plot_newton(lambda x: x**3 - 20, 6)": lambda: d2l.plot_newton(lambda x: x**3 - 20, 6),
        "plot_newton(ops.atan, 1.5, steps=4)": lambda: d2l.plot_newton(ops.atan, 1.5, steps=4),
        "plot_newton(bent_valley, (-1.2, 1), rate=0.03)":
            lambda: d2l.plot_newton(bent_valley, (-1.2, 1), rate=0.03),
        "plot_newton(bowl, (3, 1), steps=1, rate=0.2)":
            lambda: d2l.plot_newton(bowl, (3, 1), steps=1, rate=0.2),
    }),
    "plot_training": Entry("Losses step by step.",
        "损失随步数的变化。", {
        'plot_training({"SGD": …, "Adam": …})':
            lambda: d2l.plot_training({"SGD": 0.5 * _FALL + 0.01, "Adam": _FALL**2 + 0.001}),
        "plot_training(losses of small batches)":
            lambda: d2l.plot_training(1 + 0.5 * _FALL + _NOISE),
        "plot_training([…, nan, nan])":
            lambda: d2l.plot_training([*_FALL[:200:5], float("nan"), float("nan")]),
        "plot_training(losses of six rates)":
            lambda: d2l.plot_training({f"rate 0.{k}": _FALL**k for k in range(1, 7)}),
    }),
    "plot_decision_boundary": Entry("The regions that a classifier assigns to each class.",
        "分类器分给每一类的区域，中间是决策边界。", {
        "plot_decision_boundary(moons, points, labels)":
            lambda: d2l.plot_decision_boundary(moons, _MOONS, _SIDE),
        "plot_decision_boundary(thirds, points, three)":
            lambda: d2l.plot_decision_boundary(thirds, _MOONS, np.arange(60) % 3),
        "plot_decision_boundary(moons, points, labels, threshold=0.5)":
            lambda: d2l.plot_decision_boundary(moons, _MOONS, _SIDE, threshold=0.5),
        'plot_decision_boundary(…, names=("upper", "lower"))':
            lambda: d2l.plot_decision_boundary(
                moons, _MOONS, _SIDE, names=("upper", "lower"), xlim=(-2, 3), ylim=(-1.5, 2)),
    }),
    "draw_graph": Entry("The computation graph of a run.",
        "一次运行的计算图。", {
        "draw_graph(product, 2.0, 3.0)": lambda: d2l.draw_graph(product, 2.0, 3.0),
        "draw_graph(held, 2.0, 3.0)": lambda: d2l.draw_graph(held, 2.0, 3.0),
        'draw_graph(polynomial, 2.0, direction="right")':
            lambda: d2l.draw_graph(polynomial, 2.0, direction="right"),
        "draw_graph(layers, x, w, b)": lambda: d2l.draw_graph(
            layers, *(ms.Tensor(np.ones(shape, "float32")) for shape in ((5, 3), (3, 4), (4,)))),
    }),
    "animate_backward": Entry("The walk back through that graph; here as it is printed.",
        "沿计算图往回走的反向传播；这里是打印时的样子。", {
        "animate_backward(product, 2.0, 3.0)": lambda: d2l.animate_backward(product, 2.0, 3.0),
        "animate_backward(held, 2.0, 3.0)": lambda: d2l.animate_backward(held, 2.0, 3.0),
        "animate_backward(wave, 2.0)": lambda: d2l.animate_backward(wave, 2.0),
        "animate_backward(cube, 2.0)": lambda: d2l.animate_backward(cube, 2.0),
    }),
}  # fmt: skip


def pictures(name: str, mode: str) -> tuple[list[Image.Image], list[Any]]:
    """Return a function's pictures, and what each of them shows, as data."""
    images, shown = [], []
    for call in GALLERY[name].calls.values():
        with plt.style.context("dark_background" if mode == "dark" else {}):
            made = call()
            image, data = _finished(made)
        plt.close("all")
        images.append(image)
        shown.append(data)
    return images, shown


def _finished(made: Any) -> tuple[Image.Image, Any]:
    if hasattr(made, "svg"):
        content, _ = made._repr_png_()
        image = Image.open(io.BytesIO(content)).convert("RGB")
        return image.resize((image.width // 2, image.height // 2)), {"told": made.description}
    if hasattr(made, "data"):
        image = Image.open(io.BytesIO(made.data)).convert("RGB")
        return image, describe(made.figure)
    file = io.BytesIO()
    made.figure.savefig(file, format="png", dpi=100, bbox_inches="tight")
    return Image.open(file).convert("RGB"), describe(made.figure)


def sheet(images: list[Image.Image], mode: str) -> Image.Image:
    """Return four pictures in two rows."""
    room = _WIDTH // 2
    fitted = [image.copy() for image in images]
    for image in fitted:
        image.thumbnail((room - 20, 560))
    heights = [max(image.height for image in fitted[row : row + 2]) + 20 for row in (0, 2)]
    ground = "#000000" if mode == "dark" else "#ffffff"
    whole = Image.new("RGB", (_WIDTH, sum(heights)), ground)
    for number, image in enumerate(fitted):
        top = heights[0] if number > 1 else 0
        whole.paste(image, (room * (number % 2) + 10, top + 10))
    return whole


def deuteranopic(image: Image.Image) -> Image.Image:
    """Return a picture as it looks to somebody without cones for green."""
    shown: NDArray[Any] = (np.asarray(image.convert("RGB")) / 255) ** 2.2
    seen = np.clip(shown @ _DEUTERANOPIA.T, 0, 1) ** (1 / 2.2)
    return Image.fromarray((255 * seen).round().astype("uint8"))


def page(lang: str) -> str:
    """Return the page of the gallery in a language, as Markdown."""
    title, picture = WORDS[lang]
    parts = [title]
    for name, entry in GALLERY.items():
        calls = "\n".join(f"d2l.{call}" for call in entry.calls)
        parts.append(
            f"## `{name}`\n\n{getattr(entry, lang)}\n\n```python\n{calls}\n```\n\n"
            f"![{picture.format(name)}](light/{name}.png)\n"
        )
    return "\n".join(parts)


def main(folder: Path = HERE) -> None:
    """Write the gallery into a folder."""
    matplotlib.use("agg")
    descriptions = {}
    for mode in MODES:
        (folder / mode).mkdir(parents=True, exist_ok=True)
    for name in GALLERY:
        images, descriptions[name] = pictures(name, "light")
        light = sheet(images, "light")
        _save(light, folder / "light" / f"{name}.png")
        _save(light.convert("L"), folder / "print" / f"{name}.png")
        _save(sheet(pictures(name, "dark")[0], "dark"), folder / "dark" / f"{name}.png")
        if folder != HERE:
            (folder / "deuteranopia").mkdir(exist_ok=True)
            _save(deuteranopic(light), folder / "deuteranopia" / f"{name}.png")
    lines = [f"{json.dumps(name)}: {json.dumps(shown)}" for name, shown in descriptions.items()]
    (folder / _DESCRIPTIONS).write_text("{" + ",\n".join(lines) + "}\n", "utf-8")
    for lang, name in PAGES.items():
        (folder / name).write_text(page(lang), "utf-8")


def _save(image: Image.Image, path: Path) -> None:
    few = image.quantize(128, kmeans=3, dither=Image.Dither.NONE)  # the colours as they are
    few.save(path, optimize=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
