"""What the files around the code say agrees: with each other, and with what happens."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

import d2l_autograd

pytestmark = pytest.mark.quick

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
IN_THIS_TREE = ("-e ./notebook-check", "-e .")
LEFT_OUT = {"benchmark"}  # other libraries, gigabytes of them, which no reader of the course needs


def drift(project: dict[str, Any], environment: dict[str, Any]) -> set[str]:
    """The requirements that only one of pyproject.toml and environment.yml has."""
    *conda, pip = environment["dependencies"]
    extras = project["optional-dependencies"]
    ours = {
        "python" + project["requires-python"],
        *project["dependencies"],
        *(r for name, extra in extras.items() if name not in LEFT_OUT for r in extra),
    }
    ours -= {f"{project['name']}[{extra}]" for extra in extras} | {"notebook-check"}
    theirs = {*conda, *pip["pip"]} - {"pip", *IN_THIS_TREE}
    return {str(Requirement(r)) for r in ours} ^ {str(Requirement(r)) for r in theirs}


def block(marker: str, text: str = README) -> list[str]:
    """The lines of the code block that follows an HTML comment."""
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found, f"no code block below <!-- {marker} -->"
    return found[1].splitlines()


def test_environment_yml_and_pyproject_name_the_same_requirements() -> None:
    assert drift(PROJECT, ENVIRONMENT) == set()
    assert {*IN_THIS_TREE} <= {*ENVIRONMENT["dependencies"][-1]["pip"]}


def test_newest_release_in_the_changelog_is_the_version() -> None:
    releases = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert releases[0] == d2l_autograd.__version__


@pytest.mark.parametrize("marker", ["lab-command", "test-command", "uv-command"])
def test_readme_command_is_a_single_line_that_begins_with_the_guard(marker: str) -> None:
    (line,) = block(marker)
    assert line.startswith("sh install.sh ")


def ci_run(tmp_path: Path, readme: str) -> subprocess.CompletedProcess[str]:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    return subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True)


def test_ci_runs_the_readme_command_in_a_new_environment(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (command,) = block("test-command")
    result = ci_run(tmp_path, README.replace(command, "test ! -e .venv && echo ran"))
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "ran")


@pytest.mark.parametrize("planted", ["exit 3", "false", ""])
def test_ci_fails_with_the_readme_command(tmp_path: Path, planted: str) -> None:
    (command,) = block("test-command")
    assert ci_run(tmp_path, README.replace(command, planted)).returncode != 0
