"""Slides: what is on them is in the chapters, and every one fits its screen in Chromium."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from complaints import brings_chinese, complaints_of
from pypdf import PdfReader

from d2l_autograd.cli.group import cli
from d2l_autograd.course.chapters import LANGUAGES, Chapter, chapters
from d2l_autograd.course.slides import has_slides
from d2l_autograd.course.solutions import solutions

WITH_SLIDES = ["01_derivatives", "02_autograd", "03_computational_graph"]

# Faults of the slide that is shown: what is beyond its edges, cut, too small to read or not loaded.
FAULTS = """() => {
  const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect(), found = [];
  for (const one of slide.querySelectorAll("*")) {
    if (one.closest("aside, mjx-assistive-mml, mjx-container svg")) continue;
    const { left, top, right, bottom, width } = one.getBoundingClientRect();
    const inside = left >= edge.left && top >= edge.top && right <= edge.right;
    const tell = (fault) => found.push(`${fault}: ${one.tagName} ${one.innerText ?? one.alt}`);
    if (width && !(inside && bottom <= edge.bottom - 16)) tell("beyond the slide");
    if (one.matches("pre, table, p, li, mjx-container[display]"))
      if (one.scrollWidth > one.clientWidth + 1) tell("cut");
    if (one.matches("pre, p, li, td, th, h1, h2, h3, code"))
      if (parseFloat(getComputedStyle(one).fontSize) < 24) tell("small");
    if (one.matches("img")) {
      const seen = one.naturalWidth && one.clientWidth > 300 && one.clientHeight > 250;
      if (!seen || !one.alt) tell("picture");
    }
  }
  return found;
}"""
EVERY_SLIDE = f"""() => Reveal.getSlides().flatMap((slide) => {{
  const {{ h, v }} = Reveal.getIndices(slide);
  Reveal.slide(h, v, 99);
  return ({FAULTS})().map((fault) => `${{h}}.${{v ?? 0}} ${{fault}}`);
}})"""
NOT_TYPESET = """() => [...document.querySelectorAll(".slides section")]
  .filter((slide) => /\\$[^$]+\\$/.test(slide.innerText)).length"""


def slides(*arguments: object) -> Any:
    return CliRunner().invoke(cli, ["slides", *map(str, arguments)])


def stored(chapter: Chapter) -> Any:
    return nbformat.read(chapter.path, as_version=nbformat.NO_CONVERT)


def slide_text(cell: Any) -> str | None:
    return cell.metadata.get("d2l_autograd", {}).get("slide")


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides")
    for lang in LANGUAGES:
        written = slides("--to", folder / lang, "--lang", lang)
        names = [Path(line).name for line in written.output.splitlines()]
        assert names == [f"{name}.slides.html" for name in WITH_SLIDES]
    return folder


@pytest.mark.parametrize("name", WITH_SLIDES)
def test_both_languages_have_the_same_slides(name: str) -> None:
    def plan(lang: str) -> list[tuple[str, int]]:
        cells = next(stored(c) for c in chapters(lang) if c.id == name).cells
        kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "") for cell in cells]
        counts = [(slide_text(cell) or "").count("\n---\n") for cell in cells]
        return list(zip(kinds, counts, strict=True))

    assert plan("en") == plan("zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_code_on_slides_is_code_of_the_cell_and_no_solution(lang: str) -> None:
    for chapter in chapters(lang):
        notebook = stored(chapter)
        assert has_slides(notebook) == (chapter.id in WITH_SLIDES)
        for cell in notebook.cells:
            if cell.cell_type == "code" and (text := slide_text(cell)):
                assert set(text.splitlines()) <= set(cell.source.splitlines()), cell.id
        if has_slides(notebook):
            for number in (n for section in solutions(notebook.cells) for n in section):
                assert notebook.cells[number].metadata.slideshow.slide_type == "skip"


@pytest.mark.parametrize("name", WITH_SLIDES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_slide_fits_and_the_keys_lead_through_all(
    lang: str, name: str, decks: Path, browser: Any
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    complaints = complaints_of(page)
    page.goto((decks / lang / f"{name}.slides.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.locator("mjx-container").count() > 20
    assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    seen: list[int] = []
    while not (seen and page.evaluate("Reveal.isLastSlide()")):
        seen.append(page.evaluate("Reveal.getSlidePastCount()"))
        page.keyboard.press("ArrowRight")
    total = page.evaluate("Reveal.getTotalSlides()")
    assert sorted(set(seen)) == list(range(total - 1))
    assert total > 15
    assert page.evaluate(EVERY_SLIDE) == []
    assert page.evaluate(NOT_TYPESET) == 0
    assert page.locator(".controls [aria-label='下一张']").count() == (lang == "zh")
    assert lang != "zh" or brings_chinese(page)
    page.close()
    assert complaints == []


def test_the_speaker_has_the_prose_of_the_chapter(decks: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    complaints = complaints_of(page)
    page.goto((decks / "en" / "01_derivatives.slides.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("A cook asks it about salt").wait_for()
    page.close()
    assert complaints == []


def test_a_printed_deck_has_a_page_for_each_slide(
    decks: Path, browser: Any, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((decks / "zh" / "02_autograd.slides.html").as_uri() + "?print-pdf")
    page.wait_for_function("window.Reveal?.isReady()")
    total = page.locator(".pdf-page").count()
    page.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True, print_background=True)
    page.close()
    printed = PdfReader(tmp_path / "deck.pdf").pages
    assert len(printed) == total > 15
    assert "d2l.detach" in printed[12].extract_text()


def test_a_notebook_of_ones_own_needs_no_more_than_jupyters_slide_types(tmp_path: Path) -> None:
    new = nbformat.v4
    notebook = new.new_notebook(cells=[new.new_markdown_cell("# Mine"), new.new_code_cell("1 + 1")])
    path = tmp_path / "mine.ipynb"
    nbformat.write(notebook, path)
    refused = slides(path, "--to", tmp_path / "out")
    assert refused.exit_code == 1
    assert "has no slides" in refused.output
    assert not (tmp_path / "out").exists()

    notebook.cells[0].metadata.slideshow = {"slide_type": "slide"}
    nbformat.write(notebook, path)
    assert slides(path, "--to", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "mine.slides.html").read_text(encoding="utf-8")
    assert "<title>Mine</title>" in page
    assert page.count("<section") == 2
    assert "Two of these" in slides(path, path, "--to", tmp_path / "out").output


def test_what_cannot_be_done_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "no chapter" in slides("99", "--to", tmp_path).output.lower()
    assert "has no slides" in slides("05", "--to", tmp_path).output
    done = slides("01", "--to", tmp_path / "file" / "below")
    assert done.exit_code == 1
    assert "Name another folder with --to." in done.output
