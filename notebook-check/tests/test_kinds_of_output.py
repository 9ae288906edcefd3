"""Outputs as many libraries write them, and changes of them: which the check has to see.

The outputs are written by hand in the libraries' forms, so that none has to be installed.
"""

from typing import Any

import nbformat
import pytest

from notebook_check.compare.outputs import compare_outputs
from notebook_check.compare.visible import visible

from . import mutations_of_outputs

pytestmark = pytest.mark.quick
HTML, SVG, JS = "text/html", "image/svg+xml", "application/javascript"
PLAIN, JSON, LATEX = "text/plain", "application/json", "text/latex"
PRINTED = "stdout"
ONE, OTHER = "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "9f8e7d6c-5b4a-4938-a716-0a1b2c3d4e5f"
HEX, OTHER_HEX = ONE.replace("-", ""), OTHER.replace("-", "")


def output(kind: str, value: Any) -> Any:
    if kind == PRINTED:
        return nbformat.v4.new_output("stream", name=kind, text=value)
    return nbformat.v4.new_output("display_data", data={kind: value})


def styler(prefix: str, value: str = "2", cell: str = "row1_col0") -> str:
    return (
        f'<style type="text/css">\n#T_{prefix}_{cell} {{\n  background-color: yellow;\n}}\n</style>'
        f'<table id="T_{prefix}"><td id="T_{prefix}_row1_col0" class="data row1 col0">{value}</td>'
    )


def plotly(name: str, y: str = "[1,3,2]") -> str:
    return (
        f'<div id="{name}" class="plotly-graph-div"></div><script>if (document.getElementById('
        f'"{name}")) {{Plotly.newPlot("{name}", [{{"y":{y},"type":"scatter"}}], {{}})}}</script>'
    )


def bokeh(name: str, y: str = "1.5") -> str:
    return f'{{"{name}":{{"roots":[{{"type":"Figure","id":"p1001","y":{y}}}]}}}}; embed("{name}")'


def altair(name: str, mark: str = "bar") -> str:
    return f'<div id="altair-viz-{name}"></div><script>vegaEmbed({{"mark":"{mark}"}})</script>'


def matplotlib_svg(name: str, date: str, y: str = "10") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<metadata><date>{date}</date></metadata><defs><path id='m{name}' d='M 0 0'/></defs>"
        f"<g clip-path='url(#p{name})'><use xlink:href='#m{name}' x='5' y='{y}'/></g>"
        f"<clipPath id='p{name}'><rect width='9' height='9'/></clipPath></svg>"
    )


def unit_box(cx: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">'
        f'<circle cx="{cx}" cy="0.5" r="0.1"/></svg>'
    )


def scaled(by: str, cx: str = "0.2") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">'
        f'<g transform="scale({by})"><circle cx="{cx}" cy="0.5" r="0.1"/></g></svg>'
    )


STATS = "coef    std err\n=======\nx1   0.4690      0.021"
GROUP = (
    "  + Exception Group Traceback (most recent call last):\n"
    '  |   File "{0}/site-packages/IPython/core/interactiveshell.py", line {1}, in run_code\n'
    "  |     exec(code_obj, self.user_global_ns)\n"
    "  | ExceptionGroup: g (1 sub-exception)\n"
)

# Kind: what it is; stored and new are the same to the check.
PASSES: dict[str, tuple[str, Any, Any]] = {
    "an object": (PLAIN, "<A at 0x7f12ab34cd50>", "<A at 0x7fa0deadbe10>"),
    "an object printed": (PRINTED, "<o at 0x7f12ab34cd50>", "<o at 0x7fa0deadbe10>"),
    "two objects": (
        PLAIN, "[<A at 0x7f12ab34cd50>, <A at 0x7f12ab34cd60>]",
        "[<A at 0x7fa0deadbe10>, <A at 0x7fa0deadbe00>]"),
    "a Styler of pandas": (HTML, styler("1a2b3"), styler("9f8e7")),
    "a figure of plotly": (HTML, plotly(ONE), plotly(OTHER)),
    "a figure of bokeh": (JS, bokeh(ONE), bokeh(OTHER)),
    "a chart of altair": (HTML, altair(HEX), altair(OTHER_HEX)),
    "a map of folium": (HTML, f"var map_{HEX} = 1", f"var map_{OTHER_HEX} = 1"),
    "an animation in JavaScript": (
        HTML, f'<img id="_anim_img{HEX}">', f'<img id="_anim_img{OTHER_HEX}">'),
    "a Dataset of xarray": (
        HTML, f"<input id='section-{ONE}'>1", f"<input id='section-{OTHER}'>1"),
    "a link of rich": (
        PRINTED, "\x1b]8;id=12345;http://a\x1b\\here", "\x1b]8;id=67890;http://a\x1b\\here"),
    "an SVG of Matplotlib": (
        SVG, matplotlib_svg("1a2b3", "2026-01-01"), matplotlib_svg("9f8e7", "2026-02-03")),
    "an SVG that is indented": (SVG, "<svg><g/></svg>", "<svg>\n <g/>\n</svg>"),
    "a column that noise widens": (
        PLAIN, "     name         p\n0   first  0.500001\n1  second  0.250000",
        "     name     p\n0   first  0.50\n1  second  0.25"),
    "a header over a wider column": (
        PLAIN, "      a\n0  0.50\n1  0.25", "          a\n0  0.500001\n1  0.250000"),
    "a coefficient of statsmodels": (PRINTED, STATS, STATS.replace("0.4690", "0.46900001")),
    "a width at the edge of a rounding": (
        PRINTED, "|  9.9999999 |", "| 10.0000000 |"),
    "%g of rounding noise": (PRINTED, "0\n", "1.2e-17\n"),
    "%g at the edge of a rounding": (PRINTED, "1\n", "0.999999\n"),
    "minus zero": (PRINTED, "-0\n", "0\n"),
    "an imaginary zero": (PLAIN, "(1+0j)", "(1-1.2e-17j)"),
    "a real part with noise": (PLAIN, "(1+2j)", "(0.9999999999+2j)"),
    "complex zeros in an array": (PLAIN, "array([1.+0.j, 2.-1.j])", "array([1.-0.j, 2.-1.j])"),
    "noise beside a large number": (PLAIN, "[1000. 0.5001]", "[1000. 0.5005]"),
    "the rest of a sum in float64": (PRINTED, "6.1e-17", "-1.1e-16"),
    "the rest of a sum in float32": (PRINTED, "-2.9802322e-08", "5.9604645e-08"),
    "one unit of the last digit": (PRINTED, "loss 0.33333", "loss 0.33334"),
    "LaTeX of sympy": (LATEX, r"$\displaystyle 0.333333 x$", r"$\displaystyle 0.333334 x$"),
    "a matrix of sympy": (PLAIN, "Matrix([\n[1, 2],\n[3, 4]])", "Matrix([\n[1,  2],\n[3,  4]])"),
    "frames of a library": (
        "stdout", GROUP.format("/a", 1), GROUP.format("/usr/lib/python3.12", 3900)),
    "a unit box rounded": (SVG, unit_box("0.2"), unit_box("0.2001")),
    "JSON with rounding": (JSON, {"a": 0.1}, {"a": 0.1000001}),
    "MindSpore's dtype of another version": (PLAIN, "mindspore.int64", "Int64"),
    "epoch seconds up to rounding": (PRINTED, "1700000000.123456", "1700000000.123457"),
}  # fmt: skip

# Kind: stored, new, and a part of what the check has to say.
FAILS: dict[str, tuple[str, Any, Any, str]] = {
    "a function of another name": (
        PLAIN, "<function f at 0x7f12ab34cd50>", "<function g at 0x7fa0deadbe10>", "f is now g"),
    "one object twice": (
        PLAIN, "[<A at 0x7f12ab34cd50>, <A at 0x7f12ab34cd50>]",
        "[<A at 0x7fa0deadbe10>, <A at 0x7fa0deadbe00>]", "1 is now 2"),
    "a number in hexadecimal": (PRINTED, "0xdeadbeef", "0xdeadbeee", "0xdeadbeef is now"),
    "a printed digest": (PRINTED, HEX, OTHER_HEX, "is now"),
    "a printed uuid": (PRINTED, ONE, OTHER, "is now"),
    "a value of a Styler": (HTML, styler("1a2b3"), styler("9f8e7", "3"), "2 is now 3"),
    "another cell of a Styler": (
        HTML, styler("1a2b3"), styler("9f8e7", cell="row0_col0"), "row0_col0"),
    "data of plotly": (HTML, plotly(ONE), plotly(OTHER, "[1,4,2]"), "3 is now 4"),
    "data of bokeh": (JS, bokeh(ONE), bokeh(OTHER, "1.6"), "1.5 is now 1.6"),
    "a mark of altair": (HTML, altair(HEX), altair(OTHER_HEX, "line"), "bar is now line"),
    "a point in an SVG of Matplotlib": (
        SVG, matplotlib_svg("1a2b3", "1"), matplotlib_svg("9f8e7", "2", "12"), "y of <use>"),
    "a circle in a unit box": (SVG, unit_box("0.65"), unit_box("0.2"), "cx of <circle>"),
    "a circle in a scaled group": (SVG, scaled("400"), scaled("400", "0.5"), "cx of <circle>"),
    "another scale": (SVG, scaled("1.2"), scaled("1.6"), "transform of <g>"),
    "a nullable dtype": (PLAIN, "dtype: Int64", "dtype: int64", "Int64 is now int64"),
    "a nullable float": (PLAIN, "a  Float64", "a  float64", "Float64 is now float64"),
    "a boolean dtype": (PLAIN, "dtype: boolean", "dtype: bool", "boolean is now bool"),
    "a dtype in an Index": (
        PLAIN, "Index([1], dtype='Int64')", "Index([1], dtype='int64')", "Int64 is now int64"),
    "a charge of the other sign": (PRINTED, "-1.602e-19", "1.602e-19", "-1.602e-19 is now"),
    "Planck's constant for nothing": (PRINTED, "0.0", "6.62607015e-34", "0.0 is now 6.62"),
    "a p-value": (PRINTED, "p = 4.1e-07", "p = 3.2e-12", "4.1e-07 is now 3.2e-12"),
    "a small rate": (PRINTED, "rate 2.2e-08", "rate 3.3e-08", "2.2e-08 is now 3.3e-08"),
    "a lone capacitance": (PRINTED, "C = 2.2e-13 F", "C = 3.3e-13 F", "2.2e-13 is now 3.3e-13"),
    "the vacuum's permittivity for nothing": (
        PRINTED, "8.8541878128e-12", "0.0", "8.8541878128e-12 is now 0.0"),
    "a small number beside a count": (
        PRINTED, "7 runs, p = 4.4e-13", "7 runs, p = 2.1e-13", "4.4e-13 is now 2.1e-13"),
    "a small number that is large for a remainder": (
        PRINTED, "t = 7.100, p = 3.2e-12", "t = 7.100, p = 9.9e-12", "3.2e-12 is now 9.9e-12"),
    "a Bohr radius beside the speed of light": (
        PRINTED, "299792458.0 5.29e-11", "299792458.0 5.49e-11", "5.29e-11 is now 5.49e-11"),
    "a radiation constant": (PRINTED, "5.67e-08", "5.77e-08", "5.67e-08 is now 5.77e-08"),
    "a constant in an array": (
        PLAIN, "[299792458.0, 6.6e-34]", "[299792458.0, 0.0]", "6.6e-34 is now 0.0"),
    "epoch seconds of another day": (
        PRINTED, "1700000000.123", "1700086400.123", "1700000000.123 is now"),
    "epoch seconds with an exponent": (
        PRINTED, "1.700000e+09", "1.700086e+09", "1.700000e+09 is now"),
    "a Julian date": (PRINTED, "2460000.5", "2460001.5", "2460000.5 is now"),
    "a modified Julian date": (PRINTED, "59000.5", "59001.5", "59000.5 is now"),
    "an amount": (PRINTED, "$1234567.89", "$1234567.98", "1234567.89 is now"),
    "a count as a float": (PRINTED, "59049.0", "59048.0", "59049.0 is now"),
    "a date": (PRINTED, "2024-01-15", "2024-01-16", "15 is now 16"),
    "a time": (PRINTED, "10:15:00", "10:03:00", "10:15:00 is now 10:03:00"),
    "a fraction of a second": (PRINTED, "10:15:03.5001", "10:15:03.5002", "10:15:03.5001 is"),
    "a version": (PRINTED, "Python 3.1", "Python 3.10", "3.1 is now 3.10 (digits shown)"),
    "a section": (PRINTED, "Section 2.10", "Section 2.1", "2.10 is now 2.1 (digits shown)"),
    "more decimals": (PRINTED, "2.5", "2.500", "2.5 is now 2.500 (digits shown)"),
    "decimals in a table": (HTML, "<td>1.50</td>", "<td>1.5</td>", "1.50 is now 1.5"),
    "an integer for a float": (PRINTED, "1", "1.0", "1 is now 1.0"),
    "a whole number off by one": (PRINTED, "100000", "100001", "(whole number)"),
    "an imaginary part": (PLAIN, "(2+3j)", "(2+4j)", "+3 is now +4"),
    "a conjugate": (PLAIN, "(1.5+2.5j)", "(1.5-2.5j)", "+2.5 is now -2.5"),
    "a missing value": (PLAIN, "0  NaN", "0  <NA>", "NaN is now"),
    "a category": (PLAIN, "['a', 'b']", "['a', 'c']", "b is now c"),
    "an index of pandas": (PLAIN, "0    1\n1    2", "0    1\n2    2", "1 is now 2"),
    "a column of pandas": (PLAIN, "   a  b\n0  1  2", "   a  c\n0  1  2", "b is now c"),
    "a footer of pandas": (PLAIN, "[2 rows x 3 columns]", "[2 rows x 4 columns]", "3 is now 4"),
    "a sign in LaTeX": (LATEX, "$x + 1$", "$x - 1$", "+ is now -"),
    "a power in LaTeX": (LATEX, "$x^{2}$", "$x^{3}$", "2 is now 3"),
    "a table of rich": (PRINTED, "│ a │ 1 │", "│ a │ 2 │", "1 is now 2"),
    "a colour of rich": (PRINTED, "\x1b[31mred\x1b[0m", "\x1b[32mred\x1b[0m", "(colour)"),
    "a bold word": (PRINTED, "\x1b[1mx\x1b[0m", "x", "␛[1m is now x"),
    "a missing end of a line": (PRINTED, "a\n", "a", "a⏎ is now a (white space)"),
    "a space more": (PRINTED, "a  b", "a b", "a␣␣b is now a b (white space)"),
    "a tab": (PRINTED, "a\tb", "a b", "a⇥b is now a b (white space)"),
    "a space that does not break": (PRINTED, "a\u00a0b", "a b", "a<U+00A0>b is now a b"),
    "a letter of another script": (PRINTED, "\u0430", "a", "U+0430 is now U+0061"),
    "the end of a long word": (PRINTED, "a" * 80 + "b", "a" * 80 + "c", "aab is now …"),
    "the end of a long number": (PRINTED, "1" * 60 + "2", "1" * 60 + "3", "112 is now …"),
    "an escape in JSON": (JSON, {"a": "x\n"}, {"a": "x\t"}, r"\n is now \t"),
    "Chinese in JSON": (JSON, {"a": "日本"}, {"a": "日文"}, "日本 is now 日文"),
    "a key of JSON": (JSON, {"a": 1}, {"b": 1}, "a is now b"),
    "a widget's value": (PLAIN, "IntSlider(value=3)", "IntSlider(value=4)", "3 is now 4"),
    "a member of a group of exceptions": (
        "stdout", GROUP.format("/a", 1), GROUP.format("/b", 2).replace("(1 sub", "(2 sub"),
        "1 is now 2"),
    "a sound": (HTML, '<audio src="a.wav">', '<audio src="b.wav">', "a is now b"),
    "a line of a diff": (PRINTED, "+ x\n- y", "- x\n- y", "+ is now -"),
    "a screen that is cleared": (PRINTED, "x", "\x1b[2J", "x is now ␛[2J"),
    "a percentage": (PRINTED, "accuracy 97%", "accuracy 96%", "97 is now 96"),
    "a truth value in an array": (PLAIN, "[ True False]", "[ True  True]", "False is now True"),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSES)
def test_passes(name: str) -> None:
    kind, stored, new = PASSES[name]
    assert stored != new
    for one, other in ((stored, new), (new, stored)):
        assert [*map(str, compare_outputs([output(kind, one)], [output(kind, other)]))] == []


@pytest.mark.parametrize("name", FAILS)
def test_fails(name: str) -> None:
    kind, stored, new, reason = FAILS[name]
    (found,) = compare_outputs([output(kind, stored)], [output(kind, new)])
    assert reason in str(found)
    assert visible(str(found), spaces=False) == str(found)  # nothing that a terminal obeys
    assert compare_outputs([output(kind, new)], [output(kind, stored)])


MUTATED = {**mutations_of_outputs.FAILS, **mutations_of_outputs.PASSES}


@pytest.mark.parametrize("name", MUTATED)
def test_mutation(name: str) -> None:
    kind, text, old, new, reason = MUTATED[name]
    assert text.count(old) >= 1
    mutated = text.replace(old, new, 1)
    assert mutated != text
    found = [*map(str, compare_outputs([output(kind, text)], [output(kind, mutated)]))]
    assert len(found) == bool(reason)
    assert reason in "".join(found)
    assert len(compare_outputs([output(kind, mutated)], [output(kind, text)])) == bool(reason)
