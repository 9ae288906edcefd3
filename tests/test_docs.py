"""What the pages say is so: their code prints what is shown, and what they name exists."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_packaging import PROJECT, README, ROOT, block

import d2l_autograd as d2l
from book.sources import DOCS
from d2l_autograd.cli.group import cli
from d2l_autograd.course.chapters import chapters

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("notebook-check/*.md")]
HELPERS = (ROOT / "docs" / "helpers.md").read_text(encoding="utf-8")
SIGNATURES = re.findall(r"`(d2l\.(?!start)\w+\(.*?\))`", HELPERS)  # start is for a new process


def test_every_page_is_there() -> None:
    names = {"README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "helpers.md", "check.md", "zh.md"}
    assert names <= {page.name for page in PAGES}


@pytest.mark.parametrize("marker", ["first-number", "network"])
def test_readme_snippet_prints_what_the_readme_shows(marker: str, tmp_path: Path) -> None:
    shown = re.search(rf"<!-- {marker} -->.*?^```text\n(.*?)^```$", README, re.S | re.M)
    assert shown, f"no ```text block below <!-- {marker} -->"
    # A file, since MindSpore compiles functions from their source; and a reader's environment.
    script = tmp_path / "snippet.py"
    script.write_text("\n".join(block(marker)), encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k not in ("GLOG_v", "MS_OM_PATH")}
    result = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, env=env
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, shown[1], "")


def test_recipes_print_what_they_show(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    recipes = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", page, re.S | re.M)
    assert len(recipes) == page.count("\n## ")
    script = tmp_path / "recipes.py"  # one process, in which each has its own names
    script.write_text(f"for code in {[code for code, _ in recipes]!r}:\n    exec(code, {{}})\n")
    result = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, timeout=600
    )
    ready = "Session ready: seed 0, eager mode, blocking launch.\n"
    assert result.returncode == 0, result.stderr
    assert result.stdout == "".join(ready + shown for _, shown in recipes)


# Runs the lines of a page, and tells of each one whose result is not what stands behind it.
SHEET = r"""
import re, sys

def told(result):
    if isinstance(result, dict):
        return {key: told(value) for key, value in result.items()}
    if isinstance(result, (list, tuple)):
        return type(result)(map(told, result))
    if hasattr(result, "asnumpy"):
        return told(result.asnumpy().tolist())
    if isinstance(result, float):
        return int(result) if result == int(result) else round(result, 4)
    return result

names = {}
for line in sys.stdin.read().splitlines():
    found = re.fullmatch(r"(?:(\w+) = )?(.+)  # (.+)", line)
    if found is None or found[1]:
        exec(line, names)
    if found:
        result = names[found[1]] if found[1] else eval(found[2], names)
        if repr(told(result)) != found[3]:
            print(line, "gives", told(result), file=sys.stderr)
"""


def test_cheat_sheet_gives_what_it_shows() -> None:
    page = (ROOT / "docs" / "cheat-sheet.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", page, re.S | re.M)
    result = subprocess.run(
        [sys.executable, "-c", SHEET],
        input=code[0],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "MPLBACKEND": "agg"},
    )
    assert (len(code), result.returncode, result.stderr) == (1, 0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_in_a_page_exist(page: Path) -> None:
    text = re.sub(r"```.*?```|`.*?`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [name for name in linked if not (page.parent / name).exists()] == []


def test_pages_come_in_pairs() -> None:
    chinese = {page: ROOT / page.replace(".md", ".zh.md") for page in DOCS.values()}
    alone = {page for page, twin in chinese.items() if not twin.exists()}
    assert alone <= {"CHANGELOG.md"}


TWINS = sorted(ROOT.glob("docs/**/*.zh.md"))


@pytest.mark.parametrize("chinese", TWINS, ids=lambda page: page.name)
def test_a_chinese_page_has_the_code_and_the_links_of_its_english_twin(chinese: Path) -> None:
    def parts(page: Path) -> tuple[list[str], list[str], list[str], list[str]]:
        """Blocks of code, levels of headings, code in tables, and links without their sections."""
        text = page.read_text(encoding="utf-8")
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
        return (
            re.findall(r"^```.*?^```$", text, re.S | re.M),
            re.findall(r"^#+ ", prose, re.M),
            sorted(re.findall(r"`[^`]+`", "".join(re.findall(r"^\|.*$", prose, re.M)))),
            sorted(re.findall(r"\]\(([^)#]+)", prose)),
        )

    *expected, links = parts(chinese.with_name(chinese.name.replace(".zh.md", ".md")))
    *found, found_links = parts(chinese)
    assert found == expected
    in_chinese = [link.replace("/en/", "/zh/").replace(".md", ".zh.md") for link in links]
    there = zip(links, in_chinese, strict=True)
    assert found_links == sorted(z if (chinese.parent / z).exists() else e for e, z in there)


def test_every_idea_leads_to_a_section_the_same_one_in_both_languages() -> None:
    found = []
    for page in ("ideas.md", "ideas.zh.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        places = []
        for number, title, target in re.findall(r"(\d+) \[(.+?)\]\((.+?)\)", text):
            name, anchor = target.split("#")
            notebook = json.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))
            prose = [
                "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"
            ]
            titles = re.findall(r"^##+ (.+)$", "\n".join(prose), re.MULTILINE)
            assert anchor == title.replace(" ", "-")
            places.append((int(number), titles.index(title)))
            assert f"/{int(number):02}_" in name
        found.append(sorted(places))
        assert {number for number, _ in places} == set(range(1, len(chapters("en")) + 1))
    assert found[0] == found[1]


def test_the_chinese_readme_has_the_commands_and_the_number_of_the_english_one() -> None:
    chinese = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    for marker in ("uv-command", "book-command", "first-number"):
        assert block(marker, chinese) == block(marker)
    first = "A first number"
    printed = r"```text\n(.*?)```"
    english = README[README.index(first) :]
    assert re.findall(printed, chinese, re.S) == re.findall(printed, english, re.S)[:1]
    for marker in ("bundle-command", "from-command"):
        assert block(marker, chinese)[0] in README.replace("\n", " ")
    assert block("zh-lab-command", chinese) == block("zh-command", page("zh.md"))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_quoted_in_a_page_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = re.findall(r"`((?:\.?[\w-]+/)+(?:[\w.-]+\.(?:py|yml))?)`", text)
    check = ROOT / "notebook-check"
    places = (ROOT, ROOT / "d2l_autograd", check, check / "notebook_check", ROOT / "notebooks")
    absent = [name for name in quoted if not any((place / name).exists() for place in places)]
    assert [name for name in absent if "04" not in name] == []  # a chapter to come


def test_every_room_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for package in (ROOT / "d2l_autograd", ROOT / "notebook-check" / "notebook_check"):
        rooms = [path.parent.name for path in package.glob("*/__init__.py")]
        assert rooms
        assert [room for room in rooms if f"`{room}/`" not in text] == []


# Rooms, each with a file of its quick tests.
QUICK = {
    "arguments": "tests/test_bad_input.py",
    "cli": "tests/test_cli_group.py",
    "course": "tests/test_chapters.py",
    "derivatives": "tests/test_jacobian.py",
    "engine": "tests/test_captures.py",
    "gradient_check": "tests/test_check_grads.py",
    "grading": "tests/test_grading_parts.py",
    "graph_drawing": "tests/test_graph_drawing_recorded.py",
    "mindspore_internals": "tests/test_probes.py",
    "plots": "tests/test_plots_errors.py",
    "ranks": "tests/test_ranks_ended.py",
    "compare": "notebook-check/tests/test_texts.py",
    "figures": "notebook-check/tests/test_outputs.py",
    "pytest_plugin": "tests/test_check_for_authors.py",
}


@pytest.mark.parametrize(
    "room",
    sorted(
        {path.parent.name for path in ROOT.glob("d2l_autograd/*/__init__.py")}
        | {path.parent.name for path in ROOT.glob("notebook-check/notebook_check/*/__init__.py")}
    ),
)
def test_every_room_has_quick_tests(room: str) -> None:
    assert "mark.quick" in (ROOT / QUICK[room]).read_text(encoding="utf-8")


def test_commands_of_the_page_are_the_commands() -> None:
    assert set(re.findall(r"`d2l-autograd (\w+)", HELPERS)) == set(cli.commands)


def commands_in(page: Path) -> list[str]:
    """Every use of the command line in the code of a page."""
    text = page.read_text(encoding="utf-8")
    code = [*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]
    command = r"(?<![-\w/])(?:\.venv/bin/)?d2l-autograd (?!d2l)[a-z].*$"
    return re.findall(command, "\n".join(code), re.MULTILINE)


@pytest.mark.parametrize("command", sorted({used for page in PAGES for used in commands_in(page)}))
def test_command_in_a_page_is_understood(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    cli.commands[name].make_context(name, arguments)


def test_helpers_of_the_page_are_the_helpers() -> None:
    assert set(re.findall(r"`d2l\.(\w+)", HELPERS)) == set(d2l.__all__)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the signatures of the page are called with; f takes a vector, and a number as well."""
    import matplotlib
    import mindspore as ms

    matplotlib.use("agg")

    def f(x: Any) -> Any:
        return (x * x).sum()

    net = ms.nn.Dense(2, 1)
    x = d2l.attach_grad(ms.Tensor([1.0, 2.0]))
    graph = d2l.record_graph(f, ms.Tensor([1.0, 2.0]))
    return {
        **{
            "d2l": d2l,
            "f": f,
            "x": x,
            "y": x * 2,
            "loss": lambda p: p[0] ** 2,
            "graph": graph,
            "answer": 6.0,
        },
        **{"net": net, "weights": net.trainable_params(), "losses": [1.0, 0.5, 0.25]},
        **{"points": ms.Tensor([[0.0, 1.0], [1.0, 0.0]]), "labels": [0, 1]},
        **{"lo": -1.0, "hi": 2.0, "at": 0.5, "start": [1.0, 2.0]},
    }


@pytest.mark.usefixtures("settings_are_kept")
@pytest.mark.parametrize("signature", SIGNATURES)
def test_signature_of_the_page_can_be_called(signature: str, names: dict[str, Any]) -> None:
    eval(signature, names)


def test_one_address_of_the_repository() -> None:
    (address,) = set(PROJECT["urls"].values())
    for page in [*PAGES, ROOT / "notebook-check" / "pyproject.toml"]:
        found = re.findall(r"https://github\.com/[\w-]+/d2l_autograd", page.read_text("utf-8"))
        assert set(found) <= {address}, page
