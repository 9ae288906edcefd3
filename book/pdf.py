"""A PDF of each chapter, printed by Chromium from the pages of the book."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from book.sources import BookError
from d2l_autograd.course.chapters import LANGUAGES, chapters

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PAGE_NUMBER = (
    '<div style="font: 8px sans-serif; width: 100%; text-align: center">'
    '<span class="pageNumber"></span></div>'
)


def write_pdfs(site: Path) -> None:
    """Write `site/pdf/LANGUAGE/CHAPTER.pdf` for each chapter.

    Raises `BookError` where Playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BookError("--pdf needs Playwright: pip install playwright.") from error
    with sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(
                executable_path=chromium_here(), args=["--no-sandbox"]
            )
        except Error as error:
            raise BookError(
                "--pdf needs Chromium: apt-get install chromium, or playwright install chromium."
            ) from error
        for lang in LANGUAGES:
            for chapter in chapters(lang):
                write_pdf(chromium, site / lang / f"{chapter.id}.html", site / "pdf" / lang)
        chromium.close()


def write_pdf(chromium: Browser, page: Path, folder: Path) -> None:
    """Print a page into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = chromium.new_page(color_scheme="light")
    shown.goto(page.as_uri())
    shown.evaluate("window.MathJax && MathJax.startup.promise")
    shown.evaluate("document.fonts.ready")
    shown.pdf(
        path=folder / f"{page.stem}.pdf",
        format="A4",
        margin={"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=_PAGE_NUMBER,
        tagged=True,
    )
    shown.close()


def chromium_here() -> str | None:
    """The Chromium of this machine, or None for the one that Playwright has brought."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
