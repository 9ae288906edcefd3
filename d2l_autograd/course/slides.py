"""A notebook as slides of a talk: one page that needs no network, made with reveal.js.

Jupyter's property "slide type" says of each cell where it goes. What a cell shows on its slide may
be shorter than the cell, and stands in its metadata, `{"d2l_autograd": {"slide": "…"}}`:

- of a Markdown cell, the text of the slide. A heading after a line `---` begins another slide, a
  deeper heading than `##` a slide below. The cell itself becomes the notes of the speaker.
- of a code cell, the lines to show, or nothing: then the slide has only the output.
"""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import copy
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from d2l_autograd.course.chapters import Chapter
from d2l_autograd.course.languages import language_of_prose
from d2l_autograd.course.pages import TEMPLATES, mathjax, with_font

if TYPE_CHECKING:
    from nbformat import NotebookNode

REVEAL = Path(__file__).parent / "reveal_js"  # of the package reveal.js 6.0.2 on npm, its licence

# The words of reveal.js, which a screen reader says of the arrows.
WORDS = {
    "en": {},
    "zh": {
        "previous slide": "上一张",
        "next slide": "下一张",
        "above slide": "上面一张",
        "below slide": "下面一张",
    },
}

_BREAK = "\n---\n"


class SlidesError(ValueError):
    """A notebook without a cell that begins a slide."""


def has_slides(notebook: NotebookNode) -> bool:
    """Whether one of its cells begins a slide."""
    return any(_slide_type(cell) == "slide" for cell in notebook.cells)


def slides_page(notebook: NotebookNode, path: Path) -> str:
    """Return the slides of a notebook, which is in the file at `path`, or was read from it.

    Raises `SlidesError` if none of its cells begins a slide.
    """
    from nbconvert import SlidesExporter

    if not has_slides(notebook):
        raise SlidesError(
            "has no slides. In Jupyter Lab, give the cell that begins a slide the slide type Slide "
            "(at the right, Property Inspector, Common Tools), and Skip to those left out."
        )
    shown = copy.deepcopy(notebook)
    shown.cells = [part for cell in notebook.cells for part in _parts(cell)]
    lang = language_of_prose(path) or "en"
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        language_code=lang,
    )
    resources = {
        "metadata": {"name": path.stem, "path": str(path.parent)},
        "title": Chapter(path).title,
        "words": WORDS[lang],
        "style": _style(),
        "mathjax": mathjax().read_text(encoding="utf-8"),
        "scripts": [(REVEAL / name).read_text("utf-8") for name in ("reveal.js", "notes.js")],
    }
    page, _ = exporter.from_notebook_node(shown, resources)
    return with_font(str(page))


def _style() -> str:
    """The style sheets of reveal.js and of highlighted code."""
    from pygments.formatters import HtmlFormatter

    colours = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    return (REVEAL / "reveal.css").read_text(encoding="utf-8") + colours


def _slide_type(cell: NotebookNode) -> str:
    return str(cell.metadata.get("slideshow", {}).get("slide_type", ""))


def _parts(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Yield what a cell is on the slides: nothing, itself, or several cells."""
    text = cell.metadata.get("d2l_autograd", {}).get("slide")
    if _slide_type(cell) == "skip":
        return
    if cell.cell_type == "code":
        part = copy.deepcopy(cell)
        part.source = textwrap.dedent(cell.source if text is None else text)
        part.source = part.source.replace("\n\n\n", "\n\n")
        part.metadata.transient = {"remove_source": not part.source}  # nbconvert's word for it
        yield part
    elif text is None:
        yield cell
    else:
        for number, piece in enumerate(text.split(_BREAK)):
            part, notes = copy.deepcopy(cell), copy.deepcopy(cell)
            part.id, notes.id = f"{cell.id}-{number}", f"{cell.id}-{number}-notes"
            part.source = piece.strip()
            if number:
                below = part.source.startswith("###")
                part.metadata.slideshow = {"slide_type": "subslide" if below else "slide"}
            notes.metadata.slideshow = {"slide_type": "notes"}
            yield from (part, notes)
