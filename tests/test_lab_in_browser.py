"""A chapter in Jupyter Lab as a reader opens it, in Chromium: everything runs, figures show."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest

from d2l_autograd.course.chapters import LANGUAGES, notebooks_root

playwright = pytest.importorskip(
    "playwright.sync_api", reason="no Playwright: pip install 'd2l-autograd[test]'"
)

CHAPTER = "03_computational_graph.ipynb"
KERNEL = {"en": "Kernel", "zh": "内核"}  # the menu, in the language of the chapters
START, BEGIN, RUN = 60, 40, 150  # seconds until the lab answers, a cell has run, all have
UNFOLD = 30  # seconds until a folded solution is shown

# In the page: an entry for each cell of code, with its prompt and whether it shows an error.
CELLS = """() => [...document.querySelectorAll(".jp-CodeCell")].map(cell => ({
    prompt: cell.querySelector(".jp-InputPrompt").textContent.trim(),
    error: cell.querySelector("[data-mime-type='application/vnd.jupyter.error']")?.textContent,
}))"""
HAS_BEGUN = f"() => ({CELLS})().some(cell => /^\\[\\d+\\]:$/.test(cell.prompt))"
IS_DONE = f"""() => {{
    const cells = ({CELLS})();
    const ran = cells.every(cell => /^\\[\\d+\\]:$/.test(cell.prompt));
    return ran || cells.some(cell => cell.error) && !cells.some(cell => cell.prompt == "[*]:");
}}"""
FIGURE = ":is(.jp-RenderedImage, .jp-RenderedSVG) :is(img, svg)"
IS_SEEN = "figure => figure.tagName != 'IMG' || figure.complete && figure.naturalWidth > 0"


@contextmanager
def running_lab(tmp_path: Path, *options: str) -> Iterator[str]:
    """A lab with its own settings: the address of its start page."""
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    settings = tmp_path / "settings"
    tracker = settings / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')  # all cells are in the page, not only in view
    environment = {
        **os.environ,
        **{name: str(tmp_path / name.lower()) for name in folders},
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
    }
    log = tmp_path / "log"
    ours = ["--dir", str(tmp_path / "mine"), "--port", "0", "--no-browser"]
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "d2l_autograd", "lab", *ours, *options],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    try:
        yield address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address with its token that the lab prints once it answers."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab\S*\?token=\w+", log.read_text()):
            return found[0]
        time.sleep(0.2)
    pytest.fail(f"the lab printed no address within {START} s:\n{log.read_text()[-2000:]}")


def code_cells(lang: str) -> list[Any]:
    """The cells of code in the course's own chapter, with the outputs that are stored there."""
    stored = nbformat.read(notebooks_root() / lang / CHAPTER, as_version=4)
    return [cell for cell in stored.cells if cell.cell_type == "code"]


def has_figure(cell: Any) -> bool:
    data = (output.get("data", {}) for output in cell.outputs)
    return any(mime.startswith("image/") for mimes in data for mime in mimes)


def restart_and_run_all(page: Any, lang: str) -> None:
    """Choose that from the menu, until a cell has run.

    What Jupyter Lab sends while a kernel that was restarted is connecting can be lost, and then
    it waits forever; a reader who sees this restarts once more.
    """
    for _ in range(3):
        page.locator(".jp-Notebook-ExecutionIndicator[data-status]").wait_for(state="attached")
        page.locator(".lm-MenuBar-itemLabel").get_by_text(KERNEL[lang], exact=True).click()
        page.locator("[data-command='runmenu:restart-and-run-all']").last.click()
        page.locator(".jp-Dialog button.jp-mod-accept").click()
        try:
            page.wait_for_function(HAS_BEGUN, timeout=1000 * BEGIN)
            return
        except playwright.TimeoutError:
            continue
    pytest.fail("no cell has run after three restarts")


def open_chapter(browser: Any, start: str, code: list[Any]) -> Any:
    """A page with the chapter, which has these cells."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(1000 * START)
    page.goto(re.sub(r"/lab[^?]*", f"/lab/tree/{CHAPTER}", start))
    page.locator(".jp-CodeCell").nth(len(code) - 1).wait_for(state="attached")
    return page


def unfold(page: Any, cell: Any) -> None:
    """Show a cell that may be in a folded solution: Jupyter Lab folds those when it gets to it."""
    end = time.monotonic() + UNFOLD
    while not cell.is_visible():
        assert time.monotonic() < end, "the cell is hidden, and no button shows it"
        for button in page.locator(".jp-showHiddenCellsButton").all():
            with suppress(playwright.TimeoutError):  # the click before has shown more than one
                button.click(timeout=1000)
        page.wait_for_timeout(100)


def require_figures(page: Any, code: list[Any]) -> None:
    with_figures = [number for number, cell in enumerate(code) if has_figure(cell)]
    assert with_figures
    for number in with_figures:
        cell = page.locator(".jp-CodeCell").nth(number)
        unfold(page, cell)
        figure = cell.locator(FIGURE).first
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box, f"the figure of cell {number} is not in the page"
        assert min(box["width"], box["height"]) > 100
        assert figure.evaluate(IS_SEEN)


def test_stored_drawings_show_before_anything_has_run(browser: Any, tmp_path: Path) -> None:
    code = code_cells("en")
    with running_lab(tmp_path, "--outputs") as start:
        page = open_chapter(browser, start, code)
        require_figures(page, code)
        # Jupyter asks about its news in a notification, over the text.
        assert page.locator(".Toastify__toast").count() == 0
        page.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_chapter_runs_in_the_lab(lang: str, browser: Any, tmp_path: Path) -> None:
    with running_lab(tmp_path, "--lang", lang) as start:
        run_chapter(browser, start, lang, code_cells(lang))


def run_chapter(browser: Any, start: str, lang: str, code: list[Any]) -> None:
    """Run all cells of a fresh chapter and see that they show what the course's own do."""
    page = open_chapter(browser, start, code)
    assert {cell["prompt"] for cell in page.evaluate(CELLS)} == {"[ ]:"}
    restart_and_run_all(page, lang)
    try:
        page.wait_for_function(IS_DONE, timeout=1000 * RUN)
    except playwright.TimeoutError:
        waiting = [cell["prompt"] for cell in page.evaluate(CELLS)]
        pytest.fail(f"the cells have not run within {RUN} s; their prompts: {waiting}")

    cells = page.evaluate(CELLS)
    assert [cell["prompt"] for cell in cells] == [f"[{n}]:" for n in range(1, len(code) + 1)]
    tagged = ["raises-exception" in cell.metadata.get("tags", []) for cell in code]
    assert [bool(cell["error"]) for cell in cells] == tagged
    require_figures(page, code)
    page.close()


def test_every_language_has_the_chapter() -> None:
    assert [lang for lang in LANGUAGES if (notebooks_root() / lang / CHAPTER).is_file()] == [
        *LANGUAGES
    ]
