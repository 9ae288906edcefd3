"""Pictures and drawings of the chapters changed."""

import base64
import re
from collections.abc import Callable, Mapping

import nbformat
from mutation import (
    C2,
    C3,
    PNG,
    SVG,
    Cell,
    Change,
    Mutation,
    Nbval,
    Notebook,
    by_id,
    picture,
    replaced,
)

from notebook_check.compare.pictures import digest
from notebook_check.figures import MIME


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _png(change: Callable[[str], str]) -> Change:
    return lambda n: picture(by_id(n, "flow-figure")).data.update(
        {PNG: change(picture(by_id(n, "flow-figure")).data[PNG])}
    )


def _png_of_another(notebook: Notebook, *, sealed: bool | None = None) -> None:
    """Put another figure's picture in; and its seal, or none, where `sealed` says."""
    one, other = (picture(by_id(notebook, name)) for name in ("solution-5-code", "solution-5-plot"))
    one.data[PNG] = other.data[PNG]
    if sealed is False:
        one.metadata.pop(MIME)


def _another_figure(notebook: Notebook) -> None:
    one, other = (picture(by_id(notebook, name)) for name in ("solution-5-code", "solution-5-plot"))
    one.data.update({PNG: other.data[PNG], MIME: other.data[MIME]})
    one.metadata = other.metadata


def _drawing(change: Callable[[str], str]) -> Change:
    def changed(notebook: Notebook) -> None:
        data = picture(by_id(notebook, "walk-draw")).data
        data[SVG] = change(data[SVG])

    return changed


def _moved(svg: str, by: float) -> str:
    """Move the start of the first path."""
    return re.sub(r'd="M([\d.]+)', lambda found: f'd="M{float(found[1]) + by:g}', svg, count=1)


def _in(old: str, new: str) -> Callable[[str], str]:
    return lambda text: replaced(text, old, new)


def _extra_png(cell: Cell) -> None:
    extra = {PNG: picture(cell).data[PNG]}
    cell.outputs.append(nbformat.v4.new_output("display_data", data=nbformat.from_dict(extra)))


PICTURES: Mapping[str, tuple[str, Change, str, str, Nbval]] = {
    "a PNG of another figure": (
        C2, _png_of_another, "solution-5-code",
        "the stored picture is not the one that was stored with its description", "passes"),
    "a PNG of another figure, and no seal": (
        C2, lambda n: _png_of_another(n, sealed=False), "solution-5-code",
        "the stored picture", "passes"),
    "another figure": (C2, _another_figure, "solution-5-code", "figure: ", "passes"),
    "garbage for a PNG": (
        C2, _png(lambda old: _base64(b"garbage")), "flow-figure", "is no PNG", "passes"),
    "a PNG cut off": (C2, _png(lambda old: old[:4000]), "flow-figure", "is no PNG", "passes"),
    "no base64": (C2, _png(lambda old: "*" + old), "flow-figure", "is not base64", "passes"),
    "a PNG missing": (
        C2, lambda n: picture(by_id(n, "flow-figure")).data.pop(PNG), "flow-figure",
        "image/png is new, and not stored", "passes"),
    "an extra PNG": (
        C3, lambda n: _extra_png(by_id(n, "cost-figure")), "cost-figure",
        "display, display is now display", "passes"),
    "a description missing": (
        C2, lambda n: picture(by_id(n, "flow-figure")).data.pop(MIME), "flow-figure",
        "the figure's description is new, and not stored", "passes"),
    "a value in a drawing": (
        C3, _drawing(_in(">48", ">47")), "walk-draw", "47", "fails"),
    "a node elsewhere": (
        C3, _drawing(lambda svg: _moved(svg, 20)), "walk-draw", "differs", "fails"),
    "a colour in a drawing": (
        C3, _drawing(lambda svg: re.sub('fill="#[0-9a-f]*"', 'fill="#123456"', svg, count=1)),
        "walk-draw", "fill of <", "fails"),
    "an arrow missing in a drawing": (
        C3, _drawing(lambda svg: re.sub("<path[^>]*/>", "", svg, count=1)), "walk-draw",
        "image/svg+xml", "fails"),
    "no drawing": (
        C3, _drawing(lambda svg: "<svg>"), "walk-draw", "the stored drawing is no SVG", "fails"),
    "a drawing rounded otherwise": (
        C3, _drawing(lambda svg: _moved(svg, 0.1)), "", "", "fails"),
}  # fmt: skip


def _by_another_matplotlib(notebook: Notebook) -> None:
    data = picture(by_id(notebook, "flow-figure")).data
    data[SVG] = replaced(data[SVG], "v3.9.0", "v3.11.2").replace("0.5", "0.75")


def _as_svg(notebook: Notebook) -> None:
    """Let the figure be shown as SVG, as a session with another format of figures has it."""
    output = picture(by_id(notebook, "flow-figure"))
    del output.data[PNG]
    output.data[SVG] = (
        '<svg xmlns="http://www.w3.org/2000/svg"><!-- Matplotlib v3.9.0 -->'
        '<path d="M 0.5 1" style="stroke-width: 0.5"/></svg>'
    )
    output.metadata.pop(MIME, None)


def _new_png(notebook: Notebook) -> None:
    """Store another picture of the same figure, as another Matplotlib or font draws it."""
    output = picture(by_id(notebook, "flow-figure"))
    other = picture(by_id(notebook, "solution-5-code"))
    output.data[PNG] = other.data[PNG]
    output.metadata[MIME] = {PNG: digest(other.data[PNG])}


PICTURE_MUTATIONS = {
    "a PNG by another Matplotlib": Mutation(C2, _new_png, "", "", "passes"),
    "an SVG by another Matplotlib": Mutation(
        C2, _by_another_matplotlib, "", "", "fails", given=_as_svg
    ),
    **{
        name: Mutation(chapter, change, where, reason, nbval)
        for name, (chapter, change, where, reason, nbval) in PICTURES.items()
    },
}
