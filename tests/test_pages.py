"""The page of a notebook, in Chromium and without a network, as a reader opens and prints it."""

import re
from pathlib import Path
from typing import Any

import nbformat
from complaints import brings_chinese, complaints_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from d2l_autograd.course.pages import notebook_page

LONG = "print(" + " + ".join(["x"] * 200) + ")"
CUT = "[...document.querySelectorAll('pre')].filter(p => p.scrollWidth > p.clientWidth + 1).length"
TITLES = "[...document.querySelectorAll('h2, h4')].map(h => h.firstChild.textContent)"


def folded(source: str) -> Any:
    return new_markdown_cell(source, metadata={"jp-MarkdownHeadingCollapsed": True})


def written(folder: Path) -> str:
    """The address of a page with formulas, a long line, solutions, and dollars in its code."""
    notebook = new_notebook(
        cells=[
            new_markdown_cell("## 斜率\n函数 $x^2$ 的斜率是\n$$2x\\tag{1}$$"),
            new_code_cell("price = '$5$'"),
            new_code_cell(LONG),
            folded("#### 解答 1\n$1/x$"),
            new_code_cell("print('the first solution')"),
            folded("#### 解答 2"),
            new_markdown_cell("第二个解答"),
            new_markdown_cell("## 接下来"),
            folded("#### 解答 3"),
            new_markdown_cell("第三个解答"),
        ]
    )
    path = folder / "lesson.ipynb"
    nbformat.write(notebook, path)
    page = path.with_suffix(".html")
    page.write_text(notebook_page(notebook, path), encoding="utf-8")
    return page.as_uri()


def test_a_page_needs_no_network_folds_its_solutions_and_prints_them_at_its_end(
    tmp_path: Path, browser: Any
) -> None:
    page = browser.new_page()
    complaints = complaints_of(page)
    page.goto(written(tmp_path))
    page.evaluate("MathJax.startup.promise")

    assert page.locator("mjx-container").count() == 3
    assert page.locator("mjx-merror").count() == 0
    assert page.get_by_text("'$5$'").count() == 1
    assert brings_chinese(page)
    before = page.evaluate(TITLES)
    assert before == ["斜率", "解答 1", "解答 2", "接下来", "解答 3"]
    assert not page.get_by_text("第二个解答").is_visible()
    page.locator("summary").nth(1).click()
    assert page.get_by_text("第二个解答").is_visible()
    assert not page.get_by_text("第三个解答").is_visible()

    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(TITLES) == ["斜率", "接下来", "解答 1", "解答 2", "解答 3"]
    assert page.get_by_text("第三个解答").is_visible()
    assert page.evaluate(CUT) == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(TITLES) == before
    page.close()
    assert complaints == []


def test_the_chinese_font_comes_only_with_chinese_and_in_part(tmp_path: Path) -> None:
    sizes = [
        len(notebook_page(new_notebook(cells=[new_markdown_cell(text)]), tmp_path / "n.ipynb"))
        for text in ("# Words", "# 导数", "# 导数与梯度")
    ]
    assert 1000 < sizes[1] - sizes[0] < sizes[2] - sizes[0] < 20_000


def test_mathjax_comes_only_with_formulas(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("# Words"), new_code_cell("'$x$'")])
    assert "MathJax" not in notebook_page(notebook, tmp_path / "words.ipynb")


def test_links_lead_to_the_pages_beside(tmp_path: Path) -> None:
    prose = (
        "[made](02_autograd.ipynb#Another-section) [中文](%E4%B8%AD%E6%96%87.ipynb) "
        "[not made](03_graph.ipynb) [elsewhere](../02_autograd.ipynb) "
        "[far](https://example.org/02_autograd.ipynb) `[code](02_autograd.ipynb)`"
    )
    notebook = new_notebook(
        cells=[new_markdown_cell(prose), new_code_cell('"<a href=02_autograd.ipynb>"')]
    )
    page = notebook_page(
        notebook, tmp_path / "words.ipynb", beside={"02_autograd.html", "中文.html"}
    )
    assert re.findall(r'<a href="([^"]+)"', page) == [
        "02_autograd.html#Another-section",
        "%E4%B8%AD%E6%96%87.html",
        "03_graph.ipynb",
        "../02_autograd.ipynb",
        "https://example.org/02_autograd.ipynb",
    ]
    assert page.count("02_autograd.ipynb") == 4
