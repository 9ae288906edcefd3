"""The chapters, changed in every way we can think of: the check sees what counts, and no more.

Each row of the table of mutations is a notebook of its own. The outputs of its new run are those
that the chapter has stored, which the tests of the chapters show to be the same; only of changed
code they are from a kernel that executes it here. So one run of the check, and one of plain nbval,
judge all mutations in seconds.
"""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import nbformat
import pytest
from jupyter_client.manager import run_kernel
from mutation import C3, FILE, Mutation, Notebook, by_id
from mutations import MUTATIONS, UNCHANGED
from replay import RECORD

from notebook_check.compare.outputs import compare_outputs
from notebook_check.figures.description import MIME
from notebook_check.pytest_plugin.ledger import NAME, read_ledger
from notebook_check.settings import Settings, cell_settings
from notebook_check.stored import code_cells, read_notebook

ROOT = Path(__file__).parents[1]
LEDGER = read_ledger(ROOT)
CHECK = ("nbval.plugin", "notebook_check.pytest_plugin.plugin")
PLAIN = ("nbval.plugin",)
OUTPUTS = ("stream", "display_data", "execute_result", "error")
CHANGED_CODE = {name: mutation for name, mutation in MUTATIONS.items() if mutation.edited}

Outputs = list[Any]
Verdicts = dict[str, str]  # of each item that failed, by its name: what it said


def path_of(chapter: str) -> Path:
    return ROOT / "notebooks" / "en" / f"{chapter}.ipynb"


@pytest.fixture(scope="module")
def chapters() -> dict[str, Notebook]:
    return {name: read_notebook(path_of(name)) for name in {m.chapter for m in MUTATIONS.values()}}


def run_cell(client: Any, source: str) -> Outputs:
    messages: list[Any] = []
    client.execute_interactive(source, allow_stdin=False, timeout=120, output_hook=messages.append)
    return [nbformat.v4.output_from_msg(m) for m in messages if m["msg_type"] in OUTPUTS]


@pytest.fixture(scope="module")
def executed(
    chapters: dict[str, Notebook], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Outputs]:
    """What changed code displays, by its mutation: run in its place, before the chapter's own."""
    outputs = {}
    with run_kernel(kernel_name="python3", cwd=str(tmp_path_factory.mktemp("cwd"))) as client:
        for cell in code_cells(chapters[C3]):
            for name, mutation in CHANGED_CODE.items():
                if mutation.edited == cell.id:
                    changed = given(mutation, chapters)
                    outputs[name] = run_cell(client, by_id(changed, cell.id).source)
            own = run_cell(client, cell.source)
            settings = cell_settings(Settings(), cell)
            assert compare_outputs(cell.outputs, own, settings, source=cell.source) == []
    return outputs


def given(mutation: Mutation, chapters: dict[str, Notebook]) -> Notebook:
    notebook = copy.deepcopy(chapters[mutation.chapter])
    mutation.given(notebook)
    return notebook


def without_descriptions(notebook: Notebook) -> None:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            output.get("data", {}).pop(MIME, None)
            output.get("metadata", {}).pop(MIME, None)


class Written(NamedTuple):
    """All mutations in folders of their own, and the names of those that changed nothing."""

    folder: Path
    unchanged: list[str]


def write(folder: Path, chapters: dict[str, Notebook], executed: dict[str, Outputs]) -> Written:
    """Write every mutated notebook, and beside it the record of its new run."""
    unchanged, ledger = [], {}
    for number, (name, mutation) in enumerate(MUTATIONS.items()):
        stored = given(mutation, chapters)
        new = copy.deepcopy(stored)
        if mutation.edited:
            by_id(new, mutation.edited).outputs = executed[name]
        mutation.change(stored)
        for plain in (False, True):
            if plain:
                without_descriptions(stored)
                without_descriptions(new)
            place = folder / ("plain" if plain else "check") / str(number)
            place.mkdir(parents=True)
            content = mutation.content(json.dumps(stored))
            (place / "chapter.ipynb").write_text(content, encoding="utf-8")
            (place / RECORD).write_text(json.dumps(new), encoding="utf-8")
            if not plain and content == json.dumps(new):
                unchanged.append(name)
        ledger[f"{number}/chapter.ipynb"] = LEDGER[f"notebooks/en/{mutation.chapter}.ipynb"]
    for way in ("check", "plain"):
        (folder / way / "pytest.ini").write_text("[pytest]")
    (folder / "check" / NAME).write_text(json.dumps(ledger))
    return Written(folder, unchanged)


def run_pytest(
    folder: Path, plugins: tuple[str, ...], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, in a process that has these plugins and no other."""
    plugged = [word for plugin in plugins for word in ("-p", plugin)]
    paths = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugged, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def judged(folder: Path, plugins: tuple[str, ...], *options: str) -> dict[str, Verdicts]:
    """Run pytest on the notebooks of a folder: the failures in each, by the mutation's name."""
    options = ("--continue-on-collection-errors", "--junitxml=junit.xml", *options)
    done = run_pytest(folder, ("replay", *plugins), *options)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-3000:] + done.stderr
    failures: dict[str, Verdicts] = {name: {} for name in MUTATIONS}
    names = list(MUTATIONS)
    for case in ElementTree.parse(folder / "junit.xml").iter("testcase"):
        # A notebook that cannot even be collected is a case without a class.
        number = re.match(r"\d+", case.attrib["classname"] or case.attrib["name"])
        for part in case:
            if part.tag in ("failure", "error") and number:
                told = f"{part.get('message') or ''}\n{part.text or ''}"
                failures[names[int(number[0])]][case.attrib["name"]] = told
    return failures


@pytest.fixture(scope="module")
def written(
    chapters: dict[str, Notebook],
    executed: dict[str, Outputs],
    tmp_path_factory: pytest.TempPathFactory,
) -> Written:
    return write(tmp_path_factory.mktemp("mutations"), chapters, executed)


@pytest.fixture(scope="module")
def checked(written: Written) -> dict[str, Verdicts]:
    return judged(written.folder / "check", CHECK, "--nbval-strict")


@pytest.fixture(scope="module")
def plainly_checked(written: Written) -> dict[str, Verdicts]:
    return judged(written.folder / "plain", PLAIN, "--nbval")


def item_of(mutation: Mutation, chapters: dict[str, Notebook]) -> str:
    """The name of the item that a mutation has to make fail."""
    if mutation.where == FILE:
        return FILE
    code = [c.id for c in given(mutation, chapters).cells if c.cell_type == "code"]
    return f"Cell {code.index(mutation.where)}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_verdict_of_the_check(
    name: str, checked: dict[str, Verdicts], chapters: dict[str, Notebook]
) -> None:
    mutation, failures = MUTATIONS[name], checked[name]
    if not mutation.where:
        assert failures == {}
        return
    item = item_of(mutation, chapters)
    assert {*failures} - {FILE} == {item} - {FILE}
    assert mutation.reason in failures[item]
    assert "notebook_check" not in failures[item]  # no traceback of the check's own


@pytest.mark.parametrize("name", MUTATIONS)
def test_verdict_of_plain_nbval(name: str, plainly_checked: dict[str, Verdicts]) -> None:
    assert ("fails" if plainly_checked[name] else "passes") == MUTATIONS[name].nbval


def test_every_mutation_changes_something(written: Written) -> None:
    assert written.unchanged == [*UNCHANGED]


@pytest.mark.parametrize(
    ("plugins", "option", "status"),
    [
        (CHECK, "--nbval-strict", pytest.ExitCode.USAGE_ERROR),
        (PLAIN, "--nbval", pytest.ExitCode.OK),
    ],
)
def test_malformed_rule(
    written: Written, plugins: tuple[str, ...], option: str, status: int
) -> None:
    (written.folder / "rules.cfg").write_text("regexp: \\d+\nreplace: 0\n")
    folder = written.folder / "plain" / "0"
    done = run_pytest(folder, ("replay", *plugins), option, "--nbval-sanitize-with=../../rules.cfg")
    assert done.returncode == status
    assert ("expected 'regex: " in done.stderr) is (plugins == CHECK)


def test_kernel_that_dies_is_noticed(chapters: dict[str, Notebook], tmp_path: Path) -> None:
    """Within the minute that a cell may take; plain nbval waits for its 2,000 s."""
    notebook = copy.deepcopy(chapters[C3])
    code_cells(notebook)[0].source = "import os; os._exit(1)"
    (tmp_path / "chapter.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / NAME).write_text(json.dumps({"chapter.ipynb": len(code_cells(notebook))}))
    done = run_pytest(tmp_path, CHECK, "--nbval-strict", "-rfs")
    assert re.search(r"^FAILED chapter.ipynb::Cell 0 - the kernel died$", done.stdout, re.M)
    rest = r"^SKIPPED \[(\d+)\] .*: not run: Cell 0 ended the notebook \(the kernel died\)$"
    assert re.findall(rest, done.stdout, re.M) == [str(len(code_cells(notebook)) - 1)]
