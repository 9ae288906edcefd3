"""What the check says of a notebook's file, its options and its ledger, before any cell runs."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import notebook_check.pytest_plugin.hooks  # noqa: F401  # or each run in this process imports it
from notebook_check.errors import NotebookError
from notebook_check.stored import read_notebook

pytest_plugins = ["pytester"]

Notebook = Any
Change = Callable[[Notebook], object]
v4 = nbformat.v4
PLUGIN = "notebook_check.pytest_plugin.plugin"


@pytest.fixture(autouse=True)
def only_what_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no other plugin that is installed: each would be imported anew in every run."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "200")


def clean_notebook() -> Notebook:
    cells = [
        v4.new_markdown_cell("# One"),
        v4.new_code_cell("1", execution_count=1),
        v4.new_code_cell("2", execution_count=2),
        v4.new_code_cell(" ", execution_count=None),
        v4.new_code_cell("3", execution_count=3),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(metadata={"kernelspec": kernel}, cells=cells, nbformat_minor=5)


def store(pytester: pytest.Pytester, notebook: Notebook, compared: int | None = 3) -> None:
    """Write the notebook, and a ledger by which so many of its cells are compared."""
    (pytester.path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    if compared is not None:
        (pytester.path / "notebook-check.json").write_text(f'{{"a.ipynb": {compared}}}')


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "nbval.plugin", "-p", PLUGIN, *options)


def look(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Check the file alone: no cell is executed."""
    return run(pytester, "--nbval-strict", "-k", "stored", *options)


def failure(result: pytest.RunResult) -> str:
    """The one reason for which one item failed."""
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes().get("deselected", 0))
    (line,) = (line for line in result.outlines if line.startswith("FAILED"))
    assert "Traceback" not in result.stdout.str()
    return line


def test_clean_notebook_passes(pytester: pytest.Pytester) -> None:
    store(pytester, clean_notebook())
    result = look(pytester)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["1 notebooks; cells: 0 compared, 0 skipped, 0 not compared"])


def tag(*tags: str, **metadata: Any) -> Change:
    return lambda n: n.cells[4].metadata.update(tags=list(tags), **metadata)


REASON = {"nbval": {"reason": "needs a network"}}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n: n.cells[2].update(execution_count=7), "counts out of order (1, 7, 3)"),
        (lambda n: n.cells[4].update(execution_count=4), "counts with gaps (1, 2, 4)"),
        (lambda n: n.cells[1].update(execution_count=2), "counts out of order (2, 2, 3)"),
        (lambda n: n.cells.insert(1, n.cells.pop()), "counts out of order (3, 1, 2)"),
        (lambda n: n.cells.pop(2), "counts with gaps (1, 3)"),
        (lambda n: n.cells.pop(), "2 cells are compared, and notebook-check.json says 3"),
        (
            lambda n: n.cells.__setitem__(4, v4.new_raw_cell("3")),
            "2 cells are compared, and notebook-check.json says 3",
        ),
        (tag("nbval-skip", **REASON), "2 cells are compared"),
        (tag("nbval-ignore-output", **REASON), "2 cells are compared"),
        (lambda n: n.cells[4].update(source="# NBVAL_SKIP\n3"), "2 cells are compared"),
        (lambda n: n.cells[4].update(source="# NBVAL_IGNORE_OUTPUT\n3"), "2 cells are compared"),
        (
            lambda n: [n.cells[i].update(execution_count=None) for i in (1, 2, 4)],
            "stored without outputs",
        ),
        (
            lambda n: n.cells[0].update(source="![a](attachment:a%20b.png)"),
            "the text in cell 0 shows an attachment that is missing: a%20b.png",
        ),
        (lambda n: n.metadata.pop("kernelspec"), "it names no kernel"),
        (lambda n: n.metadata.kernelspec.update(name="ir"), "the kernel 'ir' is not installed"),
        (lambda n: n.metadata.kernelspec.update(language="R"), "the notebook is in R"),
        (lambda n: n.metadata.update(nbval={"rtool": 1}), "no setting 'rtool'"),
        (lambda n: n.metadata.update(nbval={"rtol": "much"}), "rtol is a number"),
        (lambda n: n.metadata.update(nbval={"rtol": True}), "rtol is a number"),
        (lambda n: n.metadata.update(nbval={"rtol": 2}), "rtol is a fraction"),
        (lambda n: n.metadata.update(nbval={"pixels": 1.5}), "pixels is a fraction"),
        (lambda n: n.metadata.update(nbval=0.1), "nbval is a table"),
    ],
)
def test_planted_fault_is_found(pytester: pytest.Pytester, change: Change, reason: str) -> None:
    notebook = clean_notebook()
    change(notebook)
    store(pytester, notebook)
    result = look(pytester)
    assert reason in failure(result)


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n.cells[0].update(
            source="![a](attachment:a%20b.png)", attachments={"a b.png": {"image/png": ""}}
        ),
        lambda n: n.cells[4].metadata.update(nbval={"rtol": 0.01, "atol": 0}),
        lambda n: n.metadata.update(nbval={"rtol": 0.01, "pixels": 0.1}),
        lambda n: n.metadata.kernelspec.pop("language"),
        lambda n: n.cells.append(v4.new_code_cell("4", execution_count=4)),
        # A skipped cell may have been run, or not.
        lambda n: n.cells.append(v4.new_code_cell("# NBVAL_SKIP\n4", execution_count=4)),
        lambda n: n.cells.append(v4.new_code_cell("# NBVAL_SKIP\n4", execution_count=None)),
    ],
)
def test_honest_change_passes(pytester: pytest.Pytester, change: Change) -> None:
    notebook = clean_notebook()
    change(notebook)
    store(pytester, notebook)
    assert look(pytester).ret == 0


def whole(cells: str = "", metadata: str = "", **top: Any) -> str:
    top = {"nbformat": 4, "nbformat_minor": 4, **top}
    fields = "".join(f', "{name}": {json.dumps(value)}' for name, value in top.items())
    return f'{{"metadata": {{{metadata}}}, "cells": [{cells}]{fields}}}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON"),
        ('{"nbformat": 4,', "not JSON"),
        ("<<<<<<< HEAD", "not JSON"),
        ("[]", "not a notebook"),
        ('{"cells": []}', "not a notebook"),
        (whole(nbformat=3, worksheets=[]), "notebook format 3, not 4"),
        (whole(nbformat=5), "notebook format 5, not 4"),
        (whole(nbformat_minor="5"), "nbformat_minor is '5'"),
        (whole('{"cell_type": "code"}'), "not a valid notebook: its top level"),
        (whole('{"cell_type": "sql", "metadata": {}, "source": ""}'), "not a valid notebook"),
        (whole("7"), "not a valid notebook"),
        ("[" * 200_000, "nested too deeply"),
        (whole(metadata='"a": ' + "[" * 900 + "]" * 900), "nested too deeply"),
        (whole(metadata='"a": "\\ud800"'), "not valid Unicode"),
        (whole().encode("utf-16"), "not valid Unicode"),
        (whole(metadata='"a": ' + "9" * 5000), "not JSON"),
    ],
)  # fmt: skip
def test_file_that_is_no_notebook(
    pytester: pytest.Pytester, content: str | bytes, reason: str
) -> None:
    content = content if isinstance(content, bytes) else content.encode()
    (pytester.path / "a.ipynb").write_bytes(content)
    result = look(pytester)
    assert reason in failure(result)


def test_kernel_of_this_environment_runs_a_foreign_name(pytester: pytest.Pytester) -> None:
    notebook = clean_notebook()
    notebook.metadata.kernelspec.name = "someones-environment"
    store(pytester, notebook)
    assert look(pytester, "--nbval-current-env").ret == 0
    notebook.metadata.kernelspec.language = "julia"
    store(pytester, notebook)
    failure(look(pytester, "--nbval-current-env"))


def test_accepting(pytester: pytest.Pytester) -> None:
    ledger = pytester.path / "notebook-check.json"
    store(pytester, clean_notebook(), compared=None)
    assert "not in notebook-check.json" in look(pytester, "-rf").stdout.str()
    assert run(pytester, "--nbval-accept").ret == 0
    assert json.loads(ledger.read_text()) == {"a.ipynb": 3}
    assert look(pytester).ret == 0
    written = ledger.read_bytes()
    assert run(pytester, "--nbval-accept").ret == 0
    assert ledger.read_bytes() == written
    assert [path.name for path in pytester.path.glob(".notebook-check*")] == []

    notebook = clean_notebook()
    notebook.cells.pop()
    store(pytester, notebook)
    assert "2 cells are compared" in look(pytester).stdout.str()
    result = run(pytester, "--nbval-accept")
    result.stdout.fnmatch_lines(["a.ipynb: 3, now 2"])
    assert look(pytester).ret == 0

    (pytester.path / "a.ipynb").rename(pytester.path / "b.ipynb")
    result = look(pytester)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["a.ipynb is in notebook-check.json, and gone*"])
    assert run(pytester, "--nbval-accept").ret == 0
    assert json.loads(ledger.read_text()) == {"b.ipynb": 2}


def test_gone_notebook_fails_a_run_of_other_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    (pytester.path / "notebook-check.json").write_text('{"a.ipynb": 1}')
    assert run(pytester, "--nbval-strict").ret == 1


def test_accepting_keeps_what_was_not_looked_at_and_takes_no_faulty_one(
    pytester: pytest.Pytester,
) -> None:
    store(pytester, clean_notebook())
    pytester.mkdir("more")
    faulty = clean_notebook()
    faulty.cells[1].execution_count = 9
    for name, notebook in (("b", clean_notebook()), ("c", faulty)):
        (pytester.path / "more" / f"{name}.ipynb").write_text(json.dumps(notebook))
    assert run(pytester, "--nbval-accept", "more").ret == 1
    ledger = json.loads((pytester.path / "notebook-check.json").read_text())
    assert ledger == {"a.ipynb": 3, "more/b.ipynb": 3}


def test_more_cells_than_in_the_ledger_are_told(pytester: pytest.Pytester) -> None:
    store(pytester, clean_notebook(), compared=2)
    result = look(pytester)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["a.ipynb: 3 cells compared, and notebook-check.json says 2*"])


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [("<<<<", "notebook-check.json is not JSON"), ('{"a": "b"}', "no count for each")],
)
def test_a_ledger_that_cannot_be_read_fails_its_notebooks(
    pytester: pytest.Pytester, ledger: str, reason: str
) -> None:
    store(pytester, clean_notebook(), compared=None)
    (pytester.path / "notebook-check.json").write_text(ledger)
    assert reason in failure(look(pytester))


def test_the_nearest_ledger_above_a_notebook_counts(pytester: pytest.Pytester) -> None:
    lessons = pytester.mkdir("lessons")
    for name in ("a", "b"):
        (lessons / f"{name}.ipynb").write_text(json.dumps(clean_notebook()))
    (pytester.path / "notebook-check.json").write_text('{"lessons/a.ipynb": 3}')
    (lessons / "notebook-check.json").write_text('{"a.ipynb": 4, "b.ipynb": 3, "c.ipynb": 1}')
    result = look(pytester)
    result.assert_outcomes(failed=1, passed=1, deselected=8)
    result.stdout.fnmatch_lines(["FAILED lessons/a.ipynb::stored - 3 cells are compared*says 4*"])
    result.stdout.fnmatch_lines(["c.ipynb is in notebook-check.json, and gone*"])
    assert run(pytester, "--nbval-accept").ret == 0
    ledger = json.loads((lessons / "notebook-check.json").read_text())
    assert ledger == {"a.ipynb": 3, "b.ipynb": 3}


RULE = "regex: a\nreplace: b\n"


@pytest.mark.parametrize(
    ("options", "files", "reason"),
    [
        (["--nbval-strict", "--nbval-lax"], {}, "cannot be had together"),
        (["--nbval-strict", "--nbval-cell-timeout=0"], {}, "greater than 0"),
        (["--nbval-strict", "--nbval-strickt"], {}, "unrecognized arguments"),
        (["--nbval-report=x"], {}, "--nbval-report is for --nbval-strict"),
        (["--nbval-strict", "-o", "nbval_rtol=a bit"], {}, "not a number"),
        (["--nbval-strict", "-o", "nbval_atol=-1"], {}, "atol is a finite number"),
        (["--nbval-strict", "--nbval-sanitize-with=none"], {}, "cannot be read"),
        *(
            (["--nbval-strict", "--nbval-sanitize-with=rules.cfg"], {"rules.cfg": text}, reason)
            for text, reason in [
                (f"{RULE}regx: a\n", "rules.cfg, line 3: expected 'regex: …'"),
                ("regex: a\n\nreplace: b\n", "rules.cfg, line 2: expected 'replace: …'"),
                ("replace: b\n", "rules.cfg, line 1: expected 'regex: …'"),
                ("regex:a\nreplace: b\n", "rules.cfg, line 1: expected 'regex: …'"),
                ("regex: a\n", "the last rule has no line 'replace: …'"),
                ("regex: (\nreplace: b\n", "rules.cfg, line 1: "),
                ("regex: a\nreplace: \\9\n", "rules.cfg, line 2: "),
            ]
        ),
    ],
)
def test_wrong_option_or_rule_is_an_error(
    pytester: pytest.Pytester, options: list[str], files: dict[str, str], reason: str
) -> None:
    for name, content in files.items():
        (pytester.path / name).write_text(content, encoding="utf-8")
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert reason in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_nbval_is_needed(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("-p", PLUGIN, "--nbval-strict")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "pip install nbval" in result.stderr.str()


def test_sanitizing_file_of_nbval_is_read(tmp_path: Path) -> None:
    from notebook_check.compare.sanitizing import read_rules

    rules = tmp_path / "rules.cfg"
    rules.write_text("# dates\n[regex1]\nregex: \\d+-(\\d+)\nreplace: \\1\n\nregex: x\nreplace: \n")
    assert read_rules(rules)("12-34x") == "34"


def test_without_the_option_nothing_changes(pytester: pytest.Pytester) -> None:
    notebook = clean_notebook()
    notebook.cells[1].execution_count = 9
    store(pytester, notebook)
    result = run(pytester, "--nbval", "--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == [
        f"a.ipynb::Cell {number}" for number in range(4)
    ]


def test_plugin_is_cheap_where_it_is_off(pytester: pytest.Pytester) -> None:
    heavy = {"matplotlib", "mindspore", "nbformat", "nbval.plugin", "numpy", "rich"}
    code = f"""
        import sys
        from notebook_check.pytest_plugin import plugin
        print(sorted({heavy!r} & set(sys.modules)))
    """
    result = pytester.runpython(pytester.makepyfile(code))
    assert result.outlines == ["[]"]


def test_deep_nesting_is_found_where_the_recursion_limit_was_raised(tmp_path: Path) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        deep = tmp_path / "deep.ipynb"
        deep.write_text(whole(metadata='"a": ' + "[" * 900 + "]" * 900))
        with pytest.raises(NotebookError, match="nested too deeply"):
            read_notebook(deep)
        assert sys.getrecursionlimit() == 10_000
    finally:
        sys.setrecursionlimit(limit)
