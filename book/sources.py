"""The pages of the book as Sphinx reads them, made of the notebooks and pages as they are stored.

A `Page` says where a page comes from and which sections it has. The sections of a page have the
same names in every language, those of the English headings, so that a link to one leads to its
twin as well.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import d2l_autograd
from d2l_autograd.course.chapters import LANGUAGES, chapters
from d2l_autograd.course.solutions import FOLDED

ROOT = Path(__file__).parents[1]
BOOK = Path(__file__).parent

# Pages of the book that are pages of the repository as well, by their names in the book.
DOCS = {
    "helpers": "docs/helpers.md",
    "ideas": "docs/ideas.md",
    "cheat-sheet": "docs/cheat-sheet.md",
    "coming-from": "docs/coming-from.md",
    "recipes": "docs/recipes.md",
    "conventions": "docs/conventions.md",
    "gallery": "docs/gallery/README.md",
    "traps": "docs/mindspore-traps.md",
    "speed": "docs/speed.md",
    "check": "docs/check.md",
    "teachers": "docs/teachers.md",
    "grading": "docs/grading.md",
    "changes": "CHANGELOG.md",
}
# What else a page of the repository may link to, and the page of the book that shows it.
ELSEWHERE = {"docs/zh.md": "glossary", "README.md": "index", "README.zh.md": "index"}

_FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1[`~]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)(?=[)#])")
# The end of a line within a Chinese sentence, where a browser would show a space.
_WIDE, _STOPS = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef", "，。；：、！？（）"
_WRAPPED = re.compile(
    rf"(?<=[{_WIDE}])\n *(?=[{_WIDE}])|(?<=[{_STOPS}])\n *(?=[\w`[])(?!```|\d+\.)"
)
_PICTURE = re.compile(r"!\[([^]]*)\]\(light/([^)]+)\)")


class BookError(Exception):
    """The book cannot be made of what is there."""


@dataclass(frozen=True)
class Section:
    """A heading: the name of its anchor, and whether what is under it is folded."""

    anchor: str
    folded: bool


@dataclass
class Page:
    """A page of one language: what Sphinx reads, and where a reader would edit it."""

    text: str
    suffix: str
    origin: str
    sections: list[Section] = field(default_factory=list)

    @property
    def pdf(self) -> str:
        """The PDF of a chapter, in the folder of the book."""
        return self.origin.replace("notebooks/", "pdf/").replace(self.suffix, ".pdf")


def repository() -> str:
    """The address of the repository, which pyproject.toml holds."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^Repository = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise BookError("pyproject.toml: no 'Repository = \"…\"' under [project.urls].")
    return found[1]


def write_sources(lang: str, folder: Path) -> dict[str, Page]:
    """Write the pages of a language into a folder, with their pictures; return them by name."""
    pages, twins = pages_in(lang), pages_in(LANGUAGES[0])
    for name, page in pages.items():
        here, there = len(page.sections), len(twins[name].sections)
        if here != there:
            raise BookError(
                f"{page.origin} has {here} headings, and {twins[name].origin} has {there}: "
                "both languages need the same sections."
            )
        page.sections = twins[name].sections
        (folder / name).with_suffix(page.suffix).write_text(page.text, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    for mode in ("light", "dark"):
        shutil.copytree(ROOT / "docs" / "gallery" / mode, folder / mode)
    words = [word for term, _, _ in glossary() for word in re.split("[、-]", term)]
    (folder / "terms.txt").write_text("\n".join(words), encoding="utf-8")
    return pages


def pages_in(lang: str) -> dict[str, Page]:
    """All pages of a language, by name."""
    pages = {chapter.id: _chapter(chapter.path, lang) for chapter in chapters(lang)}
    for name, origin in DOCS.items():
        own = origin.replace(".md", f".{lang}.md")  # where the page is in this language as well
        found = own if (ROOT / own).exists() else origin
        text = _relinked((ROOT / found).read_text(encoding="utf-8"), found)
        pages[name] = _markdown(_in_two_themes(text), found)
    makers: dict[str, Callable[[str], str]] = {
        "index": lambda text: text.replace("REPOSITORY", repository()),
        "reference": partial(_with_reference, lang=lang),
        "glossary": partial(_with_glossary, lang=lang),
    }
    for name, made in makers.items():
        origin = f"book/pages/{lang}/{name}.md"
        pages[name] = _markdown(made((ROOT / origin).read_text(encoding="utf-8")), origin)
    return pages


def _markdown(text: str, origin: str) -> Page:
    text = _WRAPPED.sub("", text)
    return Page(text, ".md", origin, [Section(anchor, False) for anchor in _anchors([text])])


def headings(text: str) -> list[str]:
    """The headings of a Markdown text, without those in its code."""
    return _HEADING.findall(_FENCE.sub("", text))


def _anchors(texts: list[str]) -> Iterator[str]:
    """A name for each heading, none of them twice."""
    seen: dict[str, int] = {}
    for heading in (heading for text in texts for heading in headings(text)):
        name = "-".join(re.findall(r"\w+", heading.lower())) or "section"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}"


def _chapter(path: Path, lang: str) -> Page:
    """A notebook without what a page cannot show, its pictures with their alternative texts."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    texts, folded = [], []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            texts.append("".join(cell["source"]))
            # Jupyter Lab folds what is under the heading of such a cell, so far as the next one.
            is_folded = cell["metadata"].get(FOLDED, False)
            folded += [is_folded] * len(headings(texts[-1]))
        for output in cell.get("outputs", ()):
            _describe(cell, output)
    sections = [Section(*pair) for pair in zip(_anchors(texts), folded, strict=True)]
    origin = f"notebooks/{lang}/{path.name}"
    return Page(json.dumps(notebook, ensure_ascii=False), path.suffix, origin, sections)


def _describe(cell: dict[str, Any], output: dict[str, Any]) -> None:
    """Put the alternative text of an output where MyST-NB looks for that of its cell."""
    output.get("data", {}).pop("application/vnd.d2l-autograd.figure+json", None)
    if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
        image = cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})
        image["alt"] = f"{image['alt']} {alt}" if "alt" in image else alt


def _relinked(text: str, origin: str) -> str:
    """A page of the repository whose links lead to pages of the book, or to the repository."""
    shown = {target: name for name, target in DOCS.items()} | ELSEWHERE
    for lang in LANGUAGES:
        shown |= {target.replace(".md", f".{lang}.md"): name for name, target in DOCS.items()}

    def target(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), match[1]))
        if path in shown:
            return f"{shown[path]}.md"
        if posixpath.dirname(path) in [f"notebooks/{lang}" for lang in LANGUAGES]:
            return posixpath.basename(path)
        if path.endswith((".png", ".svg")):
            return posixpath.relpath(
                path, posixpath.dirname(origin) if "gallery" in origin else "docs"
            )
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"{repository()}/{kind}/main/{path}"

    return _LINK.sub(target, text)


def _in_two_themes(text: str) -> str:
    """The pictures of the gallery, for light pages and for dark ones."""
    both = r"![\1](light/\2){.only-light}" "\n" r"![\1](dark/\2){.only-dark}"
    return _PICTURE.sub(both, text)


def _with_reference(text: str, lang: str) -> str:
    """The reference: each public name in its group, its docstring, and an example."""
    words = dict(re.findall(r"^% (.+?) = (.+)$", text, re.MULTILINE))
    found, parts = examples(), [re.sub(r"^% .*\n", "", text, flags=re.MULTILINE)]
    pictures = {path.stem for path in (ROOT / "docs" / "gallery" / "light").glob("*.png")}
    for group, names in groups():
        if lang != LANGUAGES[0] and group not in words:
            raise BookError(f"book/pages/{lang}/reference.md: no '% {group} = …' at its top.")
        parts.append(f"## {words.get(group, group)}\n")
        for name in names:
            kind = "autofunction" if name[0].islower() else "autoexception"
            parts += [f"### {name}\n", "```{eval-rst}", f".. {kind}:: d2l_autograd.{name}", "```\n"]
            parts.append(found[name])
            if name in pictures:
                parts.append(f"{words['see']} [{words['gallery']}](gallery.md#{name}).\n")
    return "\n".join(parts)


def groups() -> list[tuple[str, list[str]]]:
    """The public names as the docstring of the package groups them."""
    lines = re.findall(r"^([A-Z][a-z ]+): +([\w, ]+)$", d2l_autograd.__doc__ or "", re.MULTILINE)
    return [(group, names.split(", ")) for group, names in lines]


def examples() -> dict[str, str]:
    """An example for each public name: a block of code, and mostly one of what it prints."""
    text = (BOOK / "examples.md").read_text(encoding="utf-8")
    pieces = re.split(r"^## (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def glossary() -> list[tuple[str, str, str]]:
    """The terms in Chinese and in English, with the chapter that introduces them."""
    text = (ROOT / "docs" / "zh.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d+) \|$", text, re.MULTILINE)
    terms = []
    for chinese, english, chapter in rows:
        pairs = list(zip(chinese.split("、"), english.split(", "), strict=False))
        same = len(chinese.split("、")) == len(english.split(", "))
        terms += [(*pair, chapter) for pair in pairs if same] or [(chinese, english, chapter)]
    return terms


def _with_glossary(text: str, lang: str) -> str:
    names = {int(chapter.id[:2]): chapter.id for chapter in chapters(lang)}
    terms = glossary()
    if lang == "en":
        terms = sorted(((e, z, n) for z, e, n in terms), key=lambda term: term[0].lower())
    rows = [f"| {a} | {b} | [{n}]({names[int(n)]}.ipynb) |" for a, b, n in terms]
    return "\n".join([text.rstrip(), *rows, ""])
