"""Environment of every test, set before anything imports MindSpore."""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from processes import running

ORDER = os.environ.get("TEST_ORDER_SEED")  # .ci/run sets it; the same seed is the same order

# MindSpore's C++ log carries process ids and times, and a failed compile leaves a dump behind:
# neither may reach an output or a folder of the checkout. Notebook kernels inherit both settings.
_dumps = tempfile.TemporaryDirectory(prefix="d2l_autograd_")
_MOST_FAILURES = 1000  # of operators at once; 28 were the most that was seen

os.environ.update(GLOG_v="4", MS_OM_PATH=_dumps.name)


def pytest_report_header() -> list[str]:
    return [f"tests of each file in random order: TEST_ORDER_SEED={ORDER}"] if ORDER else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Shuffle files, and the tests in each, where a seed is given; notebooks keep their order."""
    if ORDER is None:
        return
    shuffle = random.Random(ORDER).shuffle
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    shuffle(files)
    for tests in files:
        if all(isinstance(test, pytest.Function) for test in tests):
            shuffle(tests)
    items[:] = [test for tests in files for test in tests]


@pytest.fixture(autouse=True)
def failures_stay_with_their_test() -> Iterator[None]:
    """Wait for the operators of a test: launched asynchronously, one fails those that follow it."""
    yield
    if (ms := sys.modules.get("mindspore")) is not None:
        for _ in range(_MOST_FAILURES):
            try:
                ms.runtime.synchronize()
                return
            except Exception:
                continue


@pytest.fixture
def graphs_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have graphs that nobody asked for made after three calls, instead of 20 to 150."""
    from d2l_autograd.engine import amortized

    for name, number in (("_FIRST", 0), ("_OFTEN", 0), ("_FEWEST", 3)):
        monkeypatch.setattr(amortized, name, number)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window; a test that asks for it is skipped where there is none."""
    from book.pdf import chromium_here

    if (chromium := chromium_here()) is None:
        pytest.skip("no Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: '.[test]'")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def ranks_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold that no process and no file of the ranks that a test has started is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert running(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def settings_are_kept() -> Iterator[None]:
    """Let a test draw without a screen, change none of Matplotlib's settings, leave no figure."""
    import matplotlib
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    plt.close("all")
