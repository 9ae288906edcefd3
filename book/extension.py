"""What the book adds to Sphinx: names of sections, folded solutions, and the buttons of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.zh import SearchChinese

from book.sources import Page, repository
from d2l_autograd.course.chapters import LANGUAGES
from d2l_autograd.course.pages import SHOW_SOLUTION

# In each language: its own name, and the words of the buttons.
WORDS = {
    "en": {
        "language": "English",
        "download": "Download the notebook",
        "pdf": "Download as PDF",
        "binder": "Open in Binder",
        "colab": "Open in Colab",
        "edit": "Edit this page",
        "menu": "Notebook and source",
    },
    "zh": {
        "language": "中文",
        "download": "下载笔记本",
        "pdf": "下载 PDF",
        "binder": "在 Binder 中打开",
        "colab": "在 Colab 中打开",
        "edit": "修改本页",
        "menu": "笔记本与源文件",
    },
}


class ChineseWords(SearchChinese):
    """The words of a Chinese page, and the stems of English ones in it."""

    language_name = "English"  # Sphinx names the stemmer after it, and there is no Chinese one


class folded(nodes.General, nodes.Element):  # docutils calls its nodes so
    """What a reader opens with a click."""


def anchor_in_jupyter(heading: str) -> str:
    """The name that Jupyter gives to a heading, by which chapters link to each other."""
    return heading.replace(" ", "-")


def name_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Give each section its name, and fold what is to be folded."""
    page: Page | None = app.config.book_pages.get(app.env.docname)
    if page is None:
        return
    sections = list(doctree.findall(nodes.section))
    for section, told in zip(sections, page.sections, strict=True):
        section["ids"] = [told.anchor, *(i for i in section["ids"] if i != told.anchor)]
        if told.folded:
            title, *rest = section.children
            section.children = []
            section.extend([title, folded("", *rest)])


def visit_folded(translator: Any, node: folded) -> None:
    """Open the element that a browser folds."""
    summary = SHOW_SOLUTION[translator.config.book_language]
    translator.body.append(f'<details class="solution"><summary>{summary}</summary>\n')


def depart_folded(translator: Any, node: folded) -> None:
    """Close it."""
    translator.body.append("</details>\n")


def add_buttons(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the template of the buttons where they lead."""
    lang = app.config.book_language
    page: Page | None = app.config.book_pages.get(name)
    up = "../" * (name.count("/") + 1)
    others = [other for other in LANGUAGES if other != lang]
    context["book_words"] = WORDS[lang]
    context["book_languages"] = [
        {"code": other, "name": WORDS[other]["language"], "url": f"{up}{other}/{name}.html"}
        for other in others
    ]
    context["book_links"] = _links(page, up, app.config.book_pdf) if page else []


def _links(page: Page, up: str, pdf: bool) -> list[dict[str, str]]:
    address = repository()
    owner = address.removeprefix("https://github.com/")
    edit = {"kind": "edit", "icon": "pencil", "url": f"{address}/edit/main/{page.origin}"}
    if page.suffix != ".ipynb":
        return [edit]
    printed = {"kind": "pdf", "icon": "file-pdf", "url": up + page.pdf}
    colab = f"https://colab.research.google.com/github/{owner}/blob/main/{page.origin}"
    binder = f"https://mybinder.org/v2/gh/{owner}/main?urlpath=lab/tree/{page.origin}"
    return [
        {"kind": "download", "icon": "download", "url": up + page.origin},
        *([printed] if pdf else []),
        {"kind": "binder", "icon": "rocket", "url": binder},
        {"kind": "colab", "icon": "cloud", "url": colab},
        edit,
    ]


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Connect the above to Sphinx."""
    app.add_config_value("book_language", "en", "env", types=frozenset({str}))
    app.add_config_value("book_pdf", False, "env", types=frozenset({bool}))
    app.add_config_value("book_pages", {}, "", types=frozenset({dict}))
    app.add_search_language(ChineseWords)
    app.add_node(folded, html=(visit_folded, depart_folded))
    app.connect("doctree-read", name_sections, priority=100)  # before the contents are collected
    app.connect("html-page-context", add_buttons, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
