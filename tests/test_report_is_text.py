"""The page of ``check --report``: nothing that a notebook holds runs in it, or is loaded by it."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cli_process import Course
from complaints import complaints_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

RUNS = "window.ran = true"
ATTACKS = [
    f"<script>{RUNS}</script>",
    f'<img src="x" onerror="{RUNS}">',
    f'"><script>{RUNS}</script>',
    f"' onmouseover='{RUNS}",
    f"</mark></pre></td></section><script>{RUNS}</script>",
    f'<a href="javascript:{RUNS}" id="link">link</a>',
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUNS}"><script>{RUNS}</script></svg>',
    f"<iframe srcdoc='<script>parent.{RUNS}</script>'></iframe>",
    f"[link](javascript:{RUNS}) <!-- --><style>@import 'https://example.org/x.css'</style>",
    '<meta http-equiv="refresh" content="0;url=https://example.org">',
    f"\x1b[31m<script>{RUNS}</script>\x1b[0m",
]
MIMES = [
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/svg+xml",
    "image/png",
    "application/javascript",
    "application/json",
    f"application/x-<img src=x onerror={RUNS}>",
]
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
OURS = {
    *("html", "head", "meta", "title", "style", "body", "section", "h1", "h2", "h3", "p", "pre"),
    *("table", "tr", "th", "td", "mark", "div", "figure", "figcaption", "img"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "name", "content", "class", "alt", "src"}


class Seen(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def attacking(path: Path) -> None:
    """A notebook whose every part attacks, and whose every cell fails."""
    cells: list[Any] = [new_markdown_cell(attack) for attack in ATTACKS]
    count = 0
    for attack in ATTACKS:
        shown = dict.fromkeys(MIMES, attack)
        anew = dict.fromkeys(MIMES, attack + " anew")
        cases = {
            f"display({anew!r}, raw=True)": new_output("display_data", shown),
            f"print({attack!r}, 'anew')": new_output("stream", text=attack + "\n"),
            f"# {attack}\nraise ValueError({attack!r} * 2)": new_output(
                "error", ename="ValueError", evalue=attack, traceback=[attack]
            ),
        }
        for source, output in cases.items():
            count += 1
            told = {"tags": ["raises-exception", attack.replace(",", "")], "name": attack}
            cells.append(
                new_code_cell(source, outputs=[output], execution_count=count, metadata=told)
            )
    drawn = [new_output("display_data", {"image/png": PIXEL})]
    source = f"display({{'image/png': {ATTACKS[2]!r}}}, raw=True)"
    cells.append(new_code_cell(source, outputs=drawn, execution_count=count + 1))
    last = f"raise ValueError({ATTACKS[0]!r})"
    cells.append(new_code_cell(last, execution_count=count + 2))
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": ATTACKS[0]}
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = Course.install(tmp_path_factory.mktemp("course"))
    attacking(course.reader / f"<img src=x onerror='{RUNS}'>.ipynb")
    other = new_notebook(cells=[new_code_cell("a = 1", execution_count=1)])
    other.metadata.kernelspec = {"name": ATTACKS[0], "display_name": ATTACKS[1]}
    nbformat.write(other, course.reader / "kernel.ipynb")
    (course.reader / "broken.ipynb").write_text(json.dumps({"nbformat": ATTACKS[0]}))
    done = course.run("check", ".", "--report", "report")
    assert done.returncode == 1, done.stderr
    return course.reader / "report" / "index.html"


def test_the_page_has_no_element_of_a_notebook(report: Path) -> None:
    seen = Seen(report.read_text(encoding="utf-8"))
    assert set(seen.tags) <= OURS
    assert seen.tags.count("section") == 3 * len(ATTACKS) + 4
    assert seen.tags.count("meta") == 3
    assert seen.tags.count("style") == 1
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    sources = [value for name, value in seen.attributes if name == "src"]
    assert sources
    assert all(value.startswith("data:image/png;base64,") for value in sources)
    # What attacks is there all the same, as text.
    missing = [attack for attack in ATTACKS if attack.replace("\x1b[31m", "")[:30] not in seen.text]
    assert missing == []


def test_nothing_runs_and_nothing_is_loaded(report: Path, browser: Any) -> None:
    page = browser.new_page()
    complaints = complaints_of(page)
    page.goto(report.as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert page.locator("a, script, svg, iframe, [onerror], [onmouseover]").count() == 0
    # A picture that is none is told of in no console.
    assert [text for text in complaints if "ERR_INVALID_URL" not in text] == []


def test_the_policy_of_the_page_stops_what_would_run(report: Path, browser: Any) -> None:
    page = browser.new_page()
    with_script = report.with_name("with_script.html")
    text = report.read_text(encoding="utf-8").replace("<h1>", f"{ATTACKS[0]}{ATTACKS[1]}<h1>")
    with_script.write_text(text, encoding="utf-8")
    page.goto(with_script.as_uri())
    page.wait_for_timeout(300)
    assert page.locator("script").count() == 1
    assert page.evaluate("window.ran") is None
    without = text.replace("Content-Security-Policy", "nothing")
    with_script.write_text(without, encoding="utf-8")
    page.goto(with_script.as_uri())
    page.wait_for_function("window.ran")
    page.close()
