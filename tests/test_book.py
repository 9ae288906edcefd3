"""The book, made once: its files by themselves, and its pages in Chromium as a reader sees them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from complaints import brings_chinese, complaints_of
from pypdf import PdfReader
from test_packaging import ROOT

import d2l_autograd
from d2l_autograd.course.chapters import LANGUAGES, chapters, notebooks_root

pytest.importorskip("sphinx_book_theme", reason="the book needs Python 3.11: '.[book]'")

from book.pdf import write_pdf
from book.sources import _markdown, examples, glossary, groups, headings

MOST_BYTES = 2_000_000  # of a chapter with its pictures


@dataclass
class Reading(HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    alts: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.loaded.append(given["href"] or "")
        if tag in ("img", "script", "iframe") and given.get("src"):
            self.loaded.append(given["src"] or "")
        if tag == "img":
            self.alts[given["src"] or ""] = given.get("alt")


def read(page: Path) -> Reading:
    reading = Reading()
    reading.feed(page.read_text(encoding="utf-8"))
    return reading


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book in a folder; warnings of Sphinx are errors of the command."""
    folder = tmp_path_factory.mktemp("book") / "a folder" / "site"
    command = [sys.executable, "-m", "book", "--to", str(folder), "--zip"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Reading]:
    return {page: read(page) for page in sorted(site.rglob("*.html"))}


def names(site: Path, lang: str) -> list[str]:
    return sorted(page.stem for page in (site / lang).glob("*.html"))


def test_every_chapter_is_a_page_in_every_language(site: Path) -> None:
    for lang in LANGUAGES:
        assert {chapter.id for chapter in chapters(lang)} <= set(names(site, lang))
        assert {"index", "reference", "gallery", "glossary", "changes"} <= set(names(site, lang))
    assert len({tuple(names(site, lang)) for lang in LANGUAGES}) == 1


def test_both_languages_have_the_same_sections(site: Path, pages: dict[Path, Reading]) -> None:
    def sections(page: Path) -> list[str]:
        return re.findall(r'<section [^>]*?id="([^"]+)"', page.read_text(encoding="utf-8"))

    for name in names(site, "en"):
        english = sections(site / "en" / f"{name}.html")
        assert sections(site / "zh" / f"{name}.html") == english, name
        assert len(english) == len(set(english))


def test_links_lead_somewhere(site: Path, pages: dict[Path, Reading]) -> None:
    dead = []
    for page, reading in pages.items():
        for link in (*reading.links, *reading.loaded):
            address = urlsplit(urljoin(page.as_uri(), link))
            if address.scheme != "file":
                continue
            target = Path(unquote(address.path))
            anchor = unquote(address.fragment)
            known = pages[target].ids if target in pages else []
            if not target.is_file() or (anchor and target in pages and anchor not in known):
                dead.append((page.relative_to(site), link))
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Reading]) -> None:
    loaded = {source for reading in pages.values() for source in reading.loaded}
    assert any(source.endswith(".svg") for source in loaded)
    assert [source for source in loaded if "//" in source and not source.startswith("data:")] == []


def test_pictures_have_alternative_texts(site: Path, pages: dict[Path, Reading]) -> None:
    for page, reading in pages.items():
        assert [source for source, alt in reading.alts.items() if not alt] == [], page
    stored = json.loads((notebooks_root() / "zh" / "02_autograd.ipynb").read_text("utf-8"))
    outputs = (output for cell in stored["cells"] for output in cell.get("outputs", ()))
    alts = [o["metadata"]["image/png"]["alt"] for o in outputs if "image/png" in o.get("data", {})]
    assert list(pages[site / "zh" / "02_autograd.html"].alts.values()) == alts


def test_chapters_are_light(site: Path, pages: dict[Path, Reading]) -> None:
    for lang in LANGUAGES:
        for chapter in chapters(lang):
            page = site / lang / f"{chapter.id}.html"
            pictures = [page.parent / source for source in pages[page].alts]
            assert sum(file.stat().st_size for file in (page, *pictures)) < MOST_BYTES, page


def test_notebooks_are_there_as_they_are_stored(site: Path) -> None:
    for lang in LANGUAGES:
        for chapter in chapters(lang):
            copy = site / "notebooks" / lang / chapter.path.name
            assert copy.read_bytes() == chapter.path.read_bytes()
    assert site.with_suffix(".zip").stat().st_size > 1_000_000


def test_solutions_are_folded(site: Path) -> None:
    page = (site / "en" / "02_autograd.html").read_text(encoding="utf-8")
    stored = json.loads((notebooks_root() / "en" / "02_autograd.ipynb").read_text("utf-8"))
    folded = [c for c in stored["cells"] if c["metadata"].get("jp-MarkdownHeadingCollapsed")]
    assert page.count('<details class="solution">') == len(folded) > 0


def test_every_public_name_is_in_the_reference(site: Path, pages: dict[Path, Reading]) -> None:
    assert {name for _, listed in groups() for name in listed} == set(d2l_autograd.__all__)
    for lang in LANGUAGES:
        ids = pages[site / lang / "reference.html"].ids
        assert {f"d2l_autograd.{name}" for name in d2l_autograd.__all__} <= set(ids)


def test_examples_of_the_reference_print_what_they_show(tmp_path: Path) -> None:
    page = (ROOT / "book" / "pages" / "en" / "reference.md").read_text(encoding="utf-8")
    found = re.search(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert found
    assert list(examples()) == [name for _, listed in groups() for name in listed]
    codes, shown = [], ""
    for name, text in examples().items():
        code, *printed = re.findall(r"^```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        assert f"d2l.{name}" in code
        codes.append(code)
        shown += f"## {name}\n" + "".join(printed)
    script = tmp_path / "examples.py"
    script.write_text(
        f"codes = {dict(zip(examples(), codes, strict=True))!r}\n"
        "for name, code in codes.items():\n"
        "    print('##', name)\n"
        "    exec(code, dict(first))\n"
    )
    start = f"import matplotlib\nmatplotlib.use('agg')\nfirst = {{}}\nexec({found[1]!r}, first)\n"
    script.write_text(start + script.read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Session ready: seed 0, eager mode, blocking launch.\n" + shown


def test_headings_are_those_outside_of_code() -> None:
    text = "# One\n\n```python\n# no heading\n```\n\n~~~\n## none\n~~~\n## Two ##\n#no\n"
    assert headings(text) == ["One", "Two"]


def test_chinese_lines_are_joined_without_a_space() -> None:
    rest = "\n\n1. 先猜。\n2. 再算：\n```sh\nls\n```\n见 d2l\n和书。\n"
    page = _markdown(f"导数是极限，\n斜率是数（\n`x`）。{rest}", "")
    assert page.text == f"导数是极限，斜率是数（`x`）。{rest}"


def test_terms_are_single_where_both_languages_have_as_many() -> None:
    assert ("雅可比矩阵", "Jacobian matrix", "2") in glossary()


@dataclass
class Opened:
    """A page in Chromium, and what it complained of or asked for elsewhere."""

    page: Any
    complaints: list[str]


@pytest.fixture
def open_page(browser: Any, site: Path) -> Iterator[Any]:
    opened: list[Opened] = []

    def open_page(path: str, **settings: Any) -> Opened:
        page = browser.new_page(**{"viewport": {"width": 1200, "height": 900}, **settings})
        complaints = complaints_of(page)
        page.goto(f"{site.as_uri()}/{path}")
        page.wait_for_function("!window.MathJax || !!MathJax.startup?.promise")
        page.evaluate("window.MathJax && MathJax.startup.promise")
        opened.append(Opened(page, complaints))
        return opened[-1]

    yield open_page
    for one in opened:
        one.page.close()
        assert one.complaints == [], one.page.url


UNSEEN = "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
FORMULAS = (
    "[...document.querySelectorAll('.math')].map(m => !!m.querySelector('mjx-container svg'))"
)
FAULTS = "document.querySelectorAll('mjx-merror, [data-mml-node=merror]').length"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_shows_its_formulas_and_pictures(lang: str, site: Path, open_page: Any) -> None:
    typeset = 0
    for name in names(site, lang):
        page = open_page(f"{lang}/{name}.html").page
        formulas = page.evaluate(FORMULAS)
        assert all(formulas), name
        assert page.evaluate(FAULTS) == 0, name
        assert page.evaluate("MathJax => " + UNSEEN) == [], name
        typeset += len(formulas)
        page.close()
    assert typeset > 100


def test_a_solution_opens_by_the_keyboard(open_page: Any) -> None:
    page = open_page("en/02_autograd.html").page
    solution = page.locator("details.solution").first
    inside = solution.locator("p").first
    assert not inside.is_visible()
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    inside.wait_for(state="visible")


def test_printed_pages_show_solutions_and_whole_lines(open_page: Any) -> None:
    page = open_page("en/02_autograd.html").page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.solution:not([open])").count() == 0
    cut = "[...document.querySelectorAll('pre')].filter(p => p.scrollWidth > p.clientWidth + 1)"
    assert page.evaluate(f"{cut}.length") == 0
    titles = page.locator("article h2, article h3").all_inner_texts()
    assert [title[:8] for title in titles[-5:]] == ["Solution"] * 5


def test_a_chapter_as_pdf_ends_with_its_solutions(site: Path, browser: Any, tmp_path: Path) -> None:
    write_pdf(browser, site / "zh" / "08_rules_of_your_own.html", tmp_path / "pdf")
    reader = PdfReader(tmp_path / "pdf" / "08_rules_of_your_own.pdf")
    texts = [page.extract_text() for page in reader.pages]
    assert "自己的求导规则" in texts[0]
    assert re.search(r"解答\s+6", texts[-1])
    assert 10 < len(texts) < 50


def test_without_chromium_a_pdf_is_refused_with_what_to_install(
    tmp_path: Path,
) -> None:
    asked = [sys.executable, "-c", "from book.pdf import write_pdfs; write_pdfs(None)"]
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    done = subprocess.run(
        asked, env={**os.environ, **nowhere}, cwd=ROOT, capture_output=True, text=True
    )
    assert "BookError: --pdf needs Chromium: apt-get install chromium" in done.stderr


def test_an_animation_moves(open_page: Any) -> None:
    page = open_page("en/02_autograd.html").page
    moving = page.locator("img[src$='.svg']").nth(2)
    moving.scroll_into_view_if_needed()
    seen = set()
    for _ in range(20):
        seen.add(moving.screenshot())
        if len(seen) > 1:
            return
        page.wait_for_timeout(500)
    pytest.fail("the third drawing of chapter 2 stands still")


@pytest.mark.parametrize(
    ("lang", "word", "name"),
    [
        ("en", "Jacobian", "02_autograd"),
        ("zh", "雅可比", "02_autograd"),
        ("zh", "链式法则", "01_derivatives"),
        ("zh", "雅可比矩阵与链式法则", "02_autograd"),
        ("zh", "Jacobian", "02_autograd"),
        ("zh", "海森矩阵", "02_autograd"),
        ("zh", "物理信息损失", "recipes"),
    ],
)
def test_search_finds(lang: str, word: str, name: str, open_page: Any) -> None:
    page = open_page(f"{lang}/search.html?q={word}").page
    page.locator(f"#search-results a[href*='{name}.html']").first.wait_for(state="attached")
    page.locator("#search-results p.search-summary").wait_for(state="visible")


def test_search_loses_nothing_of_a_chinese_term(open_page: Any) -> None:
    page = open_page("zh/search.html?q=海森矩阵").page
    page.locator("#search-results p.search-summary").wait_for(state="visible")
    words = {word for term, _, _ in glossary() for word in term.split("、") if len(word) > 1}
    letters = r"word.replaceAll(/[^\p{Letter}\p{Number}]/gu, '')"
    lost = f"words => words.filter(word => splitQuery(word).join('') !== {letters})"
    assert page.evaluate(lost, sorted(words)) == []


@pytest.mark.parametrize(("lang", "other"), [("en", "zh"), ("zh", "en")])
def test_the_switch_stays_at_the_section(lang: str, other: str, open_page: Any) -> None:
    page = open_page(f"{lang}/02_autograd.html").page
    section = page.locator("#holding-a-part-constant")
    section.evaluate("s => s.scrollIntoView({behavior: 'instant'})")
    # As a hand would: Playwright's own click scrolls to a button that moves with the page.
    button = page.locator(f".book-language[lang={other}]").bounding_box()
    page.mouse.click(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    page.wait_for_url(f"**/{other}/02_autograd.html#holding-a-part-constant")
    assert section.locator("h2").bounding_box()["y"] < 400


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_phone_shows_a_page_without_scrolling_sideways(
    lang: str, site: Path, open_page: Any
) -> None:
    for name in names(site, lang):
        viewport = {"width": 390, "height": 844}
        page = open_page(f"{lang}/{name}.html", viewport=viewport).page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        page.close()


def test_a_dark_page_is_dark_and_brings_its_chinese(open_page: Any) -> None:
    page = open_page("zh/02_autograd.html", color_scheme="dark").page
    assert brings_chinese(page)
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 60
    ink = page.evaluate("getComputedStyle(document.querySelector('mjx-container')).color")
    assert min(map(int, re.findall(r"\d+", ink)[:3])) > 150
