"""Outputs of a cell, stored and new: what passes and what does not."""

import base64
import io
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest
from PIL import Image

from notebook_check.compare.outputs import LARGEST, compare_outputs
from notebook_check.compare.pictures import digest
from notebook_check.compare.streams import arrange
from notebook_check.figures.arrays import pack
from notebook_check.figures.comparing import FORMAT
from notebook_check.figures.description import MIME
from notebook_check.settings import Settings

pytestmark = pytest.mark.quick

new_output: Callable[..., Any] = nbformat.v4.new_output
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="190.1" height="410">'
    '<path d="M95.3 116C95.3 156.3 145.2 156.3 145.2 185" fill="#ffffff"/>'
    "<text x='88.5'>grad 48.0</text><text>value 0.25</text></svg>"
)
TRACEBACK = [
    "\x1b[0;31m-----\x1b[0m",
    "ZeroDivisionError    Traceback (most recent call last)",
    "Cell In[3], line 2\n      1 x = 0\n----> 2 1 / x",
    "ZeroDivisionError: division by zero",
]
SOURCE = "x = 0\n1 / x"


def printed(text: str, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def shown(data: dict[str, Any], kind: str = "display_data") -> Any:
    return new_output(kind, data=data)


def sealed(data: dict[str, Any], picture: str) -> Any:
    return new_output("display_data", data=data, metadata={MIME: {"image/png": digest(picture)}})


def raised(ename: str, evalue: str, traceback: list[str]) -> Any:
    return new_output("error", ename=ename, evalue=evalue, traceback=traceback)


def png(width: int = 40, height: int = 30, colour: str = "white", kind: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def gif(*colours: str) -> Any:
    file = io.BytesIO()
    first, *rest = (Image.new("RGB", (40, 30), colour) for colour in colours)
    first.save(file, "GIF", save_all=True, append_images=rest)
    return shown({"image/gif": base64.b64encode(file.getvalue()).decode()})


def line_figure(*y: float) -> dict[str, Any]:
    return {"format": FORMAT, "axes": [{"lines": [{"y": pack(np.array(y))}]}]}


FIGURE = line_figure(1.0, 2.0, 3.0)
DESCRIBED = shown({"image/png": png(), MIME: FIGURE, "text/plain": "<Figure>"})
ERROR = raised("ZeroDivisionError", "division by zero", TRACEBACK)

SAME = {
    "nothing": ([], []),
    "printed in pieces": ([printed("a\nb\n")], [printed("a\n"), printed("b\n")]),
    "the two streams in another order": (
        [printed("a"), printed("w", "stderr"), printed("b")],
        [printed("w", "stderr"), printed("ab")],
    ),
    "a progress bar": ([printed("10%\r100%\n")], [printed("10%\r55%\r100%\n")]),
    "a spinner": ([printed("x|\b\n")], [printed("x/\b\n")]),
    "nothing printed": ([printed("")], []),
    "rounding in HTML": (
        [shown({"text/html": "<td>0.333333</td>"})],
        [shown({"text/html": "<td>0.333334</td>"})],
    ),
    "rounding in JSON": (
        [shown({"application/json": {"b": 0.1, "a": [1.0]}})],
        [shown({"application/json": {"a": [1.0], "b": 0.1000001}})],
    ),
    "rounding in a drawing": ([shown({"image/svg+xml": SVG})], [
        shown({"image/svg+xml": SVG.replace("116", "116.1").replace("48.0", "48.00001")})]),
    "a picture of about the same size": (
        [shown({"image/png": png(400, 300)})], [shown({"image/png": png(395, 310)})]),
    "a described figure in another size": (
        [DESCRIBED],
        [shown({"image/png": png(80, 60), MIME: FIGURE, "text/plain": "<Figure>"})],
    ),
    "a described figure within rounding": (
        [DESCRIBED],
        [shown({**DESCRIBED.data, MIME: line_figure(1.0, 2.00001, 3.0)})],
    ),
    "a described SVG drawn by another version": (
        [shown({"image/svg+xml": SVG, MIME: FIGURE})],
        [shown({"image/svg+xml": SVG.replace("#ffffff", "#fff"), MIME: FIGURE})],
    ),
    "a traceback of another version": (
        [ERROR],
        [raised(ERROR.ename, ERROR.evalue, ["Input In [3], in <module>\n-> 2 1 / x", "",
            "ZeroDivisionError: division by zero"])],
    ),
    "rounding in a message": (
        [raised("ValueError", "at 0.5", ["ValueError: at 0.5"])],
        [raised("ValueError", "at 0.5000001", ["ValueError: at 0.5000001"])],
    ),
    "an animation": ([gif("white", "red")], [gif("white", "red")]),
    "names of two types, stored in another order": (
        [shown({"text/html": '<i id="T_1a2b3_row0">', "text/plain": "<Styler at 0x7f12ab34cd50>"})],
        [shown({"text/plain": "<Styler at 0x7fa0deadbe10>", "text/html": '<i id="T_9f8e7_row0">'})],
    ),
    "names in JSON": (
        [shown({"application/vnd.vegalite.v5+json": {"id": f"data-{'0' * 32}", "y": 1}})],
        [shown({"application/vnd.vegalite.v5+json": {"id": f"data-{'1' * 32}", "y": 1}})],
    ),
    "another number of a widget": (
        [shown({"application/vnd.jupyter.widget-view+json": {"model_id": "1a"}})],
        [shown({"application/vnd.jupyter.widget-view+json": {"model_id": "2b"}})],
    ),
}  # fmt: skip

DIFFERENT = {
    "another text": ([printed("a")], [printed("b")], "stdout: line 1: a is now b (text)"),
    "another number": ([printed("x\n1.5")], [printed("x\n1.6")], "line 2: 1.5 is now 1.6 (rel."),
    "an output cleared": ([], [printed("a")], "no output is now stdout"),
    "an output lost": ([printed("a")], [], "stdout is now no output"),
    "stdout and a display swapped": (
        [printed("a"), shown({"text/plain": "1"})],
        [shown({"text/plain": "1"}), printed("a")],
        "stdout, display is now display, stdout",
    ),
    "printed before and after a display": (
        [printed("a"), shown({"text/plain": "1"}), printed("b")],
        [printed("ab"), shown({"text/plain": "1"})],
        "stdout, display, stdout is now stdout, display",
    ),
    "stderr for stdout": ([printed("a")], [printed("a", "stderr")], "stdout is now stderr"),
    "a display for a result": (
        [shown({"text/plain": "1"}, "execute_result")],
        [shown({"text/plain": "1"})],
        "result is now display",
    ),
    "a type lost": (
        [shown({"text/plain": "1", "text/html": "<b>1</b>"})],
        [shown({"text/plain": "1"})],
        "text/html is stored, and no longer there",
    ),
    "a type added": (
        [shown({"text/plain": "1"})],
        [shown({"text/plain": "1", "text/html": "<b>1</b>"})],
        "text/html is new, and not stored",
    ),
    "HTML": (
        [shown({"text/html": "<td>0.333</td>"})],
        [shown({"text/html": "<td>0.334</td>"})],
        "display, text/html: line 1: 0.333 is now 0.334",
    ),
    "JSON": (
        [shown({"application/json": {"a": [1, 2]}})],
        [shown({"application/json": {"a": [1, 3]}})],
        "2 is now 3",
    ),
    "a value in a drawing": (
        [shown({"image/svg+xml": SVG})],
        [shown({"image/svg+xml": SVG.replace("48.0", "49.0")})],
        "text in <text>: line 1: 48.0 is now 49.0",
    ),
    "a node elsewhere": (
        [shown({"image/svg+xml": SVG})],
        [shown({"image/svg+xml": SVG.replace("116", "126")})],
        "d of <path> differs",
    ),
    "a colour in a drawing": (
        [shown({"image/svg+xml": SVG})],
        [shown({"image/svg+xml": SVG.replace("#ffffff", "#000000")})],
        "fill of <path> differs",
    ),
    "a node missing in a drawing": (
        [shown({"image/svg+xml": SVG})],
        [shown({"image/svg+xml": SVG.replace("<text>value 0.25</text>", "")})],
        "4 elements are now 3",
    ),
    "no SVG": (
        [shown({"image/svg+xml": "<svg>"})],
        [shown({"image/svg+xml": SVG})],
        "the stored drawing is no SVG",
    ),
    "an SVG that unfolds": (
        [shown({"image/svg+xml": '<!DOCTYPE s [<!ENTITY a "aaa">]><svg>&a;&a;</svg>'})],
        [shown({"image/svg+xml": SVG})],
        "",
    ),
    "garbage for a PNG": (
        [shown({"image/png": base64.b64encode(b"garbage").decode()})],
        [shown({"image/png": png()})],
        "the stored picture is no PNG",
    ),
    "a PNG cut off": (
        [shown({"image/png": png()[:80]})],
        [shown({"image/png": png()})],
        "the stored picture is no PNG",
    ),
    "no base64": (
        [shown({"image/png": "*"})],
        [shown({"image/png": png()})],
        "the stored picture is not base64",
    ),
    "a JPEG named PNG": (
        [shown({"image/png": png(kind="JPEG")})],
        [shown({"image/png": png()})],
        "the stored picture is no PNG",
    ),
    "a picture of other colours": (
        [shown({"image/png": png()})],
        [shown({"image/png": png(colour="red")})],
        "the colours differ by 255 of 255 on average",
    ),
    "a JPEG of other colours": (
        [shown({"image/jpeg": png(kind="JPEG")})],
        [shown({"image/jpeg": png(colour="red", kind="JPEG")})],
        "the colours differ",
    ),
    "a picture with a tint": (
        [shown({"image/png": png()})],
        [shown({"image/png": png(colour="#ffe6e6")})],
        "the colours differ by 25 of 255 on average",
    ),
    "a frame of an animation": (
        [gif("white", "red", "blue")],
        [gif("white", "green", "blue")],
        "frame 2: the colours differ",
    ),
    "a frame less": ([gif("white", "red", "blue")], [gif("white", "red")],
                     "3 frames are now 2"),
    "an animation cut off": (
        [shown({"image/gif": gif("white", "red").data["image/gif"][:60]})],
        [gif("white", "red")],
        "the stored picture is no GIF",
    ),
    "a picture shown in another size": (
        [new_output("display_data", data={"image/png": png()})],
        [new_output("display_data", data={"image/png": png()},
                    metadata={"image/png": {"width": 20}})],
        "the width it is shown in, its own, is now 20",
    ),
    "a picture of another size": (
        [shown({"image/png": png(40, 30)})],
        [shown({"image/png": png(40, 60)})],
        "40 x 30 pixels are now 40 x 60",
    ),
    "a PNG missing": (
        [shown({"text/plain": "<Figure>"})],
        [shown({"image/png": png(), "text/plain": "<Figure>"})],
        "image/png is new",
    ),
    "an extra PNG": (
        [shown({"image/png": png()}), shown({"image/png": png()})],
        [shown({"image/png": png()})],
        "display, display is now display",
    ),
    "a figure of other data": (
        [DESCRIBED],
        [shown({**DESCRIBED.data, MIME: line_figure(1.0, 2.1, 3.0)})],
        "figure: ",
    ),
    "a description on one side": (
        [DESCRIBED],
        [shown({k: v for k, v in DESCRIBED.data.items() if k != MIME})],
        "the figure's description is stored, and no longer there",
    ),
    "garbage in a described figure": (
        [shown({**DESCRIBED.data, "image/png": "abcd"})],
        [DESCRIBED],
        "the stored picture is no PNG",
    ),
    "another exception": (
        [ERROR], [raised("ValueError", ERROR.evalue, TRACEBACK)],
        "ZeroDivisionError is now ValueError"),
    "another message": (
        [raised("ValueError", "at 0.5", ["ValueError: at 0.5"])],
        [raised("ValueError", "at 0.6", ["ValueError: at 0.6"])],
        "0.5 is now 0.6",
    ),
    "a traceback replaced": (
        [raised(ERROR.ename, ERROR.evalue, ["NameError: name 'y' is not defined"])],
        [ERROR],
        "the traceback is not the one of this exception",
    ),
    "a traceback of another line": (
        [raised(ERROR.ename, ERROR.evalue, ["----> 1 x = 0", "", TRACEBACK[-1]])],
        [ERROR],
        "the traceback is not the one of this exception",
    ),
    "a traceback cleared": ([raised(ERROR.ename, ERROR.evalue, [])], [ERROR], "the traceback"),
    "more than can be compared": (
        [printed("a" * (LARGEST + 1))], [printed("a")], "5,000,001 characters are too many"),
}  # fmt: skip


@pytest.mark.parametrize(("stored", "new"), SAME.values(), ids=SAME)
def test_same(stored: list[Any], new: list[Any]) -> None:
    assert [str(d) for d in compare_outputs(stored, new, source=SOURCE)] == []


@pytest.mark.parametrize(("stored", "new", "reason"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(stored: list[Any], new: list[Any], reason: str) -> None:
    found = [str(d) for d in compare_outputs(stored, new, source=SOURCE)]
    assert [line for line in found if reason in line], found
    assert all("\n" not in line for line in found)
    assert compare_outputs(new, stored, source=SOURCE)


@pytest.mark.parametrize(
    ("stored", "new", "genuine"),
    [
        (
            sealed(DESCRIBED.data, png()),
            sealed({**DESCRIBED.data, "image/png": png(41)}, png(41)),
            True,
        ),
        (sealed(DESCRIBED.data, png()), DESCRIBED, True),
        (DESCRIBED, DESCRIBED, True),
        (
            sealed({**DESCRIBED.data, "image/png": png(41)}, png()),
            sealed(DESCRIBED.data, png()),
            False,
        ),
        (sealed({**DESCRIBED.data, "image/png": png(41)}, png()), DESCRIBED, False),
        (DESCRIBED, sealed(DESCRIBED.data, png()), False),
    ],
)
def test_stored_picture_is_the_one_of_its_description(stored: Any, new: Any, genuine: bool) -> None:
    found = [str(d) for d in compare_outputs([stored], [new])]
    assert [line for line in found if "the one that was stored" not in line] == []
    assert (found == []) is genuine


@pytest.mark.parametrize("outputs", [pair[0] for pair in DIFFERENT.values()], ids=DIFFERENT)
def test_outputs_are_not_changed(outputs: list[Any]) -> None:
    before = repr(outputs)
    arrange(outputs)
    compare_outputs(outputs, outputs)
    assert repr(outputs) == before


@pytest.mark.parametrize(("pixels", "found"), [(None, True), (0.99, True), (0.0, True)])
def test_pixels_are_compared_where_asked(pixels: float | None, found: bool) -> None:
    stored, new = ([shown({"image/png": png(colour=c)})] for c in ("white", "black"))
    assert bool(compare_outputs(stored, new, Settings(pixels=pixels))) is found
    assert compare_outputs(stored, stored, Settings(pixels=pixels)) == []


def test_sanitizing_comes_before_the_comparison() -> None:
    stored, new = [printed("at 10:15, 1.5")], [printed("at 11:20, 1.5")]
    assert compare_outputs(stored, new)
    assert compare_outputs(stored, new, clean=lambda text: text[-3:]) == []


def test_tolerance_is_the_one_given() -> None:
    stored, new = [printed("1.00")], [printed("1.05")]
    assert compare_outputs(stored, new)
    assert compare_outputs(stored, new, Settings(rtol=0.1)) == []
