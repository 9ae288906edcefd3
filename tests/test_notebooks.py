"""Every notebook is checked, shows nothing of a machine, and is the same in both languages."""

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from notebook_check.markers import cell_markers
from notebook_check.pytest_plugin.ledger import read_ledger

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "zh")
NOTEBOOKS = sorted(
    path.relative_to(ROOT)
    for path in ROOT.glob("notebooks/**/*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|tmp|work|usr|opt|mnt|var|Users)/|\b[A-Z]:\\|ipykernel_\d"
)
TENSOR_REPR = re.compile(r"Tensor\(shape=")


def read(path: Path) -> Notebook:
    return nbformat.read(ROOT / path, as_version=nbformat.NO_CONVERT)


def code_cells(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: Notebook) -> Iterator[tuple[Notebook, Notebook]]:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield cell, output


def texts(value: Any) -> Iterator[str]:
    """Every string in a notebook except pictures, whose base64 may spell anything."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if not key.startswith("image/") or key == "image/svg+xml":
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def format_problems(notebook: Notebook) -> Iterator[str]:
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield f"format {notebook.nbformat}.{notebook.nbformat_minor}, not 4.5"
        return
    repeated = [i for i, count in Counter(cell.id for cell in notebook.cells).items() if count > 1]
    if repeated:
        yield f"several cells have the id {', '.join(repeated)}"
        return  # validation would warn, and give them new ones
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"invalid: {error}"


def kernel_problems(notebook: Notebook) -> Iterator[str]:
    if (name := notebook.metadata.get("kernelspec", {}).get("name")) != "python3":
        yield f"the kernel is {name}, not python3"


def code_problems(notebook: Notebook) -> Iterator[str]:
    """A chapter compares all it has, though the check would let a cell out that gives a reason."""
    if not code_cells(notebook):
        yield "no code"
    for cell in code_cells(notebook):
        markers = cell_markers(cell)
        if markers.skip or not markers.compare:
            yield f"{cell.id} is not compared"


def output_problems(notebook: Notebook) -> Iterator[str]:
    for cell, output in outputs(notebook):
        if output.output_type == "stream" and output.name == "stderr":
            yield f"{cell.id} writes to stderr: {output.text}"
        if any(TENSOR_REPR.search(text) for text in texts(output)):
            yield f"{cell.id} shows a raw tensor, whose white space varies by version"


def path_problems(notebook: Notebook) -> Iterator[str]:
    for text in texts(notebook):
        for found in MACHINE_PATH.finditer(text):
            yield f"path of a machine: {text[max(0, found.start() - 20) : found.end() + 20]}"


def prose_problems(notebook: Notebook) -> Iterator[str]:
    prose = False
    for cell in notebook.cells:
        prose = prose or (cell.cell_type == "markdown" and bool(cell.source.strip()))
        if cell.cell_type == "code" and not prose:
            yield f"{cell.id} comes before any prose"


CHECKS = [
    format_problems,
    kernel_problems,
    code_problems,
    output_problems,
    path_problems,
    prose_problems,
]


def translation_problems(one: Notebook, other: Notebook) -> Iterator[str]:
    """Where two languages of a chapter differ in more than prose."""
    kinds = [[(cell.id, cell.cell_type) for cell in notebook.cells] for notebook in (one, other)]
    if kinds[0] != kinds[1]:
        yield "the cells, by id and type, are not the same"
    for ours, theirs in zip(code_cells(one), code_cells(other), strict=False):
        if without_pictures(ours) != without_pictures(theirs):
            yield f"{ours.id} differs in source, tags or output"


def without_pictures(cell: Notebook) -> Notebook:
    """The cell, and of its pictures, whose words are in the reader's language, only the types."""
    bare = copy.deepcopy(cell)
    for output in bare.get("outputs", []):
        data = output.get("data", {})
        if any(mime.startswith("image/") for mime in data):
            output.data, output.metadata = sorted(data), {}
    return bare


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_notebook(path: Path, check: Callable[[Notebook], Iterator[str]]) -> None:
    assert list(check(read(path))) == []


def test_every_language_has_every_notebook() -> None:
    expected = {path.parents[1] / lang / path.name for path in NOTEBOOKS for lang in LANGUAGES}
    assert sorted(expected) == NOTEBOOKS != []


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.parent.name == "en"], ids=str)
def test_languages_differ_only_in_prose(path: Path) -> None:
    one, other = (read(path.parents[1] / lang / path.name) for lang in LANGUAGES)
    assert list(translation_problems(one, other)) == []


def test_every_cell_of_every_notebook_is_compared() -> None:
    expected = {path.as_posix(): len(code_cells(read(path))) for path in NOTEBOOKS}
    assert read_ledger(ROOT) == expected


def test_notebooks_are_checked_by_the_tests(pytestconfig: pytest.Config) -> None:
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert pytestconfig.getoption("nbval_strict")


# The guards themselves: a clean notebook passes each, and one planted fault fails the right one.


def clean_notebook() -> Notebook:
    v4 = nbformat.v4
    notebook = v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[
            v4.new_markdown_cell("# One"),
            v4.new_code_cell(
                "print(1)", execution_count=1, outputs=[v4.new_output("stream", text="1\n")]
            ),
            v4.new_code_cell(
                "1 / 0",
                execution_count=2,
                metadata={"tags": ["raises-exception"]},
                outputs=[v4.new_output("error", ename="ZeroDivisionError", evalue="division")],
            ),
        ],
    )
    notebook.nbformat_minor = 5
    return notebook


def first_output(notebook: Notebook) -> Notebook:
    return notebook.cells[1].outputs[0]


@pytest.mark.parametrize("check", CHECKS)
def test_clean_notebook_passes(check: Callable[[Notebook], Iterator[str]]) -> None:
    assert list(check(clean_notebook())) == []


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        (format_problems, lambda n: n.update(nbformat_minor=4)),
        (format_problems, lambda n: n.cells[1].pop("outputs")),
        (format_problems, lambda n: n.cells[1].update(id=n.cells[0].id)),
        (kernel_problems, lambda n: n.metadata.kernelspec.update(name="mindspore")),
        (kernel_problems, lambda n: n.metadata.pop("kernelspec")),
        (code_problems, lambda n: n.update(cells=n.cells[:1])),
        (code_problems, lambda n: n.cells[1].metadata.update(tags=["nbval-skip"])),
        (code_problems, lambda n: n.cells[1].update(source="# NBVAL_SKIP\nprint(1)")),
        (code_problems, lambda n: n.cells[1].metadata.update(tags=["nbval-ignore-output"])),
        (output_problems, lambda n: first_output(n).update(name="stderr")),
        (output_problems, lambda n: first_output(n).update(text="(Tensor(shape=[2], …),)")),
        (path_problems, lambda n: n.cells[0].update(source="See /home/someone/notes.")),
        (path_problems, lambda n: first_output(n).update(text='File "/tmp/ipykernel_7/1.py"')),
        (path_problems, lambda n: n.metadata.update(papermill={"input_path": "/root/a.ipynb"})),
        (prose_problems, lambda n: n.cells.pop(0)),
        (prose_problems, lambda n: n.cells[0].update(source=" ")),
    ],
)
def test_planted_fault_is_found(
    check: Callable[[Notebook], Iterator[str]], plant: Callable[[Notebook], object]
) -> None:
    notebook = clean_notebook()
    plant(notebook)
    assert list(check(notebook)) != []


def test_addresses_and_pictures_are_not_paths_of_a_machine() -> None:
    notebook = clean_notebook()
    notebook.cells[0].source = "Read https://example.org/home/page and a/tmp/b."
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", data={"image/png": "+/tmp/ab=="})
    ]
    assert list(path_problems(notebook)) == []


@pytest.mark.parametrize(
    "plant",
    [
        lambda n: n.cells[1].update(source="print(2)"),
        lambda n: n.cells[1].update(id="another"),
        lambda n: n.cells[2].metadata.update(tags=[]),
        lambda n: first_output(n).update(text="2\n"),
        lambda n: n.cells.pop(),
        lambda n: n.cells.reverse(),
    ],
)
def test_planted_difference_between_languages_is_found(
    plant: Callable[[Notebook], object],
) -> None:
    one = clean_notebook()
    other = copy.deepcopy(one)
    assert list(translation_problems(one, other)) == []
    other.cells[0].source = "# 一"
    assert list(translation_problems(one, other)) == []
    plant(other)
    assert list(translation_problems(one, other)) != []
