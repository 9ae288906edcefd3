"""A notebook as a web page in one file, which needs no network: formulas, pictures, solutions."""

# nbformat and nbconvert are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import base64
import copy
import io
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from d2l_autograd.course.languages import language_of_prose
from d2l_autograd.course.noto_sans_sc import FONT
from d2l_autograd.course.solutions import solutions

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "jupyter" / "pages"
SOLUTIONS_IN_PRINT = TEMPLATES / "course" / "solutions_in_print.js"

_LINK = re.compile(r'(?<=<a href=")([^"/:?#]+)\.ipynb(?=["#])')  # to a notebook beside this one

_FIRST_CHINESE = "\u2e80"
_USUAL_FONTS = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC")
_WOFF = "data:font/woff;base64,"

SHOW_SOLUTION = {"en": "Show the solution", "zh": "显示解答"}


def mathjax() -> Path:
    """The file of MathJax that typesets TeX, with its glyphs: it loads nothing else."""
    import mathjax  # the package has it as a file, which Jupyter's packages do not

    return Path(mathjax.__path__[0]) / "static" / "mathjax" / "es5" / "tex-svg-full.js"


def with_font(page: str) -> str:
    """Return a page that brings the font "course" for the Chinese characters in it, if any.

    A browser reads it where the machine has none of the usual Chinese fonts.
    """
    from fontTools.subset import Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    found = {ord(character) for character in set(page) if character >= _FIRST_CHINESE}
    if not found:
        return page
    font = TTFont(FONT)
    subsetter = Subsetter()
    subsetter.populate(unicodes=found)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(written := io.BytesIO())
    encoded = base64.b64encode(written.getvalue()).decode()
    sources = ", ".join([*(f'local("{name}")' for name in _USUAL_FONTS), f"url({_WOFF}{encoded})"])
    style = f"<style>@font-face {{ font-family: course; src: {sources}; }}</style>"
    # Chromium leaves boxes where it has laid out a line of Chinese alone before the font is there.
    script = "<script>document.fonts.load('16px course', '导')</script>"
    return page.replace("</head>", f"{style}{script}</head>", 1)


def notebook_page(notebook: NotebookNode, path: Path, *, beside: Collection[str] = ()) -> str:
    """Return the page of a notebook, which is in the file at `path`, or was read from it.

    A link to another notebook leads to that one's page if it is among the pages `beside`, which
    are names such as ``02_autograd.html``. Outputs are shown as they are, with what they run in a
    browser: it is the page of a notebook that its reader has executed.
    """
    from nbconvert import HTMLExporter

    lang = language_of_prose(path) or "en"
    exporter = HTMLExporter(
        embed_images=True,
        template_name="course",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        language_code=lang,
    )
    resources = {
        "metadata": {"name": path.stem, "path": str(path.parent)},
        "summary": SHOW_SOLUTION[lang],
        "scripts": [SOLUTIONS_IN_PRINT.read_text(encoding="utf-8")],
    }
    if any("$" in cell.source for cell in notebook.cells if cell.cell_type == "markdown"):
        resources["mathjax"] = mathjax().read_text(encoding="utf-8")
    page, _ = exporter.from_notebook_node(_with_folds(notebook), resources)

    def target(link: re.Match[str]) -> str:
        return f"{link[1]}.html" if f"{unquote(link[1])}.html" in beside else link[0]

    return with_font(_LINK.sub(target, str(page)))


def _with_folds(notebook: NotebookNode) -> NotebookNode:
    """Return a copy in which the cells tell where a solution begins and has ended."""
    told = copy.deepcopy(notebook)
    told.metadata["ends_fold"] = False
    for section in solutions(notebook.cells):
        told.cells[section.start].metadata["begins_fold"] = True
        after = told.cells[section.stop] if section.stop < len(told.cells) else told
        after.metadata["ends_fold"] = True
    return told
