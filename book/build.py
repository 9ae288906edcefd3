"""Makes the book: one site of Sphinx for each language, side by side in a folder."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from book.pdf import write_pdfs
from book.sources import BOOK, BookError, write_sources
from d2l_autograd.course.chapters import LANGUAGES, notebooks_root

_LOCALES = {"en": "en", "zh": "zh_CN"}


def build(to: Path, *, pdf: bool = False) -> None:
    """Make the book in a folder, which is made anew, with a PDF of each chapter if asked to.

    Raises `BookError` if a page has a fault; Sphinx has then said which one.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".book-") as folder:
        site = Path(folder) / "site"
        site.mkdir()
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            built = [pool.submit(build_language, lang, site, pdf) for lang in LANGUAGES]
            for done in built:
                done.result()
        for lang in LANGUAGES:
            copied = shutil.ignore_patterns(".*")
            shutil.copytree(notebooks_root() / lang, site / "notebooks" / lang, ignore=copied)
        shutil.copy(BOOK / "templates" / "start.html", site / "index.html")
        (site / ".nojekyll").touch()  # GitHub Pages would leave out _static
        if pdf:
            write_pdfs(site)
        if to.exists():
            shutil.rmtree(to)
        site.rename(to)


def build_language(lang: str, site: Path, pdf: bool) -> None:
    """Make the pages of one language, in a folder of its name; `pdf` tells them to link to PDFs."""
    from sphinx.application import Sphinx

    with tempfile.TemporaryDirectory(prefix=f"book-{lang}-") as folder:
        sources = Path(folder) / "sources"
        sources.mkdir()
        pages = write_sources(lang, sources)
        app = Sphinx(
            srcdir=sources,
            confdir=BOOK,
            outdir=Path(folder) / "pages" / lang,
            doctreedir=Path(folder) / "doctrees",
            buildername="html",
            confoverrides={
                "language": _LOCALES[lang],
                "book_language": lang,
                "book_pages": pages,
                "book_pdf": pdf,
                "html_search_language": lang,
                "html_search_options": {"dict": str(sources / "terms.txt")} if lang == "zh" else {},
            },
            status=None,
            warningiserror=True,
        )
        app.build(force_all=True)
        if app.statuscode:
            raise BookError(f"The book in '{lang}' has faults; they are told above.")
        unneeded = shutil.ignore_patterns(
            ".buildinfo", "*webpack-macros.html", "_sources", "objects.inv"
        )
        shutil.copytree(Path(app.outdir), site / lang, ignore=unneeded)
